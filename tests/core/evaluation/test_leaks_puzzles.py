"""The leak guard on Countdown puzzles: which behaviors carry the numbers of one."""

import itertools
import json
from pathlib import Path

import pytest

from core.evaluation.leaks import find_leaks
from core.store.records import Behavior, Problem
from tests.core.evaluation.test_leaks import HANDBOOKS, behavior, kinds


def puzzle(*numbers: int, target: int) -> Problem:
    text = f"Make {target} of {', '.join(map(str, numbers))}, each of them once."
    extra = {"task": "countdown", "numbers": list(numbers), "target": target}
    return Problem(1, "", text, None, "", extra)


ASKED = puzzle(19, 36, 55, target=74)


@pytest.mark.parametrize(
    "instruction",
    [
        "With 19, 36, 55 make 74: 55+36 is 91, less 17.",
        "When 19, 36 and 55 are given, add the two larger first.",
        "For a 74 from 55 and 36, look for the missing one as 74-(55-36).",
        "From 55,36,19 one gets seventy-four.",
    ],
)
def test_a_behavior_that_holds_a_puzzle_is_found(instruction: str) -> None:
    (leak,) = find_leaks([ASKED], [], [behavior(instruction, 7)])
    assert (leak.kind, leak.behavior_id) == ("behavior carries it", 7)
    assert "has the numbers" in leak.why


def test_a_name_tells_a_puzzle_as_well() -> None:
    named = Behavior(**{**vars(behavior("Add them.")), "name": "behavior_make_74_of_19_36_55"})
    assert kinds(find_leaks([ASKED], [], [named])) == ["behavior carries it"]


@pytest.mark.parametrize(
    "instruction",
    [
        "With 19 and 36 at hand, look at sums and differences first.",
        "Split 5 numbers into 2 groups.",
        "With 119, 36 and 55 make 740.",
    ],
)
def test_some_numbers_of_a_puzzle_are_not_enough(instruction: str) -> None:
    assert find_leaks([ASKED], [], [behavior(instruction)]) == []


def test_a_number_that_is_there_twice_has_to_be_held_twice() -> None:
    asked = puzzle(25, 25, 8, target=33)
    assert find_leaks([asked], [], [behavior("Begin with 25 or 8.")]) == []
    assert find_leaks([asked], [], [behavior("Take 25 and 25, then 8.")])


def test_the_behaviors_of_the_starter_carry_no_puzzle() -> None:
    """Not even of small numbers, which stand in all sorts of sentences."""
    lines = Path(HANDBOOKS / "countdown/behaviors.jsonl").read_text("utf-8").splitlines()
    held = [behavior(json.loads(line)["instruction"], n) for n, line in enumerate(lines)]
    assert len(held) == 14
    asked = [
        puzzle(*numbers, target=target)
        for numbers in itertools.combinations(range(1, 11), 3)
        for target in (sum(numbers), max(numbers) * min(numbers) + 7)
    ]
    assert find_leaks(asked, [], held) == []
