"""Model text on a screen: mathematics on purpose, nothing else by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.markdown import (
    answer_markdown,
    escaped,
    model_markdown,
    settled,
    title_markdown,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"so \(x^2\) it is", "so $x^2$ it is"),
        (r"\[x=1\]", "\n\n$$\nx=1\n$$\n\n"),
        ("$x$ and $y$", "$x$ and $y$"),
        ("It costs $5 and then $7 more.", r"It costs \$5 and then \$7 more."),
        (r"so \boxed{\frac{1}{2}}", r"so $\boxed{\frac{1}{2}}$"),
        ("![x](http://example.com/spy.png)", "! [x](http://example.com/spy.png)"),
        (":red[loud] :material/bolt:", r"\:red[loud] \:material/bolt:"),
        ("# Big\n## Less", "##### Big\n##### Less"),
        ("[asy]draw(a--b);[/asy]", "\n```asy\ndraw(a--b);\n```\n"),
        ("```\n$5 stays\n```", "```\n$5 stays\n```"),
    ],
)
def test_model_markdown(text: str, shown: str) -> None:
    assert model_markdown(text) == shown


def test_a_formula_in_a_list_keeps_its_depth() -> None:
    shown = model_markdown("1. first\n   \\[\n   x = 1\n   \\]\n2. second")
    assert "\n   $$\n   x = 1\n   $$\n" in shown


@given(st.text(alphabet="ab$\\[](){}!`\n :redboxed", max_size=80))
def test_images_are_never_loaded(text: str) -> None:
    assert "![" not in model_markdown(text)
    assert "![" not in answer_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "See ``` ![x](http://example.com/a.png)",
        r"\`![x](http://example.com/a.png)`",
        "[asy]\n```\n![x](http://example.com/a.png)\n[/asy]",
        "a_1\n\n![x](http://example.com/a.png)",
    ],
)
def test_what_looks_like_code_loads_no_image_either(text: str) -> None:
    assert "![" not in model_markdown(text) + answer_markdown(text)


@given(st.text(max_size=200))
def test_settled_loses_nothing(text: str) -> None:
    done, arriving = settled(text)
    assert (done + arriving).replace("\n", "") == text.replace("\n", "")


def test_settled_waits_for_the_end_of_a_formula() -> None:
    assert settled("a\n\n\\[x\n\ny") == ("a", "\\[x\n\ny")
    assert settled("a\n\nb") == ("a", "b")
    assert settled("a") == ("", "a")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Compute $58_9$ now", "Compute $58_9$ now"),
        (r"Find \(x^2\)", "Find $x^2$"),
        ("It costs $5 or $6", r"It costs \$5 or \$6"),
        ("Cut off in $\\frac{1", r"Cut off in \$\\frac\{1"),
        ("![a](http://b) `c` # d", r"\!\[a\]\(http\://b\) \`c\` \# d"),
    ],
)
def test_a_title_has_formulas_and_nothing_else(title: str, shown: str) -> None:
    assert title_markdown(title) == shown


def test_escaped_text_has_no_marks_left() -> None:
    assert escaped("*a* [b](c)") == r"\*a\* \[b\]\(c\)"


def test_answers_with_latex_are_mathematics() -> None:
    assert answer_markdown(r"\frac{1}{2}") == r"$\frac{1}{2}$"
    assert answer_markdown("42") == "42"
