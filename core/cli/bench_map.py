"""The rows of `bench retrieval` on the map: a first layout, and a later behavior placed on it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.cli.bench_rows import Row, timed
from core.cli.output import say
from core.errors import VademecumError
from core.handbook import shelf
from core.handbook.synthetic import synthetic
from core.map import clusters, reading
from core.map.projection import Places, pca, umap
from core.retrieval.embedder import Matrix
from core.retrieval.made_up import Absent, made_up
from core.retrieval.vectors import STORED, Vectors, embedded_text
from core.store import Store, layouts
from core.store import vectors as vector_rows

SIZE = 10_000
BY = "bench"


def map_rows(size: int, seed: int) -> Iterator[Row]:
    """One behavior more than `size` has a vector; it comes after the layout was made."""
    say(f"A map of {size:,} …")
    rows = made_up(size + 1, 1, seed).rows
    texts = [embedded_text(d.name, d.instruction) for d in synthetic(size + 1, seed).drafts]
    _sketch, seconds = timed(lambda: pca(rows[:size], 2))
    yield Row("map: first sketch (PCA)", size, seconds, "s")
    places, laid_out = timed(lambda: umap(rows[:size], 2, seed, lambda: None))
    yield Row("map: places (UMAP, its process and all)", size, laid_out, "s")
    found, seconds = timed(lambda: clusters.find(places, texts[:size]))
    yield Row("map: clusters and their words", size, seconds, "s")
    yield Row("map: first layout", size, laid_out + seconds, "s")
    with TemporaryDirectory(prefix="vademecum-bench-") as folder:
        yield from _of_later(Path(folder), texts, rows, places, found.labels.tolist())


def _of_later(
    folder: Path, texts: Sequence[str], rows: Matrix, places: Places, labels: Sequence[int]
) -> Iterator[Row]:
    size = len(places)
    with closing(Store.open(f"sqlite:///{folder / 'bench.db'}")) as store:
        vectors = Vectors(store, Absent())
        book = shelf.create(store, "bench", by=BY).id
        _keep(store, vectors, book, texts, rows, places, labels)
        before, seconds = timed(lambda: reading.read(store, vectors, book, 2, texts[:size]))
        yield Row("map: read", size, seconds, "s")
        after, seconds = timed(lambda: reading.read(store, vectors, book, 2, texts))
        yield Row("map: a later behavior placed", size, seconds, "s")
        moved = int((before.places != after.places[:size]).any(axis=1).sum())
        yield Row("map: old behaviors that moved", size, moved, "")
        if not after.there.all():
            raise VademecumError("The later behavior was not placed.")


def _keep(
    store: Store,
    vectors: Vectors,
    book: int,
    texts: Sequence[str],
    rows: Matrix,
    places: Places,
    labels: Sequence[int],
) -> None:
    digests = [vectors.digest(text) for text in texts]
    kept = dict(zip(digests, (row.tobytes() for row in rows.astype(STORED)), strict=True))
    solid = np.column_stack([places, np.zeros(len(places))]).tolist()
    stand = {
        digest: (x, y, z, label)
        for digest, (x, y, z), label in zip(digests[: len(places)], solid, labels, strict=True)
    }
    name = vectors.embedder.name
    with store.write() as session:
        vector_rows.put_vectors(name, kept, session=session)
        layouts.put_layout(book, name, 2, stand, (), method="UMAP", seed=0, by=BY, session=session)
