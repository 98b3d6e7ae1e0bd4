"""Writes a handbook in any of its formats, as texts or to a path."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from core.errors import BadInput
from core.handbook.files import jsonl, markdown, page, paper, table
from core.handbook.files.head import HEAD_FILE, head_text
from core.handbook.files.jsonl import ROWS_FILE
from core.handbook.files.source import ending
from core.store.records import Behavior, Handbook


class Kind(NamedTuple):
    """A format: what a person calls it, and how its file's name ends."""

    label: str
    suffix: str


KINDS = {
    "folder": Kind(f"Handbook folder ({HEAD_FILE} and {ROWS_FILE})", ""),
    "jsonl": Kind("JSON Lines", ".jsonl"),
    "json": Kind("JSON, names and instructions only", ".json"),
    "csv": Kind("CSV for spreadsheets", ".csv"),
    "markdown": Kind("Markdown list", ".md"),
    "page": Kind("Markdown page for people", ".page.md"),
}


def contents(kind: str, handbook: Handbook, behaviors: Iterable[Behavior]) -> dict[str, str]:
    """The texts of a kind by file name; a single file is called after the handbook's slug."""
    ordered = sorted(behaviors, key=lambda behavior: (behavior.topic, behavior.name))
    match kind:
        case "folder":
            return {HEAD_FILE: head_text(handbook), ROWS_FILE: jsonl.rows_text(ordered)}
        case "jsonl":
            text = jsonl.rows_text(ordered)
        case "json":
            text = paper.text(ordered)
        case "csv":
            text = table.text(ordered)
        case "markdown":
            text = markdown.text(handbook, ordered)
        case "page":
            text = page.text(handbook, ordered)
        case _:
            raise BadInput(f"A handbook is not written as {kind!r}. There are: {', '.join(KINDS)}.")
    return {f"{handbook.slug}{KINDS[kind].suffix}": text}


def write(path: Path, handbook: Handbook, behaviors: Iterable[Behavior]) -> None:
    """Writes the kind that `path` ends like, a folder where it is none of them."""
    kind = _kind_of(path)
    texts = contents(kind, handbook, behaviors)
    if kind == "folder":
        targets = {path / name: text for name, text in texts.items()}
    else:
        targets = dict.fromkeys([path], *texts.values())
    try:
        _replace(targets)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error


def _kind_of(path: Path) -> str:
    suffix = ending(path.name)
    suffixes = {kind.suffix: name for name, kind in KINDS.items()} | {".markdown": "markdown"}
    return suffixes.get(suffix, "folder")


def _replace(texts: Mapping[Path, str]) -> None:
    """Writes all drafts before the first old file goes: never half a file, nor half a folder."""
    drafts: list[tuple[Path, Path]] = []
    try:
        for target, text in texts.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.new")
            drafts.append((draft, target))
            draft.write_text(text, "utf-8", newline="")
        for draft, target in drafts:
            draft.replace(target)
    finally:
        for draft, _target in drafts:
            draft.unlink(missing_ok=True)
