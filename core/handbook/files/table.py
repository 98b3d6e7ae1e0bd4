"""A table for spreadsheets: CSV with a header row, its columns in any order.

Unknown columns are kept. Lines end as RFC 4180 has it. No byte order mark is written, though Excel
would like one: others take it for part of the first column's name.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from core.errors import BadInput
from core.handbook.files.cells import defused, restored, tags_of, tags_text, value_of, value_text
from core.handbook.files.checks import short
from core.handbook.files.foreign import INSTRUCTION_KEYS, NAME_KEYS, TOPIC_KEYS
from core.handbook.files.rows import ROW_KEYS, Row, row_of
from core.handbook.files.source import Source
from core.store.records import Behavior

# Spreadsheets set to a language with decimal commas write semicolons, and copies hold tabs.
DELIMITERS = (",", ";", "\t")
MAX_CELLS = 10_000_000
READ_KEYS = {*ROW_KEYS, *NAME_KEYS, *INSTRUCTION_KEYS, *TOPIC_KEYS}


def rows(source: Source) -> Iterator[tuple[int, Row | str]]:
    """The line each row starts in, with the row or with why it is none."""
    reader, columns = _opened(source)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > line:  # nobody can tell where the next row starts
                raise BadInput(
                    f"{source.name}: the row that starts in line {line} does not end "
                    f'({short(error)}). Close the quote (") that is open there.'
                ) from error
            yield line, f'not readable CSV: {short(error)}; a quote in a cell is written ""'
            continue
        if any(cells):
            yield line, _row(columns, cells)


def text(behaviors: Iterable[Behavior]) -> str:
    """All our columns, whether filled or not, then the unknown ones by name."""
    behaviors = list(behaviors)
    unknown = sorted({key for behavior in behaviors for key in behavior.extra})
    _need_few_cells(len(behaviors), len(unknown))
    table = [[*ROW_KEYS, *map(value_text, unknown)]]
    table += [_cells(behavior, unknown) for behavior in behaviors]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows(map(defused, cells) for cells in table)
    return written.getvalue()


def _need_few_cells(rows: int, unknown: int) -> None:
    """Rows that each bring a key of their own would make a table of their square."""
    if rows * unknown > MAX_CELLS:
        raise BadInput(
            f"As a table this handbook would have {rows:,} rows of {unknown:,} unknown columns. "
            "Write it as JSON Lines."
        )


def _opened(source: Source) -> tuple[Any, list[str]]:
    """A reader that stands behind the header row, and the header's columns."""
    for delimiter in DELIMITERS:
        lines = io.StringIO(source.text, newline="")
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        columns = _columns(_first_row(reader))
        if {"name", *NAME_KEYS} & set(columns):
            _need_distinct(source, columns)
            return reader, columns
    raise BadInput(
        f"{source.name} has no header row: its first row has to name the columns, name and "
        f"instruction among them (or {', '.join(NAME_KEYS)}; {', '.join(INSTRUCTION_KEYS)})."
    )


def _first_row(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next((cells for cells in reader if any(cells)), [])
    except csv.Error:  # another delimiter may do, and if none does there is no header
        return []


def _columns(header: list[str]) -> list[str]:
    """The columns' keys. `Name` is name, except in a file of ours, where it is an unknown key."""
    keys = [_key(cell) for cell in header]
    if set(ROW_KEYS) <= set(keys):
        return keys
    plain = [key.strip().lower().replace(" ", "_") for key in keys]
    return [
        ours if ours in READ_KEYS and ours not in keys else key
        for key, ours in zip(keys, plain, strict=True)
    ]


def _key(cell: str) -> str:
    cell = restored(cell)
    key = value_of(cell)
    return key if isinstance(key, str) else cell


def _need_distinct(source: Source, columns: list[str]) -> None:
    (column, count), *_ = Counter(filter(None, columns)).most_common(1)
    if count > 1:
        raise BadInput(f"{source.name} has two columns {column[:100]!r}. Rename or remove one.")


def _row(columns: list[str], cells: list[str]) -> Row | str:
    surplus = cells[len(columns) :]
    if len(cells) < len(columns) or any(surplus):
        return (
            f"the row has {len(cells)} cells and the header {len(columns)}; "
            'a text that holds a delimiter stands in quotes (")'
        )
    row: dict[str, Any] = {}
    for column, cell in zip(columns, map(restored, cells), strict=False):
        if column in row and cell:
            return "two cells stand in columns without a name"
        if cell or column in ROW_KEYS:
            row[column] = _value(column, cell)
    return row_of(row)


def _value(column: str, cell: str) -> Any:
    if column == "tags":
        return tags_of(cell)
    if column == "avoid_when":
        return cell if cell.strip() else None
    return cell if column in ROW_KEYS else value_of(cell)


def _cells(behavior: Behavior, unknown: list[str]) -> list[str]:
    known = [
        behavior.topic,
        behavior.name,
        behavior.instruction,
        behavior.avoid_when or "",
        tags_text(behavior.tags),
    ]
    extra = behavior.extra
    return known + [value_text(extra[key]) if key in extra else "" for key in unknown]
