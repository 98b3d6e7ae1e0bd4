"""Handbook files: to the byte there and back in every kind, and never half a file."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import BadInput
from core.handbook import files
from core.store.records import Behavior, Handbook
from tests.core.handbook.strategies import (
    as_handbook,
    as_record,
    behavior_lists,
    books,
    handbook_of,
    json_values,
    record_of,
    texts,
)

GOOD = {"topic": "Algebra", "name": "behavior_good", "instruction": "When good, go on."}
READ_BACK = [kind for kind in files.KINDS if kind != "page"]


def _read(texts: dict[str, str]) -> files.HandbookFile:
    return files.read_uploads({name: text.encode() for name, text in texts.items()})


def _jsonl(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


# There and back


@pytest.mark.parametrize("kind", READ_BACK)
@given(book=books, behaviors=behavior_lists)
@example(
    book=as_handbook({"licence": "\x85", "made": "a\u2028b", "extra": {"\x85": "\r"}}), behaviors=[]
)
@example(book=as_handbook({"title": "\n"}), behaviors=[])
def test_a_kind_is_the_same_to_the_byte(
    kind: str, book: Handbook, behaviors: list[Behavior]
) -> None:
    first = files.contents(kind, book, behaviors)
    read = _read(first)
    assert read.bad == []
    assert [row.marks for row in read.rows] == [{}] * len(behaviors)
    again = handbook_of(read.head)
    assert files.contents(kind, again, map(record_of, read.rows)) == first


@pytest.mark.parametrize("kind", ["folder", "jsonl", "csv"])
@given(behaviors=behavior_lists)
def test_a_kind_for_machines_loses_nothing(kind: str, behaviors: list[Behavior]) -> None:
    read = _read(files.contents(kind, as_handbook({}), behaviors))
    written = {behavior.name: behavior for behavior in behaviors}
    assert {row.name for row in read.rows} == set(written)
    for row in read.rows:
        behavior = written[row.name]
        assert row.model_extra == behavior.extra
        for key in files.ROW_KEYS:
            assert getattr(row, key) == getattr(behavior, key)


@given(book=books)
def test_the_folder_keeps_the_whole_head(book: Handbook) -> None:
    head = _read(files.contents("folder", book, [])).head
    assert {key: getattr(head, key) for key in files.HEAD_KEYS} == {
        key: getattr(book, key) for key in files.HEAD_KEYS
    }
    assert head.model_extra == book.extra


@given(behaviors=behavior_lists)
def test_rows_are_sorted_and_their_keys_stand_in_one_order(behaviors: list[Behavior]) -> None:
    texts = files.contents("jsonl", as_handbook({}), reversed(behaviors))
    rows = [json.loads(line) for line in texts["algebra.jsonl"].split("\n")[:-1]]
    assert [(row["topic"], row["name"]) for row in rows] == sorted(
        (behavior.topic, behavior.name) for behavior in behaviors
    )
    for row in rows:
        known = [key for key in row if key in files.ROW_KEYS]
        assert list(row)[: len(known)] == [key for key in files.ROW_KEYS if key in row]


def test_one_changed_behavior_is_one_changed_line() -> None:
    before = [as_record({"name": f"behavior_{i}", "instruction": f"Do {i}."}) for i in range(9)]
    after = [*before[:4], as_record({"name": "behavior_4", "instruction": "Else."}), *before[5:]]
    texts = [files.rows_text(behaviors).splitlines() for behaviors in (before, after)]
    assert [old == new for old, new in zip(*texts, strict=True)].count(False) == 1


def test_what_a_person_wrote_survives() -> None:
    head = """\
