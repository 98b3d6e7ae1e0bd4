"""The prompt with behaviors: complete, always in one order, and alike at its beginning."""

import random
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import prompts
from core.pipeline.arms import KINDS, ArmKind
from core.pipeline.condition import condition, lines, messages
from core.store.records import Behavior
from tests.core.handbook.strategies import as_record
from tests.core.handbook.strategies import lines as instructions

HALVE = "When a diameter is given, halve it first."


def behavior(number: int, name: str, instruction: str = "Do it.", topic: str = "") -> Behavior:
    fields = {"name": f"behavior_{name}", "instruction": instruction, "topic": topic}
    return as_record({"id": number, **fields})


def content(problem: str, behaviors: list[Behavior]) -> str:
    """Of the last message, which the ones before it only lead up to."""
    *_before, message = messages(problem, behaviors)
    assert message["role"] == "user"
    return message["content"]


SOME = [
    behavior(1, "halve", HALVE, "Geometry"),
    behavior(2, "count", "Count, then subtract.", "Counting"),
    behavior(3, "area", "Cut it into triangles.", "Geometry"),
]


def test_every_behavior_is_a_line_by_topic_and_name() -> None:
    expected = (
        "behavior_count: Count, then subtract.\n"
        "behavior_area: Cut it into triangles.\n"
        f"behavior_halve: {HALVE}"
    )
    assert lines(SOME) == expected
    text = content("What is 1 + 1?", SOME)
    assert f"\n{expected}\n" in text
    assert text.endswith("\nWhat is 1 + 1?")
    assert "{{" not in text


drawn = st.lists(
    st.tuples(st.sampled_from("abcdef"), instructions, st.sampled_from(["", "A", "B"])),
    min_size=1,
    max_size=8,
)


@given(drawn, st.randoms(use_true_random=False), instructions)
def test_the_order_given_does_not_matter(
    some: list[tuple[str, str, str]], chance: random.Random, problem: str
) -> None:
    behaviors = [behavior(number, *one) for number, one in enumerate(some, 1)]
    shuffled = behaviors.copy()
    chance.shuffle(shuffled)
    text = content(problem, shuffled)
    assert text == content(problem, behaviors)
    assert all(f"{one.name}: {one.instruction}" in text for one in behaviors)
    assert text.endswith(problem)


def test_any_iterable_will_do() -> None:
    assert messages("One?", iter(SOME)) == messages("One?", SOME)
    assert messages("One?", iter([])) == messages("One?", [])


def test_two_problems_with_the_same_behaviors_begin_alike() -> None:
    one, other = content("Xylophones?", SOME), content("How many?", SOME[::-1])
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    alike = "".join(letter for letter, _ in pairs)
    assert one.removeprefix(alike) == "Xylophones?"
    assert other.removeprefix(alike) == "How many?"


def test_without_behaviors_it_is_the_plain_prompt() -> None:
    plain = prompts.load("solve").messages(problem="What is 1 + 1?")
    assert messages("What is 1 + 1?", []) == plain
    assert messages("What is 1 + 1?", SOME) != plain


@pytest.mark.parametrize("kind", ["bci-topic", "bci-embedding", "bci-hybrid"])
def test_where_chance_left_all_out_the_wording_stays(kind: ArmKind) -> None:
    """All that differs from a sample that was given some is the line of behaviors."""
    none, some = (condition(kind, "One?", had, left_out=True) for had in ([], SOME[:1]))
    assert (none.prompt, none.prompt_hash) == (some.prompt, some.prompt_hash)
    assert none.prompt == "condition"
    assert none.messages[-1]["content"] == "Behaviors:\nnone\n\nProblem:\nOne?"
    assert none.messages[:-1] == some.messages[:-1]
    (part,) = [part for part in none.parts if (part.name, part.text) == ("behaviors", "none")]
    assert part.message == len(none.messages) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_elsewhere_nothing_stands_for_no_behaviors(kind: ArmKind) -> None:
    made = condition(kind, "One?")
    assert "none" not in made.messages[-1]["content"]
    assert made.prompt == {"concise": "concise", "bci-dynamic": "dynamic"}.get(kind, "solve")


@pytest.mark.parametrize("mark", ["{{problem}}", "{{behaviors}}", "{{name}}", r"\1 \g<0>", "%s {}"])
def test_marks_in_a_text_are_not_replaced(mark: str) -> None:
    text = content(f"What is {mark}?", [behavior(1, "a", f"Write {mark}.")])
    assert f"behavior_a: Write {mark}.\n" in text
    assert text.endswith(f"What is {mark}?")
    assert text.count(mark) == 2
