"""Multiple-choice problems: their options are part of the text, the right one is a letter."""

from typing import Any

import pytest

from core.evaluation import problems
from core.evaluation.problems import Mapped, Rows

LISTED = "Which?\n\nA) two\nB) 4\nC) 1"


def _read(**row: Any) -> Mapped:
    mapping = problems.guess_mapping([row])
    return problems.map_rows(Rows([(1, row)], []), mapping, mapping.columns([row]))


@pytest.mark.parametrize(
    ("row", "gold"),
    [
        ({"options": ["two", "4", "1"], "answer": "B", "answer_index": 1}, "B"),  # MMLU-Pro
        ({"choices": ["two", "4", "1"], "answer": 1}, "B"),  # MMLU
        ({"choices": ["two", "4", "1"], "answer": 1.0}, "B"),  # beside a missing one, in pandas
        ({"choices": '["two", "4", "1"]', "answer": "0"}, "A"),
        ({"choices": ["two", "4", "1"], "answer": "1"}, "C"),
        ({"choices": ["two", "4", "1"], "answer": "two"}, "A"),
        ({"choices": ["two", 4, 1], "answer": 1}, "C"),
        ({"choices": ["two", "4", "1"], "answer": "(b)"}, "B"),
        ({"choices": {"text": ["two", "4", "1"], "label": ["1", "2", "3"]}, "answerKey": "3"}, "C"),
        ({"options": {"A": "two", "B": "4", "C": "1", "D": None}, "answer": "4"}, "B"),  # MedQA
        ({"A": "two", "B": "4", "C": "1", "answer": "C"}, "C"),  # MMLU as CSV
        ({"choices": ["two", "4", "1"]}, None),
    ],
)
def test_options_stand_below_and_the_right_one_is_a_letter(
    row: dict[str, Any], gold: str | None
) -> None:
    (problem,) = _read(question="Which?", **row).problems
    assert (problem.text, problem.gold, problem.extra["task"]) == (LISTED, gold, "choice")


def test_an_answer_that_is_no_option_stays_as_it_is() -> None:
    (problem,) = _read(question="Which?", choices=["two", "4", "1"], answer="seven").problems
    assert (problem.text, problem.gold) == (LISTED, "seven")
    assert "task" not in problem.extra


def test_options_that_the_question_names_are_not_repeated() -> None:
    (problem,) = _read(question="Which? (A) x (B) y", options=["x", "y"], answer="B").problems
    assert (problem.text, problem.gold) == ("Which? (A) x (B) y", "B")


@pytest.mark.parametrize("other", [{"a": 3, "b": 4, "answer": "7"}, {"options": {"shuffle": True}}])
def test_other_columns_are_no_options(other: dict[str, Any]) -> None:
    assert _read(question="Which?", **other).problems[0].text == "Which?"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (["A", "B"], "has several right options"),
        (3, "has the answer 3 for 3 options, whose places count from 0"),
    ],
)
def test_what_may_mean_another_option_is_told(answer: Any, why: str) -> None:
    (bad,) = _read(question="Which?", choices=["two", "4", "1"], answer=answer).bad
    assert why in bad.why
