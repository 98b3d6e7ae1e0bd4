"""Long work: how it reports, stops, fails, is resumed, and what a dead process leaves behind."""

import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from core.errors import BadInput, Conflict, ModelUnavailable, NotFound
from core.jobs import Handler, Jobs, Report, Stopped, spread
from core.settings import Settings
from core.store import Store
from core.store import jobs as rows
from core.store.records import Job

PATIENCE = 20
# Another program with a job of its own, which never ends by itself.
PROGRAM = """
import sys, time
from core.jobs import Jobs
from core.store import Store

def forever(job, report):
    report(1, 3, "one of three")
    print(job.id, flush=True)
    while True:
        report.stopped() and sys.exit()
        time.sleep(0.05)

jobs = Jobs(Store.open(sys.argv[1]), {"forever": forever})
jobs.run_here(jobs.add("forever", params={}, by="another"))
"""


def _make(store: Store, **handlers: Handler) -> Jobs:
    return Jobs(store, handlers)


def _row(store: Store, job_id: int) -> Job:
    with store.read() as session:
        return rows.job(job_id, session=session)


def _wait(store: Store, job_id: int) -> Job:
    """The job when it has ended."""
    return _until(lambda: None if (job := _row(store, job_id)).active else job)


def _until(look: Callable[[], Any]) -> Any:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


def _run(store: Store, handler: Handler) -> Job:
    made = _make(store, work=handler)
    return made.run_here(made.add("work", params={}, by="ann"))


class Gate:
    """A handler that says when it has begun and ends when it is let go, unless it is stopped."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, _job: Job, report: Report) -> str:
        self.begun.set()
        while not self.open.wait(0.01):
            if report.stopped():
                raise Stopped
        return "Through."


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open.set()


# From beginning to end


def test_a_job_reports_and_ends(store: Store) -> None:
    seen = []

    def count(job: Job, report: Report) -> str:
        for done in range(3):
            report(done, 3, f"number {done}")
            seen.append(_row(store, job.id))
        assert (job.params, job.by) == ({"to": 3}, "ann")
        return "Counted."

    made = _make(store, count=count)
    job = _wait(store, made.submit("count", params={"to": 3}, by="ann"))
    assert [(row.status, row.done, row.total, row.note) for row in seen] == [
        ("running", done, 3, f"number {done}") for done in range(3)
    ]
    assert (job.status, job.note, job.done, job.total) == ("done", "Counted.", 2, 3)
    assert job.started is not None
    assert job.finished is not None
    assert job.created <= job.started <= job.finished


def test_a_job_runs_in_the_background(store: Store, gate: Gate) -> None:
    made = _make(store, gate=gate)
    job_id = made.submit("gate", params={}, by="ann")
    assert gate.begun.wait(PATIENCE)
    assert _row(store, job_id).status == "running"
    assert all(thread.daemon for thread in threading.enumerate() if "job-" in thread.name)
    _make(store).sweep()
    assert _row(store, job_id).status == "running"
    gate.open.set()
    assert _wait(store, job_id).note == "Through."


def test_an_added_job_waits_to_be_run(store: Store) -> None:
    made = _make(store, work=lambda _job, _report: "Done here.")
    job_id = made.add("work", params={}, by="ann")
    assert _row(store, job_id).status == "queued"
    assert made.run_here(job_id).note == "Done here."


def test_a_job_is_run_once(store: Store) -> None:
    ran = []
    made = _make(store, work=lambda job, _report: str(ran.append(job.id)))
    job_id = made.add("work", params={}, by="ann")
    made.run_here(job_id)
    assert made.run_here(job_id).status == "done"
    assert ran == [job_id]


# Failing


def test_a_failure_a_person_can_act_on_is_told(store: Store) -> None:
    def fail(job: Job, report: Report) -> str:
        raise ModelUnavailable("The model is not there. Pull it first.")

    job = _run(store, fail)
    assert (job.status, job.note) == ("failed", "The model is not there. Pull it first.")
    assert job.finished


def test_a_bug_keeps_its_traceback_in_the_log_and_out_of_the_row(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(job: Job, report: Report) -> str:
        raise KeyError("sk-a-secret")

    with caplog.at_level(logging.ERROR):
        job = _run(store, fail)
    assert job.status == "failed"
    assert job.note == "A bug in Vademecum: KeyError. The log has the details."
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is KeyError


def test_a_kind_nobody_handles_fails(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    made = _make(store)
    job = made.run_here(made.add("unknown", params={}, by="ann"))
    assert (job.status, len(caplog.records)) == ("failed", 1)


# The last write


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk that is full whenever a job ends, as often as the number in it says."""
    left, move = [0], rows.move

    def moved(job_id: int, come_from: Any, to: Any, **fields: Any) -> bool:
        if to == "done" and left[0] > 0:
            left[0] -= 1
            raise OSError("disk full")
        return move(job_id, come_from, to, **fields)

    monkeypatch.setattr(rows, "move", moved)
    monkeypatch.setattr("core.jobs.LAST_WRITE_PAUSE", 0.0)
    return left


