"""How a value stands in one cell of text, so that it comes back as it was.

Three conventions: a cell must not start a formula in a spreadsheet (one leading ' more is written
and one less read); a value that is not a text is written as json: and its JSON, and so are the few
texts that would be taken for something else; tags are joined by semicolons.
"""

import json
import re
from typing import Any

from core.handbook.files.checks import must_fit, too_deep

JSON_MARK = "json:"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defused(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def value_text(value: Any) -> str:
    """The value on its own; an empty text too, since an empty cell holds nothing."""
    if isinstance(value, str) and value and not value.startswith(JSON_MARK):
        return value
    return JSON_MARK + json.dumps(value, ensure_ascii=False)


def value_of(cell: str) -> Any:
    """What `value_text` was given; a cell that only looks like JSON is the text it is."""
    if not cell.startswith(JSON_MARK):
        return cell
    value = _json(cell.removeprefix(JSON_MARK))
    return cell if value is None and cell != f"{JSON_MARK}null" else value


def tags_text(tags: list[str]) -> str:
    """`a; b`, or a JSON list where that would be read as other tags."""
    text = "; ".join(tags)
    return text if tags_of(text) == tags else json.dumps(tags, ensure_ascii=False)


def tags_of(text: str) -> list[str]:
    listed = _json(text) if text.startswith("[") else None
    if isinstance(listed, list) and all(isinstance(tag, str) for tag in listed):
        return listed
    return [tag.strip() for tag in text.split(";") if tag.strip()]


def _json(text: str) -> Any:
    """The value, or None where this is not JSON that can be kept."""
    try:
        value = json.loads(text)
        if too_deep(value):
            return None
        must_fit(value)
    except (ValueError, RecursionError):
        return None
    return value
