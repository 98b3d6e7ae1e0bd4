"""What every value out of a file must pass, and how its faults are put into words.

What passes can be kept in the database, shown, and written again. Faults that only a behavior can
have (its name, its length) are in `core.handbook.rules`.
"""

import json
from typing import Any

from pydantic import ValidationError

# Deeper than any file a person writes, and far from Python's own limit, which depends on where in
# the program a value is touched.
MAX_DEPTH = 50
HALF_CHARACTER = "holds half a character (\\ud800 to \\udfff)"
TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"


def must_fit(data: Any) -> None:
    """Raises TypeError or ValueError where JSON in UTF-8 cannot hold this."""
    json.dumps(data, ensure_ascii=False).encode()


def too_deep(data: Any) -> bool:
    layer = [data]
    for _ in range(MAX_DEPTH + 1):
        layer = [inner for outer in layer for inner in _inside(outer)]
        if not layer:
            return False
    return True


def first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place or 'the row'}: {fault['msg']}"


def one_line(text: str) -> str:
    """The text with each run of white space, line ends among it, as one space."""
    return " ".join(text.split())


def short(error: Exception) -> str:
    return one_line(str(error))[:200]


def _inside(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return list(data.values())
    return data if isinstance(data, list) else []
