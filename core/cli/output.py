"""What all commands share: the workbench they work on, JSON or lines, a progress bar."""

import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from tqdm import tqdm

from core.app import App
from core.retrieval.vectors import Vectors
from core.settings import Settings
from core.store import jobs as job_rows
from core.store.records import Job

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output."
)
LOOK_SECONDS = 0.3


@contextmanager
def workbench() -> Iterator[App]:
    app = App.open(Settings.from_env())
    try:
        yield app
    finally:
        app.close()


def show(document: Any, as_json: bool, lines: Sequence[str]) -> None:
    """The document as JSON, or its lines for a person."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2, default=str))
    else:
        for line in lines:
            print(line)


@dataclass(frozen=True)
class Outcome:
    """What a run came to; not `whole` where a reply failed or is missing."""

    document: Any
    lines: list[str]
    whole: bool


def tell(outcome: Outcome, job: Job | None, as_json: bool) -> None:
    """Shows what a run came to. A run that was taken in from elsewhere has no job."""
    show(outcome.document, as_json, outcome.lines)
    if job and job.status != "done":
        say(f"Run {job.run_id} is {job.status}. {job.note}")


def tell_and_end(outcome: Outcome, job: Job, as_json: bool) -> None:
    """Ends with 1 where something failed or the run did not come to its end."""
    tell(outcome, job, as_json)
    if job.status != "done" or not outcome.whole:
        sys.exit(1)


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def say(text: str) -> None:
    """A remark beside the result: never on standard output."""
    print(text, file=sys.stderr)


def run_job(app: App, job_id: int, unit: str = "stage") -> Job:
    """Does a job here, with a progress bar where a person is watching."""
    ended = threading.Event()  # joining the thread would not do: Ctrl-C breaks join (bpo-45274)

    def work() -> None:
        try:
            app.jobs.run_here(job_id)
        finally:
            ended.set()

    threading.Thread(target=work, daemon=True).start()
    with (
        _ctrl_c() as asked,
        tqdm(
            unit=unit, unit_scale=unit == "B", disable=not sys.stderr.isatty(), leave=False
        ) as bar,
    ):
        while not ended.wait(LOOK_SECONDS) and not asked.is_set():
            job = _job(app, job_id)
            bar.total, bar.n = job.total or None, job.done
            bar.set_postfix_str(job.note[:60])
        if not ended.is_set():
            say("Stopping …")
            app.jobs.stop(job_id)
            ended.wait()
    return _job(app, job_id)


@contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """Set by Ctrl-C, which raises nothing meanwhile.

    An exception in the middle of just anything may be lost: in a callback of the garbage collector
    Python only reports it.
    """
    asked = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def fill_vectors(vectors: Vectors, texts: Sequence[str]) -> None:
    """Computes what has no vector yet, with a bar where a person is watching."""
    if not vectors.missing(texts):
        return
    say("Computing vectors that are missing; they are kept …")
    with tqdm(unit="text", disable=None, leave=False) as bar:

        def report(done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.refresh()

        vectors.fill(texts, report)


def _job(app: App, job_id: int) -> Job:
    with app.store.read() as session:
        return job_rows.job(job_id, session=session)
