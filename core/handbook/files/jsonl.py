"""behaviors.jsonl: one behavior a line, its keys in a fixed order: a change is a one-line diff."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from core.handbook.files.checks import HALF_CHARACTER, TOO_DEEP, must_fit, short
from core.handbook.files.rows import Row, row_of
from core.store.records import Behavior

ROWS_FILE = "behaviors.jsonl"
# JSON escapes both inside a text. U+2028 and its like are no line ends here, as they are to
# `str.splitlines`.
LINE_END = re.compile(r"\r\n|\r|\n")


def rows(text: str) -> Iterator[tuple[int, Row | str]]:
    """Each line's number with its row, or with why it is none."""
    for number, line in enumerate(LINE_END.split(text), start=1):
        if line.strip():
            yield number, _row(line)


def rows_text(behaviors: Iterable[Behavior]) -> str:
    lines = (json.dumps(_object(behavior), ensure_ascii=False) for behavior in behaviors)
    return "".join(f"{line}\n" for line in lines)


def _row(line: str) -> Row | str:
    try:
        data = json.loads(line)
        if "\\u" in line:
            must_fit(data)
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        return f"not readable JSON: {what} at character {error.pos + 1}"
    except UnicodeEncodeError:
        return f"the row {HALF_CHARACTER}"
    except RecursionError:
        return f"the row {TOO_DEEP}"
    except ValueError as error:  # endless digits
        return short(error)
    return row_of(data)


def _object(behavior: Behavior) -> dict[str, Any]:
    """The keys in their order; optional ones only where they say something."""
    row: dict[str, Any] = {
        "topic": behavior.topic,
        "name": behavior.name,
        "instruction": behavior.instruction,
    }
    if behavior.avoid_when:
        row["avoid_when"] = behavior.avoid_when
    if behavior.tags:
        row["tags"] = behavior.tags
    return {**row, **behavior.extra}
