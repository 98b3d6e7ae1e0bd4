"""Places whose vectors point the same way: exactly, or in large handbooks by an index of faiss.

Matrices are float32 of shape (places, dimensions) with rows of unit length, so a product of two
rows is the cosine between them. The exact way reads every pair; the other one skips what lies in
far cells and misses a few pairs for it.
"""

import os
from importlib import import_module
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.handbook.duplicates.links import (
    FLOOR,
    Links,
    Places,
    Similarities,
    joined,
    links,
    links_of_block,
)

BLOCK = 1024  # rows of a product at a time
# faiss wants 39 vectors at least for each cell it forms, and warns otherwise.
TO_FORM_A_CELL = 39
CELLS_READ = 16
# Turns of k-means that form the cells: ten, faiss's default, take twice as long and find no more.
TURNS = 5
ROUGH = 0.01  # a cosine of 8-bit numbers is off by a tenth of this, as a rule
PAIRS = 1 << 16  # pairs at a time whose cosines are computed

Matrix = NDArray[np.float32]


def exact(matrix: Matrix, most: int) -> Links:
    """All pairs from FLOOR on; each place with at most `most` of the later ones, the nearest."""
    found = []
    for start in range(0, len(matrix), BLOCK):
        scores = matrix[start : start + BLOCK] @ matrix[start:].T
        found.append(links_of_block(scores, start, most))
    return joined(found)


def approximate(matrix: Matrix, most: int) -> Links:
    """The `most` nearest of each place as far as they lie in the cells around it.

    faiss's IVF index: the vectors are sorted into cells, about four times the root of their number
    (as faiss advises), and the CELLS_READ nearest are read for each vector, as numbers of 8 bits:
    half the time of the full ones. The similarities are exact. A pair may come twice.
    """
    # Where sentence-transformers is used in this process too, macOS needs it to be imported before
    # faiss. Nothing here imports it: the vectors are computed already.
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    number, dimensions = matrix.shape
    cells = max(1, min(int(4 * sqrt(number)), number // TO_FORM_A_CELL))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimensions),
        dimensions,
        cells,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = TURNS
    index.train(matrix)
    index.add(matrix)
    index.nprobe = min(cells, CELLS_READ)
    rough, places = index.search(matrix, most + 1)  # a vector is its own nearest
    # Where there were too few, place -1 stands with a similarity far below.
    first, column = np.nonzero(rough >= FLOOR - ROUGH)
    second = places[first, column]
    return links(first, second, _cosines(matrix, first, second))


def _cosines(matrix: Matrix, first: Places, second: Places) -> Similarities:
    parts = [
        np.einsum("ij,ij->i", matrix[first[at : at + PAIRS]], matrix[second[at : at + PAIRS]])
        for at in range(0, len(first), PAIRS)
    ]
    return np.concatenate([np.empty(0, np.float64), *parts])
