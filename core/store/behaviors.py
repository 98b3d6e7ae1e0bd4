"""Rows of behaviors and their sources."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, insert, select, update

from core.errors import NotFound
from core.store.pieces import pieces
from core.store.records import Behavior, Source, now
from core.store.tables import BehaviorRow, SourceRow

# Columns instead of rows that the session watches over: for thousands, half the time.
COLUMNS = [getattr(BehaviorRow, name) for name in Behavior.__match_args__]


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


def add_behaviors(rows: Sequence[dict[str, Any]], *, session: Session) -> list[int]:
    """Many at once, all with the same keys; their ids in the same order."""
    found: list[int] = []
    for piece in pieces(rows):
        statement = insert(BehaviorRow).returning(col(BehaviorRow.id), sort_by_parameter_order=True)
        found += session.execute(statement, list(piece)).scalars().all()
    return found


def behavior(behavior_id: int, *, session: Session) -> Behavior:
    row = session.get(BehaviorRow, behavior_id)
    if row is None:
        raise NotFound(f"There is no behavior number {behavior_id}.")
    return Behavior.of(row)


def behaviors(
    handbook_id: int, *, session: Session, statuses: Sequence[str] = ("accepted",)
) -> list[Behavior]:
    """In the order of a handbook file: by topic, then name."""
    query = (
        select_columns(*COLUMNS)
        .where(col(BehaviorRow.handbook_id) == handbook_id, col(BehaviorRow.status).in_(statuses))
        .order_by(col(BehaviorRow.topic), col(BehaviorRow.name), col(BehaviorRow.id))
    )
    return [Behavior(*row) for row in session.execute(query).all()]


def behaviors_by_id(ids: Iterable[int], *, session: Session) -> dict[int, Behavior]:
    """In the order of `ids`; those that do not exist are left out."""
    wanted = list(ids)
    found: dict[int, Behavior] = {}
    for piece in pieces(wanted):
        query = select_columns(*COLUMNS).where(col(BehaviorRow.id).in_(piece))
        found |= {row.id: Behavior(*row) for row in session.execute(query).all()}
    return {behavior_id: found[behavior_id] for behavior_id in wanted if behavior_id in found}


def behaviors_by_name(
    handbook_id: int, name: str, *, session: Session, statuses: Sequence[str] = ()
) -> list[Behavior]:
    query = select(BehaviorRow).where(
        BehaviorRow.handbook_id == handbook_id, BehaviorRow.name == name
    )
    if statuses:
        query = query.where(col(BehaviorRow.status).in_(statuses))
    return [Behavior.of(row) for row in session.exec(query.order_by(col(BehaviorRow.id))).all()]


def accepted_names(handbook_id: int, names: Iterable[str], *, session: Session) -> dict[str, int]:
    """Name -> id of the accepted behavior that has it, for those of `names` that are taken."""
    found: dict[str, int] = {}
    for piece in pieces(list(names)):
        query = select(BehaviorRow.name, BehaviorRow.id).where(
            BehaviorRow.handbook_id == handbook_id,
            BehaviorRow.status == "accepted",
            col(BehaviorRow.name).in_(piece),
        )
        found |= {
            name: behavior_id for name, behavior_id in session.exec(query).all() if behavior_id
        }
    return found


def values(
    handbook_id: int, columns: Sequence[str], statuses: Sequence[str], *, session: Session
) -> list[tuple[Any, ...]]:
    """These columns of many behaviors, by id, without the cost of whole records."""
    query = select_columns(*(getattr(BehaviorRow, name) for name in columns)).where(
        col(BehaviorRow.handbook_id) == handbook_id, col(BehaviorRow.status).in_(statuses)
    )
    return [tuple(row) for row in session.execute(query.order_by(col(BehaviorRow.id)))]


def ids_of_topic(handbook_id: int, topic: str, *, session: Session) -> list[int]:
    """The accepted behaviors of a topic, by name."""
    query = select(BehaviorRow.id).where(
        BehaviorRow.handbook_id == handbook_id,
        BehaviorRow.status == "accepted",
        BehaviorRow.topic == topic,
    )
    found = session.exec(query.order_by(BehaviorRow.name, col(BehaviorRow.id))).all()
    return [behavior_id for behavior_id in found if behavior_id is not None]


def accepted_topics(handbook_id: int, *, session: Session) -> list[str]:
    query = select(BehaviorRow.topic).where(
        BehaviorRow.handbook_id == handbook_id, BehaviorRow.status == "accepted"
    )
    return sorted(session.exec(query.distinct()).all())


def instructions(
    handbook_id: int, *, session: Session, statuses: Sequence[str] = ("accepted",)
) -> list[tuple[int, str, str]]:
    """(id, name, instruction) of many behaviors, without the cost of whole records."""
    query = select(BehaviorRow.id, BehaviorRow.name, BehaviorRow.instruction).where(
        BehaviorRow.handbook_id == handbook_id, col(BehaviorRow.status).in_(statuses)
    )
    rows = session.exec(query.order_by(col(BehaviorRow.id))).all()
    return [(behavior_id, name, text) for behavior_id, name, text in rows if behavior_id]


def texts_with_apart(
    handbook_id: int, *, session: Session
) -> list[tuple[int, str, str, str, list[int]]]:
    """(id, name, instruction, status, apart) of all behaviors, also decided ones, oldest first."""
    names = ("id", "name", "instruction", "status", "apart")
    query = select_columns(*(getattr(BehaviorRow, name) for name in names))
    mine = query.where(col(BehaviorRow.handbook_id) == handbook_id)
    rows = session.execute(mine.order_by(col(BehaviorRow.id))).all()
    return [(number, name, text, status, apart) for number, name, text, status, apart in rows]


def merged_into(behavior_ids: Iterable[int], *, session: Session) -> list[Behavior]:
    """Those that were merged into one of these, oldest first."""
    found: list[Behavior] = []
    for piece in pieces(list(behavior_ids)):
        query = select_columns(*COLUMNS).where(col(BehaviorRow.merged_into).in_(piece))
        found += [Behavior(*row) for row in session.execute(query).all()]
    return sorted(found, key=lambda behavior: behavior.id)


def change_behaviors(changes: dict[int, dict[str, Any]], *, by: str, session: Session) -> None:
    """Writes the fields of many behaviors and counts their versions up.

    Accepted names are unique at every moment, also between two of these writes: so whoever gives a
    name away, or takes one, steps out of the accepted ones first.
    """
    session.flush()
    accepted = _accepted(
        [n for n, new in changes.items() if {"name", "status"} & set(new)], session
    )
    if len(changes) > 1:
        _update(accepted, {"status": "withdrawn"}, session)
        changes = changes | {n: {"status": "accepted", **changes[n]} for n in accepted}
    rows = [{"id": number, **fields} for number, fields in changes.items() if fields]
    rows.sort(key=list)  # those with the same fields are written together
    if rows:
        session.execute(update(BehaviorRow), rows)
    touched = {"version": BehaviorRow.version + 1, "changed": now(), "by": by}
    _update(list(changes), touched, session)
    session.expire_all()


def _accepted(ids: Sequence[int], session: Session) -> list[int]:
    found: list[int] = []
    for piece in pieces(ids):
        query = select_columns(col(BehaviorRow.id)).where(
            col(BehaviorRow.id).in_(piece), col(BehaviorRow.status) == "accepted"
        )
        found += session.execute(query).scalars().all()
    return found


def _update(ids: Sequence[int], values: Mapping[str, Any], session: Session) -> None:
    """The same for all of them, past the rows that the session holds."""
    for piece in pieces(ids):
        statement = update(BehaviorRow).where(col(BehaviorRow.id).in_(piece)).values(**values)
        session.execute(statement, execution_options={"synchronize_session": False})


def add_marks(behavior_id: int, marks: dict[str, str], *, session: Session) -> None:
    """Marks are hints, not decisions: they leave the version alone."""
    row = session.get(BehaviorRow, behavior_id)
    if row is not None:
        row.marks = marks


def add_source(*, session: Session, **fields: Any) -> None:
    session.add(SourceRow(**fields))


def add_sources(rows: Sequence[dict[str, Any]], *, session: Session) -> None:
    if rows:
        session.execute(insert(SourceRow), list(rows))


def sources(behavior_ids: Iterable[int], *, session: Session) -> dict[int, list[Source]]:
    found: dict[int, list[Source]] = {}
    for piece in pieces(list(behavior_ids)):
        query = select(SourceRow).where(col(SourceRow.behavior_id).in_(piece))
        for row in session.exec(query.order_by(col(SourceRow.id))).all():
            found.setdefault(row.behavior_id, []).append(Source.of(row))
    return found


def sources_in_traces(trace_ids: Iterable[int], *, session: Session) -> list[Source]:
    """What was found in these traces, oldest first."""
    query = select(SourceRow).where(col(SourceRow.trace_id).in_(list(trace_ids)))
    return [Source.of(row) for row in session.exec(query.order_by(col(SourceRow.id))).all()]


def sources_astray(*, session: Session) -> list[Source]:
    """Those of behaviors that do not exist, in the whole database."""
    query = select(SourceRow).where(col(SourceRow.behavior_id).not_in(select(BehaviorRow.id)))
    return [Source.of(row) for row in session.exec(query.order_by(col(SourceRow.id))).all()]
