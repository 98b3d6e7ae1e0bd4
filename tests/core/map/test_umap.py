"""Layouts by the job: UMAP in a process of its own, PCA where there is too little for it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score

from core.app import App
from core.map.projection import EXTENT, UMAP_FROM, umap
from core.store import layouts
from core.store.records import Handbook, Layout
from tests.core.map.clustered import (
    ClusteredEmbedder,
    ended,
    fill,
    kept_places,
    lay_out,
    layout_of,
    texts_of,
    vectors_of,
    workbench,
)
from tests.core.retrieval.counting import CountingEmbedder
from tests.fake_openai import wait_until

GROUPS = "abcd"
NAMES = [f"behavior_group_{GROUPS[n % 4]}_{n}" for n in range(200)]
ALIKE = [f"behavior_group_{'same' if n < 30 else 'a'}_{n}" for n in range(40)]


@dataclass
class Made:
    """What four jobs at once made of the same 200 texts, and a fifth of texts mostly alike."""

    app: App
    first: Handbook
    layouts: dict[str, Layout]

    def places(self, which: str) -> NDArray[np.float64]:
        """x, y and z in the order of the texts."""
        return self._rows(which)[:, :3]

    def labels(self) -> list[int]:
        return self._rows("first")[:, 3].astype(int).tolist()

    def _rows(self, which: str) -> NDArray[np.float64]:
        layout = self.layouts[which]
        kept = kept_places(self.app, layout.id)
        digest = vectors_of(self.app).digest
        return np.array([kept[digest(t)] for t in texts_of(self.app, layout.handbook_id)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with workbench(tmp_path_factory.mktemp("umap"), ClusteredEmbedder()) as app:
        asked = {
            "first": (fill(app, "first", NAMES), 2, 7),
            "again": (fill(app, "again", NAMES), 2, 7),
            "another seed": (fill(app, "seed", NAMES), 2, 8),
            "solid": (fill(app, "solid", NAMES), 3, 7),
            "alike": (fill(app, "alike", ALIKE), 2, 0),
        }
        jobs = [
            app.lay_out(book.id, dimensions, seed=seed, by="ann")
            for book, dimensions, seed in asked.values()
        ]
        for job_id in jobs:
            job = ended(app, job_id)
            assert (job.status, job.note, job.done, job.total) == ("done", "", 1, 1)
        found = {
            which: layout_of(app, book.id, dimensions)
            for which, (book, dimensions, _seed) in asked.items()
        }
        yield Made(app, asked["first"][0], found)


def test_a_layout_says_how_it_was_made(made: Made) -> None:
    layout = made.layouts["first"]
    assert (layout.method, layout.size, layout.seed, layout.by) == ("UMAP", 200, 7, "ann")
    assert (layout.embedder, layout.dimensions) == ("clustered", 2)
    assert made.layouts["solid"].dimensions == 3


def test_groups_end_up_apart(made: Made) -> None:
    groups = [n % 4 for n in range(200)]
    assert silhouette_score(made.places("first")[:, :2], groups) > 0.5
    assert silhouette_score(made.places("solid"), groups) > 0.5


def test_no_cluster_mixes_groups(made: Made) -> None:
    labels = made.labels()
    assert sum(label < 0 for label in labels) < 40
    groups: dict[int, set[int]] = {}
    for number, label in enumerate(labels):
        groups.setdefault(label, set()).add(number % 4)
    groups.pop(-1, None)
    assert len(groups) >= 4
    assert all(len(members) == 1 for members in groups.values())


def test_one_seed_gives_the_same_places_twice(made: Made) -> None:
    assert (made.places("first") == made.places("again")).all()


def test_another_seed_gives_other_places(made: Made) -> None:
    moved = np.linalg.norm(made.places("first") - made.places("another seed"), axis=1)
    assert (moved > 1e-6).mean() > 0.9


def test_a_flat_map_is_flat_and_a_solid_one_is_not(made: Made) -> None:
    assert not made.places("first")[:, 2].any()
    assert np.ptp(made.places("solid"), axis=0).min() > 1


@pytest.mark.parametrize("which", ["first", "solid", "alike"])
def test_layouts_fit_their_frame(made: Made, which: str) -> None:
    places = made.places(which)
    assert np.isfinite(places).all()
    assert np.abs(places).max() == pytest.approx(EXTENT)


def test_texts_that_are_mostly_the_same_are_laid_out(made: Made) -> None:
    assert made.layouts["alike"].method == "UMAP"
    places = made.places("alike")
    assert silhouette_score(places[:, :2], [n < 30 for n in range(40)]) > 0.2


# Stopping


def _children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "core.map.umap_process" in child.cmdline() and child.status() != "zombie":
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_stopping_kills_the_process_and_leaves_the_old_layout(tmp_path: Path) -> None:
    with workbench(tmp_path, ClusteredEmbedder()) as app:
        book = fill(app, "stopped", NAMES)
        old = {"a digest": (1.0, 2.0, 0.0, 0), "another": (-1.0, 0.5, 0.0, -1)}
        with app.store.write() as session:
            before = layouts.put_layout(
                book.id,
                "clustered",
                2,
                old,
                [(0, "halves", ["halves"])],
                method="PCA",
                seed=3,
                by="bob",
                session=session,
            )
        job_id = app.lay_out(book.id, 2, seed=1, by="ann")
        assert job_id is not None
        (child,) = wait_until(_children, 60)
        assert app.lay_out(book.id, 2, seed=2, by="bob") == job_id  # the one that is going on
        asked = time.monotonic()
        app.jobs.stop(job_id)
        assert ended(app, job_id).status == "stopped"
        assert time.monotonic() - asked < 20
        assert not child.is_running() or child.status() == "zombie"
        assert _children() == []
        assert layout_of(app, book.id) == before
        assert kept_places(app, before.id) == old


def test_what_the_watcher_raises_ends_the_process() -> None:
    rows = np.eye(40, dtype=np.float32)

    def watch() -> None:
        raise InterruptedError("enough")

    with pytest.raises(InterruptedError):
        umap(rows, 2, 0, watch)
    assert _children() == []


# Too little for UMAP


@pytest.mark.parametrize("count", [0, 1, 2, UMAP_FROM - 1])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_few_are_laid_out_by_pca(tmp_path: Path, count: int, dimensions: int) -> None:
    with workbench(tmp_path, CountingEmbedder()) as app:
        book = fill(app, "few", NAMES[:count])
        layout = lay_out(app, book.id, dimensions)
        assert (layout.method, layout.size) == ("PCA", count)
        places = list(kept_places(app, layout.id).values())
        assert len(places) == count
        assert np.isfinite(np.array(places)).all()


def test_texts_that_are_all_the_same_are_laid_out_by_pca(tmp_path: Path) -> None:
    with workbench(tmp_path, ClusteredEmbedder()) as app:
        book = fill(app, "same", [f"behavior_group_same_{n}" for n in range(50)])
        layout = lay_out(app, book.id)
        assert (layout.method, layout.size) == ("PCA", 50)
        assert set(kept_places(app, layout.id).values()) == {(0.0, 0.0, 0.0, -1)}


def test_one_text_of_two_behaviors_has_one_place(tmp_path: Path) -> None:
    with workbench(tmp_path, CountingEmbedder()) as app:
        book = fill(app, "twins", ["behavior_twin"] * 2, "proposed")
        assert lay_out(app, book.id).size == 1


def test_without_an_embedder_there_is_no_job_and_one_that_is_there_says_why(app: App) -> None:
    assert app.lay_out(1, 2, by="ann") is None
    params = {"handbook_id": 1, "dimensions": 2, "seed": 0}
    job = app.jobs.run_here(app.jobs.add("layout", params=params, by="ann"))
    assert job.status == "failed"
    assert "A map needs an embedder" in job.note
