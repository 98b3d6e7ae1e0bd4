"""Links between places in a list: which two are alike, and how much. What all ways of finding give.

Places are counted from 0 in the list of texts, names or vectors that is looked through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Below this similarity (0 to 1) nothing is kept: cosines of unrelated instructions about one topic
# come this far.
FLOOR = 0.70
# As many digits of a similarity count: more would depend on how a machine adds up.
DIGITS = 4

Places = NDArray[np.int64]
Similarities = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Links:
    """Of equal length: places, other places, and the similarity of each two, 0 to 1."""

    first: Places
    second: Places
    similarity: Similarities

    def __len__(self) -> int:
        return len(self.first)


def links(first: Places, second: Places, similarity: Similarities) -> Links:
    """Those from FLOOR on, the smaller place first, the similarities rounded."""
    rounded = np.clip(np.round(similarity, DIGITS), 0.0, 1.0)
    kept = (rounded >= FLOOR) & (first != second)
    low, high = np.minimum(first, second), np.maximum(first, second)
    return Links(low[kept], high[kept], rounded[kept])


def joined(parts: Sequence[Links]) -> Links:
    return Links(
        np.concatenate([np.empty(0, np.int64), *(part.first for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.second for part in parts)]),
        np.concatenate([np.empty(0, np.float64), *(part.similarity for part in parts)]),
    )


def equals(labels: Places, most: int) -> Links:
    """Links each place with the next `most` places of the same label.

    Not with all: a thousand copies of one text would have half a million pairs. The places of one
    label hang together all the same.
    """
    order = np.argsort(labels, kind="stable")
    found = []
    for step in range(1, min(most, len(order) - 1) + 1):
        first, second = order[:-step], order[step:]
        same = labels[first] == labels[second]
        if not same.any():
            break
        found.append(links(first[same], second[same], np.ones(int(same.sum()))))
    return joined(found)


def links_of_block(scores: NDArray[np.floating[Any]], start: int, most: int) -> Links:
    """The links in a block of a symmetric matrix of similarities, which it changes.

    The block's rows are the places from `start` on, its columns too, up to the last place. Each row
    gives at most `most` links with later places, the highest.
    """
    scores[np.tril_indices(len(scores))] = -1
    near = scores >= FLOOR
    for row in np.flatnonzero(near.sum(axis=1) > most):
        nearest = np.argpartition(scores[row], -most)[-most:]
        near[row] = False
        near[row, nearest] = True
    # As np.nonzero(near), which takes forty times as long where so few are near.
    first, second = np.divmod(np.flatnonzero(near), near.shape[1])
    return links(first + start, second + start, scores[first, second].astype(np.float64))
