"""Rows of a CSV file as the spreadsheets of the world write it.

Commas, semicolons or tabs part its cells: whichever parts the head into most. It is UTF-8, UTF-16
with a byte order mark, or else taken for Windows-1252, which has to be told, as it is a guess.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from core.errors import BadInput

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_LIMIT = Lock()


def decoded(name: str, data: bytes) -> tuple[str, str]:
    """The text, and what a person has to be told of how it was read; raises where it is none."""
    note = ""
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = _western(name, data, error)
        note = (
            f"{name} is not UTF-8 text (byte {error.start}): read as Windows-1252, as Western "
            "Europe writes, it may have wrong letters. Save it as CSV UTF-8 to be sure."
        )
    if "\0" in text:
        raise BadInput(f"{name} is not text that can be read. Save it as CSV UTF-8.")
    return text, note


def _western(name: str, data: bytes, error: UnicodeDecodeError) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise BadInput(
            f"{name} is not UTF-8 text (byte {error.start}). Save it as CSV UTF-8."
        ) from error


def cells_of(name: str, text: str, most: int) -> list[dict[str, Any] | str]:
    """The rows; instead of one that has broken, why. A cell has at most `most` characters."""
    with _long_cells(most):
        separator = _separator(text)
        reader = csv.DictReader(io.StringIO(text), delimiter=separator, strict=True)
        try:
            reader.fieldnames = [column.strip() for column in reader.fieldnames or ()]
            return [_whole(row, SEPARATORS[separator]) for row in reader]
        except csv.Error as error:
            raise BadInput(
                f"{name} is not readable CSV: {error}. By its first line, "
                f"{SEPARATORS[separator]}s stand between the cells."
            ) from error


def _separator(text: str) -> str:
    return max(SEPARATORS, key=lambda one: len(_head(text, one)))  # the first of several as good


def _head(text: str, separator: str) -> list[str]:
    """Nothing where the head cannot be meant so: then quotes are left within its cells."""
    try:
        head = next(csv.reader(io.StringIO(text), delimiter=separator, strict=True), [])
    except csv.Error:
        return []
    return [] if any('"' in cell for cell in head) else head


def _whole(row: dict[Any, Any], separator: str) -> dict[str, Any] | str:
    """A row with more cells than the head has broken at a separator within a text."""
    more = row.pop(None, [])  # where DictReader puts them
    if not any(cell.strip() for cell in more):
        return row
    return (
        f"has {len(row) + len(more)} cells where the head names {len(row)}: a text with a "
        f"{separator} in it has to stand in double quotes"
    )


@contextmanager
def _long_cells(most: int) -> Iterator[None]:
    """The limit is one for all of Python, so it is put back."""
    with _LIMIT:
        before = csv.field_size_limit(most)
        try:
            yield
        finally:
            csv.field_size_limit(before)
