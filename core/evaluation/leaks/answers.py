"""Whether two problems have one answer: it tells a rewording from another problem of its kind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.evaluation.leaks.weights import telling
from core.evaluation.leaks.wording import is_number, tokens

NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40}|/0*[1-9]\d{0,40})?")
WORD, MOST = 0.6, 4.0  # what a word of an answer tells, and the most that an answer does


@dataclass(frozen=True)
class Answers:
    """`same` is None where that is unknown; `telling` is how particular the common answer is."""

    same: bool | None = None
    telling: float = 0.0


def compared(one: str | None, other: str | None) -> Answers:
    """They differ for certain only where both are numbers; else one may be worded otherwise."""
    words, others = tokens(one or ""), tokens(other or "")
    if not words or not others:
        return Answers()
    values = _value(words), _value(others)
    if words == others or (None not in values and values[0] == values[1]):
        return Answers(True, min(_tells(words), _tells(others), MOST))
    return Answers(None if None in values else False)


def _tells(words: Sequence[str]) -> float:
    return sum(telling(word) if is_number(word) else WORD for word in words)


def _value(words: Sequence[str]) -> Fraction | None:
    """Of a number or a fraction."""
    written = "".join(words)
    return Fraction(written) if NUMBER.fullmatch(written) else None
