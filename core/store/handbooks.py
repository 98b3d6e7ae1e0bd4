"""Rows of handbooks, their behaviors, sources and history."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from core.errors import NotFound
from core.store.records import Behavior, Handbook, Operation, Source, now
from core.store.tables import BehaviorRow, HandbookRow, OperationRow, SourceRow


def add_handbook(slug: str, title: str, *, session: Session, **fields: Any) -> Handbook:
    row = HandbookRow(slug=slug, title=title, **fields)
    session.add(row)
    session.flush()
    return Handbook.of(row)


def handbook_by_slug(slug: str, *, session: Session) -> Handbook | None:
    row = session.exec(select(HandbookRow).where(HandbookRow.slug == slug)).first()
    return Handbook.of(row) if row else None


def handbook(handbook_id: int, *, session: Session) -> Handbook:
    return Handbook.of(_handbook_row(handbook_id, session))


def handbooks(*, session: Session) -> list[Handbook]:
    rows = session.exec(select(HandbookRow).order_by(HandbookRow.title)).all()
    return [Handbook.of(row) for row in rows]


def count_by_status(*, session: Session) -> dict[int, dict[str, int]]:
    """Handbook id -> status -> number of behaviors."""
    query = select(
        BehaviorRow.handbook_id, BehaviorRow.status, func.count(col(BehaviorRow.id))
    ).group_by(col(BehaviorRow.handbook_id), col(BehaviorRow.status))
    counts: dict[int, dict[str, int]] = {}
    for handbook_id, status, number in session.exec(query).all():
        counts.setdefault(handbook_id, {})[status] = number
    return counts


def add_behavior(*, session: Session, **fields: Any) -> Behavior:
    row = BehaviorRow(**fields)
    session.add(row)
    session.flush()
    return Behavior.of(row)


def behavior(behavior_id: int, *, session: Session) -> Behavior:
    return Behavior.of(_behavior_row(behavior_id, session))


def behaviors(
    handbook_id: int, *, session: Session, statuses: Sequence[str] = ("accepted",)
) -> list[Behavior]:
    """In the order of a handbook file: by topic, then name."""
    query = (
        select(BehaviorRow)
        .where(BehaviorRow.handbook_id == handbook_id, col(BehaviorRow.status).in_(statuses))
        .order_by(BehaviorRow.topic, BehaviorRow.name, col(BehaviorRow.id))
    )
    return [Behavior.of(row) for row in session.exec(query).all()]


def accepted_by_name(handbook_id: int, name: str, *, session: Session) -> Behavior | None:
    query = select(BehaviorRow).where(
        BehaviorRow.handbook_id == handbook_id,
        BehaviorRow.name == name,
        BehaviorRow.status == "accepted",
    )
    row = session.exec(query).first()
    return Behavior.of(row) if row else None


def update_behavior(
    behavior_id: int, version: int, *, session: Session, **fields: Any
) -> Behavior | None:
    """Writes the fields if the behavior still has this version; None where it moved on."""
    row = _behavior_row(behavior_id, session)
    if row.version != version:
        return None
    _set(row, {**fields, "version": version + 1, "changed": now()})
    session.flush()
    return Behavior.of(row)


def add_marks(behavior_id: int, marks: dict[str, str], *, session: Session) -> None:
    """Marks are hints, not decisions: they leave the version alone."""
    row = _behavior_row(behavior_id, session)
    row.marks = marks


def add_source(*, session: Session, **fields: Any) -> None:
    session.add(SourceRow(**fields))


def sources(behavior_ids: Iterable[int], *, session: Session) -> dict[int, list[Source]]:
    query = select(SourceRow).where(col(SourceRow.behavior_id).in_(list(behavior_ids)))
    found: dict[int, list[Source]] = {}
    for row in session.exec(query.order_by(col(SourceRow.id))).all():
        found.setdefault(row.behavior_id, []).append(Source.of(row))
    return found


def behaviors_from_traces(trace_ids: Iterable[int], *, session: Session) -> dict[int, list[int]]:
    """Trace id -> ids of the behaviors that were extracted from it, oldest first."""
    query = select(SourceRow.trace_id, SourceRow.behavior_id).where(
        col(SourceRow.trace_id).in_(list(trace_ids))
    )
    found: dict[int, list[int]] = {}
    for trace_id, behavior_id in session.exec(query.order_by(col(SourceRow.id))).all():
        if trace_id is not None:
            found.setdefault(trace_id, []).append(behavior_id)
    return found


def behaviors_by_id(ids: Iterable[int], *, session: Session) -> dict[int, Behavior]:
    rows = session.exec(select(BehaviorRow).where(col(BehaviorRow.id).in_(list(ids)))).all()
    return {row.id: Behavior.of(row) for row in rows if row.id is not None}


def log(*, session: Session, **fields: Any) -> None:
    session.add(OperationRow(**fields))


def history(handbook_id: int, *, session: Session) -> list[Operation]:
    query = select(OperationRow).where(OperationRow.handbook_id == handbook_id)
    return [Operation.of(row) for row in session.exec(query.order_by(col(OperationRow.id))).all()]


def _handbook_row(handbook_id: int, session: Session) -> HandbookRow:
    row = session.get(HandbookRow, handbook_id)
    if row is None:
        raise NotFound(f"There is no handbook number {handbook_id}.")
    return row


def _behavior_row(behavior_id: int, session: Session) -> BehaviorRow:
    row = session.get(BehaviorRow, behavior_id)
    if row is None:
        raise NotFound(f"There is no behavior number {behavior_id}.")
    return row


def _set(row: Any, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
