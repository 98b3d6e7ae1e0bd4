"""How long an evaluation is said to take: each model at its own speed, beside the others."""

import pytest

from core.evaluation.estimate import Load, estimate

BUDGET = 1000  # of which a model that nobody knows is supposed to use the half


def load(line: str, speed: float | None, width: int = 1, replies: int = 36) -> Load:
    return Load(
        arm="plain",
        kind="plain",
        replies=replies,
        prices=(None, None, None),
        examples=[],
        others=[],
        line=line,
        width=width,
        tokens_a_second=speed,
    )


@pytest.mark.parametrize(
    ("loads", "hours"),
    [
        ([load("a", 5.0)], 1.0),
        ([load("a", 5.0, width=4)], 0.25),
        ([load("a", 5.0, width=4), load("a", 5.0, width=4)], 0.5),
        ([load("a", 5.0, width=4, replies=2)], 500 / 5 / 3600),
        ([load("embedded", 5.0), load("embedded", 10.0)], 1.5),
        ([load("a", 5.0), load("b", 50.0)], 1.0),
        ([load("a", 5.0), load("b", None)], None),
    ],
)
def test_it_takes_as_long_as_the_longest_line(loads: list[Load], hours: float | None) -> None:
    assert estimate(loads, BUDGET, problems=9, samples=1).hours == pytest.approx(hours)
