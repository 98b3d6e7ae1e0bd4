"""Handbook files: `handbook.yaml` beside `behaviors.jsonl`, one behavior a line.

Keys stand in a fixed order and lines are sorted by topic, then name, so that a change is a one-line
diff. Keys this version does not know are kept. Reading runs nothing, is capped in size, and reports
bad rows by line while the good ones come in. The paper's shape (one JSON object, name ->
instruction) is read and written too.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import BadInput
from core.handbook.rules import fault
from core.store.records import Behavior, Handbook

MAX_BYTES = 32_000_000
MAX_ROWS = 200_000
HEAD_FILE, ROWS_FILE = "handbook.yaml", "behaviors.jsonl"
HEAD_KEYS = ("title", "description", "language", "licence", "authors", "made")
HALF_CHARACTER = "holds half a character (\\ud800 to \\udfff)"


class Row(BaseModel):
    """One line of behaviors.jsonl. Unknown keys are kept in `model_extra`."""

    model_config = ConfigDict(extra="allow", strict=True)
    topic: str = ""
    name: str
    instruction: str
    avoid_when: str | None = None
    tags: list[str] = Field(default_factory=list)


class Head(BaseModel):
    """handbook.yaml. Unknown keys are kept in `model_extra`."""

    model_config = ConfigDict(extra="allow")
    title: str = ""
    description: str = ""
    language: str = "en"
    licence: str = ""
    authors: list[str] = Field(default_factory=list)
    made: str = ""


class _PlainLoader(yaml.SafeLoader):
    """Plain values only: dates stay text, and no aliases, with which a small file can grow huge."""

    yaml_implicit_resolvers = {  # noqa: RUF012  the name and shape are PyYAML's
        first: [(tag, rule) for tag, rule in rules if not tag.endswith(":timestamp")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read")
        return super().compose_node(parent, index)


class _PlainDumper(yaml.SafeDumper):
    """Writes what `_PlainLoader` reads as it was: no aliases, odd line ends escaped."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = '"' if set(data) & set("\x85\u2028\u2029") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_PlainDumper.add_representer(str, _PlainDumper.represent_str)


@dataclass(frozen=True)
class BadRow:
    line: int
    why: str


@dataclass(frozen=True)
class HandbookFile:
    head: Head
    rows: list[Row]
    bad: list[BadRow]


def read(path: Path) -> HandbookFile:
    """A folder with both files, a .jsonl file of rows, or a .json file of name -> instruction."""
    if path.is_dir():
        head = _read_head(path / HEAD_FILE)
        return _checked(head, _jsonl_rows(_text(path / ROWS_FILE)))
    if path.suffix == ".jsonl":
        return _checked(Head(title=path.stem), _jsonl_rows(_text(path)))
    if path.suffix == ".json":
        return _checked(Head(title=path.stem), _object_rows(path))
    raise BadInput(
        f"{path} is not a handbook: give a folder with {HEAD_FILE} and {ROWS_FILE}, a .jsonl file, "
        "or a .json file with one object of names and instructions."
    )


def write(path: Path, handbook: Handbook, behaviors: Iterable[Behavior]) -> None:
    """Writes the shape `path` asks for: .jsonl, .json, else a folder. Never half a file."""
    ordered = sorted(behaviors, key=lambda behavior: (behavior.topic, behavior.name))
    try:
        if path.suffix == ".jsonl":
            _replace(path, rows_text(ordered))
        elif path.suffix == ".json":
            pairs = {behavior.name: behavior.instruction for behavior in ordered}
            _replace(path, json.dumps(pairs, ensure_ascii=False, indent=2) + "\n")
        else:
            path.mkdir(parents=True, exist_ok=True)
            _replace(path / HEAD_FILE, head_text(handbook))
            _replace(path / ROWS_FILE, rows_text(ordered))
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error


def head_text(handbook: Handbook) -> str:
    known = {key: getattr(handbook, key) for key in HEAD_KEYS}
    head = {**known, **handbook.extra}
    return yaml.dump(head, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100)


def rows_text(behaviors: Iterable[Behavior]) -> str:
    lines = (json.dumps(_row(behavior), ensure_ascii=False) for behavior in behaviors)
    return "".join(f"{line}\n" for line in lines)


def _row(behavior: Behavior) -> dict[str, Any]:
    """The keys in their order; optional ones only where they say something."""
    row: dict[str, Any] = {
        "topic": behavior.topic,
        "name": behavior.name,
        "instruction": behavior.instruction,
    }
    if behavior.avoid_when:
        row["avoid_when"] = behavior.avoid_when
    if behavior.tags:
        row["tags"] = behavior.tags
    return {**row, **behavior.extra}


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadInput(
                f"{path} has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} are read."
            )
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}).") from error


def _read_head(path: Path) -> Head:
    try:
        head = Head.model_validate(yaml.load(_text(path), _PlainLoader) or {})  # noqa: S506  safe
        _plain(head.model_dump())
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"{path} is not readable YAML: {_one_line(error)}") from error
    except ValidationError as error:
        raise BadInput(f"{path}: {_first(error)}.") from error
    except (TypeError, ValueError) as error:  # a set, bytes, half a character, endless digits
        raise BadInput(f"{path} holds a value that cannot be kept: {_one_line(error)}.") from error
    return head


def _plain(data: Any) -> None:
    """Raises TypeError or ValueError where JSON in UTF-8 cannot hold this."""
    json.dumps(data, ensure_ascii=False).encode()


def _jsonl_rows(text: str) -> Iterable[tuple[int, Row | BadRow]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _parse_line(number, line)


def _parse_line(number: int, line: str) -> Row | BadRow:
    try:
        data = json.loads(line)
        if "\\u" in line:
            _plain(data)
        return Row.model_validate(data)
    except json.JSONDecodeError as error:
        return BadRow(number, f"not readable JSON: {error.msg} at character {error.pos + 1}")
    except ValidationError as error:
        return BadRow(number, _first(error))
    except UnicodeEncodeError:
        return BadRow(number, f"the row {HALF_CHARACTER}")
    except RecursionError:
        return BadRow(number, "nested too deeply")
    except ValueError as error:  # endless digits
        return BadRow(number, _one_line(error))


def _object_rows(path: Path) -> Iterable[tuple[int, Row | BadRow]]:
    try:
        data = json.loads(_text(path))
    except (ValueError, RecursionError) as error:  # a ValueError too: endless digits
        raise BadInput(f"{path} is not readable JSON: {_one_line(error)}") from error
    if not isinstance(data, dict):
        raise BadInput(f"{path} has to hold one JSON object of names and instructions.")
    for number, (name, instruction) in enumerate(data.items(), start=1):
        if isinstance(instruction, str):
            yield number, Row(name=name, instruction=instruction)
        else:
            yield number, BadRow(number, f"the instruction of {name!r} is not a text")


def _checked(head: Head, rows: Iterable[tuple[int, Row | BadRow]]) -> HandbookFile:
    good: dict[str, Row] = {}
    bad: list[BadRow] = []
    for number, row in rows:
        if len(good) + len(bad) >= MAX_ROWS:
            raise BadInput(f"The file has more than {MAX_ROWS:,} rows. Split it.")
        if isinstance(row, BadRow):
            bad.append(row)
        elif why := fault(row.name, row.instruction, row.avoid_when):
            bad.append(BadRow(number, why))
        elif row.name in good:
            bad.append(BadRow(number, f"a second {row.name}"))
        else:
            good[row.name] = row
    return HandbookFile(head, list(good.values()), bad)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(text, "utf-8", newline="\n")
    draft.replace(path)


def _first(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place or 'the row'}: {fault['msg']}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
