"""Decisions about behaviors: what changes, what the history says, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import BadInput, Conflict, NotFound
from core.handbook import curation
from core.handbook.curation import Draft
from core.store import Store, history
from core.store import behaviors as behavior_rows
from core.store.records import Behavior, Handbook, Operation
from tests.core.samples import add_handbook, add_run, add_trace

DRAFT = Draft(
    name="behavior_halve_first",
    instruction="When a diameter is given, halve it before using the radius.",
    topic="Geometry",
    tags=("circle",),
    marks=(("leak", "holds 14, as the problem does"),),
)


@pytest.fixture
def book(store: Store) -> Handbook:
    with store.write() as session:
        return add_handbook(session)


def _propose(store: Store, book: Handbook, draft: Draft = DRAFT) -> Behavior:
    with store.write() as session:
        return curation.propose(book.id, [draft], by="a-model", session=session)[0]


def _history(store: Store, book: Handbook) -> list[Operation]:
    with store.read() as session:
        return history.history(book.id, session=session)


def _everything(store: Store, book: Handbook) -> tuple[list[Behavior], list[Operation]]:
    statuses = ("proposed", "accepted", "rejected", "merged")
    with store.read() as session:
        behaviors = behavior_rows.behaviors(book.id, statuses=statuses, session=session)
    return behaviors, _history(store, book)


def test_a_proposal_comes_with_its_source_and_history(store: Store, book: Handbook) -> None:
    with store.write() as session:
        trace = add_trace(session, add_run(session, book), stage="extract")
        draft = Draft(DRAFT.name, DRAFT.instruction, trace_id=trace.id, start=3, end=80)
        (behavior,) = curation.propose(book.id, [draft], by="a-model", session=session)
    assert (behavior.status, behavior.version, behavior.by) == ("proposed", 1, "a-model")
    with store.read() as session:
        (source,) = behavior_rows.sources([behavior.id], session=session)[behavior.id]
    assert (source.trace_id, source.stage, source.start, source.end) == (trace.id, "extract", 3, 80)
    (line,) = _history(store, book)
    assert (line.kind, line.before, line.by) == ("propose", {}, "a-model")
    assert line.after["instruction"] == DRAFT.instruction


def test_a_proposal_goes_with_the_transaction_it_came_in(store: Store, book: Handbook) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        curation.propose(book.id, [DRAFT], by="a-model", session=session)
        raise ZeroDivisionError
    assert _everything(store, book) == ([], [])


@pytest.mark.parametrize(
    ("decide", "kind", "status"),
    [
        (curation.accept, "accept", "accepted"),
        (curation.reject, "reject", "rejected"),
    ],
)
def test_a_decision(
    store: Store, book: Handbook, decide: Callable[..., Behavior], kind: str, status: str
) -> None:
    proposal = _propose(store, book)
    decided = decide(store, proposal.id, version=1, by="ann", why="It says so.")
    assert decided == curation.look_up(store, proposal.id)
    assert (decided.status, decided.version, decided.by) == (status, 2, "ann")
    assert decided.changed > proposal.changed
    assert (decided.name, decided.marks) == (proposal.name, dict(DRAFT.marks))
    line = _history(store, book)[-1]
    assert (line.kind, line.before, line.after) == (
        kind,
        {"status": "proposed"},
        {"status": status},
    )
    assert (line.behavior_id, line.by, line.why) == (proposal.id, "ann", "It says so.")


def test_decisions_are_taken_back_and_nothing_is_erased(store: Store, book: Handbook) -> None:
    proposal = _propose(store, book)
    curation.reject(store, proposal.id, version=1, by="ann")
    curation.reopen(store, proposal.id, version=2, by="ann")
    curation.accept(store, proposal.id, version=3, by="bob")
    curation.reopen(store, proposal.id, version=4, by="bob")
    assert [(line.kind, line.before.get("status"), line.after.get("status"))
            for line in _history(store, book)[1:]] == [
        ("reject", "proposed", "rejected"),
        ("restore", "rejected", "proposed"),
        ("accept", "proposed", "accepted"),
        ("restore", "accepted", "proposed"),
    ]  # fmt: skip
    again = curation.look_up(store, proposal.id)
    assert (again.name, again.instruction, again.tags) == (
        proposal.name,
        proposal.instruction,
        proposal.tags,
    )
    assert (again.status, again.version) == ("proposed", 5)


def test_an_edit_notes_what_was_and_what_is(store: Store, book: Handbook) -> None:
    proposal = _propose(store, book)
    changes = {"instruction": "When in doubt, halve.", "tags": ["circle", "length"]}
    edited = curation.edit(store, proposal.id, changes, version=1, by="ann", why="Shorter.")
    assert (edited.instruction, edited.tags) == ("When in doubt, halve.", ["circle", "length"])
    assert (edited.status, edited.topic, edited.version) == ("proposed", "Geometry", 2)
    line = _history(store, book)[-1]
    assert (line.kind, line.why) == ("edit", "Shorter.")
    assert line.before == {"instruction": DRAFT.instruction, "tags": ["circle"]}
    assert line.after == changes


def test_an_edit_that_changes_nothing_leaves_no_line(store: Store, book: Handbook) -> None:
    proposal = _propose(store, book)
    before = _everything(store, book)
    same = curation.edit(store, proposal.id, {"topic": "Geometry"}, version=1, by="ann")
    assert same == proposal
    assert _everything(store, book) == before


def test_edit_and_accept_are_one_step_with_two_lines(store: Store, book: Handbook) -> None:
    proposal = _propose(store, book)
    changes = {"name": "behavior_halve"}
    accepted = curation.edit_and_accept(store, proposal.id, changes, version=1, by="ann")
    assert (accepted.name, accepted.status) == ("behavior_halve", "accepted")
    assert [line.kind for line in _history(store, book)] == ["propose", "edit", "accept"]


Act = Callable[[Store, Behavior], Any]
ACTS: dict[str, Act] = {
    "accept": lambda store, old: curation.accept(store, old.id, version=old.version, by="bob"),
    "reject": lambda store, old: curation.reject(store, old.id, version=old.version, by="bob"),
    "reopen": lambda store, old: curation.reopen(store, old.id, version=old.version, by="bob"),
    "edit": lambda store, old: curation.edit(
        store, old.id, {"topic": "Algebra"}, version=old.version, by="bob"
    ),
    "edit and accept": lambda store, old: curation.edit_and_accept(
        store, old.id, {"topic": "Algebra"}, version=old.version, by="bob"
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_the_second_of_two_is_told(store: Store, book: Handbook, act: Act) -> None:
    seen_by_both = _propose(store, book)
    curation.edit(store, seen_by_both.id, {"name": "behavior_halve"}, version=1, by="ann")
    before = _everything(store, book)
    with pytest.raises(Conflict) as caught:
        act(store, seen_by_both)
    assert str(caught.value) == (
        "behavior_halve was changed by ann in the meantime (it is proposed now). Look at it again "
        "before you decide."
    )
    assert _everything(store, book) == before


def test_a_taken_name_cannot_be_accepted(store: Store, book: Handbook) -> None:
    first, second = _propose(store, book), _propose(store, book)
    curation.accept(store, first.id, version=1, by="ann")
    before = _everything(store, book)
    with pytest.raises(Conflict, match=rf"called {DRAFT.name} already \(number {first.id}\)"):
        curation.accept(store, second.id, version=1, by="ann")
    with pytest.raises(Conflict, match="Edit the name first, or reject this one"):
        changes = {"instruction": "When lost, halve."}
        curation.edit_and_accept(store, second.id, changes, version=1, by="ann")
    assert _everything(store, book) == before
    curation.reject(store, first.id, version=2, by="ann")
    assert curation.accept(store, second.id, version=1, by="ann").status == "accepted"


def test_an_accepted_behavior_cannot_be_renamed_to_a_taken_name(
    store: Store, book: Handbook
) -> None:
    first = _propose(store, book)
    second = _propose(store, book, Draft("behavior_other", "When else, do else."))
    for behavior in (first, second):
        curation.accept(store, behavior.id, version=1, by="ann")
    before = _everything(store, book)
    with pytest.raises(Conflict, match="already"):
        curation.edit(store, second.id, {"name": first.name}, version=2, by="ann")
    assert _everything(store, book) == before


def test_a_proposal_may_have_a_taken_name_and_another_handbook_too(
    store: Store, book: Handbook
) -> None:
    first = _propose(store, book)
    curation.accept(store, first.id, version=1, by="ann")
    with store.write() as session:
        other = add_handbook(session, "other")
    elsewhere = _propose(store, other)
    assert curation.accept(store, elsewhere.id, version=1, by="ann").status == "accepted"
    renamed = _propose(store, book, Draft("behavior_other", "When else, do else."))
    edited = curation.edit(store, renamed.id, {"name": first.name}, version=1, by="ann")
    assert (edited.name, edited.status) == (first.name, "proposed")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Halve"}, "the name has to be behavior_ and words"),
        ({"name": "behavior_" + "x" * 60}, "longer than 64"),
        ({"instruction": ""}, "the instruction is empty"),
        ({"instruction": "One.\nTwo."}, "one line"),
        ({"instruction": "x" * 501}, "longer than 500"),
        ({"avoid_when": "One.\u2028Two."}, "the avoid_when has to be one line"),
        ({"status": "accepted"}, "no editable field status"),
        ({"topic": "Algebra", "id": 3, "by": "x"}, "no editable field by, id"),
    ],
)
def test_a_bad_edit_changes_nothing(
    store: Store, book: Handbook, changes: dict[str, Any], sentence: str
) -> None:
    proposal = _propose(store, book)
    before = _everything(store, book)
    with pytest.raises(BadInput, match=sentence):
        curation.edit(store, proposal.id, changes, version=1, by="ann")
    with pytest.raises(BadInput, match=sentence):
        curation.edit_and_accept(store, proposal.id, changes, version=1, by="ann")
    assert _everything(store, book) == before


def test_what_does_not_exist_cannot_be_decided(store: Store) -> None:
    with pytest.raises(NotFound, match="no behavior number 99"):
        curation.accept(store, 99, version=1, by="ann")
