"""Which behaviors are meant: a filter that is counted, listed and paged in the database."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, String, cast, func
from sqlmodel import Session, col, or_, select

from core.store.records import Behavior
from core.store.tables import BehaviorRow, StepRow

Order = Literal["oldest", "newest", "changed", "topic", "name"]
ORDERS: dict[Order, tuple[Any, ...]] = {
    "oldest": (col(BehaviorRow.id),),
    "newest": (col(BehaviorRow.id).desc(),),
    "changed": (col(BehaviorRow.changed).desc(), col(BehaviorRow.id)),
    "topic": (col(BehaviorRow.topic), col(BehaviorRow.name), col(BehaviorRow.id)),
    "name": (col(BehaviorRow.name), col(BehaviorRow.id)),
}
SOURCES = {"right": True, "wrong": False, "unknown": None}
UNMARKED = "none"
CHUNK = 10_000


@dataclass(frozen=True)
class Filter:
    """Behaviors of a handbook. An empty choice asks for nothing; `words` must all be there.

    `words` are normalised by the caller. `sources` are right, wrong or unknown; `marks` may hold
    UNMARKED for behaviors without any mark. `ids` narrows to these behaviors.
    """

    handbook_id: int
    statuses: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    since: datetime | None = None
    ids: tuple[int, ...] | None = None
    order: Order = "oldest"


def ids(chosen: Filter, *, session: Session) -> list[int]:
    """All of them, in the filter's order."""
    query = select(BehaviorRow.id).where(*_conditions(chosen)).order_by(*ORDERS[chosen.order])
    return [behavior_id for behavior_id in session.exec(query).all() if behavior_id is not None]


def versions(chosen: Filter, *, session: Session) -> dict[int, int]:
    """Id -> version: what a decision on many is about to meet, in the filter's order."""
    query = select(BehaviorRow.id, BehaviorRow.version).where(*_conditions(chosen))
    rows = session.exec(query.order_by(*ORDERS[chosen.order])).all()
    return {behavior_id: version for behavior_id, version in rows if behavior_id is not None}


def count(chosen: Filter, *, session: Session) -> int:
    query = select(func.count(col(BehaviorRow.id))).where(*_conditions(chosen))
    return session.exec(query).one()


def page(chosen: Filter, offset: int, limit: int, *, session: Session) -> list[Behavior]:
    query = select(BehaviorRow).where(*_conditions(chosen)).order_by(*ORDERS[chosen.order])
    return [Behavior.of(row) for row in session.exec(query.offset(offset).limit(limit)).all()]


def choices(
    handbook_id: int,
    column: Literal["topic", "status", "source_model"],
    *,
    session: Session,
    statuses: Sequence[str] = (),
) -> dict[str, int]:
    """Value -> how many behaviors have it, most first: what a filter can be set to."""
    field = getattr(BehaviorRow, column)
    number = func.count(col(BehaviorRow.id))
    query = select(field, number).where(BehaviorRow.handbook_id == handbook_id)
    if statuses:
        query = query.where(col(BehaviorRow.status).in_(statuses))
    rows = session.exec(query.group_by(field).order_by(number.desc(), field)).all()
    return dict(rows)


def crossed(handbook_id: int, column: str, *, session: Session) -> list[tuple[str, str, int]]:
    """(value, status, number) for a column such as topic or source_model."""
    field = getattr(BehaviorRow, column)
    query = (
        select(field, BehaviorRow.status, func.count(col(BehaviorRow.id)))
        .where(BehaviorRow.handbook_id == handbook_id, BehaviorRow.status != "withdrawn")
        .group_by(field, col(BehaviorRow.status))
    )
    return [(value, status, number) for value, status, number in session.exec(query).all()]


def tags(handbook_id: int, *, session: Session) -> list[str]:
    """Every tag of a handbook's behaviors, by name."""
    # As text, because many behaviors share a list of tags: each is read from its JSON once.
    lists = cast(BehaviorRow.tags, String)
    query = select(lists).where(BehaviorRow.handbook_id == handbook_id, lists != "[]").distinct()
    return sorted({tag for found in session.exec(query).all() for tag in json.loads(found)})


def stamp(handbook_id: int, *, session: Session) -> str:
    """Changes whenever a behavior of the handbook does: what a cached reading is kept under."""
    query = select(func.max(StepRow.number)).where(StepRow.handbook_id == handbook_id)
    return f"{handbook_id}@{session.exec(query).one() or 0}"


def _conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    found: list[Any] = [BehaviorRow.handbook_id == chosen.handbook_id]
    for column, values in (
        (BehaviorRow.status, chosen.statuses),
        (BehaviorRow.topic, chosen.topics),
        (BehaviorRow.source_model, chosen.models),
    ):
        if values:
            found.append(col(column).in_(values))
    if not chosen.statuses:
        found.append(BehaviorRow.status != "withdrawn")
    if chosen.sources:
        correct = col(BehaviorRow.source_correct)
        found.append(or_(*(correct.is_(SOURCES[source]) for source in chosen.sources)))
    if chosen.marks:
        found.append(or_(*map(_has_mark, chosen.marks)))
    if chosen.tags:
        tagged = cast(BehaviorRow.tags, String)
        found.append(
            or_(*(tagged.contains(json.dumps(tag), autoescape=True) for tag in chosen.tags))
        )
    found += [col(BehaviorRow.words).contains(word, autoescape=True) for word in chosen.words]
    if chosen.since:
        found.append(BehaviorRow.created >= chosen.since)
    if chosen.ids is not None:
        found.append(_one_of(chosen.ids))
    return found


def _has_mark(mark: str) -> ColumnElement[bool]:
    marks = cast(BehaviorRow.marks, String)
    # A key of the JSON object: quotes inside its texts are escaped, so this finds nothing else.
    return marks == "{}" if mark == UNMARKED else marks.contains(f'"{mark}": ', autoescape=True)


def _one_of(ids: Sequence[int]) -> ColumnElement[bool]:
    """In pieces, because a database takes only so many values in one list."""
    pieces = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)] or [[]]
    return or_(*(col(BehaviorRow.id).in_(piece) for piece in pieces))
