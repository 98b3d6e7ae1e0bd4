"""Rows of history: steps, their operations, named versions. Rows are added, never rewritten.

Only the flag `undone` of a step changes: it says what a later step, which is kept too, did to it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, insert, or_, select

from core.errors import NotFound
from core.store.pieces import pieces
from core.store.records import Operation, Step, Version
from core.store.tables import OperationRow, StepRow, VersionRow

# Columns instead of rows that the session watches over: for thousands, half the time.
COLUMNS = [getattr(OperationRow, name) for name in Operation.__match_args__]


def add_step(handbook_id: int, kind: str, size: int, *, session: Session, **fields: Any) -> Step:
    """The next step of a handbook. Its number is free: writers take turns."""
    number = last_number(handbook_id, session=session) + 1
    row = StepRow(handbook_id=handbook_id, number=number, kind=kind, size=size, **fields)
    session.add(row)
    session.flush()
    return Step.of(row)


def add_operations(step: Step, operations: Iterable[dict[str, Any]], *, session: Session) -> None:
    """The operations of a step, each with its behavior_id, kind, before and after."""
    shared = {
        "step_id": step.id,
        "handbook_id": step.handbook_id,
        "why": step.why,
        "by": step.by,
        "at": step.at,
    }
    rows = [{**shared, **operation} for operation in operations]
    if rows:
        session.execute(insert(OperationRow), rows)


def last_number(handbook_id: int, *, session: Session) -> int:
    """The number of a handbook's last step; 0 where it has none."""
    query = select(func.max(StepRow.number)).where(StepRow.handbook_id == handbook_id)
    return session.exec(query).one() or 0


def step(handbook_id: int, number: int, *, session: Session) -> Step:
    return Step.of(_step_row(handbook_id, number, session))


def set_undone(handbook_id: int, number: int, undone: bool, *, session: Session) -> None:
    _step_row(handbook_id, number, session).undone = undone


def steps(
    handbook_id: int | None,
    *,
    session: Session,
    by: Sequence[str] = (),
    kinds: Sequence[str] = (),
    not_kinds: Sequence[str] = (),
    behavior_ids: Sequence[int] = (),
    undone: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Step]:
    """Newest first; an empty choice, or no handbook, means all."""
    query = select(StepRow)
    if handbook_id is not None:
        query = query.where(StepRow.handbook_id == handbook_id)
    if by:
        query = query.where(col(StepRow.by).in_(by))
    if kinds:
        query = query.where(col(StepRow.kind).in_(kinds))
    if not_kinds:
        query = query.where(col(StepRow.kind).not_in(not_kinds))
    if undone is not None:
        query = query.where(StepRow.undone == undone)
    if behavior_ids:
        touched = select(OperationRow.step_id).where(
            col(OperationRow.behavior_id).in_(behavior_ids)
        )
        query = query.where(col(StepRow.id).in_(touched))
    query = query.order_by(col(StepRow.id).desc()).offset(offset).limit(limit)
    return [Step.of(row) for row in session.exec(query).all()]


def last_to_redo(handbook_id: int | None, *, by: str, session: Session) -> Step | None:
    """This curator's last step, where an undo that was redone is as if it had never been."""
    query = select(StepRow).where(
        StepRow.by == by,
        col(StepRow.kind).not_in(("propose", "redo")),
        or_(StepRow.kind != "undo", ~col(StepRow.undone)),
    )
    if handbook_id is not None:
        query = query.where(StepRow.handbook_id == handbook_id)
    row = session.exec(query.order_by(col(StepRow.id).desc()).limit(1)).first()
    return Step.of(row) if row else None


def count_steps(handbook_id: int, *, session: Session) -> dict[tuple[str, str], int]:
    """(curator, kind) -> number of steps."""
    query = (
        select(StepRow.by, StepRow.kind, func.count(col(StepRow.id)))
        .where(StepRow.handbook_id == handbook_id)
        .group_by(StepRow.by, StepRow.kind)
    )
    return {(by, kind): number for by, kind, number in session.exec(query).all()}


def decided(
    handbook_id: int,
    kinds: Sequence[str],
    *,
    session: Session,
    since: datetime | None = None,
    by: str | None = None,
) -> dict[str, int]:
    """Curator -> how many behaviors their steps of these kinds decided on; undone ones aside."""
    query = select(StepRow.by, func.sum(StepRow.size)).where(
        StepRow.handbook_id == handbook_id, col(StepRow.kind).in_(kinds), ~col(StepRow.undone)
    )
    if since:
        query = query.where(StepRow.at >= since)
    if by:
        query = query.where(StepRow.by == by)
    rows = session.exec(query.group_by(StepRow.by)).all()
    return {curator: int(number) for curator, number in rows}


def first_since(
    handbook_id: int, kinds: Sequence[str], since: datetime, by: str, *, session: Session
) -> datetime | None:
    """When this curator's first step of these kinds was, in that time."""
    query = select(func.min(StepRow.at)).where(
        StepRow.handbook_id == handbook_id,
        col(StepRow.kind).in_(kinds),
        StepRow.at >= since,
        StepRow.by == by,
    )
    return session.exec(query).one()


def operations(
    step_ids: Iterable[int], *, session: Session, limit: int | None = None
) -> dict[int, list[Operation]]:
    """Step id -> its operations in their order; the first `limit` of all of them."""
    query = select(OperationRow).where(col(OperationRow.step_id).in_(list(step_ids)))
    found: dict[int, list[Operation]] = {}
    for row in session.exec(query.order_by(col(OperationRow.id)).limit(limit)).all():
        operation = Operation.of(row)
        found.setdefault(operation.step_id, []).append(operation)
    return found


