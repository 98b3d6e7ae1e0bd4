"""Undo and redo: the reverse of a step, written as one more step. Nothing is erased.

Any step can be reversed at any later time, as long as what it changed still stands as it left it;
where someone changed it since, they are named and nothing happens.
"""

from collections.abc import Iterable
from typing import Any

from core.errors import BadInput, Conflict
from core.handbook.steps import Change, take_step
from core.store import Session, Store, history
from core.store import behaviors as rows
from core.store import handbooks as handbook_rows
from core.store.records import Behavior, Operation, Step

# What a person takes back with one key: decisions, not the arrival of proposals.
NOT_DECISIONS = ("propose", "undo", "redo")


def undo(store: Store, handbook_id: int | None, *, by: str) -> Step:
    """Reverses the last thing this person did to the handbook; gives the step it reversed.

    Without a handbook it is the last thing they did anywhere.
    """
    with store.write() as session:
        last = history.steps(
            handbook_id,
            by=[by],
            not_kinds=NOT_DECISIONS,
            undone=False,
            limit=1,
            session=session,
        )
        if not last:
            raise BadInput(f"There is nothing of {by} to undo{_where(handbook_id)}.")
        _reverse(last[0], by=by, why="", session=session)
        return history.step(last[0].handbook_id, last[0].number, session=session)


def redo(store: Store, handbook_id: int | None, *, by: str) -> Step:
    """Does again what this person undid last, if nothing new was done since; gives that step."""
    with store.write() as session:
        undoing = history.last_to_redo(handbook_id, by=by, session=session)
        if undoing is None or undoing.kind != "undo" or undoing.undoes is None:
            raise BadInput(f"There is nothing that {by} undid last{_where(handbook_id)}.")
        _reverse(undoing, by=by, why="", session=session)
        return history.step(undoing.handbook_id, undoing.undoes, session=session)


def undo_step(store: Store, handbook_id: int, number: int, *, by: str, why: str = "") -> Step:
    """Reverses one step, whoever took it; an undo is reversed by doing the thing again."""
    with store.write() as session:
        step = _decision(history.step(handbook_id, number, session=session), session)
        return _reverse(step, by=by, why=why, session=session)


def last_decisions(
    store: Store, handbook_id: int, *, limit: int, by: tuple[str, ...] = ()
) -> list[Step]:
    """The latest decisions, newest first, undone ones too."""
    with store.read() as session:
        return history.steps(
            handbook_id, by=by, not_kinds=NOT_DECISIONS, limit=limit, session=session
        )


def _where(handbook_id: int | None) -> str:
    return "" if handbook_id is None else " in this handbook"


def _decision(step: Step, session: Session) -> Step:
    """A redo stands for the step that it did again."""
    while step.kind == "redo" and step.undoes is not None:
        undoing = history.step(step.handbook_id, step.undoes, session=session)
        step = history.step(step.handbook_id, undoing.undoes or 0, session=session)
    return step


def _reverse(step: Step, *, by: str, why: str, session: Session) -> Step:
    if step.undone:
        raise BadInput(f"Step {step.number} ({step.kind}) was undone already.")
    operations = history.operations([step.id], session=session).get(step.id, [])
    touched = [op.behavior_id for op in operations if op.behavior_id is not None]
    behaviors = rows.behaviors_by_id(dict.fromkeys(touched), session=session)
    changes = _reversed_changes(step, operations, behaviors)
    _need_nothing_merged_since(step, changes, session)
    kind = "redo" if step.kind == "undo" else "undo"
    about: dict[str, Any] = {"by": by, "why": why, "undoes": step.number, "session": session}
    head = _reversed_head(step, operations, session)
    reverse = take_step(step.handbook_id, kind, changes, head=head, **about)
    history.set_undone(step.handbook_id, step.number, True, session=session)
    if step.undoes is not None:
        history.set_undone(step.handbook_id, step.undoes, False, session=session)
    return reverse or history.add_step(step.handbook_id, kind, 0, **about)


def _reversed_changes(
    step: Step, operations: list[Operation], behaviors: dict[int, Behavior]
) -> list[Change]:
    """The last operation first. Each must find what it left."""
    changes = []
    standing: dict[int, dict[str, Any]] = {}
    for operation in reversed(operations):
        if operation.behavior_id is None:
            continue
        behavior = behaviors[operation.behavior_id]
        now = standing.setdefault(behavior.id, {})
        moved = [
            name
            for name, value in operation.after.items()
            if now.get(name, getattr(behavior, name)) != value
        ]
        if moved:
            raise Conflict(
                f"Step {step.number} ({step.kind}) cannot be undone: {behavior.by} has changed the "
                f"{', '.join(moved)} of {behavior.name} since. Undo that first, or edit it."
            )
        back = operation.before or {"status": "withdrawn"}
        now.update(back)
        # Told, so that a redo in its turn finds everything in its place.
        changes.append(Change(behavior, "restore", back, told=True))
    return changes


def _need_nothing_merged_since(step: Step, changes: Iterable[Change], session: Session) -> None:
    """What leaves the accepted ones must not take along what was merged into it later."""
    leaving = {
        change.behavior.id: change.behavior
        for change in changes
        if change.behavior.status == "accepted" and change.fields.get("status") != "accepted"
    }
    inside = {child.id: child for child in rows.merged_into(leaving, session=session)}
    then = {child.id: child.merged_into for child in inside.values()}
    since = history.operations_on(inside, after=step.number, session=session)
    for operation in reversed(since):
        if operation.behavior_id is not None and "merged_into" in operation.before:
            then[operation.behavior_id] = operation.before["merged_into"]
    for child in inside.values():
        if then[child.id] != child.merged_into and child.id not in leaving:
            target = leaving[child.merged_into or 0]
            raise Conflict(
                f"Step {step.number} ({step.kind}) cannot be undone: {child.by} has merged "
                f"{child.name} into {target.name} since. Split or undo that first."
            )


def _reversed_head(step: Step, operations: Iterable[Operation], session: Session) -> dict[str, Any]:
    """The handbook's fields as they were before the step; each must stand as the step left it."""
    heads = [operation for operation in operations if operation.behavior_id is None]
    if not heads:
        return {}
    handbook = handbook_rows.handbook(step.handbook_id, session=session)
    back: dict[str, Any] = {}
    for operation in reversed(heads):
        moved = [
            name
            for name, value in operation.after.items()
            if back.get(name, getattr(handbook, name)) != value
        ]
        if moved:
            raise Conflict(
                f"Step {step.number} ({step.kind}) cannot be undone: the {', '.join(moved)} of the "
                "handbook was changed since. Undo that first."
            )
        back |= operation.before
    slug = back.get("slug")
    if slug and handbook_rows.handbook_by_slug(slug, session=session):
        raise Conflict(f"Step {step.number} cannot be undone: {slug!r} is another handbook now.")
    return back
