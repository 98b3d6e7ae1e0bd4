"""Paragraphs: where they end, while a text arrives and when it is whole."""

import pytest

from core.evaluation.comparison.blocks import blocks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\nb", ["a", "b"]),
        ("a\nb", ["a\nb"]),
        ("\n\na \n \n\n b", ["a", " b"]),
        ("a\n\n\\[x\n\ny\\]\n\nb", ["a", "\\[x\n\ny\\]", "b"]),
        ("```\na\n\nb\n```\n\nc", ["```\na\n\nb\n```", "c"]),
        ("$$\na\n\nb$$\n\nc", ["$$\na\n\nb$$", "c"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert [text[one.start : one.end].lstrip("\n") for one in blocks(text)] == expected


def test_a_formula_that_is_never_closed_does_not_hold_up_the_rest() -> None:
    text = "\\[ never closed\n\n" + "Some words that go on.\n\n" * 1000
    assert len(blocks(text)) > 5


def test_a_cut_ends_a_paragraph() -> None:
    assert [(one.start, one.end) for one in blocks("abcd\n\nef", cuts=[2])] == [
        *((0, 2), (2, 4), (6, 8))
    ]


def test_what_still_arrives_is_shown_as_it_is() -> None:
    first, last = blocks("$a$\n\n$b$", complete=False)
    assert first.nodes is not None
    assert last.nodes is None


def test_thoughts_may_stay_plain() -> None:
    assert [one.nodes for one in blocks("$a$\n\nb", rich=False)] == [None, None]


def test_the_depth_of_a_list_is_kept() -> None:
    assert [one.indent for one in blocks("1. a\n\n   - b\n\n      c")] == [0, 1, 3]
