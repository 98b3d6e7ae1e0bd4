"""Rows of problems, runs, traces and verdicts."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from core.errors import NotFound
from core.store.records import Problem, Run, Trace, Verdict
from core.store.tables import ProblemRow, RunRow, SourceRow, Table, TraceRow, VerdictRow

_TRACE, _VERDICT = (Table.metadata.tables[name] for name in ("trace", "verdict"))
# What attempts at the same reply have in common.
_ASKED_FOR = ("run_id", "problem_id", "arm", "stage", "sample")
_FIELDS = {name: one for name, one in TraceRow.model_fields.items() if name != "id"}
_DEFAULTS = {
    name: one.default
    for name, one in _FIELDS.items()
    if one.default_factory is None and not one.is_required()
}
# Lists, objects and the time: made anew for each.
_MADE: dict[str, Any] = {
    name: one.default_factory for name, one in _FIELDS.items() if one.default_factory is not None
}


def keep_problem(
    text: str, gold: str | None, topic: str, extra: dict[str, Any], *, session: Session
) -> int:
    """The id of this problem; the same text, answer and topic are kept once."""
    digest = hashlib.sha256(json.dumps([text, gold, topic]).encode()).hexdigest()
    row = session.exec(select(ProblemRow).where(ProblemRow.digest == digest)).first()
    if row is None:
        row = ProblemRow(digest=digest, text=text, gold=gold, topic=topic, extra=extra)
        session.add(row)
        session.flush()
    assert row.id is not None  # noqa: S101  flushed rows have one
    return row.id


def problems(ids: Iterable[int], *, session: Session) -> dict[int, Problem]:
    rows = session.exec(select(ProblemRow).where(col(ProblemRow.id).in_(list(ids)))).all()
    return {row.id: Problem.of(row) for row in rows if row.id is not None}


def add_run(*, session: Session, **fields: Any) -> Run:
    row = RunRow(**fields)
    session.add(row)
    session.flush()
    return Run.of(row)


def run(run_id: int, *, session: Session) -> Run:
    return Run.of(_run_row(run_id, session))


def change_run(run_id: int, *, params: dict[str, Any], session: Session) -> Run:
    """Gives a run other values for some of its params: more samples, another arm."""
    row = _run_row(run_id, session)
    row.params = {**row.params, **params}
    session.add(row)
    return Run.of(row)


def runs(ids: Iterable[int], *, session: Session) -> dict[int, Run]:
    rows = session.exec(select(RunRow).where(col(RunRow.id).in_(list(ids)))).all()
    return {row.id: Run.of(row) for row in rows if row.id is not None}


def latest(*, session: Session) -> list[Run]:
    """All of them, newest first."""
    query = select(RunRow).order_by(col(RunRow.id).desc())
    return [Run.of(row) for row in session.exec(query).all()]


def latest_of_kind(kind: str, limit: int, *, skip: int = 0, session: Session) -> list[Run]:
    """Newest first, without the `skip` newest."""
    query = select(RunRow).where(RunRow.kind == kind).order_by(col(RunRow.id).desc())
    return [Run.of(row) for row in session.exec(query.offset(skip).limit(limit)).all()]


def count_of_kind(kind: str, *, session: Session) -> int:
    return session.exec(select(func.count(col(RunRow.id))).where(RunRow.kind == kind)).one()


def runs_that_made(handbook_id: int, *, session: Session) -> list[Run]:
    """Those in which a strategist proposed behaviors for a handbook."""
    query = select(RunRow).where(RunRow.kind == "solve", RunRow.handbook_id == handbook_id)
    return [Run.of(row) for row in session.exec(query.order_by(col(RunRow.id))).all()]


def delete_run(run_id: int, *, session: Session) -> None:
    """Removes the run with its jobs, traces and verdicts; behaviors stay, without their source."""
    row = session.get(RunRow, run_id)
    if row is not None:
        session.delete(row)


def behaviors_of_run(run_id: int, *, session: Session) -> int:
    """How many behaviors have their source in this run."""
    query = (
        select(func.count(func.distinct(SourceRow.behavior_id)))
        .join(TraceRow, col(TraceRow.id) == SourceRow.trace_id)
        .where(TraceRow.run_id == run_id)
    )
    return session.exec(query).one()


def add_trace(*, session: Session, **fields: Any) -> Trace:
    made = {name: make() for name, make in _MADE.items() if name not in fields}
    values = {**_DEFAULTS, **made, **fields}
    session.flush()
    # Not as an object: thousands are added.
    added = session.connection().execute(_TRACE.insert(), values)
    assert added.inserted_primary_key is not None  # noqa: S101  it has one
    return Trace(id=added.inserted_primary_key[0], **values)


def update_trace(trace_id: int, *, session: Session, **fields: Any) -> None:
    row = _trace_row(trace_id, session)
    for name, value in fields.items():
        setattr(row, name, value)


def discard_unfinished(run_id: int, *, session: Session) -> None:
    """Removes what a killed process left in flight, so that resuming can ask again."""
    query = select(TraceRow).where(TraceRow.run_id == run_id, col(TraceRow.finish_reason).is_(None))
    for row in session.exec(query).all():
        session.delete(row)


def trace(trace_id: int, *, session: Session) -> Trace:
    return Trace.of(_trace_row(trace_id, session))


def traces(
    run_id: int, *, session: Session, problem_id: int | None = None, arm: str | None = "strategist"
) -> list[Trace]:
    """All attempts of an arm, oldest first; None means of all arms."""
    query = select(TraceRow).where(TraceRow.run_id == run_id)
    if arm is not None:
        query = query.where(TraceRow.arm == arm)
    if problem_id is not None:
        query = query.where(TraceRow.problem_id == problem_id)
    return [Trace.of(row) for row in session.exec(query.order_by(col(TraceRow.id))).all()]


def times_of_extractions(handbook_id: int, *, session: Session) -> list[datetime]:
    """When each trace was read for a handbook, in order."""
    query = (
        select(TraceRow.created)
        .join(RunRow, col(RunRow.id) == TraceRow.run_id)
        .where(
            RunRow.handbook_id == handbook_id,
            TraceRow.stage == "extract",
            TraceRow.arm == "strategist",
        )
    )
    return list(session.exec(query.order_by(col(TraceRow.created))).all())


def texts_of_handbook(handbook_id: int, *, session: Session) -> Iterator[str]:
    """The texts of all traces of a handbook's runs that may name a behavior, extractions aside."""
    query = (
        sqlalchemy.select(col(TraceRow.text))
        .join(RunRow, col(RunRow.id) == col(TraceRow.run_id))
        .where(
            col(RunRow.handbook_id) == handbook_id,
            col(TraceRow.stage) != "extract",
            col(TraceRow.text).contains("behavior_", autoescape=True),
        )
    )
    yield from session.connection().execute(query).scalars()


