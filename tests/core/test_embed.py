"""Embedders in the workbench: which one is used, and the job that fills a handbook's vectors."""

import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import App
from core.errors import NotFound
from core.handbook import shelf
from core.retrieval.embedder import BATCH, SentenceEmbedder
from core.retrieval.vectors import embedded_text
from core.settings import Settings
from core.store import Store
from core.store import jobs as job_rows
from core.store.records import BehaviorStatus, Job
from tests.core.retrieval.counting import CountingEmbedder
from tests.core.samples import add_behavior, add_handbook
from tests.fake_openai import wait_until

PROJECT = Path(__file__).parents[2]
# Another start of the workbench, which reads vectors and prints a digest of them.
PROGRAM = """
import hashlib, sys
from core.app import App
from core.settings import Settings

app = App.open(Settings.from_env())
matrix, mask = app.vectors.known(["One text.", "Another text."])
assert mask.all() and "torch" not in sys.modules
print(hashlib.sha256(matrix.tobytes()).hexdigest())
"""


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def app(settings: Settings, store: Store, embedder: CountingEmbedder) -> Iterator[App]:
    """A workbench without handbooks whose embedder only counts."""
    opened = App(settings, store, embedder)
    yield opened
    embedder.go_on.set()
    wait_until(lambda: not any(job.active for job in jobs(opened)))
    opened.close()


def jobs(app: App) -> list[Job]:
    with app.store.read() as session:
        return job_rows.jobs(session=session)


def ended(app: App, job_id: int | None) -> Job:
    assert job_id is not None
    wait_until(lambda: not job_of(app, job_id).active)
    return job_of(app, job_id)


def job_of(app: App, job_id: int) -> Job:
    with app.store.read() as session:
        return job_rows.job(job_id, session=session)


def fill(app: App, slug: str, count: int, status: BehaviorStatus = "accepted") -> list[str]:
    """Behaviors in a new handbook; gives the texts that stand for them."""
    with app.store.write() as session:
        book = add_handbook(session, slug)
        behaviors = [
            add_behavior(
                session,
                book,
                name=f"behavior_{status}_{number}",
                instruction=f"Do {number} in {slug}.",
                status=status,
            )
            for number in range(count)
        ]
    return [embedded_text(behavior.name, behavior.instruction) for behavior in behaviors]


def vectors_of(app: App, texts: list[str]) -> int:
    assert app.vectors is not None
    return int(app.vectors.known(texts)[1].sum())


# Which embedder


def test_without_an_embedder_nothing_is_embedded(settings: Settings, store: Store) -> None:
    app = App(settings, store)
    fill(app, "notes", 3)
    assert (app.embedder_name(), app.vectors, app.embed("notes", by="t")) == (None, None, None)
    assert jobs(app) == []
    job = app.jobs.run_here(app.jobs.add("embed", params={"handbook": "notes"}, by="t"))
    assert job.status == "failed"
    assert "models pull all-minilm-l6-v2" in job.note


def test_the_best_embedder_that_is_downloaded_is_used(settings: Settings, store: Store) -> None:
    app = App(settings, store)
    for name, dimensions in (("all-minilm-l6-v2", 384), ("bge-m3", 1024)):
        folder = settings.models_folder / name
        folder.mkdir(parents=True)
        assert app.embedder_name() != name  # a folder without weights does not count
        (folder / "model.safetensors").touch()
        assert app.embedder_name() == name
        assert app.vectors is app.vectors
        assert app.vectors is not None
        assert (app.vectors.embedder.name, app.vectors.embedder.dimensions) == (name, dimensions)
    app.models.remove_file("bge-m3")
    assert app.embedder_name() == "all-minilm-l6-v2"
    with pytest.raises(NotFound, match="no embedder 'smollm2-135m'"):
        app.embedder("smollm2-135m")


def test_vectors_outlive_the_program_and_the_model(
    minilm_home: Path, settings: Settings, store: Store, minilm: SentenceEmbedder
) -> None:
    app = App(settings, store, minilm)
    assert app.vectors is not None
    matrix = app.vectors.of(["One text.", "Another text."])
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ended.stdout.strip() == hashlib.sha256(matrix.tobytes()).hexdigest(), ended.stderr


# The job


