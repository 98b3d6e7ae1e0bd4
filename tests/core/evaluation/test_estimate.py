"""What an evaluation will take: lengths from replies that were cut, and what is said of them."""

from dataclasses import replace

import pytest

from core.evaluation.estimate import (
    SUPPOSED_INPUT,
    Estimate,
    Load,
    estimate,
    expected_length,
    in_one_line,
    sentences,
)
from core.store.outcomes import Outcome

REPLY = Outcome(
    *(1, 1, "plain", "solve", 0, 1, None, "model", "stop", None, None),
    *(100, 0, None, 200, None, 1.0, 0.1, "server", "hash", None, True, None, None),
    *(1000, "solve"),
)


def ended(*lengths: int) -> list[Outcome]:
    return [replace(REPLY, output_tokens=one) for one in lengths]


def cut(budget: int, times: int = 1) -> list[Outcome]:
    return [replace(REPLY, finish_reason="length", output_tokens=budget, max_tokens=budget)] * times


def load(*, examples: list[Outcome] | None = None, **changes: object) -> Load:
    made = Load("bci", "bci-topic", 10, (1.0, None, 2.0), examples or [], [])
    return replace(made, **changes)  # type: ignore[arg-type]


def estimated(*loads: Load, budget: int = 1000) -> Estimate:
    return estimate(loads, budget, problems=10, samples=1)


@pytest.mark.parametrize(
    ("replies", "budget", "length", "unended"),
    [
        (ended(100, 300), 1000, 200, 0),
        (ended(100, 300), 200, 150, 0),
        (cut(64, 3), 1000, 1000, 1.0),
        ([*ended(100), *cut(512, 9)], 10_512, 0.1 * 100 + 0.9 * 10_512, 0.9),
        ([*cut(64, 50), *ended(500, 700)], 2000, 600, 0),
        ([*ended(100), *cut(1000)], 1000, 550, 0),
        ([*ended(100), *cut(2000)], 1000, 550, 0),
    ],
)
def test_a_cut_reply_tells_only_how_long_it_is_at_least(
    replies: list[Outcome], budget: int, length: float, unended: float
) -> None:
    assert expected_length(replies, budget) == (pytest.approx(length), pytest.approx(unended))


def test_what_was_cut_before_is_longer_than_others() -> None:
    assert expected_length(ended(100, 100, 300, 500), 1000, beyond=200) == (400, 0)
    assert expected_length(ended(100), 1000, beyond=200) == (1000, 1.0)


def test_without_a_count_nothing_is_known() -> None:
    assert expected_length([replace(REPLY, output_tokens=None)], 1000) is None
    made = estimated(load(examples=[replace(REPLY, output_tokens=None)]))
    assert (made.supposed, made.output_tokens) == (("bci",), 10 * 500)


def test_replies_that_were_only_seen_cut_are_told() -> None:
    made = estimated(load(examples=cut(64, 4)))
    assert (made.output_tokens, made.unended, made.supposed) == (10_000, {"bci": 1.0}, ())
    assert "cut at smaller budgets (bci 100%): they are supposed to use all of this one." in (
        " ".join(sentences(made))
    )


def test_behaviors_count_where_the_arm_has_no_example() -> None:
    bare = load(others=ended(100))
    assert estimated(replace(bare, added=900.0)).input_tokens == 10 * (100 + 900)
    assert estimated(load(added=900.0)).input_tokens == 10 * (SUPPOSED_INPUT + 900)
    seen = [replace(REPLY, input_tokens=1500)]
    assert estimated(load(examples=seen, others=ended(100), added=900.0)).input_tokens == 15_000
    unknown = estimated(replace(bare, added=None))
    assert unknown.input_tokens == 1000
    assert "On top come the behaviors that bci will give." in sentences(unknown)


def test_an_arm_that_asks_for_nothing_more_is_no_part_of_it() -> None:
    made = estimated(load(replies=0, added=None), load(examples=ended(100)))
    assert (made.replies, made.output_tokens, made.uncounted, made.supposed) == (10, 1000, (), ())
    assert in_one_line(estimated(load(replies=0))).startswith("No further reply is asked for")
    assert in_one_line(made) == (
        "About 10 replies, 1,000 output tokens and 1,000 input tokens; cost $0.00, time unknown."
    )
