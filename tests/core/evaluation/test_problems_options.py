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


@pytest.mark.parametrize("answer", ["B", "Dog", "DOG"])
def test_an_answer_is_an_option_in_another_case(answer: str) -> None:
    options = {"A": "cat", "B": "dog"}
    (problem,) = _read(question="Which?", options=options, answer=answer).problems
    assert (problem.gold, problem.extra["task"]) == ("B", "choice")


def test_options_that_only_case_tells_apart_are_told_by_it() -> None:
    options = ["Aa", "aa"]
    exact, neither = (
        _read(question="Which?", options=options, answer=answer).problems[0].gold
        for answer in ("aa", "AA")
    )
    assert (exact, neither) == ("B", "AA")


@pytest.mark.parametrize("letter", ["{})", "({}) ", "{}. ", "{}: "])
@pytest.mark.parametrize("answer", ["B", "21.5", "{}21.5"])
def test_options_with_their_own_letters_are_listed_with_one(letter: str, answer: str) -> None:
    options = [letter.format("A") + "21", letter.format("B") + "21.5"]
    told = answer.format(letter.format("B"))
    (problem,) = _read(question="Which?", options=options, answer=told).problems
    assert (problem.text, problem.gold) == ("Which?\n\nA) 21\nB) 21.5", "B")


@pytest.mark.parametrize("options", [["A. Smith", "B. Jones", "Lee"], ["B) x", "A) y"]])
def test_letters_that_are_not_those_of_the_list_stay(options: list[str]) -> None:
    (problem,) = _read(question="Which?", options=options, answer="B").problems
    assert all(option in problem.text for option in options)


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
