"""Rows that tests begin with, all fields filled that the tables ask for."""

from typing import Any

from core.store import Session, handbooks, runs
from core.store import behaviors as behavior_rows
from core.store.records import Behavior, Handbook, Run, Trace


def add_handbook(session: Session, slug: str = "algebra") -> Handbook:
    return handbooks.add_handbook(slug, slug.title(), session=session)


def add_behavior(session: Session, handbook: Handbook, **fields: Any) -> Behavior:
    known = {
        "name": "behavior_halve_first",
        "instruction": "When a diameter is given, halve it first.",
        "topic": "Geometry",
        "status": "proposed",
        "by": "tester",
    }
    return behavior_rows.add_behavior(
        handbook_id=handbook.id, session=session, **{**known, **fields}
    )


def add_run(session: Session, handbook: Handbook | None = None) -> Run:
    problem = runs.keep_problem("What is 2 + 2?", "4", "Algebra", {}, session=session)
    return runs.add_run(
        kind="solve",
        title="A run",
        handbook_id=handbook.id if handbook else None,
        problem_ids=[problem],
        by="tester",
        session=session,
    )


def add_trace(session: Session, run: Run, **fields: Any) -> Trace:
    known = {
        "problem_id": run.problem_ids[0],
        "arm": "strategist",
        "stage": "solve",
        "endpoint": "fake",
        "model": "fake",
        "prompt_hash": "0" * 12,
    }
    return runs.add_trace(run_id=run.id, session=session, **{**known, **fields})
