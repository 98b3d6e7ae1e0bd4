"""The vote on a topic: who votes, how much, and what a tie comes to."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retrieval.topics import VOTERS, WARMTH, TopicVote, vote


def test_nobody_votes() -> None:
    found = vote([], [])
    assert (found.shares, found.topic, found.confidence) == ({}, "", None)
    assert TopicVote({}).topic == ""


def test_one_voter_decides() -> None:
    found = vote([-0.3], ["Geometry"])
    assert (found.topic, found.confidence) == ("Geometry", 1.0)


def test_the_nearest_weighs_most() -> None:
    assert vote([0.1, 0.9, 0.2], ["A", "B", "A"]).topic == "B"


def test_weights_are_the_formula() -> None:
    shares = vote([0.7, 0.7 - WARMTH, 0.7 - 2 * WARMTH], ["A", "B", "A"]).shares
    total = 1 + math.exp(-1) + math.exp(-2)
    assert shares == pytest.approx({"A": (1 + math.exp(-2)) / total, "B": math.exp(-1) / total})
    assert list(shares) == ["A", "B"]


def test_several_that_are_nearly_as_near_outvote_one() -> None:
    assert vote([0.60, 0.59, 0.58, 0.57], ["A", "B", "B", "B"]).topic == "B"


def test_only_the_level_above_the_others_counts() -> None:
    near, far = vote([0.9, 0.85], ["A", "B"]), vote([0.2, 0.15], ["A", "B"])
    assert near.shares == pytest.approx(far.shares)


def test_only_the_nearest_vote() -> None:
    crowd = [0.5] * VOTERS + [0.499] * 500
    topics = ["A"] * VOTERS + ["B"] * 500
    found = vote(crowd[::-1], topics[::-1])
    assert found.shares == pytest.approx({"A": 1.0})
    assert found.confidence == pytest.approx(1.0)


def test_of_equally_near_ones_the_first_vote() -> None:
    found = vote([0.5] * (2 * VOTERS), ["A"] * VOTERS + ["B"] * VOTERS)
    assert list(found.shares) == ["A"]


def test_ties_go_by_name_in_any_order() -> None:
    for topics in (["B", "A"], ["A", "B"]):
        found = vote([0.5, 0.5], topics)
        assert list(found.shares.items()) == [("A", 0.5), ("B", 0.5)]
        assert found.topic == "A"


def test_far_ones_do_not_overflow() -> None:
    assert vote([1.0, -1.0], ["A", "B"]).confidence == pytest.approx(1.0)


voters = st.lists(st.tuples(st.floats(-1, 1), st.sampled_from(["A", "B", "C", ""])), min_size=1)


@given(voters)
def test_shares_add_up_and_fall(given_votes: list[tuple[float, str]]) -> None:
    similarities = [similarity for similarity, _ in given_votes]
    found = vote(similarities, [topic for _, topic in given_votes])
    shares = list(found.shares.values())
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert all(share > 0 for share in shares)
    assert set(found.shares) <= {topic for _, topic in given_votes}
    assert found.confidence == shares[0]
