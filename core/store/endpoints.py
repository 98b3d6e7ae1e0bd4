"""Rows of endpoints. Keys are never here: an endpoint names the variable that holds its key."""

from typing import Any

from sqlmodel import Session, select

from core.store.records import Endpoint
from core.store.tables import EndpointRow


def endpoints(*, session: Session) -> list[Endpoint]:
    rows = session.exec(select(EndpointRow).order_by(EndpointRow.name)).all()
    return [Endpoint.of(row) for row in rows]


def endpoint_by_name(name: str, *, session: Session) -> Endpoint | None:
    row = _row(name, session)
    return Endpoint.of(row) if row else None


def put_endpoint(name: str, *, session: Session, **fields: Any) -> Endpoint:
    """Adds the endpoint, or changes the one of this name."""
    row = _row(name, session) or EndpointRow(name=name, base_url="", model="")
    for field, value in fields.items():
        setattr(row, field, value)
    session.add(row)
    session.flush()
    return Endpoint.of(row)


def delete_endpoint(name: str, *, session: Session) -> bool:
    row = _row(name, session)
    if row is not None:
        session.delete(row)
    return row is not None


def _row(name: str, session: Session) -> EndpointRow | None:
    return session.exec(select(EndpointRow).where(EndpointRow.name == name)).first()
