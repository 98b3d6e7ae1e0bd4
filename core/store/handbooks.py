"""Rows of handbooks."""

from typing import Any

from sqlmodel import Session, select

from core.errors import NotFound
from core.store.records import Handbook, now
from core.store.tables import HandbookRow


def add_handbook(slug: str, title: str, *, session: Session, **fields: Any) -> Handbook:
    row = HandbookRow(slug=slug, title=title, **fields)
    session.add(row)
    session.flush()
    return Handbook.of(row)


def handbook_by_slug(slug: str, *, session: Session) -> Handbook | None:
    row = session.exec(select(HandbookRow).where(HandbookRow.slug == slug)).first()
    return Handbook.of(row) if row else None


def handbook(handbook_id: int, *, session: Session) -> Handbook:
    return Handbook.of(_row(handbook_id, session))


def handbooks(*, session: Session) -> list[Handbook]:
    """All, archived ones too."""
    rows = session.exec(select(HandbookRow).order_by(HandbookRow.title)).all()
    return [Handbook.of(row) for row in rows]


def update_handbook(handbook_id: int, *, session: Session, **fields: Any) -> Handbook:
    row = _row(handbook_id, session)
    for name, value in {**fields, "changed": now()}.items():
        setattr(row, name, value)
    session.flush()
    return Handbook.of(row)


def _row(handbook_id: int, session: Session) -> HandbookRow:
    row = session.get(HandbookRow, handbook_id)
    if row is None:
        raise NotFound(f"There is no handbook number {handbook_id}.")
    return row
