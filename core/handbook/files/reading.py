"""Reads a handbook from a path or from uploads; the file's ending says what it is."""

from collections.abc import Mapping
from pathlib import Path

from core.errors import BadInput
from core.handbook.files import jsonl, markdown, paper, source, table
from core.handbook.files.head import HEAD_FILE, MAX_HEAD_BYTES, Head, head_of
from core.handbook.files.jsonl import ROWS_FILE
from core.handbook.files.rows import HandbookFile, gathered
from core.handbook.files.source import Source

READ_ENDINGS = (".jsonl", ".json", ".csv", ".md", ".markdown")
SHAPES = f"{HEAD_FILE} with {ROWS_FILE}, or a .jsonl, .json, .csv or .md file"


def read(path: Path) -> HandbookFile:
    """A folder with handbook.yaml and behaviors.jsonl, or a single file of any format."""
    if source.is_folder(path):
        head = head_of(source.from_path(path / HEAD_FILE, MAX_HEAD_BYTES))
        return _folder(head, source.from_path(path / ROWS_FILE))
    if path.exists():
        _need_known_ending(path.as_posix())
    return _single(source.from_path(path))


def read_uploads(uploads: Mapping[str, bytes]) -> HandbookFile:
    """What a browser sent, by file name: a single file, or handbook.yaml with behaviors.jsonl."""
    if len(uploads) > 1:
        source.need_size("The upload", sum(map(len, uploads.values())))
    files = [(source.bare_name(name), data) for name, data in uploads.items()]
    match sorted(files):
        case [(rows_name, rows), (head_name, head)] if (rows_name, head_name) == (
            ROWS_FILE,
            HEAD_FILE,
        ):
            return _folder(
                head_of(source.from_upload(HEAD_FILE, head, MAX_HEAD_BYTES)),
                source.from_upload(ROWS_FILE, rows),
            )
        case [(name, data)] if name != HEAD_FILE:
            _need_known_ending(name)
            return _single(source.from_upload(name, data))
        case [(_, _)]:
            raise BadInput(f"{HEAD_FILE} comes without {ROWS_FILE}. Choose both.")
    raise BadInput(f"These {len(uploads)} files are not one handbook: choose {SHAPES}.")


def _folder(head: Head, rows: Source) -> HandbookFile:
    return gathered(rows.name, head, jsonl.rows(rows.text))


def _single(file: Source) -> HandbookFile:
    head = Head(title=file.title)
    match file.ending:
        case ".jsonl":
            return gathered(file.name, head, jsonl.rows(file.text))
        case ".json":
            return gathered(file.name, head, paper.rows(file), unit="entry")
        case ".csv":
            return gathered(file.name, head, table.rows(file))
    head = Head(title=markdown.title(file.text) or file.title)
    return gathered(file.name, head, markdown.rows(file.text))


def _need_known_ending(name: str) -> None:
    ending = source.ending(name)
    if ending == ".page.md":
        raise BadInput(
            f"{name} is a page for people and is not read back. Export the Markdown list (.md)."
        )
    if ending not in READ_ENDINGS:
        raise BadInput(f"{name} is not a handbook: give a folder with {SHAPES}.")
