"""What all tables share: their base, and the columns that occur in many."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, text
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from core.store.records import now


class UtcDateTime(TypeDecorator[datetime]):
    """A time that is UTC-aware on both sides of the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# A registry of its own: a hot reload of this module must not meet the old tables.
class Table(SQLModel, registry=registry()):
    """Base of all tables."""


def a_list() -> Any:
    return Field(default_factory=list, sa_type=JSON)


def a_dict() -> Any:
    return Field(default_factory=dict, sa_type=JSON)


def later(old: str, **more: Any) -> Any:
    """A column that was added after the first schema: rows from before get `old` (SQL)."""
    return Field(sa_column_kwargs={"server_default": text(old)}, **more)


def a_time() -> Any:
    return Field(default_factory=now, sa_type=UtcDateTime)
