"""Decisions and edits on many at once: one step, and what is left out is named with its reason."""

from typing import Any

import pytest

from core.errors import BadInput
from core.handbook import curation
from core.handbook.curation import Draft
from core.store import Store, history
from core.store.records import Behavior
from tests.core.handbook.curators import Curator


@pytest.fixture
def ann(store: Store) -> Curator:
    return Curator(store)


def _propose(ann: Curator, *names: str, **fields: Any) -> list[int]:
    drafts = [Draft(f"behavior_{name}", f"Do {name}.", **fields) for name in names]
    with ann.store.write() as session:
        made = curation.propose(ann.id, drafts, by="a-model", session=session)
    return [behavior.id for behavior in made]


def _look(ann: Curator, behavior_id: int) -> Behavior:
    return curation.look_up(ann.store, behavior_id)


def test_each_is_left_for_its_own_reason(ann: Curator, store: Store) -> None:
    fine, twin, changed, done = _propose(ann, "a", "a", "b", "c")
    (elsewhere,) = _propose(Curator(store, slug="other"), "x")
    curation.edit(store, changed, {"topic": "x"}, version=1, by="bob")
    curation.accept(store, done, version=1, by="bob")
    number = ann.number()
    seen = {fine: 1, twin: 1, changed: 1, done: 2, elsewhere: 1, 9999: 1}
    outcome = curation.decide_many(store, ann.id, "accept", seen, by="ann", why="Good.")
    assert (outcome.step, outcome.changed) == (number + 1, [fine])
    assert outcome.left == {
        "the name is taken": [twin],
        "changed by someone else meanwhile": [changed],
        "accepted already": [done],
        "not in this handbook": [elsewhere, 9999],
    }
    assert _look(ann, elsewhere).status == "proposed"
    with store.read() as session:
        step = history.step(ann.id, number + 1, session=session)
    assert (step.kind, step.size, step.why) == ("accept", 1, "Good.")


def test_only_what_really_changed_counts(ann: Curator, store: Store) -> None:
    one, other = _propose(ann, "a", "b")
    curation.edit(store, one, {"topic": "Sums"}, version=1, by="ann")
    seen = {one: 2, other: 1}
    outcome = curation.decide_many(store, ann.id, "retopic", seen, by="ann", topic="Sums")
    assert (outcome.changed, outcome.left) == ([other], {})
    assert [_look(ann, number).version for number in (one, other)] == [2, 2]
    again = {one: 2, other: 2}
    nothing = curation.decide_many(store, ann.id, "retopic", again, by="ann", topic="Sums")
    assert (nothing.step, nothing.changed, nothing.left) == (None, [], {})


def test_tags_are_added_once_and_in_order(ann: Curator, store: Store) -> None:
    (one,) = _propose(ann, "a", tags=("x",))
    curation.decide_many(store, ann.id, "tag", {one: 1}, by="ann", tags=["y", "x", "y"])
    assert _look(ann, one).tags == ["x", "y"]


def test_names_are_swapped_in_one_step(ann: Curator, store: Store) -> None:
    ids = _propose(ann, "a", "b", "c")
    curation.decide_many(store, ann.id, "accept", dict.fromkeys(ids, 1), by="ann")
    names = ["behavior_b", "behavior_c", "behavior_a"]
    edits = {number: (2, {"name": name}) for number, name in zip(ids, names, strict=True)}
    assert curation.edit_many(store, ann.id, edits, by="ann").changed == ids
    assert [_look(ann, number).name for number in ids] == names


def test_edits_leave_out_what_was_changed_since(ann: Curator, store: Store) -> None:
    one, other = _propose(ann, "a", "b")
    curation.reject(store, other, version=1, by="bob")
    edits = {number: (1, {"topic": "Sums"}) for number in (one, other)}
    outcome = curation.edit_many(store, ann.id, edits, by="ann")
    assert (outcome.changed, outcome.left) == (
        [one],
        {"changed by someone else meanwhile": [other]},
    )


def test_one_bad_edit_stops_them_all(ann: Curator, store: Store) -> None:
    one, other = _propose(ann, "a", "b")
    before = ann.look()
    edits = {one: (1, {"topic": "Sums"}), other: (1, {"instruction": ""})}
    with pytest.raises(BadInput, match="instruction is empty"):
        curation.edit_many(store, ann.id, edits, by="ann")
    assert ann.look() == before


def test_kept_apart_is_remembered_by_the_newer_ones(ann: Curator, store: Store) -> None:
    a, b, c = _propose(ann, "a", "b", "c")
    curation.keep_apart(store, [c, a], by="ann")
    curation.keep_apart(store, [a, b, c], by="ann")
    assert [_look(ann, number).apart for number in (a, b, c)] == [[], [a], [a, b]]
    (elsewhere,) = _propose(Curator(store, slug="other"), "x")
    for ids in ([a], [a, a], [a, elsewhere]):
        with pytest.raises(BadInput, match="two or more behaviors of one handbook"):
            curation.keep_apart(store, ids, by="ann")
