"""What reading a file gives: its head, its good rows, and its bad ones with line and reason.

The readers of the formats hand over each row as a decoded object; whether it is good is decided
here, in the same way and the same words for all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import BadInput
from core.handbook.files.checks import TOO_DEEP, first_fault, too_deep
from core.handbook.files.foreign import own_fields
from core.handbook.files.head import Head
from core.handbook.rules import fault

MAX_ROWS = 200_000
ROW_KEYS = ("topic", "name", "instruction", "avoid_when", "tags")


class Row(BaseModel):
    """One behavior of a file. Unknown keys are kept in `model_extra`.

    `marks` are what the reading has to say about the row, as a proposal's marks. They are not part
    of a file: a key of that name in a file is an unknown key like any other.
    """

    model_config = ConfigDict(extra="allow", strict=True)
    topic: str = ""
    name: str
    instruction: str
    avoid_when: str | None = None
    tags: list[str] = Field(default_factory=list)
    marks: dict[str, str] = Field(default_factory=dict, exclude=True)


@dataclass(frozen=True)
class BadRow:
    """`line` counts from 1. A .json file is counted in entries, as `unit` says."""

    line: int
    why: str
    unit: str = "line"


@dataclass(frozen=True)
class HandbookFile:
    head: Head
    rows: list[Row]
    bad: list[BadRow]


def row_of(data: Any) -> Row | str:
    """The row that a decoded object makes, or why it makes none."""
    if not isinstance(data, dict):
        return _validated(data)
    fields, marks = own_fields(data)
    unknown = {"marks": fields["marks"]} if "marks" in fields else {}
    row = _validated({**fields, "marks": marks})
    if isinstance(row, Row) and row.model_extra is not None:
        row.model_extra.update(unknown)
        if too_deep(row.model_extra):
            return f"the row {TOO_DEEP}"
    return row


def gathered(
    name: str, head: Head, rows: Iterable[tuple[int, Row | str]], unit: str = "line"
) -> HandbookFile:
    """The good rows and the bad ones of the file `name`; of rows of one name the first is good."""
    good: dict[str, Row] = {}
    first: dict[str, int] = {}
    bad: list[BadRow] = []
    for line, row in rows:
        if len(good) + len(bad) >= MAX_ROWS:
            raise BadInput(f"{name} has more than {MAX_ROWS:,} rows. Split it.")
        if isinstance(row, str):
            bad.append(BadRow(line, row, unit))
        elif row.name in good:
            why = f"a second {row.name} (first in {unit} {first[row.name]})"
            bad.append(BadRow(line, why, unit))
        else:
            good[row.name], first[row.name] = row, line
    return HandbookFile(head, list(good.values()), bad)


def _validated(data: Any) -> Row | str:
    try:
        row = Row.model_validate(data)
    except ValidationError as error:
        return first_fault(error)
    return fault(row.name, row.instruction, row.avoid_when) or row
