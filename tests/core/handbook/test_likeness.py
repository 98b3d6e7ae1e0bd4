"""Clashing names and near copies among accepted behaviors."""

import pytest

from core.handbook.likeness import marks_against
from core.store.records import Behavior
from tests.core.handbook.strategies import as_record

TEXT = "When two people work at one job together, add their rates per hour, then take the inverse."


def _accepted(*texts: str) -> list[Behavior]:
    return [
        as_record({"id": number, "name": f"behavior_{number}", "instruction": text})
        for number, text in enumerate(texts, start=1)
    ]


def test_a_taken_name_is_a_clash_and_says_with_what() -> None:
    marks = marks_against("behavior_2", "Something else.", _accepted("Do one thing.", TEXT))
    assert marks == {"clash": f"number 2 is already called so: {TEXT}"}


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.upper(),
        TEXT.replace(",", " --"),
        "Add their rates per hour, then take the inverse, when two people work at one job together",
        TEXT.replace("inverse", "reciprocal"),
        TEXT.replace("people", "pumps"),
    ],
)
def test_the_same_sentence_reworded_is_a_near_copy(copy: str) -> None:
    marks = marks_against("behavior_new", copy, _accepted("Count what is left over.", TEXT))
    assert list(marks) == ["near-copy"]
    assert marks["near-copy"].endswith(f"% the words of behavior_2: {TEXT}")


@pytest.mark.parametrize(
    "other",
    [
        "When two people walk towards one another, add their speeds to get how fast they meet.",
        "When a tank is filled and drained at once, subtract the rates before dividing.",
        "Add.",
    ],
)
def test_another_idea_with_similar_words_is_none(other: str) -> None:
    assert marks_against("behavior_new", other, _accepted(TEXT)) == {}


def test_of_several_copies_the_nearest_is_named() -> None:
    near = TEXT.replace("inverse", "reciprocal")
    marks = marks_against("behavior_new", TEXT, _accepted(near, TEXT))
    assert marks["near-copy"] == f"100% the words of behavior_2: {TEXT}"


def test_texts_in_another_script_are_compared_as_well() -> None:
    book = _accepted("当两个人一起工作时，把他们的速度相加。")
    assert marks_against("behavior_new", "求圆的面积之前先把直径除以二。", book) == {}
    assert "near-copy" in marks_against("behavior_new", "当两个人一起工作时,把他们的速度相加", book)


def test_an_empty_handbook_has_nothing_to_clash_with() -> None:
    assert marks_against("behavior_x", TEXT, []) == {}
