"""Laying a handbook out: the job that computes places and clusters and keeps them."""

from collections.abc import Callable

import numpy as np

from core.errors import ModelUnavailable
from core.jobs import Report, Stopped
from core.map import clusters
from core.map.projection import UMAP_FROM, Matrix, Places, pca, spread, umap
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store, layouts
from core.store import vectors as rows
from core.store.records import BehaviorStatus, Job

# What stands on a map; merged behaviors are inside others.
STATUSES: tuple[BehaviorStatus, ...] = ("accepted", "proposed", "rejected")


class Surveyor:
    """The handler of `layout` jobs: params hold the handbook's id, the dimensions and a seed.

    What there was is replaced, in one piece, once the new layout is complete.
    """

    def __init__(self, store: Store, vectors: Callable[[], Vectors | None]):
        self._store = store
        self._vectors = vectors

    def __call__(self, job: Job, report: Report) -> str:
        vectors = self._vectors()
        if vectors is None:
            raise ModelUnavailable(
                "A map needs an embedder, and none is downloaded. Fetch one on the Models screen."
            )
        with self._store.read() as session:
            found = rows.texts(job.params["handbook_id"], STATUSES, session=session)
        texts = list(dict.fromkeys(embedded_text(name, line) for _id, name, line in found))
        matrix = vectors.of(texts, lambda done, total: report(done, total, "computing vectors"))
        report(0, 1, f"laying out {len(texts):,} behaviors")
        method, places = _laid_out(matrix, job.params["dimensions"], job.params["seed"], report)
        self._keep(job, vectors, method, texts, places)
        report(1, 1, "laid out")
        return ""

    def _keep(
        self, job: Job, vectors: Vectors, method: str, texts: list[str], places: Places
    ) -> None:
        found = clusters.find(places, texts)
        solid = np.zeros((len(texts), 3))
        solid[:, : places.shape[1]] = places
        labelled = zip(texts, solid.tolist(), found.labels.tolist(), strict=True)
        with self._store.write() as session:
            layouts.put_layout(
                job.params["handbook_id"],
                vectors.embedder.name,
                job.params["dimensions"],
                {vectors.digest(text): (x, y, z, label) for text, (x, y, z), label in labelled},
                [(number, found.names[number], words) for number, words in found.words.items()],
                method=method,
                seed=job.params["seed"],
                by=job.by,
                session=session,
            )


def _laid_out(matrix: Matrix, dimensions: int, seed: int, report: Report) -> tuple[str, Places]:
    """The method, and places of shape (rows, dimensions)."""
    if len(matrix) < UMAP_FROM or not spread(matrix):
        return "PCA", pca(matrix, dimensions)

    def watch() -> None:
        if report.stopped():
            raise Stopped

    return "UMAP", umap(matrix, dimensions, seed, watch)
