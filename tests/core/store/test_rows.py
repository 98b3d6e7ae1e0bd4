"""What the tables themselves promise: times, unique keys, compare-and-set, what goes with what."""

import threading
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from core.errors import NotFound
from core.store import Store, endpoints, handbooks, history, jobs, runs
from core.store import behaviors as behavior_rows
from core.store.records import JobStatus
from tests.core.samples import add_behavior, add_handbook, add_run, add_trace

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=zones)
anywhere = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _add_job(store: Store, **fields: Any) -> int:
    with store.write() as session:
        return jobs.add_job(kind="solve", by="tester", session=session, **fields).id


# Times


@anywhere
@given(moment=times)
def test_times_come_back_as_the_same_moment_in_utc(store: Store, moment: datetime) -> None:
    job_id = _add_job(store, started=moment)
    with store.read() as session:
        started = jobs.job(job_id, session=session).started
    assert started == moment
    assert started is not None
    assert started.utcoffset() == timedelta(0)


def test_times_set_by_the_program_are_aware(store: Store) -> None:
    with store.write() as session:
        handbook = add_handbook(session)
        behavior = add_behavior(session, handbook)
        step = history.add_step(handbook.id, "propose", 1, by="tester", session=session)
        operation = {"behavior_id": behavior.id, "kind": "propose", "before": {}, "after": {}}
        history.add_operations(step, [operation], session=session)
        run = add_run(session, handbook)
        add_trace(session, run)
    _add_job(store)
    with store.read() as session:
        records = [
            handbooks.handbook(handbook.id, session=session),
            behavior_rows.behavior(behavior.id, session=session),
            step,
            *history.history(handbook.id, session=session),
            runs.run(run.id, session=session),
            *runs.traces(run.id, session=session),
            *jobs.jobs(session=session),
        ]
    seen = [
        value
        for record in records
        for field in fields(record)
        if isinstance(value := getattr(record, field.name), datetime)
    ]
    assert len(seen) == 9
    assert all(time.tzinfo is UTC for time in seen)


# Jobs: compare-and-set


@pytest.mark.parametrize("status", ["done", "failed", "stopped", "interrupted", "running"])
def test_a_job_moves_only_from_the_states_named(store: Store, status: JobStatus) -> None:
    job_id = _add_job(store, status=status, note="before")
    with store.write() as session:
        assert not jobs.move(job_id, ("queued",), "running", session=session, note="after")
    with store.read() as session:
        job = jobs.job(job_id, session=session)
    assert (job.status, job.note) == (status, "before")
    with store.write() as session:
        assert jobs.move(job_id, ("queued", status), "running", session=session, note="after")
    with store.read() as session:
        job = jobs.job(job_id, session=session)
    assert (job.status, job.note) == ("running", "after")


