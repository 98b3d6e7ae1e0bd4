"""Long work: a row and a daemon thread.

A screen only reads the row. A handler reports progress, which is also where it notices a stop; what
it finishes it keeps at once, and it skips what exists, so that running it again repeats nothing.
Several programs may share a database: each job names the process that runs it, and jobs whose
process is gone are marked interrupted by whoever looks next. So are those of this process whose
thread is gone, because how they ended could not be written.
"""

import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import psutil

from core.errors import Conflict, VademecumError
from core.store import Session, Store
from core.store import jobs as rows
from core.store.records import ACTIVE, Job, JobStatus, now

Item = TypeVar("Item")
STOP_LOOK_SECONDS = 0.5
# When a process began is told by whole seconds since the machine did, which shift with its clock.
CLOCK_SECONDS = 10
RESUMABLE: tuple[JobStatus, ...] = ("done", "failed", "stopped", "interrupted")
# How long a disk may be full or a database locked until the end of a job is given up.
LAST_WRITE_SECONDS, LAST_WRITE_PAUSE = 60.0, 1.0
UNWRITTEN = "How it ended could not be written to the database. Resume does what is missing."
log = logging.getLogger(__name__)


class Stopped(Exception):
    """Someone asked the job to stop, or a limit was reached that the message names."""


class Report:
    """What a handler tells of itself, and where it learns that it should stop."""

    def __init__(self, store: Store, job_id: int, stop: threading.Event):
        self._store = store
        self._job_id = job_id
        self._stop = stop
        self._looked = 0.0
        self._parts: frozenset[str] = frozenset()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        with self._store.write() as session:
            rows.note_progress(self._job_id, done, total, note, session=session)
        if self.stopped():
            raise Stopped

    def stopped(self, part: str | None = None) -> bool:
        """Whether the job should stop, or this part of it.

        Cheap to ask often: the row, which another process may have changed, is read rarely.
        """
        if not self._stop.is_set() and time.monotonic() - self._looked > STOP_LOOK_SECONDS:
            self._looked = time.monotonic()
            with self._store.read() as session:
                asked, self._parts = rows.stop_asked(self._job_id, session=session)
                if asked:
                    self._stop.set()
        return self._stop.is_set() or part in self._parts


Handler = Callable[[Job, Report], str]


class Jobs:
    """Starts, stops and resumes jobs. A handler gives the note that stays on its finished row."""

    def __init__(self, store: Store, handlers: Mapping[str, Handler]):
        self._store = store
        self._handlers = handlers
        self._stops: dict[int, threading.Event] = {}
        self.sweep()

    def submit(
        self, kind: str, *, params: dict[str, Any], by: str, run_id: int | None = None
    ) -> int:
        """Writes the row and starts the work in the background."""
        job_id = self.add(kind, params=params, by=by, run_id=run_id)
        self.start(job_id)
        return job_id

    def add(self, kind: str, *, params: dict[str, Any], by: str, run_id: int | None = None) -> int:
        """Writes the row only; `run_here` does the work in the caller's thread."""
        with self._store.write() as session:
            _need_idle(run_id, session)
            job = rows.add_job(
                kind=kind, params=params, by=by, run_id=run_id, owner=_owner(), session=session
            )
        return job.id

    def run_here(self, job_id: int) -> Job:
        """Does the work now, and gives the job as it ended."""
        self._work(job_id)
        with self._store.read() as session:
            return rows.job(job_id, session=session)

    def stop(self, job_id: int) -> None:
        """Asks the job to stop, in whichever process it runs; one that nobody does is marked so."""
        self.sweep()
        if event := self._stops.get(job_id):
            event.set()
        with self._store.write() as session:
            rows.ask_to_stop(job_id, session=session)
            # What another machine ran cannot be asked any more: a new host name ends up here too.
            elsewhere = not _is_here(rows.job(job_id, session=session).owner)
            stoppable: tuple[JobStatus, ...] = ACTIVE if elsewhere else ("queued",)
            rows.move(job_id, stoppable, "stopped", session=session, finished=now())

    def stop_part(self, job_id: int, part: str) -> None:
        """Asks the job to leave out one part of its work and go on with the others."""
        with self._store.write() as session:
            rows.ask_to_stop_part(job_id, part, session=session)

    def requeue(self, job_id: int) -> None:
        """Makes an ended job ready to run again; a job that is going on cannot be."""
        with self._store.write() as session:
            job = rows.job(job_id, session=session)
            _need_idle(job.run_id, session)
            fields = {"stop": False, "note": "", "owner": _owner(), "finished": None}
            fields["params"] = rows.without_stopped_parts(job.params)
            if not rows.move(job_id, RESUMABLE, "queued", session=session, **fields):
                raise Conflict(f"Job {job_id} is going on already.")

    def resume(self, job_id: int) -> None:
        self.requeue(job_id)
        self.start(job_id)

    def sweep(self) -> None:
        """Marks jobs that nobody does any more as interrupted."""
        with self._store.read() as session:
            left = any(_is_left(job) for job in rows.jobs(statuses=ACTIVE, session=session))
        if not left:
            return
        with self._store.write() as session:
            # Looked at again, as nobody else writes now: one may have ended or been resumed.
            for job in filter(_is_left, rows.jobs(statuses=ACTIVE, session=session)):
                note = UNWRITTEN if _is_alive(job.owner) else ""
                rows.move(job.id, ACTIVE, "interrupted", session=session, note=note, finished=now())

    def start(self, job_id: int) -> None:
        """Does the work of a queued job in the background."""
        threading.Thread(target=self._work, args=(job_id,), daemon=True).start()

    def _work(self, job_id: int) -> None:
        stop = self._stops[job_id] = threading.Event()
        started = now()
        try:
            with _named(_thread_name(job_id, started)):
                self._work_if_queued(job_id, started, stop)
        finally:
            if self._stops.get(job_id) is stop:  # it may have been resumed meanwhile
                self._stops.pop(job_id, None)

    def _work_if_queued(self, job_id: int, started: datetime, stop: threading.Event) -> None:
        with self._store.write() as session:
            mine = rows.move(
                job_id, ("queued",), "running", session=session, owner=_owner(), started=started
            )
            job = rows.job(job_id, session=session)
        if mine:
            status, note = self._handle(job, Report(self._store, job_id, stop))
            self._end(job_id, status, note)

    def _end(self, job_id: int, status: JobStatus, note: str) -> None:
        """The last write, for a while also where it fails: else what was done counts as undone."""
        gives_up = time.monotonic() + LAST_WRITE_SECONDS
        while True:
            try:
                with self._store.write() as session:
                    rows.move(
                        job_id, ("running",), status, session=session, note=note, finished=now()
                    )
                return
            except Exception as error:
                if time.monotonic() > gives_up:
                    raise
                log.warning("the end of job %s could not be written yet: %s", job_id, error)
            time.sleep(LAST_WRITE_PAUSE)

    def _handle(self, job: Job, report: Report) -> tuple[JobStatus, str]:
        try:
            return "done", self._handlers[job.kind](job, report)
        except Stopped as stopped:
            return "stopped", str(stopped) or "Stopped. Resume goes on from here."
        except VademecumError as error:
            return "failed", str(error)
        except Exception as error:
            log.exception("job %s failed", job.id)
            return "failed", f"A bug in Vademecum: {type(error).__name__}. The log has the details."


