"""Reads problems: pasted text, JSON Lines and CSV files, with columns guessed and shown."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import BadInput

MAX_BYTES = 32_000_000
MAX_ROWS = 200_000
MAX_CHARACTERS = 20_000
# Names that public data sets give these columns, likeliest first.
TEXT_NAMES = ("problem", "question", "text", "prompt", "input")
GOLD_NAMES = ("answer", "gold", "expected_answer", "gold_answer", "target", "output")
TOPIC_NAMES = ("topic", "subject", "type", "category")


@dataclass(frozen=True)
class NewProblem:
    """A problem that is not in the store yet. `extra` holds the row's other columns."""

    text: str
    gold: str | None = None
    topic: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """Which column holds what."""

    text: str
    gold: str | None = None
    topic: str | None = None


def from_paste(text: str, gold: str | None = None, topic: str = "") -> list[NewProblem]:
    """Problems separated by lines that hold nothing but dashes (three or more)."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if len(line.strip()) >= 3 and set(line.strip()) == {"-"}:
            blocks.append([])
        else:
            blocks[-1].append(line)
    texts = [stripped for block in blocks if (stripped := "\n".join(block).strip())]
    if not texts:
        raise BadInput("There is no problem yet: write or paste at least one.")
    if len(texts) > 1 and gold:
        raise BadInput(
            "One gold answer cannot belong to several problems. Leave it empty, or upload a file "
            "with a column of answers."
        )
    return [_checked(NewProblem(text, gold or None, topic), place="The text") for text in texts]


def read_rows(name: str, data: bytes) -> list[dict[str, Any]]:
    """The rows of a .jsonl, .json (a list) or .csv file."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"{name} has {len(data) / 1e6:.0f} MB; at most 32 MB are read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text (byte {error.start}).") from error
    rows = _parsed_rows(name, text)
    if not rows:
        raise BadInput(f"{name} holds no rows.")
    if len(rows) > MAX_ROWS:
        raise BadInput(f"{name} has {len(rows):,} rows; at most {MAX_ROWS:,} are read.")
    return rows


def read_file(path: Path, columns: Columns | None = None) -> list[NewProblem]:
    """All problems of a file, by the given columns or the guessed ones."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    rows = read_rows(path.name, data)
    return from_rows(rows, columns or guess_columns(rows))


def column_names(rows: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows[:1000] for name in row))


def guess_columns(rows: Sequence[dict[str, Any]]) -> Columns:
    """Columns by their names; raises where none looks like the problem's text."""
    names = {name.lower(): name for name in reversed(column_names(rows))}

    def first(wanted: Sequence[str]) -> str | None:
        return next((names[name] for name in wanted if name in names), None)

    text = first(TEXT_NAMES)
    if text is None:
        raise BadInput(
            f"No column is called {', '.join(TEXT_NAMES)}. There are: "
            f"{', '.join(column_names(rows)) or 'none'}. Say which one holds the problem."
        )
    return Columns(text, first(GOLD_NAMES), first(TOPIC_NAMES))


def from_rows(rows: Sequence[dict[str, Any]], columns: Columns) -> list[NewProblem]:
    """One problem a row; a row without a text is an error that names it."""
    return [_from_row(number, row, columns) for number, row in enumerate(rows, start=1)]


def _from_row(number: int, row: dict[str, Any], columns: Columns) -> NewProblem:
    text = str(row.get(columns.text) or "").strip()
    if not text:
        raise BadInput(f"Row {number} has nothing in the column {columns.text!r}.")
    gold = row.get(columns.gold) if columns.gold else None
    topic = row.get(columns.topic) if columns.topic else None
    used = (columns.text, columns.gold, columns.topic)
    extra = {name: value for name, value in row.items() if name not in used and name != "solution"}
    problem = NewProblem(text, _gold(gold), str(topic or "").strip(), extra)
    return _checked(problem, place=f"Row {number}")


def _gold(value: Any) -> str | None:
    """The answer as text; GSM8K keeps it after `####` at the end of the worked solution."""
    if value is None or isinstance(value, (dict, list)):
        return None
    text = str(value)
    return (text.rsplit("####", 1)[1] if "####" in text else text).strip() or None


def _checked(problem: NewProblem, place: str) -> NewProblem:
    if len(problem.text) > MAX_CHARACTERS:
        raise BadInput(
            f"{place} has a problem of {len(problem.text):,} characters; at most "
            f"{MAX_CHARACTERS:,} are taken."
        )
    try:
        f"{problem.text}{problem.gold}{problem.topic}".encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{place} holds half a character (\\ud800 to \\udfff).") from error
    return problem


def _parsed_rows(name: str, text: str) -> list[dict[str, Any]]:
    suffix = Path(name).suffix.lower()
    if suffix == ".csv":
        return _csv_rows(name, text)
    if suffix == ".json":
        return _objects(name, [(1, text)], whole=True)
    if suffix == ".jsonl":
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        return _objects(name, lines)
    raise BadInput(f"{name}: only .jsonl, .json and .csv files are read.")


def _csv_rows(name: str, text: str) -> list[dict[str, Any]]:
    try:
        return [
            {key: value for key, value in row.items() if isinstance(key, str)}
            for row in csv.DictReader(io.StringIO(text), strict=True)
        ]
    except csv.Error as error:
        raise BadInput(f"{name} is not readable CSV: {error}.") from error


def _objects(name: str, parts: list[tuple[int, str]], whole: bool = False) -> list[dict[str, Any]]:
    found: list[Any] = []
    for number, part in parts:
        try:
            value = json.loads(part)
        except (ValueError, RecursionError) as error:  # a ValueError too: endless digits
            raise BadInput(f"{name}, line {number}: not readable JSON ({error}).") from error
        found += value if whole and isinstance(value, list) else [value]
    for number, value in enumerate(found, 1):
        if not isinstance(value, dict):
            raise BadInput(f"{name}: entry {number} is not an object with named fields.")
    return found
