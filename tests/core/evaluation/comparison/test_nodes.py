"""Model text as nodes: whatever a model writes, nothing comes out but what is on the lists."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.comparison.blocks import blocks
from core.evaluation.comparison.nodes import (
    ATTRIBUTES,
    LONGEST_BLOCK,
    TAGS,
    Cite,
    Node,
    answer_nodes,
    block_nodes,
    plain,
)
from tests.real_data import real_rows

MARKS = (
    *(
        "\\[",
        "\\]",
        "$",
        "$$",
        "`",
        "```",
        "\n",
        "\n\n",
        " ",
        "a",
        "1. ",
        "- ",
        "> ",
        "|",
        "|--|\n",
    ),
    *(
        "*",
        "**",
        "_",
        "# ",
        "---",
        "[a](b)",
        "![a](b)",
        "<script>",
        "<b>",
        "&lt;",
        "\\begin{align}",
    ),
    *(
        "\\end{align}",
        "[asy]",
        "\\boxed{1}",
        "\t",
        "    ",
        "\x00",
        "\ud800",
        "\U000f0000",
        "~~",
        "\\",
    ),
)
junk = st.lists(st.sampled_from(MARKS), max_size=30).map("".join)


def elements(nodes: list[Node]) -> Iterator[list[Any]]:
    for node in nodes:
        if isinstance(node, list):
            yield node
            yield from elements(node[2:])


def tags(nodes: list[Node]) -> list[str]:
    return [one[0] for one in elements(nodes)]


def cites(text: str, given: bool = True) -> tuple[Cite, ...]:
    """Every name in the text."""
    found = re.finditer(r"behavior[a-z_*\\]*\n?[a-z_]*[a-z]", text)
    return tuple(Cite(one.start(), one.end(), "behavior_x", given, "Do it.") for one in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** *b* `c`", ["p", "strong", "em", "code"]),
        ("- a\n- b", ["ul", "li", "li"]),
        ("3. a", ["ol", "li"]),
        ("> a", ["blockquote", "p"]),
        ("```py\nx\n```", ["pre", "code"]),
        ("a\nb", ["p", "br"]),
        ("a\n\\[x\\]\nb", ["p", "math", "mi"]),
        ("|a|b|\n|--|--|\n|c|d|", ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]),
        ("[a](http://b) ![c](http://d) <http://e>", ["p"]),
        ("<script>alert(1)</script><img src=x onerror=y>", ["p"]),
        ("a\n---", ["p", "hr"]),
        ("    not code", ["p"]),
        ("$\\nosuch x$", ["p", "code"]),
    ],
)
def test_markdown_and_formulas(text: str, expected: list[str]) -> None:
    assert tags(block_nodes(text)) == expected


def test_html_stays_text() -> None:
    text = '<img src=x onerror="alert(1)"> & <b>c</b>'
    assert block_nodes(text) == [["p", {}, text]]


def test_headings_are_small_and_numbers_go_on() -> None:
    assert block_nodes("# Big") == [["p", {"mark": "heading"}, "Big"]]
    assert block_nodes("7. a")[0][:2] == ["ol", {"start": 7}]


def test_a_drawing_shows_its_source() -> None:
    assert block_nodes("[asy]draw(a);[/asy]") == [
        ["p", {}, ["code", {"mark": "source"}, "draw(a);"]]
    ]


@pytest.mark.parametrize(
    ("text", "around", "label"),
    [
        ("use behavior_x_y now", "p", "behavior_x_y"),
        ("use **behavior_x_y**: now", "strong", "behavior_x_y"),
        ("use `behavior_x_y` now", "code", "behavior_x_y"),
        ("use **behavior**_x_y now", "p", "behavior_x_y"),
        ("use behavior\\_x\\_y now", "p", "behavior_x_y"),
        ("use behavior_x_\ny now", "p", "behavior_x"),
        ("so $\\text{behavior\\_x}$ now", "p", "behavior_x"),
        ("so $1 + \\text{behavior\\_x}$ now", "mtext", "behavior_x"),
        ("- use behavior_x", "li", "behavior_x"),
        ("|behavior_x|\n|--|\n|a|", "th", "behavior_x"),
    ],
)
def test_a_citation_is_found_wherever_it_stands(text: str, around: str, label: str) -> None:
    made = block_nodes(text, cites(text))
    (parent,) = [one for one in elements(made) if any(c[0] == "cite" for c in one[2:] if c)]
    (cite,) = [one for one in elements(made) if one[0] == "cite"]
    assert parent[0] == around
    assert cite == ["cite", {"name": "behavior_x", "instruction": "Do it.", "given": True}, label]
    assert "*" not in plain(made)


def test_an_invented_citation_says_so() -> None:
    text = "use behavior_x now"
    (cite,) = [one for one in elements(block_nodes(text, cites(text, False))) if one[0] == "cite"]
    assert cite[1]["given"] is False


def test_citations_go_to_their_paragraphs() -> None:
    text = "a behavior_x\n\nb behavior_y\n\nc"
    made = blocks(text, cites(text))
    assert [tags(block.nodes or []) for block in made] == [["p", "cite"], ["p", "cite"], ["p"]]


@pytest.mark.parametrize("answer", ["\\frac{1}{2}", "x^2", "$\\frac12$"])
def test_an_answer_is_a_formula(answer: str) -> None:
    assert "math" in tags(answer_nodes(answer))


@pytest.mark.parametrize("answer", ["42", "", "Rosa and <b>", "\\nosuch{"])
def test_any_other_answer_is_its_words(answer: str) -> None:
    assert plain(answer_nodes(answer)) == answer


@given(junk, st.data())
def test_nothing_but_what_is_on_the_lists(text: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(text))
    spans = [tuple(sorted((data.draw(ends), data.draw(ends)))) for _ in range(2)]
    made = blocks(text, [Cite(start, end, "behavior_x", True) for start, end in spans])
    for block in made:
        for one in elements(block.nodes or []):
            assert one[0] in TAGS
            assert set(one[1]) <= ATTRIBUTES
    json.dumps([block.nodes for block in made]).encode()
    plain([node for block in made for node in block.nodes or []]).encode()


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    end = 0
    for block in blocks(text):
        assert end <= block.start < block.end <= len(text)
        assert not text[end : block.start].strip()
        end = block.end
    assert not text[end:].strip()


@given(st.text(alphabet="abc .,;?\nüß中😀", max_size=200))
def test_prose_is_kept(text: str) -> None:
    shown = "".join(plain(block.nodes or []) for block in blocks(text))
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


@given(junk, st.integers(0, 100))
def test_a_text_that_grows_is_cut_where_it_was(text: str, at: int) -> None:
    """Or paragraphs would change on the screen after they were drawn."""
    before = [(one.start, one.end) for one in blocks(text[:at], complete=False)][:-1]
    assert [(one.start, one.end) for one in blocks(text)][: len(before)] == before


@pytest.mark.parametrize(
    "piece", ["[", "{", "*a ", "> ", "- ", "|", "$\\frac{", "\\[\n\n", "*a*\n"]
)
def test_a_megabyte_of_junk(piece: str) -> None:
    began = time.perf_counter()
    made = blocks(piece * (1_000_000 // len(piece)))
    json.dumps([block.nodes for block in made])
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("piece", ["[", "{", "(", "*", "_", "> ", "\\boxed{", "**a", "\\left("])
def test_ten_thousand_of_them_nested(piece: str) -> None:
    json.dumps([block.nodes for block in blocks(piece * 10_000)])
    json.dumps(block_nodes(piece * (LONGEST_BLOCK // len(piece))))


def test_real_solutions_are_formulas_throughout() -> None:
    """Nearly every formula in them can be drawn, and their words are all there."""
    drawn = left = 0
    for row in real_rows("math500_dev.jsonl"):
        nodes = [node for block in blocks(row["solution"]) for node in block.nodes or []]
        found = tags(nodes)
        drawn += found.count("math")
        left += sum(one[0] == "code" and "mark" not in one[1] for one in elements(nodes))
        words = re.findall(r"(?<![\\$\w])[A-Z][a-z]{3,} [a-z]{2,} ", row["solution"].split("$")[0])
        assert all(word.strip() in plain(nodes) for word in words)
    assert drawn > 1000
    assert left < 0.01 * drawn
