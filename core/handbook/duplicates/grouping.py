"""Groups of near copies at a threshold: behaviors that hang together by pairs at least so alike."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from core.handbook.duplicates.links import DIGITS, Places, Similarities
from core.handbook.duplicates.pairing import MEANING, REASONS, WORDS, Pairs

KEY_LENGTH = 12


@dataclass(frozen=True)
class Pair:
    """Two behaviors, the more established first, how alike they are (0 to 1), and in what.

    `why` reads "same text", "names alike", "meaning 0.91" or "words 0.88".
    """

    first: int
    second: int
    similarity: float
    why: str


@dataclass(frozen=True, eq=False)
class Group:
    """Behaviors that hang together: not each is like each, but each is like another one.

    `ids` has the most established first. `key` names the group by its behaviors: the first
    characters of the sha256 of the sorted ids. The pairs inside, `lowest` and `highest` reach below
    the threshold, as far as pairs were kept: so they tell a chain from a cluster.
    """

    ids: tuple[int, ...]
    lowest: float
    highest: float
    key: str
    inside: Pairs

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The most alike first."""
        within = self.inside
        order = np.lexsort((within.second, within.first, -within.similarity)).tolist()
        return tuple(
            Pair(
                int(within.ids[within.first[at]]),
                int(within.ids[within.second[at]]),
                float(within.similarity[at]),
                _why(int(within.reason[at]), float(within.similarity[at])),
            )
            for at in order
        )


class Count(NamedTuple):
    """What a threshold gives: groups, behaviors in them, behaviors in the largest."""

    threshold: float
    groups: int
    behaviors: int
    largest: int


def groups(pairs: Pairs, threshold: float) -> list[Group]:
    """The connected components at this similarity: the largest first, then the most alike."""
    near = pairs.similarity >= round(threshold, DIGITS)
    labels = _components(len(pairs.ids), pairs.first[near], pairs.second[near])
    members = np.unique(np.concatenate([pairs.first[near], pairs.second[near]]))
    inside = np.flatnonzero(labels[pairs.first] == labels[pairs.second])
    of_members = _split(members, labels[members])
    of_pairs = _split(inside, labels[pairs.first[inside]])
    found = [_group(pairs, some, of_pairs[label]) for label, some in of_members.items()]
    return sorted(found, key=lambda group: (-len(group.ids), -group.highest, -group.lowest))


def counts(pairs: Pairs, thresholds: Sequence[float]) -> list[Count]:
    """How many groups each threshold gives, quickly: for a slider.

    A spanning forest of the most alike pairs hangs together like all pairs do, at any threshold
    (Kruskal 1956), and has fewer links than there are behaviors.
    """
    number = len(pairs.ids)
    lengths = coo_array((2 - pairs.similarity, (pairs.first, pairs.second)), (number, number))
    forest = minimum_spanning_tree(lengths.tocsr()).tocoo()
    first, second = forest.coords
    similarity = np.round(2 - forest.data, DIGITS)
    found = []
    for threshold in thresholds:
        near = similarity >= round(threshold, DIGITS)
        sizes = np.bincount(_components(number, first[near], second[near]))
        sizes = sizes[sizes > 1]
        found.append(Count(threshold, len(sizes), int(sizes.sum()), int(sizes.max(initial=0))))
    return found


def _components(number: int, first: Places, second: Places) -> NDArray[np.int32]:
    """For each place the number of the component it is in."""
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), (number, number))
    return np.asarray(connected_components(graph.tocsr(), directed=False)[1])


def _split(places: Places, labels: NDArray[np.int32]) -> dict[int, Places]:
    """Label -> the places that have it, in their order."""
    order = np.argsort(labels, kind="stable")
    found, starts = np.unique(labels[order], return_index=True)
    parts = np.split(places[order], starts[1:])
    return dict(zip(found.tolist(), parts, strict=True)) if len(found) else {}


def _group(pairs: Pairs, members: Places, within: Places) -> Group:
    ids = pairs.ids[members]
    similarity: Similarities = pairs.similarity[within]
    inside = Pairs(
        ids,
        np.searchsorted(members, pairs.first[within]),
        np.searchsorted(members, pairs.second[within]),
        similarity,
        pairs.reason[within],
        pairs.by,
        0,
    )
    sorted_ids = ",".join(map(str, sorted(ids.tolist())))
    key = hashlib.sha256(sorted_ids.encode()).hexdigest()[:KEY_LENGTH]
    return Group(tuple(ids.tolist()), float(similarity.min()), float(similarity.max()), key, inside)


def _why(reason: int, similarity: float) -> str:
    """Digits are cut off, not rounded: what reads 0.90 belongs to the threshold 0.90."""
    if reason not in (MEANING, WORDS):
        return REASONS[reason]
    return f"{REASONS[reason]} {int(round(similarity, DIGITS) * 10**DIGITS + 0.5) // 100 / 100:.2f}"
