"""From which version of which handbook the arms of an evaluation chose, as the run keeps it."""

from dataclasses import replace
from typing import Any

from core import planning
from core.evaluation.report.document import report
from core.llm import endpoints
from core.pipeline.arms import arm
from core.store import runs as run_rows
from core.store.records import Job
from tests.core.pipeline.test_evaluator import (
    RIGHT,
    Rounds,
    other_book,
    rounds,  # noqa: F401  a fixture
)
from tests.fake_openai import FakeOpenAI, Reply, counted

# The handbook of `Rounds` has eight behaviors, each written in a step.
BEGUN = 8


def steps(rounds: Rounds, job: Job) -> dict[str, tuple[str, int, int]]:  # noqa: F811
    with rounds.app.store.read() as session:
        drew_on = run_rows.run(job.run_id or 0, session=session).params["drew_on"]
    return {label: (one["slug"], one["first"], one["last"]) for label, one in drew_on.items()}


def grow(rounds: Rounds, name: str) -> None:  # noqa: F811
    rounds.write(name, "Counting", "Count odd digits in pairs.")


def test_an_arm_that_is_added_later_draws_on_the_handbook_of_then(
    rounds: Rounds,  # noqa: F811
) -> None:
    job = rounds.do("plain bci-embedding")
    grow(rounds, "behavior_in_pairs")
    more = tuple(arm(one, "fake") for one in ("bci-hybrid", "names-only", "random"))
    planning.extend_evaluation(rounds.app, job.run_id or 0, arms=more)
    assert rounds.app.jobs.run_here(job.id).status == "done"
    assert steps(rounds, job) == {
        "bci-embedding": ("book", BEGUN, BEGUN),
        "bci-hybrid": ("book", BEGUN + 1, BEGUN + 1),
        "names-only": ("book", BEGUN, BEGUN),  # the names of what bci-embedding gives
        "random": ("book", BEGUN + 1, BEGUN + 1),
    }
    made = report(rounds.app.store, job.run_id or 0)
    told = " ".join(made["method"])
    for arms, step in (("bci-embedding, names-only", BEGUN), ("bci-hybrid, random", BEGUN + 1)):
        assert (
            f"{arms}: behaviors of the handbook Book (book) as it stood after step {step}, " in told
        )
    assert any(one.startswith("The arms drew on different versions") for one in made["limits"])


def test_the_version_of_another_handbook_is_kept_too(rounds: Rounds) -> None:  # noqa: F811
    slug = other_book(rounds.app.store)
    job = rounds.do(f"bci-embedding bci-embedding:{slug}")
    assert steps(rounds, job) == {
        "bci-embedding": ("book", BEGUN, BEGUN),
        f"bci-embedding:{slug}": (slug, 1, 1),
    }
    told = " ".join(report(rounds.app.store, job.run_id or 0)["limits"])
    assert "different versions" not in told


def test_what_looks_while_it_replies_tells_when_it_began_and_ended(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    able = replace(rounds.app.models.endpoint("fake"), concurrency=1, found={"midway": "continue"})
    endpoints.change(rounds.app.store, able)

    def answer(body: dict[str, Any]) -> Reply:
        if len(fake.requests) == 3:
            grow(rounds, "behavior_in_pairs")
        return counted(body, RIGHT)

    fake.answer = answer
    job = rounds.do("bci-topic bci-dynamic", topic="Counting")
    assert steps(rounds, job) == {
        "bci-topic": ("book", BEGUN, BEGUN),
        "bci-dynamic": ("book", BEGUN, BEGUN + 1),
    }
    told = " ".join(report(rounds.app.store, job.run_id or 0)["method"])
    assert "bci-dynamic: looks in the handbook Book (book) while it replies" in told
    assert f"as it stands then: from step {BEGUN} to step {BEGUN + 1}." in told


def test_a_run_that_is_resumed_keeps_the_step_it_chose_at(rounds: Rounds) -> None:  # noqa: F811
    job = rounds.do("bci-embedding")
    grow(rounds, "behavior_in_pairs")
    rounds.again(job)
    assert steps(rounds, job) == {"bci-embedding": ("book", BEGUN, BEGUN)}
