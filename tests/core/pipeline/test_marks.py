"""The marks that rules set: on what they must be, and on what they must not."""

import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app import STARTERS
from core.handbook import files
from core.handbook.rules import MARKS
from core.pipeline.marks import rule_marks
from tests.real_data import real_rows

MOST_FALSE = 0.03
PROBLEMS_A_TOPIC = 60
MULTIPLE = "What is the smallest two-digit positive integer that is a multiple of both 5 and 7?"
APPLES = (
    "Maria has 45 apples and gives 12 of them to her neighbor Mr. Okafor, who bakes a pie with "
    "four apples. How many apples are left?"
)


def _marks(
    instruction: str,
    problem: str,
    *answers: str | None,
    name: str = "behavior_track_remaining_quantity",
) -> set[str]:
    marks = rule_marks(name, instruction, problem, answers)
    assert all(marks.values()), "every mark has its reason"
    assert set(marks) <= set(MARKS)
    return set(marks)


# From issue reports


def test_adding_two_numbers_is_trivial() -> None:
    marks = rule_marks("behavior_addition", "Add two numbers together.", "What is 2 + 3?", ("5",))
    assert marks == {"trivial": "names only what everybody does anyway"}


def test_a_restated_problem_is_a_leak_and_specific() -> None:
    instruction = "Find the smallest two-digit integer that is a multiple of both 5 and 7."
    marks = rule_marks("behavior_find_smallest_multiple", instruction, MULTIPLE, ("35",))
    assert marks["leak"] == "holds 5, 7, as the problem does"
    assert marks["specific"].startswith("repeats the problem: “")


# Leaks


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        ("When 45 is given, start from there.", "holds 45, as the problem does"),
        ("When forty items shrink by 12.", "holds 12, as the problem does"),
        ("When a dozen or twelve go, subtract them.", "holds 12, as the problem does"),
        ("When all is done, expect 33.", "holds the answer, 33"),
        ("When all is done, expect thirty or 33.0.", None),
        ("When 4,512 is given, start from there.", None),
        ("When 145 or 0.45 is given, start from there.", None),
        ("When a share is 100 percent of 2 parts, and 180 degrees, go on.", None),
        ("When three or four kinds are mixed, list each.", None),
    ],
)
def test_numbers_of_the_problem_or_its_answer_leak(instruction: str, reason: str | None) -> None:
    marks = rule_marks("behavior_track_remaining_quantity", instruction, APPLES, ("33", None))
    assert marks.get("leak") == reason


@pytest.mark.parametrize(
    "instruction",
    [
        "When a quadratic $ax^2+bx+c$ is given, look at the sign of $b^2-4ac$ first.",
        "When a quadratic is given, look at the sign of b^2 - 4ac first.",
        "When cubes are added, use $x^3+y^3=s^3-3sp$.",
        "When cube roots stand below, multiply by $\\sqrt[3]{a^2}$ and its partners.",
        "When angles of 30°, 45° or 60 degrees appear, drop a height.",
    ],
)
def test_the_numbers_of_a_rule_are_no_leak(instruction: str) -> None:
    problem = "Solve $3x + 4 = 45$, then turn by 30 degrees, three times, and 60."
    assert "leak" not in _marks(instruction, problem)


@pytest.mark.parametrize(
    "instruction",
    ["Solve 5x + 7 = 22 by subtracting.", "Take the 12th term first.", "When $x^{22}$ comes up."],
)
def test_numbers_beside_letters_may_leak(instruction: str) -> None:
    assert "leak" in _marks(instruction, "In $5x + 7 = 22$, find the 12th power.")


@pytest.mark.parametrize(
    ("answer", "leaks"),
    [
        ("\\frac{x+1}{y}", True),
        ("$ \\frac{x + 1}{y} $", True),
        ("x+1", False),
        ("\\frac{y}{x+1}", False),
        (None, False),
        ("", False),
    ],
)
def test_an_answer_that_is_an_expression_leaks(answer: str | None, leaks: bool) -> None:
    instruction = "When asked for a ratio, write $\\frac{x+1}{y}$."
    assert ("leak" in _marks(instruction, "Find the ratio.", answer)) is leaks


