"""A map as it is drawn: places and clusters of texts, in step with what the handbook holds now.

A text without a place is placed among the others when it is first asked for, and keeps that place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.map.projection import Matrix, Places, pca, place
from core.retrieval.vectors import Vectors
from core.store import Store, layouts
from core.store.layouts import Place
from core.store.records import Cluster, Layout

PLACED_AT_A_TIME = 1_000


@dataclass(frozen=True)
class Map:
    """Texts on a layout, in the order they were given.

    `places` has shape (texts, dimensions). Texts that are not `there` have no vector yet, and no
    place. Without a `layout` the places are a sketch (PCA), which is not kept.
    """

    layout: Layout | None
    places: Places
    there: NDArray[np.bool_]
    labels: NDArray[np.int64]
    clusters: tuple[Cluster, ...]


def read(
    store: Store,
    vectors: Vectors,
    handbook_id: int,
    dimensions: int,
    texts: Sequence[str],
) -> Map:
    """The texts on the layout of a handbook, whose own they need not be."""
    name = vectors.embedder.name
    digests = [vectors.digest(text) for text in texts]
    while True:
        with store.read() as session:
            layout = layouts.layout(handbook_id, name, dimensions, session=session)
            # Clusters are those of the flat map, also where it is looked at in three dimensions.
            flat = layouts.layout(handbook_id, name, 2, session=session)
        if layout is None:
            return _sketch(vectors, dimensions, texts)
        placed = _all_placed(store, vectors, layout, digests)
        labelled = placed if flat == layout else _labelled(store, vectors, flat, digests)
        # A layout may be replaced in the meantime; then it is begun anew.
        if placed is not None and labelled is not None:
            with store.read() as session:
                named = layouts.clusters(flat.id, session=session) if flat else []
            return _drawn(layout, digests, placed, labelled, tuple(named), dimensions)


def _labelled(
    store: Store, vectors: Vectors, flat: Layout | None, digests: Sequence[str]
) -> dict[str, Place] | None:
    return _all_placed(store, vectors, flat, digests) if flat else {}


def _all_placed(
    store: Store, vectors: Vectors, layout: Layout, digests: Sequence[str]
) -> dict[str, Place] | None:
    """The places on a layout, after placing those of the texts that have a vector and no place.

    They are placed among the texts the layout was made of, whatever else was placed since, so that
    it does not matter in which order texts come. None where the layout is gone.
    """
    with store.read() as session:
        placed = layouts.places(layout.id, session=session)
    lacking = list(dict.fromkeys(digest for digest in digests if digest not in placed))
    matrix, known = vectors.known_digests(lacking)
    new = [digest for digest, has in zip(lacking, known, strict=True) if has]
    if not new:
        return placed
    with store.read() as session:
        first = layouts.places(layout.id, session=session, without_later=True)
    later = _placed(vectors, new, matrix[known], first)
    with store.write() as session:
        if not layouts.put_places(layout.id, later, later=True, session=session):
            return None
        return layouts.places(layout.id, session=session)  # another program may have been quicker


def stamp(store: Store, vectors: Vectors, handbook_id: int, dimensions: int) -> str:
    """Changes with the layout and the names of its clusters; `read` is kept under it."""
    name = vectors.embedder.name
    with store.read() as session:
        found = [layouts.layout(handbook_id, name, n, session=session) for n in {2, dimensions}]
        flat = layouts.layout(handbook_id, name, 2, session=session)
        named = layouts.clusters(flat.id, session=session) if flat else []
    made = [layout.made.isoformat() if layout else "" for layout in found]
    return f"{name} {made} {hash(tuple(cluster.name for cluster in named))}"


def _sketch(vectors: Vectors, dimensions: int, texts: Sequence[str]) -> Map:
    matrix, there = vectors.known(texts)
    places = np.zeros((len(texts), dimensions))
    places[there] = pca(matrix[there], dimensions)
    return Map(None, places, there, np.full(len(texts), -1, np.int64), ())


def _placed(
    vectors: Vectors, new: Sequence[str], matrix: Matrix, first: dict[str, Place]
) -> dict[str, Place]:
    """Places for digests with these vectors, among the first ones."""
    rows, known = vectors.known_digests(list(first))
    stand = np.array(list(first.values())).reshape(-1, 4)[known]
    found: dict[str, Place] = {}
    for start in range(0, len(new), PLACED_AT_A_TIME):
        end = start + PLACED_AT_A_TIME
        places, nearest = place(matrix[start:end], rows[known], stand[:, :3])
        for digest, (x, y, z), near in zip(new[start:end], places.tolist(), nearest, strict=True):
            found[digest] = (x, y, z, _majority(stand[near, 3]))
    return found


def _majority(labels: NDArray[np.float64]) -> int:
    """The commonest cluster of the neighbours; of several the nearest one's."""
    if not len(labels):
        return -1
    values, first, numbers = np.unique(labels, return_index=True, return_counts=True)
    return int(values[np.lexsort((first, -numbers))[0]])


def _drawn(
    layout: Layout,
    digests: Sequence[str],
    known: dict[str, Place],
    flat_known: dict[str, Place],
    named: tuple[Cluster, ...],
    dimensions: int,
) -> Map:
    nowhere: Place = (0.0, 0.0, 0.0, -1)
    stand = np.array([known.get(digest, nowhere) for digest in digests]).reshape(-1, 4)
    there = np.array([digest in known for digest in digests], np.bool_)
    labels = [flat_known.get(digest, nowhere)[3] for digest in digests]
    return Map(layout, stand[:, :dimensions], there, np.array(labels, np.int64), named)
