"""`runs`: what was asked for, how it went, stop and resume."""

from typing import Any

import click

from core.app import App
from core.cli.compare import comparison_outcome
from core.cli.evaluate import evaluation_outcome
from core.cli.output import (
    Outcome,
    as_json_option,
    run_job,
    show,
    tell,
    tell_and_end,
    workbench,
)
from core.cli.solve import solve_outcome
from core.errors import BadInput
from core.pipeline import comparison, evaluation
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Job, Run


@click.group()
def runs() -> None:
    """List, show, stop and resume runs."""


@runs.command("list")
@as_json_option
def list_runs(as_json: bool) -> None:
    """All runs, newest first."""
    with workbench() as app, app.store.read() as session:
        found = run_rows.latest(session=session)
        jobs = job_rows.jobs(session=session)
        totals = run_rows.totals(session=session)
    newest: dict[int | None, Job] = {}
    for job in jobs:
        newest.setdefault(job.run_id, job)
    documents = [_document(run, newest.get(run.id), totals.get(run.id, {})) for run in found]
    lines = [
        f"{d['run']:>4}  {d['status']:<11} {d['done']}/{d['total']}  {d['by']}  "
        f"{d['created'][:16]}  {d['title'][:60]}"
        for d in documents
    ]
    show(documents, as_json, lines or ["No runs yet."])


@runs.command("show")
@click.argument("run", type=int)
@as_json_option
def show_run(run: int, as_json: bool) -> None:
    """One run with all it has: traces and proposals, what was compared, or the report."""
    with workbench() as app:
        found, job = _run(app, run), _job_of(app, run)
        tell(_outcome(app, found, job, as_json), job, as_json)


@runs.command("stop")
@click.argument("run", type=int)
@as_json_option
def stop_run(run: int, as_json: bool) -> None:
    """Ask a run to stop, in whichever process it goes on."""
    with workbench() as app:
        job = _job(app, run)
        if not job.active:
            raise BadInput(f"Run {run} is {job.status}; there is nothing to stop.")
        app.jobs.stop(job.id)
    show({"run": run, "stopping": True}, as_json, [f"Run {run} was asked to stop."])


@runs.command("resume")
@click.argument("run", type=int)
@as_json_option
def resume_run(run: int, as_json: bool) -> None:
    """Do what is missing of a run; what is finished is not repeated."""
    with workbench() as app:
        found, job = _run(app, run), _job(app, run)
        app.jobs.requeue(job.id)
        job = run_job(app, job.id)
        outcome = _outcome(app, found, job, as_json)
    tell_and_end(outcome, job, as_json)


def _outcome(app: App, run: Run, job: Job | None, as_json: bool) -> Outcome:
    if run.kind == comparison.KIND:
        return comparison_outcome(app, run.id, steps=as_json)
    if run.kind == evaluation.KIND:
        return evaluation_outcome(app, run.id)
    return solve_outcome(app, run.id, job)


def _run(app: App, run_id: int) -> Run:
    with app.store.read() as session:
        return run_rows.run(run_id, session=session)


def _job(app: App, run_id: int) -> Job:
    """The job that carries the whole run."""
    found = _job_of(app, run_id)
    if found is None:
        raise BadInput(
            f"Run {run_id} was taken in from a file: `runs show {run_id}` shows it, but it was "
            "never run here, so there is nothing to stop or to resume."
        )
    return found


def _job_of(app: App, run_id: int) -> Job | None:
    """The first job of a run; None where the run was taken in from elsewhere."""
    with app.store.read() as session:
        found = job_rows.jobs(run_id=run_id, session=session)
    return found[-1] if found else None


def _document(run: Run, job: Job | None, totals: dict[str, Any]) -> dict[str, Any]:
    """A run without a job was taken in whole."""
    return {
        "run": run.id,
        "kind": run.kind,
        "title": run.title,
        "status": job.status if job else "imported",
        "done": job.done if job else 0,
        "total": job.total if job else 0,
        "note": job.note if job else "",
        "by": run.by,
        "created": run.created.isoformat(timespec="seconds"),
        **totals,
    }
