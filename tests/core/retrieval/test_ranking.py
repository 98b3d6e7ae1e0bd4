"""Ranks joined, and ranks with variety, against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retrieval.ranking import diverse, fused


def turned(*degrees: float) -> np.ndarray:
    """Vectors of unit length in the plane, at these angles."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


# Joined


def test_ranks_add_up() -> None:
    assert fused([[7, 8, 9], [9, 7]]) == pytest.approx(
        {7: 1 / 61 + 1 / 62, 9: 1 / 63 + 1 / 61, 8: 1 / 62}, abs=1e-15
    )
    assert list(fused([[7, 8, 9], [9, 7]])) == [7, 9, 8]


def test_two_middling_ranks_beat_one_first() -> None:
    one, other = [1, 2, 3, 4, 5], [6, 7, 3, 8, 9]
    assert next(iter(fused([one, other]))) == 3


def test_equal_scores_go_to_the_lower_id() -> None:
    assert list(fused([[9, 4], [4, 9]])) == [4, 9]
    assert list(fused([[30], [20], [10]])) == [10, 20, 30]


def test_nothing_joined_is_nothing() -> None:
    assert fused([]) == {}
    assert fused([[], []]) == {}
    assert list(fused([[], [3, 1]])) == [3, 1]


rankings = st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), max_size=4)


@given(rankings)
def test_all_that_was_ranked_is_there_once_and_falls(given_ranks: list[list[int]]) -> None:
    found = fused(given_ranks)
    assert set(found) == {number for ranks in given_ranks for number in ranks}
    assert list(found) == sorted(found, key=lambda number: (-found[number], number))


@given(st.lists(st.integers(0, 30), unique=True, max_size=20))
def test_one_ranking_stays_as_it_is(ranks: list[int]) -> None:
    assert list(fused([ranks])) == ranks
    assert list(fused([ranks, ranks])) == ranks


# Varied


def test_no_diversity_keeps_the_order() -> None:
    rows = turned(0, 1, 2, 90)
    assert diverse([0.9, 0.8, 0.7, 0.1], rows, 4, 0.0) == [0, 1, 2, 3]
    assert diverse([0.1, 0.9, 0.9, 0.5], rows, 4, 0.0) == [1, 2, 3, 0]


def test_full_diversity_takes_the_farthest() -> None:
    rows = turned(0, 10, 170, 80)
    assert diverse([0.9, 0.8, 0.1, 0.2], rows, 4, 1.0) == [0, 2, 3, 1]


def test_half_diversity_is_the_formula() -> None:
    rows = turned(0, 10, 90)
    # After the first: 0.45 - 0.5 * cos 10 = -0.042 against 0.2 - 0.5 * cos 90 = 0.2.
    assert diverse([1.0, 0.9, 0.4], rows, 2, 0.5) == [0, 2]
    # With little of it: 0.81 - 0.098 = 0.712 against 0.36.
    assert diverse([1.0, 0.9, 0.4], rows, 2, 0.1) == [0, 1]


def test_the_nearest_of_all_chosen_counts_not_the_last() -> None:
    rows = turned(0, 90, 5, 45)
    assert diverse([1.0, 0.9, 0.8, 0.1], rows, 3, 0.9) == [0, 1, 3]


def test_copies_come_last() -> None:
    rows = turned(0, 0, 0, 50, 110)
    assert diverse([0.9, 0.9, 0.9, 0.5, 0.4], rows, 5, 0.7)[:3] == [0, 4, 3]


def test_rows_that_are_all_the_same_stay_in_their_order() -> None:
    assert diverse([0.5] * 4, turned(30, 30, 30, 30), 4, 0.5) == [0, 1, 2, 3]
    assert diverse([0.5] * 4, turned(30, 30, 30, 30), 4, 1.0) == [0, 1, 2, 3]


@pytest.mark.parametrize("k", [0, 1, 2, 3, 50])
def test_k_above_the_size_is_all_of_it(k: int) -> None:
    found = diverse([0.3, 0.2, 0.1], turned(0, 40, 80), k, 0.3)
    assert sorted(found) == sorted(set(found))
    assert len(found) == min(k, 3)


def test_nothing_to_vary() -> None:
    assert diverse([], np.empty((0, 2), np.float32), 5, 0.5) == []


scores = st.lists(st.floats(-1, 1), max_size=15)


@given(scores, st.integers(0, 20), st.floats(0, 1), st.integers(0, 1000))
def test_no_place_is_chosen_twice(
    relevance: list[float], k: int, diversity: float, seed: int
) -> None:
    rows = turned(*np.random.default_rng(seed).uniform(0, 360, len(relevance)))
    found = diverse(relevance, rows, k, diversity)
    assert len(found) == len(set(found)) == min(k, len(relevance))
    assert set(found) <= set(range(len(relevance)))
    whole = diverse(relevance, rows, len(relevance), diversity)
    assert whole[: len(found)] == found  # a larger k only adds
    if found and diversity < 1:
        assert relevance[found[0]] == max(relevance)


@given(scores.map(lambda some: sorted(some, reverse=True)), st.integers(0, 1000))
def test_without_diversity_a_ranking_stays(relevance: list[float], seed: int) -> None:
    rows = turned(*np.random.default_rng(seed).uniform(0, 360, len(relevance)))
    expected = list(range(len(relevance)))
    assert diverse(relevance, rows, len(relevance), 0.0) == expected
