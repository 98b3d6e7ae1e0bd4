"""What is asked again hangs together: with its own solution, one job at a time, judged once."""

import pytest

from core.app import App
from core.errors import Conflict
from core.llm import endpoints
from core.store import runs as run_rows
from tests.core.pipeline.conftest import Runs
from tests.fake_openai import FakeOpenAI, Reply, Script, endpoint_of, wait_until
from tests.fake_openai.strategist import Strategist

PROBLEM = "What is 2 + 3?"


def test_extracting_again_keeps_a_review_with_the_solution_it_reviewed(
    runs: Runs, fake: FakeOpenAI
) -> None:
    job = runs.do(PROBLEM)
    (result,) = runs.results(job)
    first = result.traces[0]
    fake.answer = Script(Reply("Another solution: $\\boxed{6}$"), Strategist())
    for stage in ("solve", "extract"):
        redo = runs.app.redo_stage(
            job.run_id or 0, result.problem.id, 0, stage, "fake", by="tester"
        )
        wait_until(lambda redo=redo: not runs.job(redo).active)
    again = runs.results(job)[0].traces[-1]
    assert (again.stage, again.attempt) == ("extract", 2)
    assert first.text in again.messages[0]["content"]
    assert "Another solution" not in again.messages[0]["content"]


def test_a_run_has_one_job_at_a_time_and_is_not_deleted_under_it(
    runs: Runs, fake: FakeOpenAI
) -> None:
    job = runs.do(PROBLEM)
    (result,) = runs.results(job)
    fake.answer = Reply("Slow and long. " * 50, delay=0.02)
    run_id, problem_id = job.run_id or 0, result.problem.id
    redo = runs.app.redo_stage(run_id, problem_id, 0, "solve", "fake", by="tester")
    wait_until(lambda: fake.in_flight == 1)
    with pytest.raises(Conflict, match="going on"):
        runs.app.jobs.resume(job.id)
    with pytest.raises(Conflict, match="going on"):
        runs.app.redo_stage(run_id, problem_id, 0, "reflect", "fake", by="tester")
    with pytest.raises(Conflict, match="Stop it first"):
        runs.app.delete(job)
    runs.app.jobs.stop(redo)
    wait_until(lambda: not runs.job(redo).active)
    assert [trace.stage for trace in runs.results(job)[0].traces].count("solve") == 2
    runs.app.delete(job)
    with runs.app.store.read() as session:
        assert run_rows.traces(run_id, session=session) == []


def test_a_judgement_is_a_trace_and_is_not_asked_for_twice(runs: Runs, app: App) -> None:
    with FakeOpenAI(Reply('{"leak": true, "specific": false, "trivial": false}')) as judge:
        endpoints.add(app.store, endpoint_of(judge, "judge"))
        job = runs.do(PROBLEM, judge="judge")
        (result,) = runs.results(job)
        assert [trace.arm for trace in result.traces] == ["strategist"] * 3
        with app.store.read() as session:
            totals = run_rows.totals(session=session)[job.run_id or 0]
        assert totals["traces"] == 3 + len(result.proposals)
        app.jobs.requeue(job.id)
        app.jobs.run_here(job.id)
        assert len(judge.requests) == len(result.proposals)


def test_a_budget_spent_on_thinking_is_no_solution_to_go_on_from(
    runs: Runs, fake: FakeOpenAI
) -> None:
    fake.answer = Reply(
        thinking="So many ways to see it.",
        thinking_form="reasoning_content",
        finish_reason="length",
    )
    job = runs.do(PROBLEM)
    (trace,) = runs.results(job)[0].traces
    assert (trace.finish_reason, trace.text, trace.usable) == ("length", "", False)
    assert trace.thinking
    assert job.note == "1 of 1 failed"
    assert len(fake.requests) == 1
