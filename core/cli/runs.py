"""`runs`: what was asked for, how it went, stop and resume."""

from typing import Any

import click

from core.app import App
from core.cli.output import as_json_option, run_job, show, workbench
from core.cli.solve import end_as, show_results
from core.errors import BadInput
from core.pipeline.results import ProblemResult, problem_result
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
        jobs = [job for job in job_rows.jobs(session=session) if job.run_id is not None]
        found = run_rows.runs({job.run_id or 0 for job in jobs}, session=session)
        totals = run_rows.totals(session=session)
    newest: dict[int, Job] = {}
    for job in jobs:
        newest.setdefault(job.run_id or 0, job)
    documents = [_document(found[key], job, totals.get(key, {})) for key, job in newest.items()]
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
    """One run with its traces and proposals."""
    with workbench() as app:
        show_results(*_results(app, _job(app, run)), as_json)


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
        job = _job(app, run)
        app.jobs.requeue(job.id)
        run_record, job, results = _results(app, run_job(app, job.id))
    show_results(run_record, job, results, as_json)
    end_as(job, results)


def _results(app: App, job: Job) -> tuple[Run, Job, list[ProblemResult]]:
    with app.store.read() as session:
        run = run_rows.run(job.run_id or 0, session=session)
    return run, job, [problem_result(app.store, run, number) for number in run.problem_ids]


def _job(app: App, run_id: int) -> Job:
    """The job that carries the whole run: its first one."""
    with app.store.read() as session:
        run_rows.run(run_id, session=session)
        return job_rows.jobs(run_id=run_id, session=session)[-1]


def _document(run: Run, job: Job, totals: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": run.id,
        "kind": run.kind,
        "title": run.title,
        "status": job.status,
        "done": job.done,
        "total": job.total,
        "note": job.note,
        "by": run.by,
        "created": run.created.isoformat(timespec="seconds"),
        **totals,
    }
