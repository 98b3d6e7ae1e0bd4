"""What people do with behaviors, one at a time or many at once. Each call is one transaction.

A behavior's version guards against two people deciding at once: the second is told, and nothing of
the first decision is lost. Many at once (`decide_many`) is one step, undone as one; what another
person changed meanwhile is left out and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadInput
from core.handbook.decisions import (
    OPEN,
    OPEN_TO,
    STATUS_AFTER,
    Decision,
    fields_after,
    need_open,
    need_undecided,
    reason_to_leave,
)
from core.handbook.rules import fault
from core.handbook.steps import TEXT_FIELDS, Change, add_in_step, as_seen, take_step
from core.store import Session, Store
from core.store import behaviors as rows
from core.store.records import Behavior, Step, now


@dataclass(frozen=True)
class Draft:
    """A behavior that is not in a handbook yet, with the place it was found in."""

    name: str
    instruction: str
    topic: str = ""
    avoid_when: str | None = None
    tags: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    trace_id: int | None = None
    start: int | None = None
    end: int | None = None
    source_model: str = ""
    source_correct: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of many: the step's number, whom it changed, and why others were left out."""

    step: int | None
    changed: list[int]
    left: dict[str, list[int]] = field(default_factory=dict)


def propose(
    handbook_id: int,
    drafts: Sequence[Draft],
    *,
    by: str,
    stage: str = "extract",
    why: str = "",
    session: Session,
) -> list[Behavior]:
    """Adds proposals inside the caller's transaction, so that they come with their trace."""
    news = [
        {
            **{name: getattr(draft, name) for name in TEXT_FIELDS},
            "tags": list(draft.tags),
            "marks": dict(draft.marks),
            "source_model": draft.source_model,
            "source_correct": draft.source_correct,
            "status": "proposed",
        }
        for draft in drafts
    ]
    ids = add_in_step(handbook_id, "propose", news, by=by, why=why, session=session)
    rows.add_sources(
        [
            {
                "behavior_id": behavior_id,
                "trace_id": draft.trace_id,
                "stage": stage,
                "start": draft.start,
                "end": draft.end,
            }
            for behavior_id, draft in zip(ids, drafts, strict=True)
        ],
        session=session,
    )
    return list(rows.behaviors_by_id(ids, session=session).values())


def unwritten(handbook_id: int, by: str) -> Behavior:
    """What a person who writes a behavior by hand begins with; it is nowhere yet."""
    return Behavior(
        id=0,
        handbook_id=handbook_id,
        name="behavior_",
        instruction="",
        topic="",
        avoid_when=None,
        tags=[],
        status="proposed",
        merged_into=None,
        marks={},
        apart=[],
        source_model="",
        source_correct=None,
        extra={},
        version=0,
        created=now(),
        changed=now(),
        by=by,
    )


def write(store: Store, handbook_id: int, draft: Draft, *, by: str) -> Behavior:
    """A behavior written by hand, accepted at once."""
    _need_good_text(draft.name, draft.instruction, draft.avoid_when)
    new = {name: getattr(draft, name) for name in TEXT_FIELDS} | {"tags": list(draft.tags)}
    with store.write() as session:
        news = [{**new, "status": "accepted"}]
        (behavior_id,) = add_in_step(handbook_id, "write", news, by=by, session=session)
        return rows.behavior(behavior_id, session=session)


def accept(store: Store, behavior_id: int, *, version: int, by: str, why: str = "") -> Behavior:
    """Makes a proposal part of its handbook. Its name must be free there."""
    return _decide(store, "accept", behavior_id, version, by, why)


def reject(store: Store, behavior_id: int, *, version: int, by: str, why: str = "") -> Behavior:
    """Takes a behavior out; it stays in the history and is not proposed again."""
    return _decide(store, "reject", behavior_id, version, by, why)


def reopen(store: Store, behavior_id: int, *, version: int, by: str, why: str = "") -> Behavior:
    """Takes a decision back: the behavior is a proposal again."""
    return _decide(store, "restore", behavior_id, version, by, why)


def edit(
    store: Store, behavior_id: int, changes: dict[str, Any], *, version: int, by: str, why: str = ""
) -> Behavior:
    """Changes the text fields of a behavior (`TEXT_FIELDS`)."""
    with store.write() as session:
        behavior = as_seen(behavior_id, version, session)
        need_open(behavior, session)
        _need_good_changes(behavior, changes)
        return _take(behavior, "edit", [Change(behavior, "edit", changes)], by, why, session)


def edit_and_accept(
    store: Store, behavior_id: int, changes: dict[str, Any], *, version: int, by: str, why: str = ""
) -> Behavior:
    """One step: where the new name is taken, the old text stays as it was."""
    with store.write() as session:
        behavior = as_seen(behavior_id, version, session)
        _need_good_changes(behavior, changes)
        need_undecided("accept", behavior, session)
        both = [
            Change(behavior, "edit", changes),
            Change(behavior, "accept", {"status": "accepted"}),
        ]
        return _take(behavior, "accept", both, by, why, session)


