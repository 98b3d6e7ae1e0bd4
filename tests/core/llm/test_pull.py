"""Fetching a model of the catalogue as a job, from a small Hugging Face on this machine."""

import hashlib
import random
from collections.abc import Iterator

import pytest

from core.app import App
from core.llm.catalogue import embedder_entry
from core.store import jobs as job_rows
from core.store.records import Job
from tests.core.llm.fake_hub import FakeHub
from tests.fake_openai import wait_until

# An entry without a sha256 of its own: the one that Hugging Face announces counts.
EMBEDDER = "bge-m3"
NAME, REPOSITORY, FILE = "qwen3-1.7b", "Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf"
DATA = random.Random(2).randbytes(5_000_000)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub(REPOSITORY, FILE, DATA) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def job_of(app: App, job_id: int) -> Job:
    with app.store.read() as session:
        return job_rows.job(job_id, session=session)


def ended(app: App, job_id: int) -> Job:
    wait_until(lambda: not job_of(app, job_id).active)
    return job_of(app, job_id)


def test_a_pulled_model_is_ready(app: App, hub: FakeHub) -> None:
    assert app.models.needs_default() == "qwen2.5-coder-1.5b"
    job = ended(app, app.pull(NAME, by="tester"))
    assert (job.status, job.note) == ("done", "")
    assert (job.done, job.total) == (len(DATA), len(DATA))
    assert (app.settings.models_folder / FILE).read_bytes() == DATA
    assert app.models.ready_names() == [NAME]
    assert app.models.needs_default() is None
    app.models.remove_file(NAME)
    assert app.models.ready_names() == []


def test_a_model_is_pulled_once_at_a_time(app: App, hub: FakeHub) -> None:
    hub.go_on.clear()
    first = app.pull(NAME, by="tester")
    wait_until(lambda: hub.transfers)
    assert app.pull(NAME, by="another") == first
    hub.go_on.set()
    assert ended(app, first).status == "done"
    assert app.pull(NAME, by="tester") != first


def test_a_damaged_pull_fails_with_its_sentence(app: App, hub: FakeHub) -> None:
    hub.announced = hashlib.sha256(b"something else").hexdigest()
    job = ended(app, app.pull(NAME, by="tester"))
    assert job.status == "failed"
    assert "damaged" in job.note
    assert app.models.ready_names() == []


def test_a_broken_pull_can_be_resumed(app: App, hub: FakeHub) -> None:
    hub.break_after = 3_500_000
    job_id = app.pull(NAME, by="tester")
    assert ended(app, job_id).status == "failed"
    hub.break_after = None
    app.jobs.resume(job_id)
    assert ended(app, job_id).status == "done"
    assert hub.transfers == [None, "bytes=3145728-"]


def test_a_stopped_pull_keeps_what_arrived(app: App, hub: FakeHub) -> None:
    hub.go_on.clear()
    job_id = app.pull(NAME, by="tester")
    wait_until(lambda: hub.transfers)
    app.jobs.stop(job_id)
    hub.go_on.set()
    assert ended(app, job_id).status == "stopped"
    assert app.models.ready_names() == []
    app.jobs.resume(job_id)
    assert ended(app, job_id).status == "done"
    assert (app.settings.models_folder / FILE).read_bytes() == DATA
    assert hub.transfers[1] is not None  # it went on, it did not begin again


def test_a_pulled_embedder_is_ready(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = embedder_entry(EMBEDDER)
    beside = dict.fromkeys(entry.beside, b"{}")
    revision = entry.sources[0].revision
    assert app.models.needs_embedder() == "all-minilm-l6-v2"
    with FakeHub("BAAI/bge-m3", entry.file, DATA, revision=revision, beside=beside) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        job = ended(app, app.pull(EMBEDDER, by="tester"))
    assert (job.status, job.note) == ("done", "")
    assert (job.done, job.total) == (len(DATA), len(DATA))
    assert (app.models.embedder_folder(EMBEDDER) / entry.file).read_bytes() == DATA
    assert app.models.needs_embedder() is None
    assert app.embedder_name() == EMBEDDER
    assert app.models.ready_names() == []  # an embedder answers no questions
    app.models.remove_file(EMBEDDER)
    assert app.embedder_name() is None
