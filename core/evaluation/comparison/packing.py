"""The chunks of a reply as columns, a fifth as long in a file as one list a chunk.

A reply has nearly as many chunks as tokens, each with its time, side, length, and the tokens so
far. Times and tokens are written as differences, and what stays the same as how often it does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

Number = int | None


def packed(chunks: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Columns: `ms` and `tokens` as differences, `side` and `tokens` as [value, how often]."""
    return {
        "ms": list(_differences(ms for ms, *_ in chunks)),
        "side": _runs(side for _, side, *_ in chunks),
        "length": [length for _, _, length, _ in chunks],
        "tokens": _runs(_differences(tokens for *_, tokens in chunks)),
    }


def unpacked(columns: Mapping[str, Any]) -> list[list[Any]]:
    """The chunks again, one list each; the columns have to be of one length."""
    ms, tokens = _sums(columns["ms"]), _sums(_one_by_one(columns["tokens"]))
    parts = zip(ms, _one_by_one(columns["side"]), columns["length"], tokens, strict=True)
    return [list(chunk) for chunk in parts]


def _differences(values: Iterable[Number]) -> Iterator[Number]:
    """To the last one that is known; what is unknown stays so."""
    last = 0
    for value in values:
        yield None if value is None else value - last
        last = last if value is None else value


def _sums(differences: Iterable[Number]) -> Iterator[Number]:
    last = 0
    for more in differences:
        last += more or 0
        yield None if more is None else last


def _runs(values: Iterable[Any]) -> list[list[Any]]:
    return [[value, sum(1 for _ in same)] for value, same in groupby(values)]


def _one_by_one(runs: Iterable[Sequence[Any]]) -> Iterator[Any]:
    return (value for value, times in runs for _ in range(times))
