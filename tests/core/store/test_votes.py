"""Votes on two arms: kept oldest first, and one a person for a sample and a pair."""

from typing import Any

import pytest

from core.store import Store, votes
from core.store import runs as run_rows
from core.store.records import BETTER, Vote


@pytest.fixture
def run_id(store: Store) -> int:
    return add_run(store)


def add_run(store: Store) -> int:
    with store.write() as session:
        problem = run_rows.keep_problem("How many?", None, "", {}, session=session)
        fields = {"kind": "compare", "title": "", "params": {}, "prompts": {}, "by": "ann"}
        made = run_rows.add_run(**fields, problem_ids=[problem], code_version="", session=session)
    return made.id


def vote(store: Store, run_id: int, *which: Any, by: str = "ann", blind: bool = True) -> Vote:
    """`which`: sample, first, second, better."""
    with store.write() as session:
        return votes.add_vote(run_id, *which, blind=blind, by=by, session=session)


def kept(store: Store, run_id: int) -> list[Vote]:
    with store.read() as session:
        return votes.votes(run_id, session=session)


@pytest.mark.parametrize("better", BETTER)
def test_a_vote_is_kept(better: str, store: Store, run_id: int) -> None:
    made = vote(store, run_id, 2, "plain", "bci", better, blind=False)
    assert kept(store, run_id) == [made]
    told = (made.run_id, made.sample, made.first, made.second, made.better, made.blind, made.by)
    assert told == (run_id, 2, "plain", "bci", better, False, "ann")
    assert made.at.tzinfo is not None


def test_a_second_thought_replaces_the_first(store: Store, run_id: int) -> None:
    vote(store, run_id, 0, "plain", "bci", "first")
    vote(store, run_id, 0, "plain", "bci", "both")
    assert [one.better for one in kept(store, run_id)] == ["both"]
    vote(store, run_id, 0, "bci", "plain", "second")  # the other way round it is the same pair
    (last,) = kept(store, run_id)
    assert (last.first, last.second, last.better) == ("bci", "plain", "second")


def test_a_blind_vote_and_an_open_one_are_kept_apart(store: Store, run_id: int) -> None:
    vote(store, run_id, 0, "plain", "bci", "first")
    vote(store, run_id, 0, "plain", "bci", "second", blind=False)
    vote(store, run_id, 0, "plain", "bci", "both", blind=False)
    assert [(one.blind, one.better) for one in kept(store, run_id)] == [
        (True, "first"),
        (False, "both"),
    ]


def test_others_votes_samples_and_pairs_stay(store: Store, run_id: int) -> None:
    other = add_run(store)
    made = [
        vote(store, run_id, 0, "plain", "bci", "first"),
        vote(store, run_id, 0, "plain", "bci", "second", by="bob"),
        vote(store, run_id, 1, "plain", "bci", "neither"),
        vote(store, run_id, 0, "plain", "random", "first"),
    ]
    vote(store, other, 0, "plain", "bci", "both")
    assert kept(store, run_id) == made


def test_with_its_run_a_vote_goes(store: Store, run_id: int) -> None:
    vote(store, run_id, 0, "plain", "bci", "first")
    with store.write() as session:
        run_rows.delete_run(run_id, session=session)
    assert kept(store, run_id) == []