def test_the_last_write_is_tried_again(store: Store, full: list[int]) -> None:
    full[0] = 3
    job = _run(store, lambda _job, _report: "Written.")
    assert (job.status, job.note, full) == ("done", "Written.", [0])


@pytest.mark.parametrize("notice", [Jobs.sweep, lambda jobs: jobs.stop(1)])
def test_a_job_whose_end_could_not_be_written_can_be_resumed(
    notice: Callable[[Jobs], None],
    store: Store,
    full: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.jobs.LAST_WRITE_SECONDS", -1.0)
    full[0] = 1
    made = _make(store, work=lambda _job, _report: "Written.")
    job_id = made.add("work", params={}, by="ann")
    with pytest.raises(OSError, match="disk full"):
        made.run_here(job_id)
    assert _row(store, job_id).status == "running"
    notice(made)
    job = _row(store, job_id)
    assert (job.status, "could not be written" in job.note) == ("interrupted", True)
    made.resume(job_id)
    assert _wait(store, job_id).note == "Written."


# Stopping and resuming


def test_a_running_job_is_stopped(store: Store, gate: Gate) -> None:
    made = _make(store, gate=gate)
    job_id = made.submit("gate", params={}, by="ann")
    assert gate.begun.wait(PATIENCE)
    made.stop(job_id)
    job = _wait(store, job_id)
    assert (job.status, job.note) == ("stopped", "Stopped. Resume goes on from here.")


def test_the_next_report_notices_a_stop(store: Store) -> None:
    done = []

    def work(job: Job, report: Report) -> str:
        for step in range(3):
            done.append(step)
            if step == 1:
                made.stop(job.id)
            report(step, 3)
        return "Never."

    made = _make(store, work=work)
    job = made.run_here(made.add("work", params={}, by="ann"))
    assert (job.status, done) == ("stopped", [0, 1])


def test_a_queued_job_is_stopped_at_once_and_does_not_run(store: Store) -> None:
    ran = []
    made = _make(store, work=lambda _job, _report: str(ran.append(1)))
    job_id = made.add("work", params={}, by="ann")
    made.stop(job_id)
    assert _row(store, job_id).status == "stopped"
    assert made.run_here(job_id).status == "stopped"
    assert ran == []


def test_an_ended_job_stays_as_it_ended(store: Store) -> None:
    made = _make(store, work=lambda _job, _report: "Done.")
    job_id = made.add("work", params={}, by="ann")
    made.run_here(job_id)
    made.stop(job_id)
    made.sweep()
    assert (_row(store, job_id).status, _row(store, job_id).note) == ("done", "Done.")


def test_a_job_whose_row_is_deleted_stops(store: Store, gate: Gate) -> None:
    made = _make(store, gate=gate)
    job_id = made.submit("gate", params={}, by="ann")
    assert gate.begun.wait(PATIENCE)
    with store.write() as session:
        rows.delete_job(job_id, session=session)
    _until(lambda: not [t for t in threading.enumerate() if t.name.startswith(f"job-{job_id} ")])
    with pytest.raises(NotFound):
        _row(store, job_id)


@pytest.mark.parametrize("ending", ["done", "stopped", "failed"])
def test_an_ended_job_is_resumed(store: Store, ending: str) -> None:
    kept: list[int] = []

    def work(job: Job, report: Report) -> str:
        """Keeps item after item, skips what is there, and ends in its own way after the first."""
        first = not kept
        for item in range(3):
            if item not in kept:
                kept.append(item)
            if first and ending == "stopped":
                made.stop(job.id)
            if first and ending == "failed":
                raise BadInput("It broke.")
            report(len(kept), 3)
        return "All."

    made = _make(store, work=work)
    job_id = made.add("work", params={}, by="ann")
    assert made.run_here(job_id).status == ending
    made.resume(job_id)
    job = _wait(store, job_id)
    assert (job.status, job.note, job.done, kept) == ("done", "All.", 3, [0, 1, 2])


def test_a_job_that_is_going_on_cannot_be_resumed(store: Store, gate: Gate) -> None:
    made = _make(store, gate=gate)
    queued = made.add("gate", params={}, by="ann")
    with pytest.raises(Conflict, match=f"Job {queued} is going on already"):
        made.resume(queued)
    running = made.submit("gate", params={}, by="ann")
    assert gate.begun.wait(PATIENCE)
    with pytest.raises(Conflict, match="going on already"):
        made.resume(running)


# What other processes leave behind


@pytest.fixture
def program(store: Store, settings: Settings) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another program on the same database, and the job it runs."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, settings.database_url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield process, int(line)
        process.kill()


def test_a_job_of_a_living_process_is_left_alone_and_can_be_stopped(
    store: Store, program: tuple[subprocess.Popen[str], int]
) -> None:
    process, job_id = program
    made = _make(store)
    assert (_row(store, job_id).status, _row(store, job_id).note) == ("running", "one of three")
    made.stop(job_id)
    process.wait(PATIENCE)
    assert process.returncode == 0


def test_a_killed_process_leaves_an_interrupted_job_that_can_be_resumed(
    store: Store, program: tuple[subprocess.Popen[str], int]
) -> None:
    process, job_id = program
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    assert _row(store, job_id).status == "running"
    made = _make(store, forever=lambda job, _report: f"Went on from {job.done}.")
    job = _row(store, job_id)
    assert (job.status, job.done, job.total) == ("interrupted", 1, 3)
    assert job.finished
    made.resume(job_id)
    assert _wait(store, job_id).note == "Went on from 1."


def _owned(store: Store, status: str, owner: str) -> int:
    with store.write() as session:
        return rows.add_job(kind="work", by="ann", status=status, owner=owner, session=session).id


def _process(pid: int, created: float, host: str = "") -> str:
    return f"{host or socket.gethostname()}:{pid}:{created:.2f}"


@pytest.mark.parametrize("status", ["running", "queued"])
def test_who_owns_a_job_decides_whether_it_was_left_behind(store: Store, status: str) -> None:
    mine = psutil.Process(os.getpid())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = "interrupted" if status == "running" else status  # no thread of this process runs it
    expected = {
        _owned(store, status, _process(mine.pid, mine.create_time())): here,
        _owned(store, status, _process(mine.pid, mine.create_time() - 3600)): "interrupted",
        _owned(store, status, _process(ended.pid, time.time())): "interrupted",
        _owned(store, status, _process(ended.pid, time.time(), "another-host")): status,
        _owned(store, "done", _process(ended.pid, time.time())): "done",
    }
    _make(store)
    assert {job_id: _row(store, job_id).status for job_id in expected} == expected


def test_a_job_that_was_only_queued_can_be_taken_up(store: Store, settings: Settings) -> None:
    """Its process ended between writing the row and starting the work."""
    program = (
        "import sys; from core.jobs import Jobs; from core.store import Store; "
        "print(Jobs(Store.open(sys.argv[1]), {}).add('work', params={}, by='another'))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, settings.database_url],
        capture_output=True,
        text=True,
        check=True,
    )
    made = _make(store, work=lambda _job, _report: "Taken up.")
    assert _row(store, int(ran.stdout)).status == "interrupted"
    made.resume(int(ran.stdout))
    assert _wait(store, int(ran.stdout)).note == "Taken up."


def test_a_job_that_was_taken_up_is_not_left_behind(store: Store) -> None:
    job_id = _owned(store, "interrupted", _process(2**22 + 1, 0.0))
    made = _make(store)
    made.requeue(job_id)
    made.sweep()
    assert _row(store, job_id).status == "queued"


# Spreading work


@limits(max_examples=30)
@given(items=st.lists(st.integers(), max_size=30), width=st.integers(-1, 8))
def test_every_item_is_worked_on_once(items: list[int], width: int) -> None:
    done: list[int] = []
    spread(iter(items), done.append, width)
    assert sorted(done) == sorted(items)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_the_width_is_filled_and_not_exceeded(width: int) -> None:
    """All of the width meet at a barrier, which lets nobody through with fewer; none comes more."""
    together, lock, most, now = threading.Barrier(width), threading.Lock(), [0], [0]

    def work(_item: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(PATIENCE)
        with lock:
            now[0] -= 1

    spread(range(4 * width), work, width)
    assert most[0] <= width


def test_the_first_exception_is_raised_after_what_is_in_flight() -> None:
    begun, ended, in_flight = [], [], threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        if item == 1:
            in_flight.wait(PATIENCE)
            raise KeyError(item)
        in_flight.set()
        _until(lambda: 1 in begun)
        time.sleep(0.05)
        ended.append(item)

    with pytest.raises(KeyError, match="1"):
        spread(range(50), work, 2)
    assert sorted([*ended, 1]) == sorted(begun)
    assert len(begun) < 50


@pytest.mark.parametrize("error", [ValueError, queue.Empty, Stopped, KeyboardInterrupt])
def test_no_exception_is_swallowed(error: type[BaseException]) -> None:
    """queue.Empty too, which spreading uses itself."""

    def work(item: int) -> None:
        raise error

    with pytest.raises(error):
        spread([1, 2, 3], work, 2)


def test_one_after_another_keeps_the_order() -> None:
    done: list[int] = []
    spread(range(20), done.append, 1)
    assert done == list(range(20))
