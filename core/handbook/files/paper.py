"""The paper's shape: one JSON object, name -> instruction. A JSON list of rows is read too.

Entries are counted, not lines: the JSON library does not tell where an entry stood.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from core.errors import BadInput
from core.handbook.files.checks import HALF_CHARACTER, TOO_DEEP, must_fit, short
from core.handbook.files.rows import Row, row_of
from core.handbook.files.source import Source
from core.store.records import Behavior


def rows(source: Source) -> Iterator[tuple[int, Row | str]]:
    """Each entry's number with its row, or with why it is none."""
    is_object = source.text.lstrip().startswith("{")
    # As pairs, since a dict keeps only the last of two entries of one name.
    data = _loaded(source, as_pairs=is_object)
    if not isinstance(data, list):
        raise BadInput(
            f"{source.name} has to hold one JSON object of names and instructions, "
            "or a list of rows."
        )
    entries = map(_row_of_pair, data) if is_object else map(_row_of_item, data)
    yield from enumerate(entries, start=1)


def text(behaviors: Iterable[Behavior]) -> str:
    """Sorted by name, which with the instruction is all that stays."""
    pairs = sorted((behavior.name, behavior.instruction) for behavior in behaviors)
    return json.dumps(dict(pairs), ensure_ascii=False, indent=2) + "\n"


def _loaded(source: Source, *, as_pairs: bool) -> Any:
    try:
        return json.loads(source.text, object_pairs_hook=list if as_pairs else None)
    except RecursionError as error:
        raise BadInput(f"{source.name} is not readable JSON: it {TOO_DEEP}.") from error
    except ValueError as error:  # endless digits among them
        several = "Extra data" in str(error)
        advice = " Objects on lines of their own are a .jsonl file." if several else ""
        raise BadInput(f"{source.name} is not readable JSON: {short(error)}.{advice}") from error


def _row_of_pair(pair: tuple[str, Any]) -> Row | str:
    name, instruction = pair
    if not isinstance(instruction, str):
        return f"the instruction of {name[:100]!r} is not a text"
    return _row_of_item({"name": name, "instruction": instruction})


def _row_of_item(data: Any) -> Row | str:
    try:
        must_fit(data)
    except UnicodeEncodeError:
        return f"the row {HALF_CHARACTER}"
    except RecursionError:
        return f"the row {TOO_DEEP}"
    return row_of(data)
