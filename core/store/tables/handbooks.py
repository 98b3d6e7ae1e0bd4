"""Tables of handbooks: their behaviors, and all that was done to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from core.store.tables.base import Table, a_dict, a_list, a_time, later


class HandbookRow(Table, table=True):
    __tablename__ = "handbook"
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title: str
    description: str = ""
    language: str = "en"
    licence: str = ""
    authors: list[str] = a_list()
    made: str = ""
    extra: dict[str, Any] = a_dict()
    archived: bool = later("0", default=False)
    created: datetime = a_time()
    changed: datetime = a_time()


class BehaviorRow(Table, table=True):
    __tablename__ = "behavior"
    __table_args__ = (
        Index("behavior_by_status", "handbook_id", "status", "topic", "name"),
        Index("behavior_by_model", "handbook_id", "source_model", "status"),
        Index(
            "behavior_accepted_name",
            "handbook_id",
            "name",
            unique=True,
            sqlite_where=text("status = 'accepted'"),
            postgresql_where=text("status = 'accepted'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    handbook_id: int = Field(foreign_key="handbook.id", ondelete="CASCADE")
    name: str
    instruction: str
    topic: str = ""
    avoid_when: str | None = None
    tags: list[str] = a_list()
    status: str
    merged_into: int | None = Field(
        default=None, foreign_key="behavior.id", ondelete="SET NULL", index=True
    )
    marks: dict[str, str] = a_dict()
    apart: list[int] = later("'[]'", default_factory=list, sa_type=JSON)
    source_model: str = later("''", default="")
    source_correct: bool | None = None
    # Name, instruction, topic and tags, normalised: what a search for words looks through.
    words: str = later("''", default="")
    extra: dict[str, Any] = a_dict()
    version: int = 1
    created: datetime = a_time()
    changed: datetime = a_time()
    by: str


class SourceRow(Table, table=True):
    __tablename__ = "source"
    id: int | None = Field(default=None, primary_key=True)
    behavior_id: int = Field(foreign_key="behavior.id", ondelete="CASCADE", index=True)
    trace_id: int | None = Field(
        default=None, foreign_key="trace.id", ondelete="SET NULL", index=True
    )
    stage: str
    start: int | None = None
    end: int | None = None


class StepRow(Table, table=True):
    __tablename__ = "step"
    __table_args__ = (UniqueConstraint("handbook_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    handbook_id: int = Field(foreign_key="handbook.id", ondelete="CASCADE")
    number: int
    kind: str
    size: int
    undoes: int | None = None
    undone: bool = False
    why: str = ""
    by: str
    at: datetime = a_time()


class VersionRow(Table, table=True):
    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("handbook_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    handbook_id: int = Field(foreign_key="handbook.id", ondelete="CASCADE")
    name: str
    step: int
    why: str = ""
    by: str
    at: datetime = a_time()


class OperationRow(Table, table=True):
    __tablename__ = "operation"
    id: int | None = Field(default=None, primary_key=True)
    step_id: int | None = Field(default=None, foreign_key="step.id", ondelete="CASCADE", index=True)
    handbook_id: int = Field(foreign_key="handbook.id", ondelete="CASCADE", index=True)
    behavior_id: int | None = Field(
        default=None, foreign_key="behavior.id", ondelete="CASCADE", index=True
    )
    kind: str
    before: dict[str, Any] = a_dict()
    after: dict[str, Any] = a_dict()
    why: str = ""
    by: str
    at: datetime = a_time()


class DeskRow(Table, table=True):
    """Which behavior a curator has open, and when that was last true."""

    __tablename__ = "desk"
    by: str = Field(primary_key=True)
    behavior_id: int = Field(foreign_key="behavior.id", ondelete="CASCADE", index=True)
    at: datetime = a_time()


class SelectionRow(Table, table=True):
    """Behaviors that were picked out on a screen, so that another screen can be asked for them."""

    __tablename__ = "selection"
    id: int | None = Field(default=None, primary_key=True)
    handbook_id: int = Field(foreign_key="handbook.id", ondelete="CASCADE", index=True)
    behavior_ids: list[int] = a_list()
    by: str
    at: datetime = a_time()
