"""What a name, an instruction and a slug may look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.handbook import rules
from tests.core.handbook.strategies import lines, names


@given(name=names, instruction=lines, avoid_when=st.none() | lines)
def test_what_obeys_the_rules_has_no_fault(
    name: str, instruction: str, avoid_when: str | None
) -> None:
    assert rules.fault(name, instruction, avoid_when) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "halve_first",
        "behavior",
        "behavior_",
        "behavior__x",
        "behavior_x_",
        "behavior_X",
        "behavior_x-y",
        "behavior_x y",
        "behavior_x\n",
        "behavior_é",
        "behavior_٣",
        " behavior_x",
    ],
)
def test_a_name_of_another_form_is_refused(name: str) -> None:
    assert rules.fault(name, "When x, do y.") == (
        "the name has to be behavior_ and words of a-z and 0-9 joined by underscores"
    )


def test_a_name_has_at_most_64_characters() -> None:
    longest = "behavior_" + "x" * 55
    assert rules.name_fault(longest) is None
    assert rules.name_fault(longest + "x") == "the name is longer than 64 characters"


@given(before=lines, after=lines, breaker=st.sampled_from("\n\r\t\0\x0b\x0c\x1b\x85\u2028\u2029"))
def test_an_instruction_is_one_line(before: str, after: str, breaker: str) -> None:
    text = before[:200] + breaker + after[:200]
    assert rules.fault("behavior_x", text) == "the instruction has to be one line"
    assert rules.fault("behavior_x", "Do y.", text) == "the avoid_when has to be one line"


def test_an_instruction_says_something_in_500_characters() -> None:
    assert rules.fault("behavior_x", "x" * 500) is None
    assert rules.fault("behavior_x", "x" * 501) == "the instruction is longer than 500 characters"
    for empty in ("", "   ", "\u00a0\u3000"):
        assert rules.fault("behavior_x", empty) == "the instruction is empty"
    assert rules.fault("behavior_x", "Do y.", " ") == "the avoid_when is empty"
    assert rules.fault("behavior_x", "Do y.", "") is None


def test_half_a_character_is_refused() -> None:
    """A lone surrogate, as `json.loads` lets it in, can be written to no file and no database."""
    assert rules.fault("behavior_x", "Do \ud83d.") == "the instruction holds half a character"


@pytest.mark.parametrize("slug", ["algebra", "math-foundations", "a", "7", "a" * 64])
def test_a_slug(slug: str) -> None:
    assert rules.slug_fault(slug) is None


@pytest.mark.parametrize(
    "slug",
    [
        *("", ".", "..", "../x", "a/b", "/etc", "a\\b", "a\n", "a\0b", "~", "$HOME"),
        *("A", "a--b", "-a", "a-", "a b", "a.b", "ä", "a" * 65),
    ],
)
def test_no_slug(slug: str) -> None:
    assert rules.slug_fault(slug)


@given(title=st.text())
def test_the_slug_of_a_title_is_a_slug_or_nothing(title: str) -> None:
    slug = rules.slug_of(title)
    assert slug == "" or rules.slug_fault(slug) is None


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Counting & more", "counting-more"),
        ("  Größe 2: Übung!", "groe-2-ubung"),
        ("数学", ""),
        ("x" * 63 + " y", "x" * 63),
    ],
)
def test_the_slug_of(title: str, slug: str) -> None:
    assert rules.slug_of(title) == slug


@given(text=st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = rules.normalised(text)
    assert rules.normalised(once) == once


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("When  x, halve the\tDiámeter!", "when x halve the diameter"),
        ("behavior_count_pairs", "behavior count pairs"),
        ("Größe", "grosse"),
        ("数学を学ぶ。", "数学を学ふ"),
        ("Ответ: пять", "ответ пять"),
        ("?!", ""),
    ],
)
def test_normalised(text: str, normalised: str) -> None:
    assert rules.normalised(text) == normalised
