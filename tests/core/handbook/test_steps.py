"""Steps: what one writes, what it refuses, and that the history tells of all of it."""

import pytest

from core.errors import Conflict
from core.handbook import checking, curation, undo
from core.handbook.curation import Draft
from core.handbook.steps import Change, take_step
from core.store import Session, Store, filters, history
from core.store.filters import Filter
from core.store.records import Behavior, Step
from tests.core.handbook.curators import Curator


@pytest.fixture
def ann(store: Store) -> Curator:
    return Curator(store)


def _write(ann: Curator, name: str) -> Behavior:
    return curation.write(ann.store, ann.id, Draft(f"behavior_{name}", f"Do {name}."), by="ann")


def _take(ann: Curator, *changes: Change, session: Session) -> Step | None:
    return take_step(ann.id, "edit", changes, by="ann", session=session)


def test_changes_of_one_behavior_follow_each_other_and_are_undone_backwards(ann: Curator) -> None:
    one = _write(ann, "a")
    texts = ["First.", "Second.", "Third."]
    with ann.store.write() as session:
        step = _take(
            ann, *(Change(one, "edit", {"instruction": text}) for text in texts), session=session
        )
        assert step
        operations = history.operations([step.id], session=session)[step.id]
    assert step.size == 3
    assert [operation.before["instruction"] for operation in operations] == ["Do a.", *texts[:2]]
    now = curation.look_up(ann.store, one.id)
    assert (now.instruction, now.version) == ("Third.", 2)
    undo.undo(ann.store, ann.id, by="ann")
    assert curation.look_up(ann.store, one.id).instruction == "Do a."
    undo.redo(ann.store, ann.id, by="ann")
    assert curation.look_up(ann.store, one.id).instruction == "Third."
    assert checking.check(ann.store, "book") == []


def test_what_changes_nothing_is_no_step(ann: Curator) -> None:
    one = _write(ann, "a")
    with ann.store.write() as session:
        assert _take(ann, session=session) is None
        assert _take(ann, Change(one, "edit", {"name": one.name}), session=session) is None
    assert ann.number() == 1


def test_a_change_that_is_told_is_a_step_though_nothing_changes(ann: Curator) -> None:
    one = _write(ann, "a")
    with ann.store.write() as session:
        step = _take(ann, Change(one, "edit", {"name": one.name}, told=True), session=session)
    assert step
    assert curation.look_up(ann.store, one.id).version == 2


def test_two_cannot_become_accepted_under_one_name(ann: Curator) -> None:
    a, b = _write(ann, "a"), _write(ann, "b")
    before = ann.look()
    for changes in (
        [Change(a, "edit", {"name": "behavior_x"}), Change(b, "edit", {"name": "behavior_x"})],
        [Change(a, "edit", {"name": "behavior_b"})],
        [Change(a, "edit", {"name": "behavior_b"}), Change(b, "edit", {"topic": "x"})],
    ):
        with pytest.raises(Conflict, match=r"behavior_[xb]"), ann.store.write() as session:
            _take(ann, *changes, session=session)
        assert ann.look() == before


def test_a_circle_of_merges_is_refused(ann: Curator) -> None:
    a, b, c = (_write(ann, name) for name in "abc")
    before = ann.look()
    circle = [
        Change(one, "merge", {"status": "merged", "merged_into": into.id})
        for one, into in ((a, b), (b, c), (c, a))
    ]
    with (
        pytest.raises(Conflict, match=r"behavior_\w \(number \d\) would be merged into itself"),
        ann.store.write() as session,
    ):
        _take(ann, *circle, session=session)
    assert ann.look() == before


def test_what_is_searched_follows_every_change(ann: Curator) -> None:
    one = _write(ann, "a")

    def found(*words: str) -> bool:
        with ann.store.read() as session:
            return bool(filters.ids(Filter(ann.id, words=words), session=session))

    changes = {"instruction": "Zähle Schafe.", "tags": ["Nacht"], "topic": "Schlaf"}
    curation.edit(ann.store, one.id, changes, version=1, by="ann")
    assert found("zahle", "nacht", "schlaf", "behavior", "a")
    assert not found("do")
    undo.undo(ann.store, ann.id, by="ann")
    assert found("do")
    assert not found("zahle")
