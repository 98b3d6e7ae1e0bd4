"""Reads the rows of problem files: JSON Lines, JSON, CSV and Parquet, nothing executed.

`read` takes what can be read and names the rest; `read_rows` refuses a file with a bad row.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.evaluation.problems import parquet, spreadsheet

MAX_BYTES = 256_000_000  # all of HotpotQA or MuSiQue with its paragraphs, and room beyond
MAX_ROWS = 200_000
SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
NO_OBJECT = "is not an object with named fields"

Row = dict[str, Any]


@dataclass(frozen=True)
class BadRow:
    """A row that was left out, numbered as in Rows; `why` is the rest of a sentence about it."""

    number: int
    why: str


@dataclass(frozen=True)
class Rows:
    """Rows by their numbers: the line in a JSON Lines file, else the place, both from 1.

    `note` says what was supposed in reading them, for a person to look at what came of it.
    """

    numbered: list[tuple[int, Row]]
    bad: list[BadRow]
    note: str = ""

    @property
    def rows(self) -> list[Row]:
        return [row for _number, row in self.numbered]


def read_rows(name: str, data: bytes) -> list[Row]:
    """The rows of a .jsonl, .json (a list), .csv or .parquet file; a bad row is an error, and so
    is text that could only be guessed at: nobody is told here.
    """
    found = read(name, data)
    if found.note:
        raise BadInput(found.note)
    if found.bad:
        raise BadInput(_sentence(name, found.bad[0]))
    return found.rows


def read(name: str, data: bytes) -> Rows:
    """The rows that can be read, and those that cannot; no row at all is an error."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"{name} has {len(data) / 1e6:.0f} MB; {at_most()}.")
    found = _parsed(name, data)
    if not found.numbered:
        raise BadInput(_sentence(name, found.bad[0]) if found.bad else f"{name} holds no rows.")
    need_few(name, len(found.numbered))
    return found


def at_most() -> str:
    return f"at most {MAX_BYTES / 1e6:g} MB are read"


def read_path(path: Path) -> Rows:
    """The rows of a file on this machine."""
    return read(path.name, file_bytes(path))


def file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def need_few(name: str, number: int) -> None:
    if number > MAX_ROWS:
        raise BadInput(f"{name} has {number:,} rows; at most {MAX_ROWS:,} are read.")


def column_names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows[:1000] for name in row))


def _sentence(name: str, bad: BadRow) -> str:
    unit = "line" if Path(name).suffix.lower() == ".jsonl" else "entry"
    return f"{name}, {unit} {bad.number} {bad.why}."


def _parsed(name: str, data: bytes) -> Rows:
    suffix = Path(name).suffix.lower()
    if suffix == ".parquet":
        return _counted(parquet.rows(name, data, MAX_ROWS))
    if suffix not in SUFFIXES:
        raise BadInput(f"{name}: only .jsonl, .json, .csv and .parquet files are read.")
    if suffix == ".csv":
        return _of_csv(name, data)
    return _of_lines(name, data) if suffix == ".jsonl" else _of_list(name, _text(name, data))


def _text(name: str, data: bytes, start: int = 0) -> str:
    """Of a file, or of its bytes from `start` on."""
    try:
        return data.decode("utf-8" if start else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text (byte {start + error.start}).") from error


def _counted(rows: Sequence[Row]) -> Rows:
    return Rows(list(enumerate(rows, start=1)), [])


def _of_csv(name: str, data: bytes) -> Rows:
    text, note = spreadsheet.decoded(name, data)
    found = Rows([], [], note)
    for number, row in enumerate(spreadsheet.cells_of(name, text, MAX_BYTES), start=1):
        if isinstance(row, str):
            found.bad.append(BadRow(number, row))
        else:
            found.numbered.append((number, row))
    return found


def _of_lines(name: str, data: bytes) -> Rows:
    """Line by line: the whole text beside its bytes and its rows would take hundreds of MB."""
    found = Rows([], [])
    start = 0
    for number, part in enumerate(io.BytesIO(data), start=1):
        line = _text(name, part, start)
        start += len(part)
        if not line.strip():
            continue
        try:
            _take(found, number, json.loads(line))
        except (ValueError, RecursionError) as error:  # a ValueError too: endless digits
            found.bad.append(BadRow(number, f"is not readable JSON ({error})"))
    return found


def _of_list(name: str, text: str) -> Rows:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name}, line 1 is not readable JSON ({error}).") from error
    found = Rows([], [])
    for number, entry in enumerate(value if isinstance(value, list) else [value], start=1):
        _take(found, number, entry)
    return found


def _take(found: Rows, number: int, value: Any) -> None:
    if isinstance(value, dict):
        found.numbered.append((number, value))
    else:
        found.bad.append(BadRow(number, NO_OBJECT))
