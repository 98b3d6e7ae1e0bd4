"""Formulas in a text: where they are, and what MathML is made of them."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formulas import MATHML, MATHML_ATTRIBUTES, mathml, tokens

PIECES = (
    *(
        "\\[",
        "\\]",
        "\\(",
        "\\)",
        "$",
        "$$",
        "`",
        "```",
        "\n",
        "\n\n",
        " ",
        "a",
        "1",
        "{",
        "}",
        "\\",
    ),
    *("\\begin{align}", "\\end{align}", "\\begin{cases}", "\\end{cases}", "&", "\\\\", "x^2", "_"),
    *(
        "[asy]",
        "[/asy]",
        "\\boxed",
        "\\boxed{",
        "\\frac",
        "\\text{",
        "\\left(",
        "\\right)",
        "\\sqrt[",
    ),
    *(
        "\\newcommand{\\a}{\\a\\a}",
        "\\href{javascript:x}",
        "\\class{b}",
        "<script>",
        "\\color{red}",
    ),
)
texts = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


def elements(node: list[Any]) -> Iterator[list[Any]]:
    yield node
    for child in node[2:]:
        if isinstance(child, list):
            yield from elements(child)


def text_of(node: list[Any] | None) -> str:
    assert node
    return "".join("".join(p for p in one[2:] if isinstance(p, str)) for one in elements(node))


@pytest.mark.parametrize(
    ("text", "kind", "source"),
    [
        ("so \\(x\\) is", "inline", "x"),
        ("so $x$ is", "inline", "x"),
        ("so \\boxed{\\frac{1}{2}}.", "inline", "\\boxed{\\frac{1}{2}}"),
        ("so \\[x\\] is", "display", "x"),
        ("so $$x$$ is", "display", "x"),
        ("\\begin{align}x\\end{align}", "display", "\\begin{align}x\\end{align}"),
        ("see `$x$` there", "code", "`$x$`"),
        ("```\n$x$\n```", "fence", "```\n$x$\n```"),
        ("[asy]draw(a);[/asy]", "drawing", "draw(a);"),
        ("[asy]draw(a);", "drawing", "draw(a);"),
    ],
)
def test_each_way_to_write_one(text: str, kind: str, source: str) -> None:
    (token,) = tokens(text)
    assert (token.kind, token.source) == (kind, source)


@pytest.mark.parametrize("text", ["$5 and $7", "\\$x$", "\\[ never closed", "\\(", "[x] (y)"])
def test_what_only_looks_like_one(text: str) -> None:
    assert list(tokens(text)) == []


def test_an_opening_that_is_never_closed_hides_nothing_behind_it() -> None:
    assert [token.source for token in tokens("\\[ a $x$ \\( b \\begin{align} $y$")] == ["x", "y"]


def test_the_indent_belongs_to_the_token() -> None:
    (token,) = tokens("1. a\n   \\[x\\]")
    assert (token.start, token.indent) == (5, "   ")


@given(texts)
def test_tokens_are_in_order_and_never_overlap(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert token.source in text[token.start : token.end]
        end = token.end


@pytest.mark.parametrize("junk", ["\\[", "\\(", "\\begin{align}", "$a", "\\boxed{", "`", "\\[a\\("])
def test_much_junk_takes_little_time(junk: str) -> None:
    began = time.perf_counter()
    list(tokens(junk * (400_000 // len(junk))))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("x^2 \\le \\pi", "x2≤π"),
        ("\\sum_{i=1}^n i", "∑i=1ni"),
        ("\\text{a < b}", "a\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}b"),
        ("\\begin{cases} a & b \\\\ c \\end{cases}", "{abc"),
    ],
)
def test_a_formula_is_mathml(source: str, shown: str) -> None:
    assert text_of(mathml(source, False)) == shown


def test_a_box_is_marked() -> None:
    made = mathml("\\boxed{144}", True)
    assert made == ["math", {"display": "block"}, ["mrow", {"mark": "boxed"}, ["mn", {}, "144"]]]


def test_lines_stand_below_each_other() -> None:
    made = mathml("\\begin{gathered} a \\\\ b \\end{gathered}", True)
    assert made
    assert [one[0] for one in elements(made)].count("mtr") == 2


def test_the_lines_of_an_array_are_told_to_its_cells() -> None:
    made = mathml("\\begin{array}{c|c} a & b \\\\ \\hline c & d \\end{array}", True)
    assert made
    cells = [one[1].get("line") for one in elements(made) if one[0] == "mtd"]
    assert cells == ["below right", "below", "right", None]


@pytest.mark.parametrize(
    ("source", "stretchy"),
    [
        ("7^{1} \\equiv 2 \\pmod 5", ["false", "false"]),
        ("\\lVert x \\rVert + |x| (a) [b] \\{c\\}", ["false"] * 10),
        ("\\left( \\frac{1}{2} \\right]", ["true", "true"]),
        ("\\big( x \\big)", [None, None]),
        ("\\binom{4}{3}", [None, None]),
        ("\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", [None, None]),
    ],
)
def test_brackets_are_tall_only_where_they_were_meant_to_be(
    source: str, stretchy: list[str | None]
) -> None:
    """Those that say nothing grow as high as their row."""
    made = elements(mathml(source, False) or [])
    brackets = [one for one in made if one[0] == "mo" and one[2] in "()[]{}|‖"]
    assert [one[1].get("stretchy") for one in brackets] == stretchy


def test_a_function_keeps_its_distance() -> None:
    assert [one[0] for one in elements(mathml("\\sin x", False) or [])][2:] == [
        *("mi", "mspace", "mi")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "\\frac",
        "\\left( x",
        "\\nosuchcommand x",
        "\\newcommand{\\a}{\\a\\a} \\a",
        "\\def\\a{b}",
        "{" * 10_000,
        "\\left(" * 400,
        "x" * 100_000,
    ],
)
def test_what_cannot_be_drawn_is_no_formula(source: str) -> None:
    assert mathml(source, False) is None


def test_nothing_gets_out_of_a_formula() -> None:
    """Links, classes and styles are not taken over, and no length fills the screen."""
    made = mathml(
        "\\href{javascript:x}{y} \\class{b}{z} \\style{color:red}{w} \\hspace{900em}", True
    )
    assert made
    names = {name for one in elements(made) for name in one[1]}
    assert names <= {"display"}


@given(texts)
def test_only_known_tags_and_attributes(text: str) -> None:
    made = mathml(text, True)
    for one in elements(made) if made else ():
        assert one[0] in MATHML
        assert set(one[1]) <= MATHML_ATTRIBUTES


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_none(text: str) -> None:
    made = mathml(text, False)
    assert made is None or made[0] == "math"
