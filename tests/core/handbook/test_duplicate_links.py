"""What links two places: names alike, and vectors compared exactly or through the index."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.handbook.duplicates import FLOOR, Item, pairs
from core.handbook.duplicates.names import alike_names
from core.handbook.duplicates.vectors import BLOCK, approximate, exact
from core.handbook.synthetic import synthetic
from tests.core.handbook.near_copies import (
    TEXT,
    found_in,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("factor_polynomial", "polynomial_factoring"),
        ("sum_of_angles_in_triangle", "sum_of_angles_in_a_triangle"),
        ("find_lowest_common_denominator", "find_common_denominator_lowest_first"),
        ("maximise_area_of_rectangle", "maximize_area_of_rectangle"),
        ("check_answer", "check_answer"),
    ],
)
def test_names_of_the_same_words_are_alike(one: str, other: str) -> None:
    items = [
        Item(1, f"behavior_{one}", "Count what is left over."),
        Item(2, f"behavior_{other}", TEXT),
        Item(3, "behavior_guess_and_improve", "Guess first."),
    ]
    ((pair, (similarity, why)),) = found_in(pairs(items, None)).items()
    assert (pair, why) == ((1, 2), "names alike")
    assert (similarity == 1) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("apply_law_of_sines", "apply_law_of_cosines"),
        ("find_area_of_circle", "find_area_of_square"),
        ("find_even_numbers_first", "find_odd_numbers_first"),
        ("angle_sum", "right_angle_sum"),  # only two words shared
        ("apply_rule_number_step1", "apply_rule_number_step2"),
        ("find_intercept_of_line", "find_integral_of_line"),
        ("check_answer", "guess_and_improve"),
    ],
)
def test_names_that_differ_in_a_word_of_another_meaning_are_not(one: str, other: str) -> None:
    assert len(alike_names([f"behavior_{one}", f"behavior_{other}"], 10)) == 0


@given(st.lists(st.lists(st.integers(-2, 4), min_size=3, max_size=3).filter(any), max_size=12))
def test_no_pair_of_vectors_is_missed(vectors: list[list[int]]) -> None:
    matrix = np.array(vectors, np.float32).reshape(-1, 3)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    found = exact(matrix, 100)
    cosines = matrix.astype(float) @ matrix.astype(float).T
    expected = {
        (i, j): cosines[i, j]
        for i, j in combinations(range(len(matrix)), 2)
        if cosines[i, j] >= FLOOR
    }
    assert len(found) == len(expected)
    places = zip(found.first.tolist(), found.second.tolist(), strict=True)
    assert dict(zip(places, found.similarity.tolist(), strict=True)) == pytest.approx(
        expected, abs=1e-4
    )


def test_pairs_across_blocks_are_found() -> None:
    number = BLOCK + 5
    matrix = np.eye(number, dtype=np.float32)
    matrix[BLOCK + 1] = matrix[3]
    matrix[BLOCK + 3] = matrix[BLOCK + 2]
    found = exact(matrix, 10)
    places = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert places == {(3, BLOCK + 1), (BLOCK + 2, BLOCK + 3)}


def test_both_ways_of_comparing_vectors_find_the_planted_copies() -> None:
    made = synthetic(1500, seed=5)
    assert len(made.copies) == 150
    for way in (exact, approximate):
        found = way(made.matrix, 10)
        similarity = {
            (first, second): value
            for first, second, value in zip(
                found.first.tolist(), found.second.tolist(), found.similarity.tolist(), strict=True
            )
        }
        for one, other in made.copies:
            cosine = float(made.matrix[one] @ made.matrix[other])
            assert similarity[one, other] == pytest.approx(cosine, abs=1e-4)


@pytest.mark.parametrize("way", [exact, approximate])
def test_a_place_has_no_more_links_than_asked_for_and_the_nearest(way: object) -> None:
    angles = np.linspace(0, 1.5, 20)
    matrix = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = exact(matrix, 3) if way is exact else approximate(matrix, 3)
    places = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert {second - first for first, second in places} <= {1, 2, 3}
    assert {(at, at + 1) for at in range(19)} <= places
