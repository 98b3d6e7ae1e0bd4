"""Handbook files: read from a path or from uploads, written in six kinds.

Our own format is `handbook.yaml` beside `behaviors.jsonl`, one behavior a line. Keys stand in a
fixed order and lines are sorted by topic, then name, so that a change is a one-line diff. Keys this
version does not know are kept. Reading runs nothing, is capped in size, and reports bad rows by
line while the good ones come in. What is read back and written again is the same to the byte.

This is the face of the package; each format has a module of its own behind it.
"""

from core.handbook.files.checks import HALF_CHARACTER
from core.handbook.files.head import HEAD_FILE, HEAD_KEYS, MAX_HEAD_BYTES, Head, head_text
from core.handbook.files.jsonl import ROWS_FILE, rows_text
from core.handbook.files.reading import READ_ENDINGS, read, read_uploads
from core.handbook.files.rows import MAX_ROWS, ROW_KEYS, BadRow, HandbookFile, Row
from core.handbook.files.source import MAX_BYTES
from core.handbook.files.writing import KINDS, Kind, contents, write

__all__ = [
    "HALF_CHARACTER",
    "HEAD_FILE",
    "HEAD_KEYS",
    "KINDS",
    "MAX_BYTES",
    "MAX_HEAD_BYTES",
    "MAX_ROWS",
    "READ_ENDINGS",
    "ROWS_FILE",
    "ROW_KEYS",
    "BadRow",
    "HandbookFile",
    "Head",
    "Kind",
    "Row",
    "contents",
    "head_text",
    "read",
    "read_uploads",
    "rows_text",
    "write",
]
