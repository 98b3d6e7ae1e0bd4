"""Long lists in pieces: a database takes only so many values in one statement."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
PIECE = 10_000


def pieces(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), PIECE):
        yield items[start : start + PIECE]
