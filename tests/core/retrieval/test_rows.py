"""Rows in memory: what is found is right, whatever came before, and the bound holds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.retrieval.embedder import Matrix
from core.retrieval.rows import FIRST_ROWS, Rows

digests = st.lists(st.integers(0, 40).map(str), max_size=12, unique=True)


def rows_of(names: list[str]) -> Matrix:
    return np.array([[int(name), -int(name)] for name in names], np.float32).reshape(-1, 2)


@settings(max_examples=60)
@given(st.lists(digests, max_size=20), st.integers(0, 30))
def test_a_row_that_is_found_is_the_right_one(steps: list[list[str]], limit: int) -> None:
    rows = Rows(2, limit)
    for names in steps:
        rows.add(names, rows_of(names))
        everyone = [str(number) for number in range(41)]
        matrix, places = rows.find(everyone)
        held = [name for name, place in zip(everyone, places, strict=True) if place >= 0]
        assert np.array_equal(matrix[places[places >= 0]], rows_of(held))
        assert len(held) <= limit
        assert len(names) > limit or set(names) <= set(held)


def test_it_grows_and_keeps_what_it_had() -> None:
    rows, names = Rows(2, 10 * FIRST_ROWS), [str(number) for number in range(5 * FIRST_ROWS)]
    for start in range(0, len(names), 700):
        some = names[start : start + 700]
        rows.add(some, rows_of(some))
    matrix, places = rows.find(names)
    assert np.array_equal(matrix[places], rows_of(names))


def test_a_matrix_in_hand_does_not_change() -> None:
    rows = Rows(2, 4)
    rows.add(["1", "2", "3"], rows_of(["1", "2", "3"]))
    matrix, places = rows.find(["1", "2", "3"])
    rows.add(["7", "8"], rows_of(["7", "8"]))  # beyond the limit: it begins anew
    assert np.array_equal(matrix[places], rows_of(["1", "2", "3"]))
    assert rows.find(["1", "7"])[1].tolist() == [-1, 0]
