"""Pieces in the note of a trace: told as they come, and read from there again."""

import pytest

from core.llm import pieces


@pytest.mark.parametrize("number", [0, 7, 1_234, 1_234_567])
def test_what_was_told_is_read_again(number: int) -> None:
    assert pieces.counted(pieces.told(number)) == number


@pytest.mark.parametrize("note", ["", "reading the prompt: 30 of 400 tokens", "12 pieces"])
def test_no_other_note_tells_of_pieces(note: str) -> None:
    assert pieces.counted(note) is None
