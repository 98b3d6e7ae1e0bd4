"""The vectors of a handbook, made searchable: the most alike first.

Up to EXACT_UP_TO vectors the answer is exactly that of comparing with each of them in float64, and
ties go to the lower id. Beyond that it is approximate: what the quick look of
`core.retrieval.coarse` leaves out is not found, what it finds is compared in full.

An index knows nothing of the store: `core.retrieval.indexes` keeps it in step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.retrieval.coarse import ERROR, Coarse, Places
from core.retrieval.embedder import Matrix

Ids = NDArray[np.int64]
SPARE = 64
# How many more than asked for are compared in full where the look is approximate.
CANDIDATES = 20


@dataclass(frozen=True)
class Found:
    """Ids and their cosine similarities, the most alike first."""

    ids: Ids
    scores: NDArray[np.float64]


class Index:
    """Vectors of unit length under ids. Not safe from several threads while it is changed."""

    def __init__(self, ids: Sequence[int] | Ids, rows: Matrix):
        """`rows` has shape (ids, dimensions) and belongs to the index from now on."""
        self._ids: Ids
        self._rows: Matrix
        self._alive: NDArray[np.bool_]
        self._used: int  # rows that are taken, also by what was removed
        self._places: dict[int, int]
        self._coarse: Coarse
        self._hold(np.asarray(ids, np.int64), np.ascontiguousarray(rows, np.float32))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def exact(self) -> bool:
        return self._coarse.exact

    @property
    def ids(self) -> Ids:
        return self._ids[: self._used][self._alive[: self._used]]

    def rows(self, ids: Sequence[int] | Ids) -> Matrix:
        """Their vectors, in their order."""
        return self._rows[[self._places[int(number)] for number in ids]]

    def put(self, ids: Sequence[int], rows: Matrix) -> None:
        """Adds vectors; those of ids that are there take the place of the old ones."""
        self._forget(ids)
        first, self._used = self._used, self._used + len(ids)
        self._make_room(self._used)
        self._rows[first : self._used] = rows
        self._ids[first : self._used] = ids
        self._alive[first : self._used] = True
        self._places.update((number, first + n) for n, number in enumerate(ids))
        self._coarse.add(self._rows[first : self._used])
        self._rebuild_if_worn()

    def remove(self, ids: Sequence[int]) -> None:
        """Ids that are not there are passed over."""
        self._forget(ids)
        self._rebuild_if_worn()

    def search(self, query: Matrix, k: int) -> Found:
        """The `k` most alike to a vector of shape (dimensions,); fewer where there are fewer."""
        k = min(k, len(self))
        if k <= 0:
            return Found(np.empty(0, np.int64), np.empty(0))
        query = np.ascontiguousarray(query, np.float32)
        places = self._candidates(query, k)
        if not self.exact and len(places) > k + SPARE:  # in float32 first: it takes half the time
            rough = self._rows[places] @ query
            places = places[np.argpartition(-rough, k + SPARE)[: k + SPARE]]
        # Row by row: of a matrix product, rows that are the same need not come out the same.
        scores = (self._rows[places].astype(np.float64) * query.astype(np.float64)).sum(axis=1)
        best = np.lexsort((self._ids[places], -scores))[:k]
        return Found(self._ids[places][best], scores[best])

    def _candidates(self, query: Matrix, k: int) -> Places:
        """The places of all that may be among the best `k`."""
        removed = self._used - len(self)
        asked = (k + SPARE if self.exact else CANDIDATES * k) + min(removed, SPARE)
        while True:
            scores, places = self._coarse.search(query, min(asked, self._used))
            alive = self._alive[places]
            scores, places = scores[alive], places[alive]
            if asked >= self._used or (not self.exact and len(places) >= k):
                return places
            near = scores >= scores[k - 1] - 2 * ERROR if len(places) >= k else alive[:0]
            if len(near) and not near.all():  # what was not fetched is farther still
                return places[near]
            asked *= 4

    def _hold(self, ids: Ids, rows: Matrix) -> None:
        self._ids, self._rows, self._used = ids, rows, len(ids)
        self._alive = np.ones(len(ids), np.bool_)
        self._places = {number: place for place, number in enumerate(ids.tolist())}
        self._coarse = Coarse(rows)
        if self.exact:  # room at once, so that the first addition does not wait for a large copy
            self._make_room(self._used + 1)

    def _forget(self, ids: Sequence[int]) -> None:
        for number in ids:
            place = self._places.pop(number, None)
            if place is not None:
                self._alive[place] = False

    def _make_room(self, size: int) -> None:
        if size <= len(self._ids):
            return
        size = max(size + SPARE, len(self._ids) * 9 // 8)
        self._rows = _grown(self._rows, size)
        self._ids = _grown(self._ids, size)
        self._alive = _grown(self._alive, size)

    def _rebuild_if_worn(self) -> None:
        """Drops what was removed once it is a tenth, and takes the look that fits a new size."""
        removed = self._used - len(self)
        if removed > max(SPARE, self._used // 10) or self._coarse.outgrown(len(self)):
            ids = self.ids
            self._hold(ids, np.ascontiguousarray(self.rows(ids)))


def _grown(old: NDArray[Any], size: int) -> NDArray[Any]:
    grown = np.empty((size, *old.shape[1:]), old.dtype)
    grown[: len(old)] = old
    return grown
