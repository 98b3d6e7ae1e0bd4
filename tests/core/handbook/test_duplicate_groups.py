"""Groups of near copies: how pairs hang together, and what a threshold does."""

import math
import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.handbook.duplicates import Item, counts, groups, pairs
from tests.core.handbook.near_copies import (
    NEAR,
    TEXT,
    Book,
    found_in,
    handbooks,
    inside,
    knowing,
    numbered,
)

THRESHOLDS = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]


@given(handbooks, st.sampled_from(THRESHOLDS))
def test_groups_are_what_hangs_together(book: Book, threshold: float) -> None:
    found = pairs(*book)
    every = found_in(found)
    places = {item.id: {item.id} for item in book[0]}
    for (one, other), (similarity, _why) in every.items():
        if similarity >= threshold:
            together = places[one] | places[other]
            places |= dict.fromkeys(together, together)
    expected = {frozenset(together) for together in places.values() if len(together) > 1}
    grouped = groups(found, threshold)
    assert {frozenset(group.ids) for group in grouped} == expected
    assert sum(len(group.ids) for group in grouped) == len(set().union(*expected))
    for group in grouped:
        within = {pair: value for pair, value in every.items() if set(pair) <= set(group.ids)}
        assert inside(group) == within
        similarities = [similarity for similarity, _why in within.values()]
        assert (group.lowest, group.highest) == (min(similarities), max(similarities))


@given(handbooks)
def test_raising_the_threshold_never_joins_groups(book: Book) -> None:
    found = pairs(*book)
    for lower, higher in pairwise(THRESHOLDS):
        wide = [set(group.ids) for group in groups(found, lower)]
        for group in groups(found, higher):
            assert any(set(group.ids) <= ids for ids in wide)


@given(handbooks)
def test_counts_are_those_of_the_groups(book: Book) -> None:
    found = pairs(*book)
    expected = []
    for threshold in THRESHOLDS:
        sizes = [len(group.ids) for group in groups(found, threshold)]
        expected.append((threshold, len(sizes), sum(sizes), max(sizes, default=0)))
    assert counts(found, THRESHOLDS) == expected
    assert counts(found, THRESHOLDS[::-1]) == expected[::-1]


def test_a_threshold_that_was_added_up_counts_as_what_it_stands_for() -> None:
    found = pairs(numbered(TEXT, TEXT), None)
    threshold = math.nextafter(1, 2)
    assert len(groups(found, threshold)) == 1
    assert counts(found, [threshold])[0].groups == 1


def test_the_most_established_comes_first_and_the_largest_group() -> None:
    items = [
        Item(3, "behavior_a", TEXT, "proposed"),
        Item(1, "behavior_b", TEXT, "proposed"),
        Item(7, "behavior_c", TEXT, "accepted"),
        Item(5, "behavior_d", TEXT, "accepted"),
        Item(2, "behavior_e", "Guess, then improve the guess.", "proposed"),
        Item(9, "behavior_f", "Guess, then improve the guess!", "accepted"),
        Item(4, "behavior_g", "Count what is left over in the end.", "accepted"),
        Item(6, "behavior_h", "Count what is left over at the end.", "accepted"),
    ]
    found = groups(pairs(items, None), 0.8)
    assert [group.ids for group in found] == [(5, 7, 1, 3), (9, 2), (4, 6)]
    assert (found[0].pairs[0].first, found[0].pairs[0].second) == (5, 7)


def test_a_chain_shows_its_loosest_pair() -> None:
    items = numbered("one", "two", "three")
    angles = [0.0, 0.4, 0.7]  # cosines 0.92, 0.96 and, from end to end, 0.76
    known = knowing(items, [[np.cos(angle), np.sin(angle)] for angle in angles])
    (group,) = groups(pairs(items, known), 0.9)
    assert (group.lowest, group.highest) == (pytest.approx(0.7648), pytest.approx(0.9553))
    assert [(pair.first, pair.second) for pair in group.pairs] == [(2, 3), (1, 2), (1, 3)]


def test_the_key_tells_a_group_by_its_behaviors() -> None:
    one = groups(pairs(numbered(TEXT, NEAR, "Guess."), None), 0.9)[0]
    swapped = [replace(item, status="proposed") for item in numbered(TEXT)] + numbered("", TEXT)[1:]
    same = groups(pairs(swapped, None), 0.7)[0]
    more = groups(pairs(numbered(TEXT, NEAR, TEXT), None), 0.9)[0]
    assert (one.ids, same.ids) == ((1, 2), (2, 1))
    assert one.key == same.key == "17f8af97ad4a"
    assert more.key != one.key


def test_results_can_be_kept_by_a_screen() -> None:
    found = pairs(numbered(TEXT, NEAR), None)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert found_in(again) == found_in(found)
    assert pickle.loads(pickle.dumps(groups(found, 0.8)))[0].ids == (1, 2)  # noqa: S301