def test_of_many_who_start_a_job_one_wins(store: Store) -> None:
    job_id = _add_job(store)
    start, winners = threading.Barrier(6), []

    def take(name: str) -> None:
        start.wait()
        with store.write() as session:
            if jobs.move(job_id, ("queued",), "running", session=session, owner=name):
                winners.append(name)

    threads = [threading.Thread(target=take, args=(f"thread {i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert [jobs.job(job_id, session=session).owner] == winners


def test_progress_is_noted_on_running_jobs_only(store: Store) -> None:
    ended, running = _add_job(store, status="stopped"), _add_job(store, status="running")
    with store.write() as session:
        for job_id in (ended, running):
            jobs.note_progress(job_id, 3, 4, "three", session=session)
    with store.read() as session:
        found = {job.id: (job.done, job.total, job.note) for job in jobs.jobs(session=session)}
    assert found == {ended: (0, 0, ""), running: (3, 4, "three")}


def test_a_job_whose_row_is_gone_should_stop(store: Store) -> None:
    job_id = _add_job(store, status="running")
    with store.read() as session:
        assert jobs.stop_asked(job_id, session=session) == (False, frozenset())
    with store.write() as session:
        jobs.delete_job(job_id, session=session)
    with store.read() as session:
        assert jobs.stop_asked(job_id, session=session) == (True, frozenset())


# Unique keys


def test_one_attempt_is_kept_once(store: Store) -> None:
    with store.write() as session:
        run = add_run(session)
        add_trace(session, run)
    for difference in ({"attempt": 2}, {"sample": 1}, {"stage": "reflect"}, {"arm": "bci"}):
        with store.write() as session:
            add_trace(session, run, **difference)
    with pytest.raises(IntegrityError), store.write() as session:
        add_trace(session, run, endpoint="another", text="paid for twice")
    with store.read() as session:
        assert len(runs.traces(run.id, session=session)) == 4
        assert len(runs.traces(run.id, arm="bci", session=session)) == 1


def test_an_accepted_name_is_unique_in_its_handbook(store: Store) -> None:
    with store.write() as session:
        book, other = add_handbook(session, "one"), add_handbook(session, "two")
        add_behavior(session, book, status="accepted")
        add_behavior(session, other, status="accepted")
    with pytest.raises(IntegrityError), store.write() as session:
        add_behavior(session, book, status="accepted", instruction="When another, do else.")


@pytest.mark.parametrize("status", ["proposed", "rejected", "merged"])
def test_other_names_are_not_unique(store: Store, status: str) -> None:
    with store.write() as session:
        book = add_handbook(session)
        add_behavior(session, book, status="accepted")
        twins = [add_behavior(session, book, status=status) for _ in range(2)]
    assert twins[0].name == twins[1].name
    with pytest.raises(IntegrityError), store.write() as session:
        accepted = {twins[0].id: {"status": "accepted"}}
        behavior_rows.change_behaviors(accepted, by="tester", session=session)


def test_a_change_counts_the_version_up_and_names_who(store: Store) -> None:
    with store.write() as session:
        behavior = add_behavior(session, add_handbook(session))
        change = {behavior.id: {"topic": "Algebra"}}
        behavior_rows.change_behaviors(change, by="ann", session=session)
    with store.read() as session:
        changed = behavior_rows.behavior(behavior.id, session=session)
    assert (changed.version, changed.topic, changed.by) == (2, "Algebra", "ann")
    assert changed.changed > behavior.changed


def test_two_accepted_behaviors_can_change_names_at_once(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        one = add_behavior(session, book, name="behavior_one", status="accepted")
        two = add_behavior(session, book, name="behavior_two", status="accepted")
        swap = {one.id: {"name": two.name}, two.id: {"name": one.name}}
        behavior_rows.change_behaviors(swap, by="ann", session=session)
    with store.read() as session:
        swapped = behavior_rows.behaviors_by_id([one.id, two.id], session=session)
    assert [behavior.name for behavior in swapped.values()] == ["behavior_two", "behavior_one"]
    assert [behavior.status for behavior in swapped.values()] == ["accepted", "accepted"]


def test_a_problem_is_kept_once(store: Store) -> None:
    with store.write() as session:
        keep = [
            runs.keep_problem(text, gold, topic, {}, session=session)
            for text, gold, topic in [
                ("What is 1?", "1", "A"),
                ("What is 1?", "1", "A"),
                ("What is 1?", None, "A"),
                ("What is 1?", "1", "B"),
            ]
        ]
    assert keep[0] == keep[1]
    assert len(set(keep)) == 3


# What goes with what


def test_a_deleted_run_takes_its_traces_and_jobs_but_no_behavior(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        run = add_run(session, book)
        trace = add_trace(session, run, stage="extract")
        runs.set_verdict(trace.id, extracted="4", correct=True, grader="exact", session=session)
        behavior = add_behavior(session, book)
        behavior_rows.add_source(
            behavior_id=behavior.id, trace_id=trace.id, stage="extract", session=session
        )
        jobs.add_job(kind="solve", run_id=run.id, by="tester", session=session)
    with store.read() as session:
        assert runs.behaviors_of_run(run.id, session=session) == 1
    with store.write() as session:
        runs.delete_run(run.id, session=session)
    with store.read() as session:
        assert jobs.jobs(session=session) == []
        assert runs.verdicts([trace.id], session=session) == {}
        with pytest.raises(NotFound, match="no trace number"):
            runs.trace(trace.id, session=session)
        (source,) = behavior_rows.sources([behavior.id], session=session)[behavior.id]
        assert source.trace_id is None
        assert behavior_rows.behavior(behavior.id, session=session).name == behavior.name


def test_counts_nobody_measured_stay_unknown(store: Store) -> None:
    with store.write() as session:
        run = add_run(session)
        add_trace(session, run, finish_reason="stop")
        other = add_run(session)
        add_trace(session, other, input_tokens=5, output_tokens=7, price=0.5, error="It broke.")
    with store.read() as session:
        totals = runs.totals(session=session)
    unknown = {"input_tokens": None, "output_tokens": None, "price": None}
    assert totals[run.id] == {"traces": 1, "errors": 0, "uncounted": 1, **unknown}
    known = {"input_tokens": 5, "output_tokens": 7, "price": 0.5}
    assert totals[other.id] == {"traces": 1, "errors": 1, "uncounted": 0, **known}


def test_a_failure_that_was_followed_by_another_attempt_is_none(store: Store) -> None:
    with store.write() as session:
        run = add_run(session)
        add_trace(session, run, error="It broke.")
        add_trace(session, run, attempt=2)
        add_trace(session, run, sample=1, error="It broke.")
        add_trace(session, run, sample=1, attempt=2, error="It broke again.")
    with store.read() as session:
        assert runs.totals(session=session)[run.id]["errors"] == 1


def test_unfinished_traces_are_discarded_and_finished_ones_kept(store: Store) -> None:
    with store.write() as session:
        run = add_run(session)
        kept = add_trace(session, run, finish_reason="length")
        add_trace(session, run, sample=1)
        runs.discard_unfinished(run.id, session=session)
    with store.read() as session:
        assert [trace.id for trace in runs.traces(run.id, session=session)] == [kept.id]


def test_an_endpoint_is_put_under_its_name_once(store: Store) -> None:
    for model in ("first", "second"):
        with store.write() as session:
            endpoints.put_endpoint("mine", base_url="http://x", model=model, session=session)
    with store.read() as session:
        assert [e.model for e in endpoints.endpoints(session=session)] == ["second"]
    with store.write() as session:
        assert endpoints.delete_endpoint("mine", session=session)
        assert not endpoints.delete_endpoint("mine", session=session)


@pytest.mark.parametrize("ask", [handbooks.handbook, behavior_rows.behavior, runs.run, jobs.job])
def test_what_is_not_there_is_said(store: Store, ask: Any) -> None:
    with pytest.raises(NotFound, match=r"There is no .* number 7"), store.read() as session:
        ask(7, session=session)
