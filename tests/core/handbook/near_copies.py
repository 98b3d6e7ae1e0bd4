"""Small handbooks for the tests of near copies: numbered texts, known vectors, pairs by ids."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.handbook.duplicates import FLOOR, Group, Item, Pairs, groups
from core.handbook.likeness import Known, Matrix, meaning_text

TEXT = "When two people work at one job together, add their rates per hour, then take the inverse."
NEAR = TEXT.replace("take the", "take their")
Found = dict[tuple[int, int], tuple[float, str]]


def found_in(given_pairs: Pairs) -> Found:
    return {
        key: value for group in groups(given_pairs, FLOOR) for key, value in inside(group).items()
    }


def inside(group: Group) -> Found:
    """The group's pairs by ids, the smaller first, with similarity and reason."""
    return {
        (min(pair.first, pair.second), max(pair.first, pair.second)): (pair.similarity, pair.why)
        for pair in group.pairs
    }


def numbered(*texts: str) -> list[Item]:
    """Numbered from 1; names have nothing in common."""
    return [Item(n, f"behavior_{n}x{n}", text) for n, text in enumerate(texts, start=1)]


def knowing(items: Sequence[Item], rows: Sequence[Sequence[float] | None]) -> Known:
    """Knows these rows, made unit length; None where an item has no vector."""
    texts = [meaning_text(item.name, item.instruction) for item in items]
    vectors = dict(zip(texts, rows, strict=True))
    width = max((len(row) for row in rows if row), default=2)

    def look_up(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        found = [vectors.get(text) for text in texts]
        matrix = np.array([row or [0.0] * width for row in found], np.float32).reshape(-1, width)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        mask = np.array([row is not None for row in found], np.bool_)
        return np.divide(matrix, lengths, out=matrix, where=lengths > 0), mask

    return look_up


# Handbooks in which much is alike: few words, few directions, here and there no vector.
names = st.lists(
    st.sampled_from("add angles angle area cosines find sines sum".split()), min_size=1, max_size=5
).map(lambda words: "_".join(["behavior", *words]))
instructions = st.lists(
    st.sampled_from("Add all numbers, then halve! ∑".split()), min_size=1, max_size=4
).map(" ".join)
rows = st.none() | st.lists(st.integers(-2, 4), min_size=3, max_size=3).filter(any)


@st.composite
def _handbook(draw: st.DrawFn) -> tuple[list[Item], Known | None]:
    size = draw(st.integers(0, 9))
    statuses = st.sampled_from(["accepted", "proposed"])
    apart = st.lists(st.integers(1, 9), max_size=2)
    items = [
        Item(number, draw(names), draw(instructions), draw(statuses), tuple(draw(apart)))
        for number in range(1, size + 1)
    ]
    if draw(st.booleans()):
        return items, None
    return items, knowing(items, [draw(rows) for _item in items])


handbooks = _handbook()
Book = tuple[list[Item], Known | None]
