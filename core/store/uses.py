"""Where behaviors were used: what evaluations chose for problems, and what their traces were given.

Read in the few columns that are needed: there are thousands of traces, each with its texts.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Integer, String, and_, cast, or_
from sqlmodel import Session, col, func, select

from core.store.outcomes import SOLVE
from core.store.records import Run
from core.store.tables import ChoiceRow, RunRow, TraceRow, VerdictRow

EVALUATIONS = ("evaluate",)
KINDS = ("evaluate", "compare")
# So many behaviors are looked for in the database; with more it is quicker to read all choices.
FEW = 12
BATCH = 500


@dataclass(frozen=True)
class Gift:
    """A behavior as it was given: by its number, with the texts it had then."""

    id: int
    name: str
    instruction: str
    topic: str


@dataclass(frozen=True)
class Reading:
    """What a trace was given, and what its model wrote."""

    trace_id: int
    given: tuple[Gift, ...]
    thinking: str
    text: str


@dataclass(frozen=True)
class Choice:
    """What an arm of an evaluation was to give for a problem."""

    run_id: int
    problem_id: int
    arm: str
    given: tuple[Gift, ...]


def runs_on(
    handbook_id: int, slug: str, kinds: Sequence[str] = KINDS, *, session: Session
) -> list[Run]:
    """Runs on the handbook, or with an arm of their own that draws on it; oldest first."""
    query = select(RunRow).where(_on(handbook_id, slug, kinds)).order_by(col(RunRow.id))
    return [Run.of(row) for row in session.exec(query).all()]


def stamp(handbook_id: int, slug: str, *, session: Session) -> tuple[int, ...]:
    """Changes when one of these runs gets a trace or a verdict, or loses one."""
    traces = (
        sqlalchemy.select(func.count(), func.max(TraceRow.id))
        .select_from(TraceRow)
        .join(RunRow, col(RunRow.id) == col(TraceRow.run_id))
        .where(_on(handbook_id, slug, KINDS))
    )
    verdicts = (
        sqlalchemy.select(func.count(), func.sum(cast(VerdictRow.correct, Integer)))
        .select_from(VerdictRow)
        .join(TraceRow, col(TraceRow.id) == col(VerdictRow.trace_id))
        .join(RunRow, col(RunRow.id) == col(TraceRow.run_id))
        .where(_on(handbook_id, slug, KINDS))
    )
    connection = session.connection()
    found = [*connection.execute(traces).one(), *connection.execute(verdicts).one()]
    return tuple(int(number or 0) for number in found)


def readings(run_id: int, arms: Collection[str], *, session: Session) -> Iterator[Reading]:
    """The solutions of these arms, oldest first, a few at a time."""
    columns = (TraceRow.id, cast(TraceRow.given, String), TraceRow.thinking, TraceRow.text)
    known: dict[str, tuple[Gift, ...]] = {}
    for trace_id, given, thinking, text in _solutions(run_id, arms, columns, session):
        yield Reading(trace_id, _gifts(given, known), thinking, text)


def given(
    run_id: int,
    arms: Collection[str],
    *,
    of: Collection[int] | None = None,
    session: Session,
) -> dict[int, tuple[Gift, ...]]:
    """Trace id -> what it was given, of the solutions of these arms; with `of` of these problems
    only.
    """
    columns = (TraceRow.id, cast(TraceRow.given, String), TraceRow.problem_id)
    known: dict[str, tuple[Gift, ...]] = {}
    rows = _solutions(run_id, arms, columns, session)
    return {
        trace_id: _gifts(text, known)
        for trace_id, text, problem_id in rows
        if of is None or problem_id in of
    }


def choices(
    run_ids: Collection[int], *, of: Collection[int] | None = None, session: Session
) -> list[Choice]:
    """What was chosen in these runs; with `of` only where one of these behaviors was."""
    if of is not None and not of:
        return []
    raw = cast(ChoiceRow.given, String)
    columns = (col(ChoiceRow.run_id), col(ChoiceRow.problem_id), col(ChoiceRow.arm), raw)
    query = sqlalchemy.select(*columns).where(col(ChoiceRow.run_id).in_(list(run_ids)))
    if of is not None and len(of) <= FEW:
        # Number 1 finds 12 as well: what is too much is sorted out below.
        query = query.where(or_(*(raw.contains(f'"id": {number}') for number in sorted(of))))
    known: dict[str, tuple[Gift, ...]] = {}
    found = [
        Choice(run_id, problem_id, arm, _gifts(text, known))
        for run_id, problem_id, arm, text in session.connection().execute(query)
    ]
    return found if of is None else [one for one in found if any(g.id in of for g in one.given)]


def problems_chosen_for(
    run_ids: Collection[int], *, session: Session
) -> dict[tuple[int, str], int]:
    """(run, arm) -> for how many problems it was chosen what the arm gives."""
    query = (
        sqlalchemy.select(col(ChoiceRow.run_id), col(ChoiceRow.arm), func.count())
        .where(col(ChoiceRow.run_id).in_(list(run_ids)))
        .group_by(col(ChoiceRow.run_id), col(ChoiceRow.arm))
    )
    rows = session.connection().execute(query).all()
    return {(run_id, arm): number for run_id, arm, number in rows}


def _on(handbook_id: int, slug: str, kinds: Sequence[str]) -> ColumnElement[bool]:
    """Params are kept as JSON, and only an arm names a handbook by its bare slug."""
    drawn = cast(RunRow.params, String).contains(f'"handbook": "{slug}"')
    return and_(col(RunRow.kind).in_(kinds), or_(col(RunRow.handbook_id) == handbook_id, drawn))


def _solutions(
    run_id: int, arms: Collection[str], columns: Sequence[Any], session: Session
) -> Iterator[Any]:
    query = (
        sqlalchemy.select(*columns)
        .where(
            col(TraceRow.run_id) == run_id,
            col(TraceRow.arm).in_(arms),
            col(TraceRow.stage) == SOLVE,
        )
        .order_by(col(TraceRow.id))
    )
    yield from session.connection().execute(query.execution_options(yield_per=BATCH))


def _gifts(text: str, known: dict[str, tuple[Gift, ...]]) -> tuple[Gift, ...]:
    """All samples of a problem were given the same, mostly: each text is read once."""
    if text not in known:
        known[text] = tuple(
            Gift(one["id"], one["name"], one["instruction"], one["topic"])
            for one in json.loads(text)
        )
    return known[text]
