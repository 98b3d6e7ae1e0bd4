"""The quick look of an index: FAISS over a coarse copy of the vectors, by their places (0, 1, …).

Small sets are looked through as they are. From LISTS_FROM on the copy is of float16 and split into
lists, all of which are looked through, by as many threads as there are cores. Above EXACT_UP_TO it
holds a third of the dimensions in four bits each two (product quantization), and only the likelier
lists are looked through.
"""

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.retrieval.embedder import Matrix

LISTS_FROM = 5_000
EXACT_UP_TO = 100_000
# A float16 differs from its number by at most one part in 2^11, and so does, for vectors of unit
# length, a product from the true one (Cauchy-Schwarz); the rest is for sums in float32.
ERROR = 2.0**-11 + 1e-5
LISTS = 64
# Above the limit. Chosen on a million made-up vectors with the spectrum of MiniLM on MATH problems
# (`bench retrieval` measures them): recall@40 of 0.956 at 20 times the speed of a full product;
# a larger share finds more and takes longer.
LISTS_PER_ROOT = 4
SHARE_LOOKED_THROUGH = 5 / 16
DIMENSIONS_KEPT = 1 / 3
BITS, BLOCK = 4, 32  # of a pair of dimensions; vectors that FAISS looks at together
TRAINED_ON = 40  # vectors a list
ROUNDS = 8
GROWTH = 2  # it is made anew for so many times as many vectors

Places = NDArray[np.int64]


class Coarse:
    """Finds places by approximate inner product.

    `exact` says that no score is off by more than ERROR; otherwise what is left out may hide some.
    """

    def __init__(self, rows: Matrix):
        """From vectors of unit length, shape (places, dimensions)."""
        import faiss

        self._faiss = faiss
        self._made_for = len(rows)
        self.exact = len(rows) <= EXACT_UP_TO
        self._axes = None if self.exact else _main_axes(_sample(rows, 50_000))
        self._index = self._made(rows)
        self.add(rows)

    def add(self, rows: Matrix) -> None:
        """The next places."""
        for start in range(0, len(rows), EXACT_UP_TO):
            self._index.add(self._seen(rows[start : start + EXACT_UP_TO]))

    def search(self, query: Matrix, k: int) -> tuple[NDArray[np.float32], Places]:
        """Scores, falling, and their places; fewer than `k` where the lists hold no more."""
        scores, places = self._index.search(self._seen(query[None, :]), k)
        there = places[0] >= 0
        return scores[0][there], places[0][there]

    def outgrown(self, size: int) -> bool:
        """Whether so many vectors want another kind of look."""
        if self.exact:
            return _kind(size) != _kind(self._made_for)
        return size > GROWTH * self._made_for

    def _seen(self, rows: Matrix) -> Matrix:
        return rows if self._axes is None else rows @ self._axes

    def _made(self, rows: Matrix) -> Any:
        faiss = self._faiss
        if _kind(len(rows)) == "plain":
            return faiss.IndexFlatIP(rows.shape[1])
        return self._lists(rows) if self.exact else self._reduced(rows)

    def _lists(self, rows: Matrix) -> Any:
        faiss, width = self._faiss, rows.shape[1]
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(width),
            width,
            LISTS,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,
        )
        index.cp.niter = ROUNDS
        index.train(_sample(rows, TRAINED_ON * LISTS))
        index.parallel_mode = 1  # the threads share the lists of one query
        index.nprobe = LISTS
        return index

    def _reduced(self, rows: Matrix) -> Any:
        faiss = self._faiss
        lists = round(LISTS_PER_ROOT * sqrt(len(rows)))
        sample = self._seen(_sample(rows, TRAINED_ON * lists))
        width = sample.shape[1]
        self._quantizer = faiss.IndexFlatIP(width)  # the index only points to it
        index = faiss.IndexIVFPQFastScan(
            self._quantizer, width, lists, width // 2, BITS, faiss.METRIC_INNER_PRODUCT, BLOCK
        )
        index.by_residual = True
        index.cp.niter = ROUNDS
        index.train(sample)
        index.nprobe = round(SHARE_LOOKED_THROUGH * lists)
        return index


def _kind(size: int) -> str:
    if size < LISTS_FROM:
        return "plain"
    return "lists" if size <= EXACT_UP_TO else "reduced"


def _sample(rows: Matrix, size: int) -> Matrix:
    if len(rows) <= size:
        return rows
    return rows[np.random.default_rng(0).choice(len(rows), size, replace=False)]


def _main_axes(rows: Matrix) -> Matrix:
    """The directions that keep most of the inner products: of the second moment, not centred.

    They are turned at random, so that all pairs of dimensions weigh the same.
    """
    _values, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    kept = 2 * max(1, round(DIMENSIONS_KEPT * rows.shape[1] / 2))
    turn, _upper = np.linalg.qr(np.random.default_rng(0).standard_normal((kept, kept)))
    return np.ascontiguousarray(axes[:, ::-1][:, :kept] @ turn, np.float32)
