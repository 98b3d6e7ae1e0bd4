"""Clusters: found by density, numbered by size, named by the words that set them apart."""

from collections import Counter
from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.map.clusters import FEWEST, KEPT_WORDS, NAMED_BY, Found, distinctive_words, find

# Words that are their own stem and neither stopwords nor generic.
WORDS = ("axis", "radius", "chord", "prism", "modulo", "logarithm")


def _heaps(sizes: list[int], loose: float = 0.05, seed: int = 0) -> NDArray[np.float64]:
    """Places in heaps far from each other, one after another."""
    drawn = np.random.default_rng(seed)
    middles = [(7 * np.cos(n), 7 * np.sin(n)) for n in range(len(sizes))]
    return np.concatenate(
        [drawn.normal(m, loose, (size, 2)) for m, size in zip(middles, sizes, strict=True)]
    )


def _words(texts: list[str], labels: list[int]) -> dict[int, list[str]]:
    return distinctive_words(texts, np.array(labels, np.int64))


# Finding


@pytest.mark.parametrize("seed", range(4))
def test_clusters_are_numbered_by_size(seed: int) -> None:
    sizes = [14, 40, 9, 25]
    labels = find(_heaps(sizes, seed=seed), ["radius"] * sum(sizes)).labels
    counts = np.bincount(labels[labels >= 0])
    assert (np.diff(counts) <= 0).all()
    assert len(counts) >= 4
    ends = np.cumsum([0, *sizes])
    members = [set(labels[a:b].tolist()) - {-1} for a, b in pairwise(ends)]
    assert sum(map(len, members)) == len(set.union(*members))  # no cluster is in two heaps


def test_equal_ones_are_numbered_in_the_order_of_their_first_member() -> None:
    labels = find(np.repeat([[5.0, 5.0], [-5.0, 0.0]], 12, axis=0), ["radius"] * 24).labels
    assert labels.tolist() == [0] * 12 + [1] * 12


@given(
    places=arrays(
        np.float64,
        st.tuples(st.integers(0, 40), st.sampled_from([2, 3])),
        elements=st.floats(-10, 10, width=16),
    )
)
@settings(max_examples=60)
def test_anything_has_a_label_a_place(places: NDArray[np.float64]) -> None:
    found = find(places, ["radius chord"] * len(places))
    assert found.labels.shape == (len(places),)
    used = set(found.labels.tolist()) - {-1}
    assert used == set(range(len(used)))
    assert set(found.words) == set(found.names) == used
    assert (find(places.copy(), ["radius chord"] * len(places)).labels == found.labels).all()


@pytest.mark.parametrize("count", [0, 1, 2, FEWEST - 1])
def test_fewer_than_fewest_are_no_cluster(count: int) -> None:
    found = find(_heaps([count]), ["radius"] * count)
    assert (found.labels.tolist(), found.words) == ([-1] * count, {})


def test_places_that_are_all_the_same_are_no_cluster() -> None:
    found = find(np.full((30, 2), 3.0), ["radius"] * 30)
    assert (set(found.labels.tolist()), found.names) == ({-1}, {})


def test_the_places_stay_as_they_are() -> None:
    places = _heaps([20, 20])
    before = places.copy()
    find(places, ["radius"] * 40)
    assert (places == before).all()


# Words


def test_words_are_weighed_by_class_based_tf_idf() -> None:
    """By hand: 12 words in 2 clusters, 6 in the mean; axis 9 times in all, radius 2, chord 1.

    Cluster 0: axis 3/5 * log(1 + 6/9) = 0.31, radius 2/5 * log(1 + 6/2) = 0.55.
    Cluster 1: axis 6/7 * log(1 + 6/9) = 0.44, chord 1/7 * log(1 + 6/1) = 0.28.
    """
    texts = ["axis axis radius", "axis radius", "axis axis axis chord axis axis axis"]
    assert _words(texts, [0, 0, 1]) == {0: ["radius", "axis"], 1: ["axis", "chord"]}


@given(
    rows=st.lists(
        st.tuples(st.integers(-1, 3), st.lists(st.sampled_from(WORDS), max_size=6)), max_size=12
    )
)
def test_words_are_in_the_order_of_their_weights(rows: list[tuple[int, list[str]]]) -> None:
    counts: dict[int, Counter[str]] = {}
    for label, words in rows:
        if label >= 0 and words:
            counts.setdefault(label, Counter()).update(words)
    total = sum((Counter(inside) for inside in counts.values()), Counter[str]())
    mean = sum(total.values()) / max(len(counts), 1)
    found = _words([" ".join(words) for _label, words in rows], [label for label, _w in rows])
    for label, inside in counts.items():
        weight = {
            word: number / sum(inside.values()) * log(1 + mean / total[word])
            for word, number in inside.items()
        }
        assert set(found[label]) == set(weight)
        weights = [weight[word] for word in found[label]]
        assert weights == pytest.approx(sorted(weights, reverse=True))


def test_what_belongs_to_no_cluster_counts_for_nothing() -> None:
    texts = ["radius", "axis chord", "axis axis axis"]
    assert _words(texts, [0, 0, -1])[0] == _words(texts[:2], [0, 0])[0]
    assert _words(texts, [-1, -1, -1]) == {}


def test_words_of_one_stem_are_one_spelled_as_it_is_mostly() -> None:
    assert _words(["Factors factoring factors", "factor the axis"], [0, 0])[0] == [
        "factors",
        "axis",
    ]


def test_formulas_stopwords_generic_words_and_numbers_name_nothing() -> None:
    text = (
        r"When you use the first behavior, get $alpha + beta$ and \frac{12}{7}, then take all 42 "
        "of the x in the prism."
    )
    assert _words([text], [0]) == {0: ["prism"]}


def test_only_the_best_are_kept_and_three_make_the_name() -> None:
    words = [f"{letter}{letter}word" for letter in "abcdefghijklm"]
    found = Found(np.array([0]), _words([" ".join(words)], [0]))
    assert found.words[0] == words[:KEPT_WORDS]
    assert found.names == {0: " · ".join(words[:NAMED_BY])}


def test_a_word_of_500_characters_names_nothing() -> None:
    assert _words(["a" * 500 + " chord"], [0]) == {0: ["chord"]}


@pytest.mark.parametrize("text", ["", "🧮 🧮", "$x$", "a" * 500, "the of and", "12 345"])
def test_a_cluster_without_any_word_is_a_cluster_all_the_same(text: str) -> None:
    """It needs a row, or nobody can give it a name, and the map shows it as none."""
    found = find(_heaps([12, 12]), [text] * 12 + ["radius"] * 12)
    used = set(found.labels.tolist()) - {-1}
    assert len(used) >= 2
    assert set(found.names) == used


@pytest.mark.parametrize(
    "text", ["再び数える", "数 える", "피타고라스의 정리", "三角形の面積を求める"]
)
def test_chinese_japanese_and_korean_texts_have_words(text: str) -> None:
    found = find(_heaps([12, 12]), [text] * 12 + ["radius"] * 12)
    used = set(found.labels.tolist()) - {-1}
    assert set(found.names) == used
    assert any(set(word) & set(text) for words in found.words.values() for word in words)


def test_texts_of_other_scripts_have_words() -> None:
    assert _words(["Вычислите радиус окружности"], [0])[0]
    assert _words(["Größe ändern é"], [0])[0]