# A comment
title: "Geometry, by hand"
reviewed: 2026-03-01
review: {by: Ann, rounds: [1, 2], final: yes, score: 0.5, none: ~}
authors: [Ann, Béla]
"""
    mine = {"difficulty": 3, "name": "behavior_z", "instruction": "Do z.", "see": {"page": [4, 5]}}
    rows = _jsonl(mine, {**GOOD, "weight": 0.25, "": None, "marks": [7]})
    read = _read({files.HEAD_FILE: head, files.ROWS_FILE: rows})
    written = files.contents("folder", handbook_of(read.head), map(record_of, read.rows))
    assert yaml.safe_load(written[files.HEAD_FILE]) == {
        "title": "Geometry, by hand",
        "description": "",
        "language": "en",
        "licence": "",
        "authors": ["Ann", "Béla"],
        "made": "",
        "reviewed": "2026-03-01",
        "review": {"by": "Ann", "rounds": [1, 2], "final": True, "score": 0.5, "none": None},
    }
    assert [json.loads(row) for row in written[files.ROWS_FILE].splitlines()] == [
        {"topic": "", **mine},
        {**GOOD, "weight": 0.25, "": None, "marks": [7]},
    ]


@given(extra=st.dictionaries(texts, json_values, max_size=4))
def test_unknown_keys_of_a_row_survive(extra: dict[str, Any]) -> None:
    extra = {key: value for key, value in extra.items() if key not in files.ROW_KEYS}
    (row,) = _read({"a.jsonl": _jsonl({**extra, **GOOD})}).rows
    assert json.loads(files.rows_text([record_of(row)])) == {**GOOD, **extra}


def test_the_papers_shape_is_sorted_by_name() -> None:
    behaviors = [
        as_record({"name": "behavior_b", "instruction": "Do “b”.", "topic": "A"}),
        as_record({"name": "behavior_a", "instruction": "Do a.", "topic": "B"}),
    ]
    assert files.contents("json", as_handbook({}), behaviors) == {
        "algebra.json": '{\n  "behavior_a": "Do a.",\n  "behavior_b": "Do “b”."\n}\n'
    }


def test_a_kind_that_is_none_is_named_with_those_there_are() -> None:
    with pytest.raises(
        BadInput, match=r"not written as 'pdf'\. There are: folder, jsonl, json, csv"
    ):
        files.contents("pdf", as_handbook({}), [])


# Paths


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((f"x{kind.suffix}", name) for name, kind in files.KINDS.items()),
        ("x.CSV", "csv"),
        ("x.Markdown", "markdown"),
        ("v1.2", "folder"),
    ],
)
def test_the_ending_of_a_path_chooses_the_kind(name: str, kind: str, tmp_path: Path) -> None:
    behaviors = [as_record(GOOD), as_record({"name": "behavior_b", "instruction": "=1+1"})]
    files.write(tmp_path / name, as_handbook({}), behaviors)
    texts = list(files.contents(kind, as_handbook({}), behaviors).values())
    written = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert sorted(path.read_bytes().decode() for path in written) == sorted(texts)
    if kind != "page":
        read = files.read(tmp_path / name)
        assert sorted(row.name for row in read.rows) == ["behavior_b", "behavior_good"]


def test_writing_where_nothing_can_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for target in ("file", "file/x", "file/x.jsonl"):
        with pytest.raises(BadInput, match="cannot be written"):
            files.write(tmp_path / target, as_handbook({}), [])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


def test_writing_replaces_the_old_file_and_leaves_no_draft(tmp_path: Path) -> None:
    for text in ("Old.", "New."):
        behavior = as_record({"name": "behavior_x", "instruction": text})
        files.write(tmp_path, as_handbook({}), [behavior])
    assert sorted(path.name for path in tmp_path.iterdir()) == [files.ROWS_FILE, files.HEAD_FILE]
    assert "New." in (tmp_path / files.ROWS_FILE).read_text("utf-8")


def test_a_folder_is_not_half_replaced(tmp_path: Path) -> None:
    files.write(tmp_path, as_handbook({"title": "Old"}), [])
    before = (tmp_path / files.HEAD_FILE).read_bytes()
    (tmp_path / f".{files.ROWS_FILE}.new").mkdir()  # no draft of the second file can be written
    with pytest.raises(BadInput, match="cannot be written"):
        files.write(tmp_path, as_handbook({"title": "New"}), [])
    assert (tmp_path / files.HEAD_FILE).read_bytes() == before
    assert not (tmp_path / f".{files.HEAD_FILE}.new").exists()


def test_a_single_file_over_a_folder_is_refused_without_a_draft(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(BadInput, match=r"x\.csv cannot be written: Is a directory"):
        files.write(tmp_path / "x.csv", as_handbook({}), [])
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


# Uploads


@pytest.mark.parametrize("kind", READ_BACK)
@given(book=books, behaviors=behavior_lists)
def test_an_upload_is_read_as_the_file_is(
    kind: str, book: Handbook, behaviors: list[Behavior]
) -> None:
    texts = files.contents(kind, book, behaviors)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"algebra{files.KINDS[kind].suffix}"
        files.write(path, book, behaviors)
        assert files.read(path) == _read(texts)


def test_names_of_uploads_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text(_jsonl({**GOOD, "name": "behavior_secret"}))
    for name in (f"{tmp_path}/secret.jsonl", "..\\..\\secret.jsonl", "C:\\secret.jsonl"):
        read = files.read_uploads({name: _jsonl(GOOD).encode()})
        assert [row.name for row in read.rows] == ["behavior_good"]
        assert read.head.title == "secret"


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([], "These 0 files are not one handbook: choose handbook.yaml with behaviors.jsonl, or"),
        (["a.csv", "b.csv"], "These 2 files are not one handbook"),
        (["a/behaviors.jsonl", "b/behaviors.jsonl"], "These 2 files are not one handbook"),
        ([files.HEAD_FILE, "x.jsonl"], "These 2 files are not one handbook"),
        ([files.HEAD_FILE], "handbook.yaml comes without behaviors.jsonl. Choose both."),
        (["x.txt"], "x.txt is not a handbook: give a folder"),
        ([""], "The file is not a handbook: give a folder"),
        (["../x.page.md"], "x.page.md is a page for people and is not read back. Export the"),
    ],
)
def test_uploads_that_are_no_handbook_are_refused(names: list[str], why: str) -> None:
    with pytest.raises(BadInput) as caught:
        files.read_uploads(dict.fromkeys(names, b""))
    assert str(caught.value).startswith(why)


def test_a_folder_can_come_as_two_uploads() -> None:
    read = _read({files.ROWS_FILE: _jsonl(GOOD), f"mine/{files.HEAD_FILE}": "title: Mine\n"})
    assert read.head.title == "Mine"
    assert [row.name for row in read.rows] == ["behavior_good"]
