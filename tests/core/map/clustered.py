"""A workbench whose texts stand in groups, for maps: an embedder that needs no model."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.app import App
from core.map import reading
from core.map.reading import Map
from core.retrieval.embedder import Matrix
from core.retrieval.vectors import Vectors, embedded_text
from core.settings import Settings
from core.store import Store, layouts
from core.store import behaviors as rows
from core.store import jobs as job_rows
from core.store.layouts import Place
from core.store.records import BehaviorStatus, Handbook, Job, Layout
from tests.core.retrieval.counting import CountingEmbedder
from tests.core.samples import add_behavior, add_handbook
from tests.fake_openai import wait_until

GROUP = re.compile(r"group (\w+)")
LONG = 120  # seconds for a job: UMAP compiles itself, and the machine may be busy


class ClusteredEmbedder(CountingEmbedder):
    """Texts of one `group x` are alike; those of `group same` have the same vector."""

    def __init__(self, dimensions: int = 16, loose: float = 0.15):
        super().__init__("clustered", dimensions)
        self.loose = loose

    def row(self, text: str) -> Matrix:
        own = super().row(text)
        found = GROUP.search(text)
        if found is None:
            return own
        middle = super().row(found[0])
        mixed = middle + (0 if found[1] == "same" else self.loose) * own
        return (mixed / np.linalg.norm(mixed)).astype(np.float32)


@contextmanager
def workbench(folder: Path, embedder: CountingEmbedder) -> Iterator[App]:
    """Opens the workbench of a home folder, without starter handbooks."""
    settings = Settings.from_env({"VADEMECUM_HOME": str(folder), "VADEMECUM_USER": "tester"})
    app = App(settings, Store.open(settings.database_url), embedder)
    try:
        yield app
    finally:
        app.close()


def fill(
    app: App, slug: str, names: Sequence[str], status: BehaviorStatus = "accepted"
) -> Handbook:
    """A new handbook with behaviors of these names."""
    with app.store.write() as session:
        book = add_handbook(session, slug)
        for name in names:
            add_behavior(session, book, name=name, instruction=f"Do {name}.", status=status)
    return book


def texts_of(
    app: App, handbook_id: int, statuses: Sequence[str] = ("accepted", "proposed", "rejected")
) -> list[str]:
    """The texts that stand on the map of a handbook, the oldest first."""
    with app.store.read() as session:
        found = rows.instructions(handbook_id, session=session, statuses=statuses)
    return [embedded_text(name, line) for _id, name, line in found]


def embed(app: App, slug: str) -> None:
    """Computes the vectors a handbook lacks, as the screen does: in a job."""
    job_id = app.embed(slug, by="tester")
    if job_id is not None:
        assert ended(app, job_id).status == "done"


def lay_out(app: App, handbook_id: int, dimensions: int = 2, seed: int = 0) -> Layout:
    """Does the job in this thread, and gives the layout it made."""
    params = {"handbook_id": handbook_id, "dimensions": dimensions, "seed": seed}
    job = app.jobs.run_here(app.jobs.add("layout", params=params, by="tester"))
    assert (job.status, job.note) == ("done", "")
    return layout_of(app, handbook_id, dimensions)


def layout_of(app: App, handbook_id: int, dimensions: int = 2) -> Layout:
    name = app.embedder_name() or ""
    with app.store.read() as session:
        found = layouts.layout(handbook_id, name, dimensions, session=session)
    assert found is not None
    return found


def kept_places(app: App, layout_id: int) -> dict[str, Place]:
    with app.store.read() as session:
        return layouts.places(layout_id, session=session)


def drawn(app: App, handbook_id: int, texts: Sequence[str], dimensions: int = 2) -> Map:
    return reading.read(app.store, vectors_of(app), handbook_id, dimensions, texts)


def vectors_of(app: App) -> Vectors:
    assert app.vectors is not None
    return app.vectors


def ended(app: App, job_id: int | None) -> Job:
    """The job once it has ended."""
    assert job_id is not None

    def job() -> Job:
        with app.store.read() as session:
            return job_rows.job(job_id, session=session)

    wait_until(lambda: not job().active, LONG)
    return job()


def unit_rows(matrix: NDArray[np.float64]) -> Matrix:
    """Rows of unit length; a row of zeros gets a length by its first number."""
    rows = np.array(matrix, np.float64)
    rows[~rows.any(axis=1), 0] = 1
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
