"""Word diffs: their pieces join to the texts, and they fall between words."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.handbook.wording import COARSE, FINE, Piece, word_diff
from tests.core.handbook.strategies import lines, texts

any_text = texts | lines
PATTERNS = st.sampled_from([FINE, COARSE])


def _joined(pieces: list[Piece], *kinds: str) -> str:
    return "".join(text for how, text in pieces if how in kinds)


@given(any_text, any_text, PATTERNS)
@example("", "", FINE)
@example("a\u0301b", "ab", FINE)
@example("one  two", "two\u00a0one", COARSE)
def test_the_pieces_join_to_both_texts(old: str, new: str, words: object) -> None:
    pieces = word_diff(old, new, words=words)  # type: ignore[arg-type]
    assert _joined(pieces, "same", "gone") == old
    assert _joined(pieces, "same", "new") == new
    assert all(text for _how, text in pieces)
    kinds = [how for how, _text in pieces]
    assert all(one != other for one, other in pairwise(kinds))
    assert ("new", "gone") not in pairwise(kinds)


@given(any_text)
def test_one_text_twice_is_all_the_same(text: str) -> None:
    assert word_diff(text, text) == ([("same", text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        (
            "When a circle is given, halve.",
            "When a diameter is given, halve.",
            [
                ("same", "When a "),
                ("gone", "circle"),
                ("new", "diameter"),
                ("same", " is given, halve."),
            ],
        ),
        (
            "Halve it.",
            "Halve it first.",
            [("same", "Halve it"), ("new", " first"), ("same", ".")],
        ),
        (
            "take red apples home",
            "take green pears home",
            [
                ("same", "take "),
                ("gone", "red apples"),
                ("new", "green pears"),
                ("same", " home"),
            ],
        ),
        (
            "behavior_halve_first",
            "behavior_halve_last",
            [("same", "behavior_halve_"), ("gone", "first"), ("new", "last")],
        ),
        ("", "new", [("new", "new")]),
        ("old", "", [("gone", "old")]),
        ("e\u0301", "e", [("gone", "e\u0301"), ("new", "e")]),
        (
            "\U0001f469\u200d\U0001f680 flies",
            "\U0001f469 flies",
            [("gone", "\U0001f469\u200d\U0001f680"), ("new", "\U0001f469"), ("same", " flies")],
        ),
    ],
)
def test_changes_fall_between_words(old: str, new: str, pieces: list[Piece]) -> None:
    assert word_diff(old, new) == pieces


def test_coarse_words_keep_their_punctuation() -> None:
    assert word_diff("the (old) sum.", "the (new) sum!", words=COARSE) == [
        ("same", "the "),
        ("gone", "(old) sum."),
        ("new", "(new) sum!"),
    ]
