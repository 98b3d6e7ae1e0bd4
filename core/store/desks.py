"""Rows of desks: which behavior each curator has open."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, select

from core.store.records import now
from core.store.tables import DeskRow

# A screen tells that it is still open more often than this.
OPEN_FOR = timedelta(seconds=45)


def put_on_desk(behavior_id: int, *, by: str, session: Session) -> None:
    row = session.get(DeskRow, by) or DeskRow(by=by, behavior_id=behavior_id)
    row.behavior_id = behavior_id
    row.at = now()
    session.add(row)


def open_at(behavior_ids: Iterable[int], *, session: Session) -> dict[int, list[str]]:
    """Behavior id -> the curators who have it open now."""
    query = select(DeskRow.behavior_id, DeskRow.by).where(
        col(DeskRow.behavior_id).in_(list(behavior_ids)), DeskRow.at > now() - OPEN_FOR
    )
    found: dict[int, list[str]] = {}
    for behavior_id, by in session.exec(query.order_by(DeskRow.by)).all():
        found.setdefault(behavior_id, []).append(by)
    return found