# Specific


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        ("When Maria gives something away, subtract it.", "names Maria, as"),
        ("When Okafor bakes, wait.", "names Okafor, as"),
        ("When someone gives pies and apples away, subtract.", "speaks of apples, pies, as"),
        ("When neighbors bake, subtract what they took.", "speaks of bake, neighbors, as"),
        ("When something is given away, subtract it from the rest.", None),
    ],
)
def test_the_story_of_the_problem_is_specific(instruction: str, reason: str | None) -> None:
    found = rule_marks("behavior_track", instruction, f"Today {APPLES}", ()).get("specific")
    assert (found or "").startswith(reason or "") and bool(found) is bool(reason)


def test_six_words_in_a_row_are_a_repetition() -> None:
    problem = "Find the sum of all positive divisors of the number given above it."
    six = "When asked, take all positive divisors of the number in turn."
    five = "When asked, take all positive divisors of each number in turn."
    assert "specific" in _marks(six, problem)
    assert "specific" not in _marks(five, problem)


def test_drawings_and_commands_are_no_story() -> None:
    drawing = "[asy]\npair heights, ladder; label(77);\n[/asy]"
    problem = f"Compute $\\cos\\theta \\cdot \\frac{{1}}{{2}}$.\n{drawing}"
    instruction = "When $\\cos\\theta$ and $\\frac{a}{b}$ meet heights on a ladder, write 77."
    assert _marks(instruction, problem) == set()


@given(
    words=st.lists(st.sampled_from("apples pears oranges plums cherries".split()), max_size=12),
    others=st.lists(st.sampled_from("walnuts hazelnuts almonds".split()), max_size=12),
)
def test_texts_that_share_no_word_are_not_specific(words: list[str], others: list[str]) -> None:
    instruction, problem = f"When {' '.join(words)}.", f"How {' '.join(others)}?"
    assert "specific" not in _marks(instruction, problem)


# Trivial


@pytest.mark.parametrize(
    ("name", "instruction"),
    [
        ("behavior_addition", "Add two numbers together."),
        ("behavior_check_work", "Check your work carefully."),
        ("behavior_read_problem", "Read the problem carefully and understand what is asked."),
        ("behavior_multiply", "Multiply the numbers to find the product."),
        ("behavior_simplify", "Simplify the expression step by step."),
    ],
)
def test_what_everybody_does_is_trivial(name: str, instruction: str) -> None:
    assert "trivial" in _marks(instruction, "What is it?", name=name)


@pytest.mark.parametrize(
    ("name", "instruction"),
    [
        (
            "behavior_halve_diameter_first",
            "When a circle is given by its diameter, halve it first.",
        ),
        ("behavior_count_complement", "When at least one is asked for, count the complement."),
        ("behavior_use_modular_inverse", "When dividing modulo a prime, multiply by the inverse."),
    ],
)
def test_a_procedure_is_not_trivial(name: str, instruction: str) -> None:
    assert _marks(instruction, "What is it?", name=name) == set()


# On real problems


@given(name=st.text(), instruction=st.text(), problem=st.text(), answer=st.none() | st.text())
def test_any_texts_can_be_marked(
    name: str, instruction: str, problem: str, answer: str | None
) -> None:
    _marks(instruction, problem, answer, name=name)


def test_good_behaviors_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Our own behaviors against real problems of their topic: nothing in them is about these."""
    problems = defaultdict(list)
    everything = real_rows("math_train_sample.jsonl")
    for row in everything:
        problems[row["subject"]].append(row)
    pairs = [
        (row, problem)
        for path in sorted(STARTERS.iterdir())
        for row in files.read(path).rows
        for problem in problems.get(row.topic, everything[::20])[:PROBLEMS_A_TOPIC]
    ]
    marked = [
        marks
        for row, problem in pairs
        if (marks := _marks(row.instruction, problem["problem"], problem["answer"], name=row.name))
    ]
    share = len(marked) / len(pairs)
    with capsys.disabled():
        print(f"\nmarked: {len(marked)} of {len(pairs)} pairs of a good behavior ({share:.1%})")
    assert share <= MOST_FALSE


def test_copied_problems_are_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """What a weak model does: it hands the problem back as an instruction."""
    texts = [
        (text, row["answer"])
        for row in real_rows("math_train_sample.jsonl")
        if len((text := re.sub(r"\[asy\].*?\[/asy\]", "", row["problem"], flags=re.S)).split()) > 7
    ]
    seen = [bool(_marks(text, text, answer) & {"leak", "specific"}) for text, answer in texts]
    with capsys.disabled():
        print(f"\nmarked: {sum(seen)} of {len(seen)} copied problems ({sum(seen) / len(seen):.1%})")
    assert sum(seen) >= 0.98 * len(seen)
