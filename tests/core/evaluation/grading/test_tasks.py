"""Countdown, questions, and tasks as a problem's columns tell them."""

from collections import Counter
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.grading import Grade, Task, grade, grade_answer
from core.evaluation.grading.countdown import evaluated
from tests.real_data import real_rows

COUNTDOWN = Task.of({"task": "countdown", "numbers": [3, 8, 4], "target": 28})
RIGHT = [
    "3*8+4",
    "4 + 8 * 3",
    "(3 × 8) + 4 = 28",
    "28 = 3 \\times 8 + 4",
    "$3 \\cdot 8 + 4$",
    "8*3--4",
    "3*8 + 4.",
    "\\text{(3*8)+4}",
    "`3*8+4`",
    "3 \\ast 8 + 4",
]
WRONG = [
    "3*8+5",  # another number
    "3*8",  # one left out
    "3*8+4+3",  # one twice
    "3*8-4",  # another value
    "3*8+4 = 29",
    "38-4*1",
    "3 \\ast\\ast 8 + 4",
    "3*8+4*",
    "28",
    "3**8+4",
    "8//3+4",
    "3(8)+4",
    "3*8+4; import os",
    "__import__('os').getcwd()",
    "3*8+4 if 1 else 2",
    "(" * 200 + "3*8+4" + ")" * 200,
    "3*8+4*(1/0)",
    "",
]


@pytest.mark.parametrize("answer", RIGHT)
def test_expressions_that_reach_the_target(answer: str) -> None:
    assert grade(f"Let us see.\n\\boxed{{{answer}}}", "28", COUNTDOWN).correct is True
    assert grade_answer(answer, None, COUNTDOWN) == Grade(answer, True, "countdown")


@pytest.mark.parametrize("answer", WRONG)
def test_expressions_that_do_not(answer: str) -> None:
    assert grade_answer(answer, "28", COUNTDOWN).correct is False


def test_an_expression_is_found_without_a_box() -> None:
    assert grade("I get (3 * 8) + 4 = 28.", "28", COUNTDOWN).correct
    assert grade("<answer>3*8+4</answer>", "28", COUNTDOWN).correct


def test_fractions_are_exact() -> None:
    task = Task.of({"task": "countdown", "numbers": "8, 3, 8, 3", "target": "24"})
    assert grade_answer("8/(3-8/3)", "24", task).correct
    assert grade_answer("\\frac{8}{3-\\frac{8}{3}}", "24", task).correct


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return str(draw(st.integers(0, 99)))
    left, right = draw(expressions(depth=depth - 1)), draw(expressions(depth=depth - 1))
    return f"({left} {draw(st.sampled_from('+-*/'))} {right})"


@given(expression=expressions())
def test_values_are_those_of_exact_arithmetic(expression: str) -> None:
    """Compared with Python's own, on fractions: the expression is ours, so it may be run."""
    exact = "".join(
        f"Fraction({part})" if part.isdigit() else part
        for part in expression.replace("(", "( ").replace(")", " )").split(" ")
    )
    try:
        expected = eval(exact, {"Fraction": Fraction})  # noqa: S307
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            evaluated(expression)
        return
    value, used = evaluated(expression)
    assert value == expected
    digits = "".join(sign if sign.isdigit() else " " for sign in expression)
    assert Counter(used) == Counter(map(int, digits.split()))


def test_the_public_countdown_problems_have_answers_that_count() -> None:
    for row in real_rows("countdown_cd3_test.jsonl")[:60]:
        task = Task.of({"task": "countdown", "numbers": row["input"], "target": row["output"]})
        found = [one for one in _solutions(row["input"].split(",")) if _right(one, task)]
        assert found, row
        assert not _right(f"{found[0]}+{row['output']}-{row['output']}", task)


def _solutions(given: list[str]) -> list[str]:
    signs = [(one, two) for one in "+-*/" for two in "+-*/"]
    return [
        form.format(a, b, c, s, t)
        for a, b, c in permutations(given)
        for s, t in signs
        for form in ("({0}{3}{1}){4}{2}", "{0}{3}({1}{4}{2})")
    ]


