"""What is said where an arm was not given what its name says."""

from typing import Any

import pytest

from core.evaluation.comparison.lacking import lacking
from tests.core.evaluation.comparison import document


def given(kind: str, number: int, *, status: str = "done") -> dict[str, Any]:
    """Plain, an arm of this kind with so many behaviors, and BCI with three."""
    made = document(3)
    made["status"] = status
    made["asked"][2]["kind"] = kind
    made["arms"]["concise"][0].update(given=made["arms"]["bci"][0]["given"][:number])
    return made


def said(made: dict[str, Any], arm: str = "concise") -> str:
    return lacking(made, arm, made["arms"][arm][0])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bci-embedding", "None was near enough: the plain prompt was sent."),
        ("bci-hybrid", "None was near enough: the plain prompt was sent."),
        ("bci-topic", "The topic has none: the plain prompt was sent."),
        ("names-only", "None was given: the plain prompt was sent."),
        ("random", "None was left to draw from: the plain prompt was sent."),
        ("bci-dynamic", "Nothing was offered on the way."),
        ("concise", ""),
        ("a kind of tomorrow", ""),
    ],
)
def test_an_arm_that_was_given_nothing(kind: str, words: str) -> None:
    assert said(given(kind, 0)) == words


@pytest.mark.parametrize("kind", ["bci-embedding", "bci-topic", "random", "bci-dynamic"])
def test_an_arm_that_was_given_its_behaviors_lacks_nothing(kind: str) -> None:
    assert said(given(kind, 3)) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [(2, "Only 2 were left to draw from, not 3."), (1, "Only 1 was left to draw from, not 3.")],
)
def test_a_random_arm_that_found_fewer(number: int, words: str) -> None:
    assert said(given("random", number)) == words


def test_where_its_reference_got_nothing_a_random_arm_is_given_nothing() -> None:
    made = given("random", 0)
    made["arms"]["bci"][0]["given"] = []
    assert said(made) == "None was given: the plain prompt was sent."


def test_what_is_offered_on_the_way_is_not_known_before_the_end() -> None:
    made = given("bci-dynamic", 0, status="running")
    made["arms"]["concise"][0]["finish_reason"] = None
    assert said(made) == ""
    made["status"] = "interrupted"
    assert said(made) == "Nothing was offered on the way."
