"""The index against a plain ranking in float64, whatever was put in and taken out before."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.retrieval import coarse
from core.retrieval.embedder import Matrix
from core.retrieval.index import SPARE, Found, Index

Operation = tuple[str, list[int], int, str]
KINDS = ["random", "repeated", "same", "near", "opposite"]
LISTS_FROM = 200  # in place of 5,000, so that many examples can be above it

kinds = st.sampled_from(KINDS)
seeds = st.integers(0, 2**32 - 1)
dimensions = st.sampled_from([1, 2, 3, 8, 33])


def unit(rows: np.ndarray) -> Matrix:
    rows = np.asarray(rows, np.float64)
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def rows_of(kind: str, size: int, width: int, seed: int) -> Matrix:
    """Vectors as they come, with many exact ties, all the same, hardly apart, or of both signs."""
    drawn = np.random.default_rng(seed)
    rows = drawn.normal(size=(size, width))
    if kind == "repeated":
        rows = rows[drawn.integers(0, 1 + size // 5, size)]
    elif kind == "same":
        rows = np.repeat(rows[:1], size, axis=0)
    elif kind == "near":
        rows = unit(rows[:1]) + 1e-7 * rows
    elif kind == "opposite":
        rows = rows[:1] * drawn.choice([-1, 1], (size, 1))
    return unit(rows).reshape(size, width)


def ranked(ids: Sequence[int], rows: Matrix, query: Matrix, k: int) -> Found:
    """What a search has to find."""
    scores = (rows.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    best = sorted(range(len(ids)), key=lambda place: (-scores[place], ids[place]))[:k]
    return Found(np.array([ids[place] for place in best], np.int64), scores[best])


def assert_found(found: Found, expected: Found) -> None:
    assert found.ids.tolist() == expected.ids.tolist()
    assert found.scores.tolist() == expected.scores.tolist()


@contextmanager
def limits(*, lists_from: int, exact_up_to: int = coarse.EXACT_UP_TO) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coarse, "LISTS_FROM", lists_from)
        patch.setattr(coarse, "EXACT_UP_TO", exact_up_to)
        yield


def queries_of(rows: Matrix, seed: int) -> list[Matrix]:
    """One from anywhere and, where there is one, one of the rows."""
    drawn = np.random.default_rng(seed + 1)
    anywhere = unit(drawn.normal(size=rows.shape[1]))
    return [anywhere, *(rows[at] for at in drawn.integers(0, len(rows), min(1, len(rows))))]


def check_against_all(ids: list[int], rows: Matrix, seed: int, ks: Sequence[int]) -> None:
    index = Index(ids, rows.copy())
    assert (len(index), index.exact) == (len(ids), True)
    for query in queries_of(rows, seed):
        for k in ks:
            assert_found(index.search(query, k), ranked(ids, rows, query, k))


@settings(max_examples=300)
@given(kinds, st.integers(0, 150), dimensions, seeds, st.integers(1, 200))
def test_a_search_is_a_plain_ranking(kind: str, size: int, width: int, seed: int, k: int) -> None:
    ids = np.random.default_rng(seed).permutation(10 * size)[:size].tolist()
    check_against_all(ids, rows_of(kind, size, width, seed), seed, [k, size, size + 1])


@settings(max_examples=150)
@given(kinds, st.integers(LISTS_FROM, 3 * LISTS_FROM), dimensions, seeds, st.integers(1, 700))
def test_so_is_one_in_lists(kind: str, size: int, width: int, seed: int, k: int) -> None:
    ids = np.random.default_rng(seed).permutation(10 * size)[:size].tolist()
    with limits(lists_from=LISTS_FROM):
        check_against_all(ids, rows_of(kind, size, width, seed), seed, [k, size])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [coarse.LISTS_FROM - 1, coarse.LISTS_FROM, 6_500])
def test_so_is_one_of_thousands(kind: str, size: int) -> None:
    ids = np.random.default_rng(size).permutation(size).tolist()
    check_against_all(ids, rows_of(kind, size, 24, size), 7, [1, 40, 900, size + 5])


@pytest.mark.parametrize("size", [1, coarse.LISTS_FROM])
def test_zero_asked_is_none_found(size: int) -> None:
    rows = rows_of("random", size, 4, 0)
    found = Index(range(size), rows).search(rows[0], 0)
    assert (len(found.ids), len(found.scores)) == (0, 0)


def test_an_empty_index_finds_nothing_and_can_be_filled() -> None:
    index = Index([], np.empty((0, 4), np.float32))
    rows = rows_of("random", coarse.LISTS_FROM + 10, 4, 0)
    assert index.search(rows[0], 5).ids.tolist() == []
    index.put(range(len(rows)), rows)
    assert_found(index.search(rows[0], 5), ranked(range(len(rows)), rows, rows[0], 5))


# Put in and taken out


def some_ids(most: int) -> st.SearchStrategy[list[int]]:
    """Of few ids, so that they are overwritten, and in blocks, so that rebuilds happen."""
    blocks = st.builds(lambda first, n: list(range(first, first + n)), st.integers(0, most), sizes)
    return blocks | st.lists(st.integers(0, most), max_size=5, unique=True)


sizes = st.sampled_from([1, 10, SPARE + 10, 2 * SPARE])
operations = st.lists(
    st.tuples(st.sampled_from(["put", "put", "remove"]), some_ids(300), seeds, kinds),
    min_size=1,
    max_size=12,
)


def carry_out(index: Index, held: dict[int, Matrix], operation: Operation, width: int) -> None:
    """On the index, and on a plain dictionary beside it."""
    what, ids, seed, kind = operation
    if what == "remove":
        index.remove(ids)
        for number in ids:
            held.pop(number, None)
    else:
        rows = rows_of(kind, len(ids), width, seed)
        index.put(ids, rows)
        held.update(zip(ids, rows.copy(), strict=True))
        rows[:] = 0  # what was put in is not the caller's any more


def check_holds(index: Index, held: dict[int, Matrix], width: int) -> None:
    ids = sorted(held)
    rows = np.array([held[number] for number in ids], np.float32).reshape(-1, width)
    assert sorted(index.ids.tolist()) == ids
    assert len(index) == len(ids)
    assert np.array_equal(index.rows(ids), rows)
    scratch = Index(ids, rows.copy())
    for query in queries_of(rows, len(ids)):
        for k in (1, 7, len(ids) + 1):
            found = index.search(query, k)
            assert_found(found, ranked(ids, rows, query, k))
            assert_found(found, scratch.search(query, k))


@settings(max_examples=200)
@given(operations, st.sampled_from([2, 8]), st.integers(0, 300))
def test_an_index_that_was_changed_is_like_a_new_one(
    steps: list[Operation], width: int, begin: int
) -> None:
    with limits(lists_from=LISTS_FROM):
        rows = rows_of("random", begin, width, begin)
        held = dict(enumerate(rows.copy()))
        index = Index(range(begin), rows)
        for step in steps:
            carry_out(index, held, step, width)
            check_holds(index, held, width)


def test_it_can_be_emptied_and_filled_again() -> None:
    rows = rows_of("random", 300, 4, 0)
    index = Index(range(300), rows.copy())
    for number in range(300):
        index.remove([number])
    assert (len(index), index.search(rows[0], 5).ids.tolist()) == (0, [])
    index.put([7], rows[:1])
    assert index.search(rows[0], 5).ids.tolist() == [7]


def test_ids_that_are_not_there_are_passed_over() -> None:
    rows = rows_of("random", 3, 4, 0)
    index = Index([1, 2, 3], rows.copy())
    index.remove([9, 2, 9])
    assert_found(index.search(rows[0], 5), ranked([1, 3], rows[[0, 2]], rows[0], 5))


def test_what_was_removed_crowds_nobody_out() -> None:
    """Many nearer rows that are gone, but not yet dropped, stand before the ones that are left."""
    rows = np.concatenate([rows_of("near", SPARE, 8, 0), rows_of("random", 900, 8, 1)])
    with limits(lists_from=LISTS_FROM):
        index = Index(range(len(rows)), rows.copy())
        index.remove(range(SPARE))
        left = range(SPARE, len(rows))
        for k in (1, 10, 900):
            expected = ranked(left, rows[SPARE:], rows[0], k)
            assert_found(index.search(rows[0], k), expected)


# The approximate look

MANY = 6_000
FEW_EXACT = {"lists_from": 1_000, "exact_up_to": 3_000}


@pytest.fixture(scope="module")
def clustered() -> Matrix:
    """Sixty clusters whose inner spread is, as in real texts, in some directions mostly."""
    drawn = np.random.default_rng(5)
    weights = 1 / np.sqrt(1 + np.arange(48))
    centers = drawn.normal(size=(60, 48)) * weights
    spread = 0.6 * drawn.normal(size=(MANY, 48)) * weights
    return unit(centers[drawn.integers(0, 60, MANY)] + spread)


def recall(index: Index, ids: Sequence[int], rows: Matrix, k: int = 40) -> float:
    drawn = np.random.default_rng(9)
    shares = []
    for place in drawn.choice(len(ids), 60, replace=False):
        query = unit(rows[place] + 0.05 * drawn.normal(size=rows.shape[1]))
        found, true = index.search(query, k), ranked(ids, rows, query, k)
        check_scores(found, dict(zip(ids, rows, strict=True)), query)
        assert len(found.ids) == k
        shares.append(len(set(found.ids.tolist()) & set(true.ids.tolist())) / k)
    return float(np.mean(shares))


def check_scores(found: Found, held: dict[int, Matrix], query: Matrix) -> None:
    """They are the true ones, fall, and belong to ids that are there, each once."""
    assert len(set(found.ids.tolist())) == len(found.ids)
    rows = np.array([held[number] for number in found.ids.tolist()], np.float64)
    assert found.scores.tolist() == (rows * query.astype(np.float64)).sum(axis=1).tolist()
    assert (np.diff(found.scores) <= 0).all()


def test_above_the_limit_most_is_found(clustered: Matrix) -> None:
    with limits(**FEW_EXACT):
        index = Index(range(MANY), clustered.copy())
        assert not index.exact
        assert recall(index, range(MANY), clustered) >= 0.9


def test_above_the_limit_what_was_removed_never_comes_back(clustered: Matrix) -> None:
    with limits(**FEW_EXACT):
        index = Index(range(MANY), clustered.copy())
        gone: set[int] = set()
        for place in range(0, 600, 50):
            best = index.search(clustered[place], 40).ids.tolist()
            assert not gone & set(best)
            index.remove(best)
            gone |= set(best)
        assert not index.exact
        left = [number for number in range(MANY) if number not in gone]
        assert recall(index, left, clustered[left]) >= 0.9


def test_above_the_limit_what_is_put_in_is_found(clustered: Matrix) -> None:
    with limits(**FEW_EXACT):
        index = Index(range(4_000), clustered[:4_000].copy())
        for first in range(4_000, MANY, 500):
            index.put(range(first, first + 500), clustered[first : first + 500])
        index.put([3], clustered[100:101])  # an id whose vector is another one now
        rows = clustered.copy()
        rows[3] = clustered[100]
        assert recall(index, range(MANY), rows) >= 0.9
        assert index.search(clustered[100], 2).ids.tolist() == [3, 100]


def test_it_grows_out_of_exactness_and_back(clustered: Matrix) -> None:
    with limits(**FEW_EXACT):
        index = Index(range(2_900), clustered[:2_900].copy())
        assert index.exact
        index.put(range(2_900, MANY), clustered[2_900:])
        assert not index.exact
        index.remove(range(100, MANY))
        assert index.exact
        for k in (1, 40, 200):
            expected = ranked(range(100), clustered[:100], clustered[5_000], k)
            assert_found(index.search(clustered[5_000], k), expected)


def test_above_the_limit_equal_rows_come_by_id() -> None:
    with limits(**FEW_EXACT):
        rows = rows_of("same", 3_100, 12, 0)
        found = Index(range(3_100), rows).search(rows[0], 40)
        assert len(found.ids) == 40
        assert found.ids.tolist() == sorted(found.ids.tolist())
