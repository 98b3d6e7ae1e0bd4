"""Problems on the map of a handbook: what each would retrieve, and where the gaps are."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.map.projection import Matrix, Places, place
from core.retrieval.index import Found
from core.retrieval.sources import Sources


@dataclass(frozen=True)
class Served:
    """What each problem of a set retrieves by embedding, in the order of the problems.

    `ids` are behaviors, the most alike first, and at least so similar as was asked for; `nearest`
    is the similarity of the most alike one however far it is (0 in an empty handbook).
    """

    ids: tuple[tuple[int, ...], ...]
    nearest: NDArray[np.float64]

    @property
    def times(self) -> Counter[int]:
        """Behavior -> by how many problems it is retrieved."""
        return Counter(number for ids in self.ids for number in ids)

    def far(self, below: float) -> list[int]:
        """Places of the problems that are near to no behavior, the farthest first."""
        found = np.flatnonzero(self.nearest < below)
        return [int(number) for number in found[np.argsort(self.nearest[found], kind="stable")]]

    def never(self, ids: Collection[int]) -> list[int]:
        """Those of the behaviors that no problem retrieves."""
        times = self.times
        return [number for number in ids if not times[number]]


def served(source: Sources, handbook_id: int, problems: Matrix, k: int, at_least: float) -> Served:
    """`problems` are vectors of unit length, one a row."""
    _vectors, indexes = source.needed()
    found = indexes.search_many(handbook_id, problems, k)
    return Served(
        tuple(_kept(one, at_least) for one in found),
        np.array([one.scores[0] if len(one.scores) else 0.0 for one in found]),
    )


def stands(problems: Matrix, rows: Matrix, places: Places) -> Places:
    """Where problems stand among behaviors with these vectors and places."""
    return place(problems, rows, places)[0]


def _kept(found: Found, at_least: float) -> tuple[int, ...]:
    near: Sequence[int] = found.ids[found.scores >= at_least].tolist()
    return tuple(near)