def traces_naming(
    name: str, limit: int, *, session: Session
) -> list[tuple[int, int, str, str, str]]:
    """(trace id, run id, arm, stage, model) of the latest traces whose text names a behavior.

    Extractions are left out: they list it, they do not use it.
    """
    query = (
        sqlalchemy.select(
            col(TraceRow.id),
            col(TraceRow.run_id),
            col(TraceRow.arm),
            col(TraceRow.stage),
            col(TraceRow.model),
        )
        .where(col(TraceRow.stage) != "extract", col(TraceRow.text).contains(name, autoescape=True))
        .order_by(col(TraceRow.id).desc())
        .limit(limit)
    )
    rows = session.connection().execute(query).all()
    return [
        (trace_id, run_id, arm, stage, model)
        for trace_id, run_id, arm, stage, model in rows
        if trace_id is not None
    ]


def trace_outline(
    run_id: int, *, session: Session
) -> Sequence[tuple[int | None, int, str, str | None]]:
    """(trace id, problem id, stage, finish reason) of a run: what a screen polls, without texts."""
    query = select(
        col(TraceRow.id), col(TraceRow.problem_id), col(TraceRow.stage), col(TraceRow.finish_reason)
    ).where(TraceRow.run_id == run_id, TraceRow.arm == "strategist")
    return session.exec(query.order_by(col(TraceRow.id))).all()


def arm_outline(run_id: int, *, session: Session) -> list[tuple[int, str, int, bool]]:
    """(trace id, arm, sample, whether it has ended) of all traces of a run, oldest first."""
    query = select(
        col(TraceRow.id), col(TraceRow.arm), col(TraceRow.sample), col(TraceRow.finish_reason)
    ).where(TraceRow.run_id == run_id)
    rows = session.exec(query.order_by(col(TraceRow.id))).all()
    return [(id or 0, arm, sample, reason is not None) for id, arm, sample, reason in rows]


def totals(run_ids: Iterable[int] | None = None, *, session: Session) -> dict[int, dict[str, Any]]:
    """Run id -> traces, errors, input and output tokens, price (None where nothing is known).

    An error that was followed by another attempt is none. Of all runs where none are named: that
    reads every trace there is.
    """
    later = aliased(TraceRow)
    of_same = [col(getattr(later, name)) == col(getattr(TraceRow, name)) for name in _ASKED_FOR]
    again = sqlalchemy.exists().where(*of_same, col(later.attempt) > col(TraceRow.attempt))
    failed = col(TraceRow.error).is_not(None) & ~again
    sums = {
        "traces": func.count(col(TraceRow.id)),
        "errors": func.sum(sqlalchemy.case((failed, 1), else_=0)),
        "input_tokens": func.sum(TraceRow.input_tokens),
        "output_tokens": func.sum(TraceRow.output_tokens),
        "price": func.sum(TraceRow.price),
        "uncounted": func.sum(sqlalchemy.case((col(TraceRow.output_tokens).is_(None), 1), else_=0)),
    }
    query = sqlalchemy.select(col(TraceRow.run_id), *sums.values()).group_by(col(TraceRow.run_id))
    if run_ids is not None:
        query = query.where(col(TraceRow.run_id).in_(list(run_ids)))
    rows = session.connection().execute(query).all()
    return {row[0]: dict(zip(sums, row[1:], strict=True)) for row in rows}


def add_verdict(trace_id: int, *, session: Session, **fields: Any) -> None:
    """Of a trace that has none yet."""
    session.flush()
    session.connection().execute(_VERDICT.insert(), {"grader": "", **fields, "trace_id": trace_id})


def set_verdict(trace_id: int, *, session: Session, **fields: Any) -> None:
    of_trace = _VERDICT.update().where(_VERDICT.c.trace_id == trace_id)
    if session.connection().execute(of_trace, fields).rowcount == 0:
        add_verdict(trace_id, session=session, **fields)


def verdicts(trace_ids: Iterable[int], *, session: Session) -> dict[int, Verdict]:
    query = select(VerdictRow).where(col(VerdictRow.trace_id).in_(list(trace_ids)))
    return {row.trace_id: Verdict.of(row) for row in session.exec(query).all()}


def _trace_row(trace_id: int, session: Session) -> TraceRow:
    row = session.get(TraceRow, trace_id)
    if row is None:
        raise NotFound(f"There is no trace number {trace_id}.")
    return row


def _run_row(run_id: int, session: Session) -> RunRow:
    row = session.get(RunRow, run_id)
    if row is None:
        raise NotFound(
            f"There is no run number {run_id}. The Runs screen and `runs list` show those that "
            "there are."
        )
    return row