def edit_many(
    store: Store, handbook_id: int, edits: Mapping[int, tuple[int, dict[str, Any]]], *, by: str
) -> Outcome:
    """Edits of several behaviors as one step: id -> (version that was seen, changes)."""
    with store.write() as session:
        found = rows.behaviors_by_id(edits, session=session)
        left: dict[str, list[int]] = {}
        changes = []
        for behavior_id, (version, wanted) in edits.items():
            behavior = found.get(behavior_id)
            reason = reason_to_leave(OPEN, behavior, version, handbook_id)
            if behavior is None or reason:
                left.setdefault(reason or "gone", []).append(behavior_id)
                continue
            _need_good_changes(behavior, wanted)
            changes.append(Change(behavior, "edit", wanted))
        step = take_step(handbook_id, "edit", changes, by=by, session=session)
    return _outcome(step, changes, left)


def decide_many(
    store: Store,
    handbook_id: int,
    decision: Decision,
    seen: Mapping[int, int],
    *,
    by: str,
    why: str = "",
    topic: str = "",
    tags: Sequence[str] = (),
) -> Outcome:
    """One decision on many behaviors, as one step.

    `seen` maps ids to the versions the person saw. `topic` is for retopic, `tags` are added by tag.
    """
    with store.write() as session:
        found = rows.behaviors_by_id(seen, session=session)
        taken = rows.accepted_names(
            handbook_id, {behavior.name for behavior in found.values()}, session=session
        )
        left: dict[str, list[int]] = {}
        changes: list[Change] = []
        for behavior_id, version in seen.items():
            behavior = found.get(behavior_id)
            reason = reason_to_leave(OPEN_TO[decision], behavior, version, handbook_id)
            if behavior and decision == "accept" and not reason:
                holder = taken.setdefault(behavior.name, behavior_id)
                reason = "the name is taken" if holder != behavior_id else None
            if behavior is None or reason:
                left.setdefault(reason or "gone", []).append(behavior_id)
                continue
            fields = fields_after(decision, behavior, topic, tags)
            changes.append(Change(behavior, decision, fields))
        step = take_step(handbook_id, decision, changes, by=by, why=why, session=session)
    return _outcome(step, changes, left)


def keep_apart(store: Store, behavior_ids: Sequence[int], *, by: str) -> Outcome:
    """Remembers that these are different behaviors, however alike: no pair of them is shown again.

    Each remembers the others with a smaller number.
    """
    with store.write() as session:
        found = rows.behaviors_by_id(sorted(set(behavior_ids)), session=session)
        handbook_ids = {behavior.handbook_id for behavior in found.values()}
        if len(found) < 2 or len(handbook_ids) > 1:
            raise BadInput("Keeping apart takes two or more behaviors of one handbook.")
        changes = [
            Change(
                behavior,
                "keep apart",
                {"apart": sorted({*behavior.apart, *(i for i in found if i < behavior.id)})},
            )
            for behavior in found.values()
        ]
        step = take_step(handbook_ids.pop(), "keep apart", changes, by=by, session=session)
    return Outcome(step.number if step else None, list(found))


def look_up(store: Store, behavior_id: int) -> Behavior:
    with store.read() as session:
        return rows.behavior(behavior_id, session=session)


def _decide(
    store: Store, decision: Decision, behavior_id: int, version: int, by: str, why: str
) -> Behavior:
    with store.write() as session:
        behavior = as_seen(behavior_id, version, session)
        need_undecided(decision, behavior, session)
        change = Change(behavior, decision, {"status": STATUS_AFTER[decision]})
        return _take(behavior, decision, [change], by, why, session)


def _take(
    behavior: Behavior, kind: str, changes: list[Change], by: str, why: str, session: Session
) -> Behavior:
    take_step(behavior.handbook_id, kind, changes, by=by, why=why, session=session)
    return rows.behavior(behavior.id, session=session)


def _outcome(step: Step | None, changes: Sequence[Change], left: dict[str, list[int]]) -> Outcome:
    """What was so already is not among the changed ones."""
    changed = [
        change.behavior.id
        for change in changes
        if any(getattr(change.behavior, name) != value for name, value in change.fields.items())
    ]
    return Outcome(step.number if step else None, changed, left)


def _need_good_changes(behavior: Behavior, changes: Mapping[str, Any]) -> None:
    if unknown := set(changes) - set(TEXT_FIELDS):
        raise BadInput(f"A behavior has no editable field {', '.join(sorted(unknown))}.")
    wanted = {name: getattr(behavior, name) for name in TEXT_FIELDS} | dict(changes)
    _need_good_text(wanted["name"], wanted["instruction"], wanted["avoid_when"])


def _need_good_text(name: str, instruction: str, avoid_when: str | None) -> None:
    if problem := fault(name, instruction, avoid_when):
        raise BadInput(f"{name}: {problem}. Nothing was changed.")