def _right(answer: str, task: Task) -> bool:
    return grade_answer(answer, None, task).correct is True


# Questions


def test_exact_match_and_f1() -> None:
    task = Task("qa", aliases=("Big Apple",))
    assert grade("The answer is the Big Apple!", "New York", task) == Grade(
        "the Big Apple!", True, "qa-exact", 1.0
    )
    found = grade_answer("York", "New York", task)
    assert (found.correct, found.grader, found.score) == (False, "qa-f1", pytest.approx(2 / 3))
    assert grade_answer("yes it is", "yes", Task("qa")).score == 0.0
    assert grade_answer("", "New York", task) == Grade(None, False, "no-answer")


DRESSED = [
    ("\\boxed{\\text{Paris}}", "Paris"),
    ("\\boxed{\\text{Yes}}", "yes"),
    ("\\boxed{\\mathrm{the}\\ \\textbf{Big} Apple}", "Big Apple"),
    ("\\boxed{\\text{A \\& B}}", "A & B"),
    ("\\boxed{Johnson~Smith}", "Johnson Smith"),
    ("Paris", "\\text{Paris}"),
]


@pytest.mark.parametrize(("text", "gold"), DRESSED)
def test_latex_around_an_answer_does_not_count(text: str, gold: str) -> None:
    found = grade(text, gold, Task("qa"))
    assert (found.correct, found.score) == (True, 1.0)
    assert grade(text, "London", Task("qa")).score == 0.0


def test_the_public_f1_cases() -> None:
    for row in real_rows("qa_f1_cases.jsonl"):
        golds = row["gold"] if isinstance(row["gold"], list) else [row["gold"]]
        found = grade(row["prediction"], golds[0], Task("qa", aliases=tuple(golds[1:])))
        assert found.score == pytest.approx(row["expected_f1"]), row


@given(one=st.text(max_size=30), other=st.text(max_size=30))
def test_f1_lies_between_0_and_1_and_is_1_for_a_match(one: str, other: str) -> None:
    found = grade_answer(one, other, Task("qa"))
    if found.score is not None:
        assert 0 <= found.score <= 1
        assert (found.score == 1.0) or not found.correct
        back = grade_answer(other, one, Task("qa"))
        assert back.score == pytest.approx(found.score)


# Columns

EXTRAS: list[tuple[dict[str, Any], Task]] = [
    ({}, Task()),
    ({"task": "math"}, Task("math")),
    ({"task": " QA ", "aliases": ["a", 2, None]}, Task("qa", aliases=("a", "2"))),
    ({"task": "qa", "aliases": "a"}, Task("qa", aliases=("a",))),
    ({"task": "choice", "aliases": 7}, Task("choice")),
    ({"task": "poetry"}, Task()),
    ({"task": ["countdown"]}, Task()),
    (
        {"task": "countdown", "numbers": [1, 2], "target": "3"},
        Task("countdown", numbers=(1, 2), target=Fraction(3)),
    ),
    (
        {"task": "countdown", "numbers": "[1, 2]", "target": None},
        Task("countdown", numbers=(1, 2)),
    ),
    ({"task": "countdown", "numbers": [1, "x"], "target": 3}, Task()),
    ({"task": "countdown", "numbers": [1.5], "target": 3}, Task()),
    ({"task": "countdown", "target": 3}, Task()),
]


@pytest.mark.parametrize(("extra", "task"), EXTRAS)
def test_a_task_from_a_problems_columns(extra: dict[str, Any], task: Task) -> None:
    assert Task.of(extra) == task


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@given(
    extra=st.dictionaries(
        st.sampled_from(["task", "aliases", "numbers", "target"]),
        anything | st.sampled_from(["countdown", "qa"]),
    )
)
def test_no_columns_are_an_exception(extra: dict[str, Any]) -> None:
    task = Task.of(extra)
    assert task.kind != "countdown" or task.numbers
    task.asked_for(extra)