def test_embed_fills_what_was_proposed_accepted_or_rejected(
    app: App, embedder: CountingEmbedder
) -> None:
    texts: list[str] = []
    for status in ("proposed", "accepted", "rejected"):
        texts += fill(app, status, 2, status)
    others = fill(app, "merged", 2, "merged") + fill(app, "withdrawn", 1, "withdrawn")
    for slug in ("proposed", "accepted", "rejected"):
        job = ended(app, app.embed(slug, by="ann"))
        assert (job.kind, job.status, job.note, job.by) == ("embed", "done", "", "ann")
        assert (job.params, job.done, job.total) == ({"handbook": slug}, 2, 2)
    assert app.embed("merged", by="ann") is None
    assert app.embed("withdrawn", by="ann") is None
    assert vectors_of(app, texts) == 6
    assert set(embedder.asked) == set(texts)
    assert vectors_of(app, others) == 0


def test_a_handbook_has_one_job_that_is_used_again(app: App, embedder: CountingEmbedder) -> None:
    fill(app, "notes", 3)
    fill(app, "other", 3)
    first = ended(app, app.embed("notes", by="ann")).id
    other = ended(app, app.embed("other", by="ann")).id
    assert app.embed("notes", by="ann") is None
    with app.store.write() as session:
        add_behavior(session, shelf.find(app.store, "notes"), name="behavior_late")
    assert app.embed("notes", by="bob") == first
    assert ended(app, first).status == "done"
    assert [job.id for job in jobs(app)] == [other, first]
    assert set(embedder.asked.values()) == {1}
    assert len(embedder.asked) == 7


def test_one_that_goes_on_is_given_and_takes_what_came_meanwhile(
    app: App, embedder: CountingEmbedder
) -> None:
    fill(app, "notes", 3)
    embedder.go_on.clear()
    job_id = app.embed("notes", by="ann")
    assert embedder.begun.wait(20)
    with app.store.write() as session:
        add_behavior(session, shelf.find(app.store, "notes"), name="behavior_late")
    assert app.embed("notes", by="bob") == job_id
    embedder.go_on.set()
    assert ended(app, job_id).status == "done"
    assert len(jobs(app)) == 1
    assert app.embed("notes", by="ann") is None
    assert len(embedder.asked) == 4


def test_stopped_and_resumed_it_computes_nothing_twice(
    app: App, embedder: CountingEmbedder
) -> None:
    texts = fill(app, "notes", 4 * BATCH)
    embedder.go_on.clear()
    job_id = app.embed("notes", by="ann")
    assert job_id is not None
    assert embedder.begun.wait(20)
    app.jobs.stop(job_id)
    embedder.go_on.set()
    job = ended(app, job_id)
    assert (job.status, job.done, job.total) == ("stopped", BATCH, 4 * BATCH)
    assert vectors_of(app, texts) == BATCH
    app.jobs.resume(job_id)
    job = ended(app, job_id)
    assert (job.status, job.done, job.total) == ("done", 4 * BATCH, 4 * BATCH)
    assert vectors_of(app, texts) == 4 * BATCH
    assert set(embedder.asked.values()) == {1}


def test_after_a_crash_embed_goes_on(app: App, embedder: CountingEmbedder) -> None:
    texts = fill(app, "notes", 3 * BATCH)
    embedder.breaks_at = 2
    job_id = app.embed("notes", by="ann")
    assert ended(app, job_id).status == "failed"
    embedder.breaks_at = None
    assert app.embed("notes", by="ann") == job_id
    assert ended(app, job_id).status == "done"
    assert vectors_of(app, texts) == 3 * BATCH
    assert set(embedder.asked.values()) == {1}


def test_a_job_of_a_program_that_ended_is_taken_up(
    app: App, store: Store, embedder: CountingEmbedder
) -> None:
    fill(app, "notes", 2)
    with store.write() as session:
        left = job_rows.add_job(
            kind="embed",
            params={"handbook": "notes"},
            status="running",
            owner=f"{socket.gethostname()}:999999:1.00",
            by="ann",
            session=session,
        )
    assert app.embed("notes", by="ann") == left.id
    assert ended(app, left.id).status == "done"


def test_an_unknown_handbook_is_said(app: App) -> None:
    with pytest.raises(NotFound, match="'nobodys'"):
        app.embed("nobodys", by="ann")
