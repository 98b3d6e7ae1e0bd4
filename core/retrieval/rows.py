"""Vectors in memory: the rows of one growing matrix, found by digest."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.retrieval.embedder import Matrix

FIRST_ROWS = 1024


class Rows:
    """At most `limit` rows; when they do not suffice it begins anew. Safe from several threads.

    A row that was written is never written again: who holds the matrix may read it without a lock.
    """

    def __init__(self, dimensions: int, limit: int):
        self._limit = limit
        self._matrix: Matrix = np.empty((0, dimensions), np.float32)
        self._places: dict[str, int] = {}
        self._lock = threading.Lock()

    def find(self, digests: Sequence[str]) -> tuple[Matrix, NDArray[np.intp]]:
        """The matrix, and for each digest the number of its row there, or -1."""
        with self._lock:
            place = self._places.get
            found = np.fromiter((place(digest, -1) for digest in digests), np.intp, len(digests))
            return self._matrix, found

    def add(self, digests: Sequence[str], rows: Matrix) -> None:
        """Keeps the rows, one a digest, each digest once; none where they exceed the limit."""
        with self._lock:
            new = [i for i, digest in enumerate(digests) if digest not in self._places]
            if len(self._places) + len(new) > self._limit:
                if len(digests) > self._limit:
                    return
                self._begin_anew()
                new = list(range(len(digests)))
            first = self._room_for(len(new))
            self._matrix[first : first + len(new)] = rows[new]
            self._places.update((digests[i], first + n) for n, i in enumerate(new))

    def _begin_anew(self) -> None:
        self._places = {}
        self._matrix = np.empty((0, self._matrix.shape[1]), np.float32)

    def _room_for(self, count: int) -> int:
        """Makes room for so many rows more; gives the number of the first of them."""
        held = len(self._places)
        if held + count > len(self._matrix):
            size = min(self._limit, max(held + count, 2 * held, FIRST_ROWS))
            grown = np.empty((size, self._matrix.shape[1]), np.float32)
            grown[:held] = self._matrix[:held]
            self._matrix = grown
        return held
