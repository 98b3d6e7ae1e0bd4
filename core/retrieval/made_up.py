"""Vectors made from a seed: for benchmarks of an index at sizes that no handbook has yet.

They are no embedder's. What is like those of MiniLM (all-MiniLM-L6-v2, 384 dimensions) on 1,400
MATH training problems: the spectrum of their covariance, and the length of their mean, in a
direction drawn like a text's. The rest is assumed: each is a wording of an idea, there are about
PER_IDEA wordings of each, and all is normal noise, without topics or any other larger clusters. A
query, which stands for a problem, is nearer to its idea's wordings (cosines about 0.6) than MATH
problems are to the behaviors of the starter handbooks (the nearest about 0.36).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from core.errors import VademecumError
from core.retrieval.embedder import Matrix

DIMENSIONS = 384
# Place of an eigenvalue -> its share of the variance, as measured; between them on a log scale.
# It makes an effective rank, 1 / (the sum of the squared shares), of 66; measured: 67.
SHARES = {
    0: 0.0618,
    1: 0.0423,
    4: 0.0268,
    9: 0.0171,
    19: 0.0116,
    49: 0.0051,
    99: 0.0023,
    199: 0.00064,
    299: 0.00014,
    383: 0.00001,
}
MEAN_LENGTH = 0.37
PER_IDEA = 25
# Of the variance, what is the idea's and not the text's own.
SHARED_BY_WORDINGS, SHARED_BY_QUERIES = 0.65, 0.4
BLOCK = 50_000  # vectors at a time


@dataclass(frozen=True, eq=False)
class MadeUp:
    """Float32 rows of unit length: shapes (size, DIMENSIONS) and (queries, DIMENSIONS)."""

    rows: Matrix
    queries: Matrix


def made_up(size: int, queries: int, seed: int = 0) -> MadeUp:
    """One size, number of queries and seed always give the same vectors."""
    random = np.random.default_rng(seed)
    mean = np.float32(MEAN_LENGTH) * _units(_drawn(1, random))
    ideas = _drawn(max(1, size // PER_IDEA), random)
    rows = np.empty((size, DIMENSIONS), np.float32)
    for start in range(0, size, BLOCK):
        block = rows[start : start + BLOCK]
        block[:] = _texts(len(block), ideas, SHARED_BY_WORDINGS, mean, random)
    return MadeUp(rows, _texts(queries, ideas, SHARED_BY_QUERIES, mean, random))


def _texts(
    number: int, ideas: Matrix, shared: float, mean: Matrix, random: np.random.Generator
) -> Matrix:
    """Each of one of the ideas."""
    spread = sqrt(1 - MEAN_LENGTH**2)
    rows = _drawn(number, random)
    rows *= np.float32(spread * sqrt(1 - shared))
    chosen = ideas[random.integers(len(ideas), size=number)]
    chosen *= np.float32(spread * sqrt(shared))
    rows += chosen
    rows += mean
    return _units(rows)


def _drawn(number: int, random: np.random.Generator) -> Matrix:
    """Normal noise of this spectrum, of unit length on average."""
    shares = np.interp(np.arange(DIMENSIONS), list(SHARES), np.log(list(SHARES.values())))
    deviations = np.sqrt(np.exp(shares) / np.exp(shares).sum()).astype(np.float32)
    rows: Matrix = random.standard_normal((number, DIMENSIONS), dtype=np.float32)
    rows *= deviations
    return rows


def _units(rows: Matrix) -> Matrix:
    """The same rows, in place, at unit length."""
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@dataclass(frozen=True)
class Absent:
    """The embedder that the vectors seem to come from."""

    name: str = "made-up"
    dimensions: int = DIMENSIONS

    def embed(self, texts: Sequence[str]) -> Matrix:
        raise VademecumError(f"{len(texts)} texts of the benchmark have no vector.")
