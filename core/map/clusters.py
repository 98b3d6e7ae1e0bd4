"""Clusters on a layout: found by density (HDBSCAN), named by the words that set them apart."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from core.map.projection import Places
from core.retrieval.keywords import LONGEST, STOPWORDS, WORD
from core.stems import stem

FEWEST = 10  # behaviors, below which nothing is a cluster
SMALLEST = 5
NAMED_BY = 3
KEPT_WORDS = 8
DENSE = 3  # neighbours that make a place a dense one
# Words that nearly every instruction has.
GENERIC = frozenset(
    """
    behavior all also any asked both call each first found gives given get keep last left let make
    more most must next not one only other others out put same see set take two use using want
    whole write
    """.split()
)
# Formulas and their commands name nothing.
FORMULA = re.compile(r"\$[^$]*\$|\\[a-zA-Z]+")


@dataclass(frozen=True)
class Found:
    """`labels` gives each place its cluster, -1 for none; `words` are most distinctive first."""

    labels: NDArray[np.int64]
    words: dict[int, list[str]]

    @property
    def names(self) -> dict[int, str]:
        return {number: name_of(number, words) for number, words in self.words.items()}


def name_of(number: int, words: Sequence[str]) -> str:
    """What a cluster is called as long as nobody has named it."""
    return " · ".join(words[:NAMED_BY]) or f"cluster {number + 1}"


def find(places: Places, texts: Sequence[str]) -> Found:
    """Clusters of places, numbered from the largest down, and the words of their texts."""
    labels = np.full(len(places), -1, np.int64)
    if len(places) >= FEWEST and np.ptp(places, axis=0).max() > 0:
        smallest = max(SMALLEST, round(sqrt(len(places)) / 2))
        model = import_module("sklearn.cluster").HDBSCAN(
            min_cluster_size=smallest,
            min_samples=DENSE,
            cluster_selection_method="leaf",  # many small ones, where "eom" makes a few large ones
            copy=True,
        )
        labels = _by_size(model.fit_predict(places))
    return Found(labels, distinctive_words(texts, labels))


def distinctive_words(texts: Sequence[str], labels: NDArray[np.int64]) -> dict[int, list[str]]:
    """Cluster -> its words by class-based TF-IDF (Grootendorst, BERTopic, 2022, equation 2).

    The weight of a word in a cluster is its share of the cluster's words times
    log(1 + mean words of a cluster / its number in all clusters). Words of one stem count as one.
    """
    counts: dict[int, Counter[str]] = {}
    spelled: dict[str, Counter[str]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label < 0:
            continue
        counts.setdefault(label, Counter())
        for word in _words(text):
            root = stem(word)
            counts[label][root] += 1
            spelled.setdefault(root, Counter())[word] += 1
    in_all: Counter[str] = sum(counts.values(), Counter())
    with_words = sum(bool(inside) for inside in counts.values())
    mean = in_all.total() / max(with_words, 1)
    found = {}
    for label, inside in sorted(counts.items()):
        weights = {
            root: number / inside.total() * log(1 + mean / in_all[root])
            for root, number in inside.items()
        }
        best = sorted(weights, key=lambda root: (-weights[root], root))[:KEPT_WORDS]
        found[label] = [spelled[root].most_common(1)[0][0] for root in best]
    return found


def _words(text: str) -> list[str]:
    plain = FORMULA.sub(" ", text).casefold()
    return [
        word
        for word in WORD.findall(plain)
        if word not in STOPWORDS | GENERIC
        and len(word) <= LONGEST
        and not word.isnumeric()
        and (len(word) > 1 or not word.isascii())
    ]


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers that go down with size, ties in the order of the first member."""
    numbers, first, sizes = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    renamed = {int(numbers[old]): new for new, old in enumerate(order)}
    return np.array([renamed.get(int(label), -1) for label in labels], np.int64)
