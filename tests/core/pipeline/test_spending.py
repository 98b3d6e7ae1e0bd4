"""The spending limit of an evaluation where prices are bounds, unknown, or of stopped replies."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core import planning
from core.errors import BadInput
from core.evaluation.report.document import report
from core.llm import endpoints
from tests.core.pipeline.test_evaluator import (
    RIGHT,
    Rounds,
    rounds,  # noqa: F401  a fixture
)
from tests.fake_openai import FakeOpenAI, Reply, Worded, endpoint_of, wait_until

PRICES: dict[str, Any] = {"price_in": 1.0, "price_out": 1.0}


@pytest.fixture
def counting(rounds: Rounds) -> Iterator[FakeOpenAI]:  # noqa: F811
    """A server that sends no usage and has a tokenizer, known as `counting`."""
    with FakeOpenAI(replace(RIGHT, usage=False), tokenizer="llama.cpp") as server:
        endpoints.add(rounds.app.store, endpoint_of(server, "counting", concurrency=2, **PRICES))
        yield server


def change(rounds: Rounds, **changes: Any) -> None:  # noqa: F811
    endpoints.change(rounds.app.store, replace(rounds.app.models.endpoint("fake"), **changes))


def test_where_the_cached_share_is_unknown_the_most_it_can_cost_counts(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    change(rounds, concurrency=1, price_cached=0.1)
    fake.answer = replace(RIGHT, usage={"prompt_tokens": 90, "completion_tokens": 10})
    job = rounds.do("plain concise", spend_at_most=0.00025)
    assert job.status == "stopped"
    assert "at most 0.0003 of 0.00025 are spent" in job.note
    assert [trace.price for trace in rounds.traces(job)] == [None] * 3


def test_a_reply_without_a_price_stops_a_run_with_a_limit(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    change(rounds, concurrency=1)
    fake.answer = replace(RIGHT, usage=False)
    job = rounds.do("plain concise", spend_at_most=1.0)
    assert job.status == "stopped"
    assert "fake sent a reply without a count of its tokens" in job.note
    assert len(fake.requests) == 1
    planning.extend_evaluation(rounds.app, job.run_id or 0, spend_at_most=math.inf)
    assert rounds.app.jobs.run_here(job.id).status == "done"


def test_a_limit_is_refused_where_a_test_found_that_nobody_counts(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    change(rounds, found={"usage": False})
    with pytest.raises(BadInput, match="fake sends none, as its last test found"):
        rounds.add("plain", spend_at_most=1.0)
    assert rounds.add("plain").status == "queued"


def test_a_tokenizer_is_enough_for_a_limit(
    rounds: Rounds,  # noqa: F811
    counting: FakeOpenAI,
) -> None:
    known = rounds.app.models.endpoint("counting")
    endpoints.change(rounds.app.store, replace(known, found={"usage": False}))
    job = rounds.do("plain@counting", spend_at_most=1.0)
    assert (job.status, job.note) == ("done", "")


def test_what_was_stopped_is_paid_for_and_in_no_figure(
    rounds: Rounds,  # noqa: F811
    counting: FakeOpenAI,
) -> None:
    counting.answer = Worded("So on. " * 60, delay=5, usage=False)
    job = rounds.start("plain@counting", spend_at_most=1.0)
    wait_until(lambda: counting.in_flight == 2)
    rounds.app.jobs.stop(job.id)
    assert rounds.ended(job).status == "stopped"
    stopped = rounds.traces(job)
    assert {trace.finish_reason for trace in stopped} == {"cancelled"}
    spent = sum(trace.price or 0.0 for trace in stopped)
    assert spent > 0
    made = report(rounds.app.store, job.run_id or 0)
    assert (made["arms"], made["failed"]) == ([], [])
    again = rounds.extend(job, spend_at_most=spent)
    assert again.status == "stopped"
    assert f"{spent:.4f} of {spent:g} are spent" in again.note
    assert len(counting.requests) == 2


def test_what_broke_off_uncounted_is_said_not_to_be_in_the_sum(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    change(rounds, concurrency=1)
    usage = {"prompt_tokens": 90, "completion_tokens": 10}
    lost = Worded("So it goes on and on.", fault="drop", usage=False)

    def answer(_body: dict[str, Any]) -> Reply:
        return lost if len(fake.requests) == 1 else replace(RIGHT, usage=usage)

    fake.answer = answer
    job = rounds.do("plain concise", spend_at_most=0.0002)
    assert "replies whose tokens nobody counted are not in it: 1." in job.note
