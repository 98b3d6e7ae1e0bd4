"""What an evaluation will ask for: only what is missing, and how much behaviors add."""

from dataclasses import replace
from typing import Any

import pytest

from core import planning
from core.pipeline.ahead import Missing, Sampler, missing
from core.pipeline.arms import arm
from core.pipeline.evaluation import Evaluation
from core.store import outcomes
from core.store import runs as run_rows
from core.store.records import Job, Problem, Run
from tests.core.pipeline.test_evaluator import RIGHT, Rounds, rounds  # noqa: F401  a fixture
from tests.fake_openai import FakeOpenAI, Reply, Worded, counted


def run_of(made: Rounds, job: Job) -> Run:
    with made.app.store.read() as session:
        return run_rows.run(job.run_id or 0, session=session)


def asked(made: Rounds, job: Job, **wanted: Any) -> set[tuple[str, int, int]]:
    """(arm, replies, tokens they were cut at) that the run would ask for, extended so."""
    run = run_of(made, job)
    plan = planning.extended_plan(run, **wanted)
    with made.app.store.read() as session:
        kept = outcomes.outcomes(run.id, session=session)
    found = missing(plan, len(run.problem_ids), kept)
    return {(one.arm.label, one.replies, one.beyond) for one in found if one.replies}


def test_only_what_is_missing_is_counted(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        long = "circle of 3" in body["messages"][-1]["content"]
        return counted(body, Worded("word " * 100 + "\\boxed{42}") if long else RIGHT)

    fake.answer = answer
    job = rounds.do("plain concise")
    plan = Evaluation.of(run_of(rounds, job))
    assert missing(plan, 6) == [Missing(one, 6) for one in plan.arms]
    assert asked(rounds, job) == asked(rounds, job, budgets=(32,)) == set()
    assert asked(rounds, job, samples=3) == {("plain", 12, 0), ("concise", 12, 0)}
    assert asked(rounds, job, budgets=(256,)) == {("plain", 1, 64), ("concise", 1, 64)}
    arms = (*plan.arms, arm("random", "fake"))
    assert asked(rounds, job, arms=arms) == {("random", 6, 0)}
    made = planning.estimate_run(
        rounds.app, run_of(rounds, job), planning.extended_plan(run_of(rounds, job), arms=arms)
    )
    assert made.replies == 6
    assert made.input_tokens > 6 * 20


def added(made: Rounds, arms: str, **changes: Any) -> dict[str, float | None]:
    job = made.add(arms)
    run = run_of(made, job)
    with made.app.store.read() as session:
        problems: list[Problem] = list(run_rows.problems(run.problem_ids, session=session).values())
    plan = replace(Evaluation.of(run), **changes)
    return Sampler(made.app.store, made.app.sources, plan, "book", problems).added()


def test_behaviors_make_what_is_sent_longer(rounds: Rounds) -> None:  # noqa: F811
    found = added(rounds, "plain bci-embedding names-only random bci-dynamic")
    assert (found["plain"], found["bci-dynamic"]) == (0.0, None)
    whole = found["bci-embedding"]
    assert whole
    assert found["random"] == whole
    assert found["names-only"]
    assert 0 < found["names-only"] < whole
    fewer = added(rounds, "plain bci-embedding", k=1)["bci-embedding"]
    assert fewer
    assert fewer < whole


@pytest.mark.parametrize("changes", [{"at_least": 1.0}, {"topic": "none such"}])
def test_where_nothing_is_found_nothing_is_claimed(
    rounds: Rounds,  # noqa: F811
    changes: dict[str, Any],
) -> None:
    kind = "bci-topic" if "topic" in changes else "bci-embedding"
    assert added(rounds, f"plain {kind}", **changes) == {"plain": 0.0, kind: None}


def test_a_handbook_that_is_not_made_yet_is_no_error(rounds: Rounds) -> None:  # noqa: F811
    run = run_of(rounds, rounds.add("plain"))
    plan = replace(Evaluation.of(run), arms=(arm("bci-topic:book-raw", "fake"),))
    with rounds.app.store.read() as session:
        problems = list(run_rows.problems(run.problem_ids, session=session).values())
    sampler = Sampler(rounds.app.store, rounds.app.sources, plan, "book", problems)
    assert sampler.added() == {"bci-topic:book-raw": None}
