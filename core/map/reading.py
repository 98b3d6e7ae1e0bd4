"""A map as it is drawn: places and clusters of texts, in step with what the handbook holds now.

A text without a place is placed among the others when it is first asked for, and keeps that place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.map.projection import Places, pca, place
from core.retrieval.vectors import Vectors
from core.store import Session, Store, layouts
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
    with store.read() as session:
        layout = layouts.layout(handbook_id, name, dimensions, session=session)
        flat = layouts.layout(handbook_id, name, 2, session=session)
        known = layouts.places(layout.id, session=session) if layout else {}
        # Clusters are those of the flat map, also where it is looked at in three dimensions.
        flat_known = known if layout == flat else _places(flat, session)
        named = tuple(layouts.clusters(flat.id, session=session)) if flat else ()
    if layout is None:
        return _sketch(vectors, dimensions, texts)
    digests = [vectors.digest(text) for text in texts]
    if any(digest not in known for digest in digests):
        later = _placed(vectors, texts, digests, known)
        with store.write() as session:
            layouts.put_places(layout.id, later, later=True, session=session)
        with store.read() as session:  # another program may have been quicker
            known = layouts.places(layout.id, session=session)
        flat_known = known if layout == flat else flat_known
    return _drawn(layout, digests, known, flat_known, named, dimensions)


def stamp(store: Store, vectors: Vectors, handbook_id: int, dimensions: int) -> str:
    """Changes with the layout and the names of its clusters; `read` is kept under it."""
    name = vectors.embedder.name
    with store.read() as session:
        found = [layouts.layout(handbook_id, name, n, session=session) for n in {2, dimensions}]
        flat = layouts.layout(handbook_id, name, 2, session=session)
        named = layouts.clusters(flat.id, session=session) if flat else []
    made = [layout.made.isoformat() if layout else "" for layout in found]
    return f"{name} {made} {hash(tuple(cluster.name for cluster in named))}"


def _places(layout: Layout | None, session: Session) -> dict[str, Place]:
    return layouts.places(layout.id, session=session) if layout else {}


def _sketch(vectors: Vectors, dimensions: int, texts: Sequence[str]) -> Map:
    matrix, there = vectors.known(texts)
    places = np.zeros((len(texts), dimensions))
    places[there] = pca(matrix[there], dimensions)
    return Map(None, places, there, np.full(len(texts), -1, np.int64), ())


def _placed(
    vectors: Vectors,
    texts: Sequence[str],
    digests: Sequence[str],
    known: dict[str, Place],
) -> dict[str, Place]:
    """Places for the texts that have none but a vector, by those that have one."""
    matrix, there = vectors.known(texts)
    old = np.array([digest in known for digest in digests], np.bool_) & there
    new = np.flatnonzero(~old & there)
    stand = np.array([known[d] for d, is_old in zip(digests, old, strict=True) if is_old])
    stand = stand.reshape(-1, 4)
    found: dict[str, Place] = {}
    for start in range(0, len(new), PLACED_AT_A_TIME):
        some = new[start : start + PLACED_AT_A_TIME]
        places, nearest = place(matrix[some], matrix[old], stand[:, :3])
        for at, (x, y, z), near in zip(some.tolist(), places.tolist(), nearest, strict=True):
            found[digests[at]] = (x, y, z, _majority(stand[near, 3]))
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