def first_operations(step_ids: Iterable[int], *, session: Session) -> dict[int, Operation]:
    """Step id -> the first of its operations: enough to say what a step was about."""
    firsts = (
        select(func.min(OperationRow.id))
        .where(col(OperationRow.step_id).in_(list(step_ids)))
        .group_by(col(OperationRow.step_id))
    )
    rows = session.exec(select(OperationRow).where(col(OperationRow.id).in_(firsts))).all()
    return {operation.step_id: operation for operation in map(Operation.of, rows)}


def operations_since(
    handbook_id: int, number: int, *, session: Session
) -> list[tuple[int | None, dict[str, Any]]]:
    """(behavior id, before) of every operation after step `number`, newest first."""
    query = (
        select(OperationRow.behavior_id, OperationRow.before)
        .join(StepRow, col(StepRow.id) == OperationRow.step_id)
        .where(StepRow.handbook_id == handbook_id, StepRow.number > number)
        .order_by(col(OperationRow.id).desc())
    )
    return [(behavior_id, dict(before)) for behavior_id, before in session.exec(query).all()]


def touched_since(handbook_id: int, number: int, *, session: Session) -> set[int]:
    """The ids of the behaviors that an operation after step `number` was about."""
    query = (
        select(OperationRow.behavior_id)
        .join(StepRow, col(StepRow.id) == OperationRow.step_id)
        .where(StepRow.handbook_id == handbook_id, StepRow.number > number)
        .distinct()
    )
    return {behavior_id for behavior_id in session.exec(query).all() if behavior_id is not None}


def status_moves(handbook_id: int, *, session: Session) -> list[tuple[datetime, str | None, str]]:
    """(when, status before, status after) of every operation that moved a status, in order."""
    before = col(OperationRow.before)["status"].as_string()
    after = col(OperationRow.after)["status"].as_string()
    begins = cast(OperationRow.before, String) == "{}"
    query = select(OperationRow.at, before, after).where(
        OperationRow.handbook_id == handbook_id, or_(after.is_not(None), begins)
    )
    rows = session.exec(query.order_by(col(OperationRow.id))).all()
    # Proposals of the first schema were logged without their status.
    return [(at, old, new or "proposed") for at, old, new in rows]


def history(handbook_id: int, *, session: Session) -> list[Operation]:
    """Every operation of a handbook, oldest first."""
    query = select_columns(*COLUMNS).where(col(OperationRow.handbook_id) == handbook_id)
    rows = session.execute(query.order_by(col(OperationRow.id))).all()
    return [Operation(*row) for row in rows]


def history_of_behavior(behavior_id: int, *, session: Session) -> list[tuple[Step, Operation]]:
    """Every operation on one behavior with its step, oldest first."""
    query = (
        select(StepRow, OperationRow)
        .join(OperationRow, col(OperationRow.step_id) == StepRow.id)
        .where(OperationRow.behavior_id == behavior_id)
        .order_by(col(OperationRow.id))
    )
    return [(Step.of(step), Operation.of(row)) for step, row in session.exec(query).all()]


def operations_on(behavior_ids: Iterable[int], *, after: int, session: Session) -> list[Operation]:
    """Operations on these behaviors in steps after number `after`, oldest first."""
    query = select(OperationRow).join(StepRow, col(StepRow.id) == OperationRow.step_id)
    query = query.where(StepRow.number > after)
    rows = _of_behaviors(query, behavior_ids, session)
    return [Operation.of(row) for row in sorted(rows, key=lambda row: row.id or 0)]


def last_to_become(
    behavior_ids: Iterable[int], status: str, *, session: Session
) -> dict[int, Operation]:
    """Behavior id -> the operation that gave it this status last, of the steps that still stand.

    What was undone does not count, nor does the undoing; what was done again counts as at first.
    """
    query = (
        select(OperationRow)
        .join(StepRow, col(StepRow.id) == OperationRow.step_id)
        .where(
            col(OperationRow.after)["status"].as_string() == status,
            ~col(StepRow.undone),
            col(StepRow.kind).not_in(("undo", "redo")),
        )
    )
    rows = _of_behaviors(query, behavior_ids, session)
    last: dict[int, Operation] = {}
    for row in sorted(rows, key=lambda row: row.id or 0):
        if row.behavior_id is not None and row.before.get("status") != status:
            last[row.behavior_id] = Operation.of(row)
    return last


def add_version(*, session: Session, **fields: Any) -> Version:
    row = VersionRow(**fields)
    session.add(row)
    session.flush()
    return Version.of(row)


def versions(handbook_id: int, *, session: Session) -> list[Version]:
    """Newest first."""
    query = select(VersionRow).where(VersionRow.handbook_id == handbook_id)
    rows = session.exec(query.order_by(col(VersionRow.id).desc())).all()
    return [Version.of(row) for row in rows]


def delete_version(version_id: int, *, session: Session) -> None:
    """Only the name goes; the state it named stays in the history."""
    row = session.get(VersionRow, version_id)
    if row is not None:
        session.delete(row)


def _step_row(handbook_id: int, number: int, session: Session) -> StepRow:
    query = select(StepRow).where(StepRow.handbook_id == handbook_id, StepRow.number == number)
    row = session.exec(query).first()
    if row is None:
        raise NotFound(f"The handbook has no step {number}.")
    return row


def _of_behaviors(query: Any, behavior_ids: Iterable[int], session: Session) -> list[OperationRow]:
    found: list[OperationRow] = []
    for piece in pieces(list(behavior_ids)):
        found += session.exec(query.where(col(OperationRow.behavior_id).in_(piece))).all()
    return found
