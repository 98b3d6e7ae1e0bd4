"""What was decided against, and what a new text brings back of it."""

import pytest

from core.handbook import curation, merging, undo
from core.handbook.curation import Draft
from core.handbook.memory import Memory, Recalled
from core.store import Store
from core.store.records import Behavior
from tests.core.handbook.curators import Curator

TEXT = "When a sum has many terms, group those that cancel each other first."


@pytest.fixture
def ann(store: Store) -> Curator:
    return Curator(store)


def _propose(ann: Curator, name: str = "behavior_group", text: str = TEXT) -> Behavior:
    with ann.store.write() as session:
        (made,) = curation.propose(ann.id, [Draft(name, text)], by="a-model", session=session)
    return made


def _reject(ann: Curator, behavior: Behavior, why: str = "trivial") -> None:
    curation.reject(ann.store, behavior.id, version=1, by="ann", why=why)


def _recall(ann: Curator, name: str, text: str) -> Recalled | None:
    with ann.store.read() as session:
        return Memory.of(ann.id, session).recall(name, text)


def test_nothing_is_recalled_of_what_was_not_decided_against(ann: Curator) -> None:
    proposal = _propose(ann)
    assert _recall(ann, "behavior_group", TEXT) is None
    curation.accept(ann.store, proposal.id, version=1, by="ann")
    assert _recall(ann, "behavior_group", TEXT) is None


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.upper(), TEXT.replace(",", ""), TEXT.replace("terms", "term")]
)
def test_the_same_text_is_recalled_under_any_name(text: str, ann: Curator) -> None:
    proposal = _propose(ann)
    _reject(ann, proposal)
    found = _recall(ann, "behavior_other", text)
    assert found == Recalled(
        proposal.id, "same", "behavior_group was rejected by ann (trivial); the text is the same"
    )


def test_another_wording_is_recalled_as_such(ann: Curator) -> None:
    proposal = _propose(ann)
    _reject(ann, proposal, why="")
    reworded = "When a sum has many terms, first look for those that cancel, and group them."
    found = _recall(ann, "behavior_other", reworded)
    assert found == Recalled(
        *(proposal.id, "reworded", f"behavior_group was rejected by ann; it said: {TEXT}"),
    )
    by_name = _recall(ann, "behavior_group", "Count sheep.")
    assert by_name
    assert (by_name.behavior_id, by_name.how) == (proposal.id, "reworded")
    assert _recall(ann, "behavior_other", "Count sheep.") is None


def test_it_is_told_who_decided_not_who_touched_it_last(ann: Curator) -> None:
    proposal = _propose(ann)
    _reject(ann, proposal)
    curation.decide_many(ann.store, ann.id, "tag", {proposal.id: 2}, by="bob", tags=["x"])
    found = _recall(ann, "behavior_other", TEXT)
    assert found
    assert "rejected by ann (trivial)" in found.sentence


def test_the_reason_is_that_of_the_rejection_that_stands(ann: Curator) -> None:
    proposal = _propose(ann)
    _reject(ann, proposal, why="first")
    undo.undo(ann.store, ann.id, by="ann")
    assert _recall(ann, "behavior_other", TEXT) is None
    curation.reject(ann.store, proposal.id, version=3, by="ann", why="second")
    undo.undo(ann.store, ann.id, by="ann")
    undo.undo_step(ann.store, ann.id, 3, by="bob")  # the first rejection again
    found = _recall(ann, "behavior_other", TEXT)
    assert found
    assert "(first)" in found.sentence


def test_what_was_merged_is_remembered_but_no_other_wording_of_it(ann: Curator) -> None:
    kept, gone = _propose(ann, "behavior_kept", "Count sheep."), _propose(ann)
    merging.merge(ann.store, {kept.id: 1, gone.id: 1}, into=kept.id, text={}, by="bob")
    curation.keep_apart(ann.store, [kept.id, gone.id], by="eve")
    found = _recall(ann, "behavior_other", TEXT)
    assert found == Recalled(
        gone.id, "same", "behavior_group was merged into another one by bob; the text is the same"
    )
    reworded = "When a sum has many terms, first look for those that cancel, and group them."
    assert _recall(ann, "behavior_other", reworded) is None
    merging.split(ann.store, [gone.id], by="bob")
    assert _recall(ann, "behavior_other", TEXT) is None


def test_an_arrival_that_was_undone_is_not_remembered(ann: Curator) -> None:
    _propose(ann)
    undo.undo_step(ann.store, ann.id, 1, by="ann")
    assert _recall(ann, "behavior_group", TEXT) is None


def test_texts_of_signs_only_are_told_apart(ann: Curator) -> None:
    _reject(ann, _propose(ann, "behavior_sum", "∑"))
    assert _recall(ann, "behavior_product", "∏") is None
    found = _recall(ann, "behavior_other", "∑")
    assert found
    assert found.how == "same"