def _need_idle(run_id: int | None, session: Session) -> None:
    """Two jobs on one run would take each other's traces for left-overs."""
    if run_id is not None and rows.jobs(statuses=ACTIVE, run_id=run_id, session=session):
        raise Conflict(f"Run {run_id} is going on already. Stop it first, or wait for its end.")


def spread(items: Iterable[Item], work: Callable[[Item], None], width: int) -> None:
    """Does the work for all items, `width` at a time, and waits.

    Daemon threads, so that leaving the program never waits for a model. The first exception stops
    the handing out of items and is raised here, after the items in flight have ended.
    """
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)
    errors: list[BaseException] = []

    def draw() -> None:
        while not errors:
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(item)
            except BaseException as error:  # noqa: BLE001  raised again by the caller's thread
                errors.append(error)

    threads = [threading.Thread(target=draw, daemon=True) for _ in range(max(1, width))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _owner() -> str:
    """Host, process and its start: a reused process number is not taken for the old process."""
    process = psutil.Process(os.getpid())
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.2f}"


def _thread_name(job_id: int, started: datetime | None) -> str:
    """Names one doing of a job, as its row does: jobs of two databases may have one number."""
    return f"job-{job_id} {started}"


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Gives this thread a name for a while."""
    thread = threading.current_thread()
    before, thread.name = thread.name, name
    try:
        yield
    finally:
        thread.name = before


def _is_left(job: Job) -> bool:
    """Whether nobody does it any more: its process is gone, or its thread in this process.

    The threads are looked at, not a set of ours: Streamlit imports edited code anew, which would
    begin with an empty set while the threads go on.
    """
    if not job.owner:
        return False
    if not _is_alive(job.owner):
        return True
    if job.status != "running" or not _is_mine(job.owner):
        return False
    name = _thread_name(job.id, job.started)
    return all(thread.name != name for thread in threading.enumerate())


def _is_mine(owner: str) -> bool:
    """Of an owner that is alive."""
    return _is_here(owner) and int(owner.rsplit(":", 2)[1]) == os.getpid()


def _is_here(owner: str) -> bool:
    return not owner or owner.rsplit(":", 2)[0] == socket.gethostname()


def _is_alive(owner: str) -> bool:
    """Whether the process still runs; one on another host gets the benefit of the doubt."""
    _, pid, created = owner.rsplit(":", 2)
    if not _is_here(owner):
        return True
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(created)) < CLOCK_SECONDS
        return same and process.status() != "zombie"
    except psutil.NoSuchProcess:
        return False
