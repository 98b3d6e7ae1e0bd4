"""A problem that is not in the store yet, what it has to pass, and the answers in its cells."""

import math
from dataclasses import dataclass, field
from typing import Any

MAX_CHARACTERS = 40_000  # MuSiQue with all its paragraphs has 26,000
EXACT = 2**53  # below, a float is exactly the whole number it says


class UnusableRow(ValueError):
    """Why a row cannot be a problem, as the rest of a sentence that begins with the row."""


@dataclass(frozen=True)
class NewProblem:
    """A problem that is not in the store yet. `extra` holds the row's other columns.

    Some keys of `extra` are read by others. By graders: `task` (math, countdown, qa, choice),
    `aliases` (other right answers), `numbers` and `target` (Countdown). By the leak guard:
    `question`, the problem without the paragraphs it is asked about. By counts: `level`.
    """

    text: str
    gold: str | None = None
    topic: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def checked(problem: NewProblem) -> NewProblem:
    """The problem itself; raises UnusableRow where it is too long or cannot be stored."""
    if len(problem.text) > MAX_CHARACTERS:
        raise UnusableRow(
            f"has a problem of {len(problem.text):,} characters; at most {MAX_CHARACTERS:,} are "
            "taken"
        )
    try:
        f"{problem.text}{problem.gold}{problem.topic}".encode()
    except UnicodeEncodeError as error:
        raise UnusableRow("holds half a character (\\ud800 to \\udfff)") from error
    return problem


def gold_text(value: Any) -> str | None:
    """The answer as text, where the cell has exactly one."""
    found = gold_texts(value)
    return found[0] if len(found) == 1 else None


def gold_texts(value: Any) -> list[str]:
    """The answers in a cell as texts, each once and none empty."""
    texts = (_answer(one) for one in scalars(value))
    return list(dict.fromkeys(text for text in texts if text))


def scalars(value: Any) -> list[Any]:
    """What stands in a cell: one thing, several in a list, or SQuAD's {"text": [...]}."""
    if isinstance(value, dict):
        value = value.get("text")
    listed = value if isinstance(value, list | tuple) else [value]
    nested = (dict, list, tuple)
    return [one for one in listed if not isinstance(one, nested) and not is_missing(one)]


def is_missing(value: Any) -> bool:
    """NaN is how pandas writes that there is nothing."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _answer(value: Any) -> str:
    """GSM8K keeps it after `####` at the end of the worked solution."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        value = int(value)  # pandas makes 3 a 3.0 where another row has no answer
    return str(value).rsplit("####", 1)[-1].strip()
