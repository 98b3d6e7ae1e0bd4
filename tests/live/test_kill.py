"""A run whose process is killed loses at most what was in flight, and repeats nothing else."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.store import Store
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import STAGES
from tests.fake_openai import FakeOpenAI, Reply, Strategist, Worded, asked, counted
from tests.live.killed import evaluate_killed, shell, start_and_kill

pytestmark = pytest.mark.live
PROBLEMS = [f"What is {number} + 25?" for number in range(20)]
AT_A_TIME = 4
KILL_AFTER = 25  # requests of 60

Step = tuple[str, str]


def finished_steps(settings: Settings) -> set[Step]:
    """(stage, problem) of every trace that has ended, as the database has it after the kill."""
    store = Store.open(settings.database_url)
    try:
        with store.read() as session:
            (job,) = job_rows.jobs(session=session)
            traces = run_rows.traces(job.run_id or 0, session=session)
            problems = run_rows.problems({t.problem_id for t in traces}, session=session)
        return {(t.stage, problems[t.problem_id].text) for t in traces if t.finish_reason}
    finally:
        store.close()


def seen_steps(fake: FakeOpenAI) -> Counter[Step]:
    questions = [asked(body) for body in fake.requests]
    return Counter((question.stage, question.problem) for question in questions if question)


def test_a_killed_run_goes_on_where_it_was(home: Path, tmp_path: Path, fake: FakeOpenAI) -> None:
    fake.answer = Strategist(delay=0.003)
    shell(
        *("models", "add", "fake", "--base-url", fake.base_url, "--model", "fake-model"),
        *("--concurrency", AT_A_TIME),
    )
    path = tmp_path / "problems.jsonl"
    path.write_text("".join(json.dumps({"problem": text}) + "\n" for text in PROBLEMS))
    options = ("--model", "fake", "--handbook", "notes", "--seed", 1, "--json")
    start_and_kill(fake, KILL_AFTER, "solve", "--problems", path, *options)
    settings = Settings.from_env()
    finished, before = finished_steps(settings), seen_steps(fake)
    assert len(finished) >= KILL_AFTER - AT_A_TIME
    assert set(before.values()) == {1}

    (listed,) = shell("runs", "list", "--json")
    assert listed["status"] == "interrupted"
    assert len(fake.requests) == sum(before.values())  # looking at it asks nothing

    document = shell("runs", "resume", listed["run"], "--json")
    assert document["status"] == "done"
    assert [problem["problem"] for problem in document["problems"]] == PROBLEMS
    for problem in document["problems"]:
        stages = [(trace["stage"], trace["finish_reason"]) for trace in problem["traces"]]
        assert stages == [(stage, "stop") for stage in STAGES]
        assert len(problem["proposals"]) == 2

    seen = seen_steps(fake)
    assert set(seen) == {(stage, problem) for stage in STAGES for problem in PROBLEMS}
    repeated = {step for step, times in seen.items() if times > 1}
    assert not repeated & finished
    assert len(repeated) <= AT_A_TIME
    assert max(seen.values()) <= 2
    (listed,) = shell("runs", "list", "--json")
    assert (listed["status"], listed["traces"], listed["errors"]) == ("done", 60, 0)


def test_a_killed_evaluation_asks_for_nothing_twice(
    home: Path, tmp_path: Path, fake: FakeOpenAI
) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return counted(body, Worded("It is so. \\boxed{4}"))

    fake.answer = answer
    shell(
        *("models", "add", "fake", "--base-url", fake.base_url, "--model", "fake-model"),
        *("--concurrency", AT_A_TIME),
    )
    found = evaluate_killed(fake, tmp_path, problems=100, after=90)
    assert len(found.finished) >= 90 - 2 * AT_A_TIME
    assert len(found.asked) == 200
    assert not found.repeated
    assert len(found.in_flight) <= AT_A_TIME
    assert [arm["n"] for arm in found.report["arms"]] == [100, 100]
