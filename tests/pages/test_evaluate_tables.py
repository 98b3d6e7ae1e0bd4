"""The table of an evaluation's figures: what matters is first, and the same nothing is left out."""

from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.core.evaluation.report.documents import document


def drawn(made: dict[str, Any]) -> tuple[pd.DataFrame, str]:
    """The table and the words under it."""

    def show(made: dict[str, object]) -> None:
        from pages.ui.evaluate.tables import draw_arms

        draw_arms(made)

    at = AppTest.from_function(show, args=(made,), default_timeout=30).run()
    assert not at.exception
    return at.dataframe[0].value, at.caption[0].value


def test_what_matters_comes_first_with_its_interval() -> None:
    frame, words = drawn(document())
    first = ["Arm", "Budget", "Problems", "Accuracy", "Output tokens", "Cut off", "Failed"]
    assert list(frame)[:7] == first
    assert frame["Accuracy"][1].startswith("75.0% (")
    assert list(frame["Problems"]) == ["8"] * 4
    assert "In brackets: 95% intervals." in words


def test_a_column_of_the_same_nothing_is_told_in_words() -> None:
    frame, words = drawn(document())
    assert not {"Not graded", "Reasoning"} & set(frame)
    assert "Not graded: 0 for every arm. Reasoning: unknown for every arm." in words
    made = document()
    made["arms"][0]["ungraded"] = 1
    assert "Not graded" in drawn(made)[0]


def test_problems_are_those_that_the_accuracy_is_of() -> None:
    made = document()
    made["arms"][0]["n_graded"] = 6
    made["arms"][1]["n_graded"] = 0
    assert list(drawn(made)[0]["Problems"]) == ["6 of 8", "0 of 8", "8", "8"]


def test_token_f1_stands_there_where_the_problems_are_questions() -> None:
    made = document()
    assert "Token F1" not in drawn(made)[0]
    made["arms"][0] |= {"f1": 0.6125, "f1_interval": [0.5, 0.7]}
    assert drawn(made)[0]["Token F1"][0] == "61.3% (50.0% to 70.0%)"
