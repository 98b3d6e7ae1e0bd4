"""Two replies beside each other: tokens by chunk, stretches that do the same, what they cost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.evaluation.comparison import side_by_side as side_by_side_module
from core.evaluation.comparison.side_by_side import (
    aligned_steps,
    side_by_side,
    sides,
    tokens,
    tokens_at,
)
from tests.core.evaluation.comparison import REPLIES, THINKING, chunks, document


def take(
    text: str, *pieces: tuple[str, int, int | None], thinking: str = "", output: int | None = None
) -> dict[str, Any]:
    """`pieces` are side, characters and tokens so far; without any, a chunk of one word each."""
    made = [[10 * at, *piece] for at, piece in enumerate(pieces)]
    return {"text": text, "thinking": thinking, "chunks": made, "output_tokens": output}


def axes(words: Sequence[str]) -> Any:
    """Texts point where the first of the words that they hold does."""

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), len(words) + len(texts)), np.float32)
        for at, text in enumerate(texts):
            places = [place for place, word in enumerate(words) if word in text]
            rows[at, places[0] if places else len(words) + at] = 1
        return rows

    return embed


# Tokens at a character


TOLD = take(
    "abcdefghij",
    *(("thinking", 4, 3), ("thinking", 2, 5)),
    *(("text", 4, 9), ("text", 1, 10), ("text", 5, 14)),
    thinking="think.",
    output=15,
)


@pytest.mark.parametrize(
    ("side", "character", "count"),
    [
        ("thinking", 0, 0),
        ("thinking", 1, 3),
        ("thinking", 4, 3),
        ("thinking", 5, 5),
        ("thinking", 6, 5),
        ("text", 0, 5),
        ("text", 1, 9),
        ("text", 4, 9),
        ("text", 5, 10),
        ("text", 6, 14),
        ("text", 10, 14),
        ("text", 99, 14),
    ],
)
def test_tokens_at_a_character_to_the_chunk(side: str, character: int, count: int) -> None:
    assert tokens_at(TOLD, side, character) == count


@pytest.mark.parametrize("output", [3, 4])
def test_where_every_chunk_was_a_token_chunks_are_counted(output: int) -> None:
    pieces = [("text", 2, None), ("text", 3, None), ("text", 1, None)]
    one = take("abcdef", *pieces, output=output)
    assert [tokens_at(one, "text", at) for at in (0, 1, 2, 3, 5, 6)] == [0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize("output", [None, 2, 5, 40])
def test_else_they_are_unknown(output: int | None) -> None:
    one = take("abcdef", ("text", 2, None), ("text", 3, None), ("text", 1, None), output=output)
    assert tokens_at(one, "text", 0) == 0
    assert tokens_at(one, "text", 3) is None


def test_without_chunks_nothing_is_known_of_the_middle() -> None:
    """As of an imported recording that has a text and no chunks."""
    one = take("Some text.", output=7)
    assert tokens_at(one, "text", 5) is None


# Stretches


LEFT = take(
    "First the circle.\n\nThen a long way round.\n\nSo it is six.",
    *(("text", 19, 6), ("text", 24, 16), ("text", 13, 21)),
    output=21,
)
RIGHT = take("The circle again.\n\nIt is six.", ("text", 19, 5), ("text", 10, 9), output=9)


def test_what_does_the_same_stands_beside_each_other() -> None:
    found = side_by_side(LEFT, RIGHT, axes(["circle", "six"]))
    told = [
        (["".join(s.text.split("\n\n")) for s in one.left], [s.text.strip() for s in one.right])
        for one in found
    ]
    assert told == [
        (["First the circle."], ["The circle again."]),
        (["Then a long way round."], []),
        (["So it is six."], ["It is six."]),
    ]
    assert [(tokens(one.left), tokens(one.right), one.saved) for one in found] == [
        (6, 5, 1),
        (10, 0, 10),
        (5, 4, 1),
    ]
    assert [one.similarity for one in found] == [pytest.approx(1), None, pytest.approx(1)]


def test_what_is_saved_adds_up() -> None:
    found = side_by_side(LEFT, RIGHT, axes(["circle", "six"]))
    assert sum(one.saved or 0 for one in found) == 21 - 9


def test_one_side_may_be_empty() -> None:
    empty = take("")
    (only,) = side_by_side(LEFT, empty, axes([]))
    assert (len(only.left), only.right, only.similarity, only.saved) == (3, (), None, 21)
    (other,) = side_by_side(empty, RIGHT, axes([]))
    assert (other.left, other.saved) == ((), -9)
    assert side_by_side(empty, empty, axes([])) == []


def test_unknown_tokens_save_nothing_known() -> None:
    uncounted = take(LEFT["text"], ("text", len(LEFT["text"]), None))
    found = side_by_side(uncounted, RIGHT, axes(["circle", "six"]))
    assert [one.saved for one in found] == [None] * 3


def test_the_steps_of_every_arm_beside_its_baseline_as_json() -> None:
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return np.array([[float("circle" in t), float("six" in t), 0.01] for t in texts])

    left, right = {**LEFT, "sample": 1}, {**RIGHT, "sample": 1}
    made = {
        "arms": {"plain": [{**LEFT, "sample": 0}, left], "bci": [right], "concise": [left]},
        "verdicts": [{"arm": arm, "baseline": "plain"} for arm in ("bci", "concise")],
    }
    told = aligned_steps(made, embed)
    assert told["steps_left_out"] == 0
    first, second = told["steps"]
    assert (first["left"], first["right"], first["sample"]) == ("plain", "bci", 1)
    assert [one["saved"] for one in first["stretches"]] == [1, 10, 1]
    pair, alone, _ = first["stretches"]
    assert pair["left"] == [{"side": "text", "start": 0, "characters": 19, "tokens": 6}]
    assert (alone["right"], alone["similarity"]) == ([], None)
    assert sum(one["saved"] for one in second["stretches"]) == 0
    assert len(asked) == len(set(asked)) == 5, "each step once, however many arms stand beside it"


def test_where_steps_would_take_too_long_the_first_samples_have_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(side_by_side_module, "MOST_STEPS", 6)
    takes = [{**LEFT, "sample": sample} for sample in range(3)]
    made = {
        "arms": {"plain": takes, "bci": takes, "concise": takes},
        "verdicts": [{"arm": arm, "baseline": "plain"} for arm in ("bci", "concise")],
    }
    told = aligned_steps(made, lambda texts: np.eye(len(texts), dtype=np.float32))
    assert [(one["right"], one["sample"]) for one in told["steps"]] == [("bci", 0)]
    assert told["steps_left_out"] == 5


def test_thinking_comes_first() -> None:
    made = sides({**LEFT, "thinking": "Hm.\n\nWell."})
    assert [side.side for side in made] == ["thinking"] * 2 + ["text"] * 3
    assert [side.start for side in made] == [0, 5, 0, 19, 43]


def test_a_real_reply_is_covered_and_counted_once() -> None:
    for takes in document(6)["arms"].values():
        (one,) = takes
        made = sides(one)
        for side in ("thinking", "text"):
            words = " ".join(part.text for part in made if part.side == side).split()
            assert words == one[side].split()


@given(st.lists(st.sampled_from(list(REPLIES.values())), min_size=1, max_size=3), st.booleans())
def test_the_tokens_of_all_sides_are_those_of_the_reply(parts: list[str], thinks: bool) -> None:
    thinking, text = THINKING if thinks else "", "\n\n".join(parts).strip()
    came = chunks(thinking, text, 20)
    came = [[at, side, length, number] for number, (at, side, length, _) in enumerate(came, 1)]
    one = {"thinking": thinking, "text": text, "chunks": came, "output_tokens": len(came)}
    assert tokens(sides(one)) == len(came)
