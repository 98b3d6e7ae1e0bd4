"""Handbook files: to the byte there and back, tolerant towards rows, strict towards the rest."""

import json
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.handbook import files, shelf
from core.store import Store
from core.store.records import Behavior, Handbook
from tests.core.handbook.strategies import (
    as_handbook,
    as_record,
    behavior_lists,
    books,
    json_values,
    lines,
    names,
    texts,
)

GOOD = {"topic": "Algebra", "name": "behavior_good", "instruction": "When good, go on."}
slugs = (f"book-{number}" for number in count())
with_store = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _folder(path: Path, head: str = "title: Mine\n", rows: str | bytes = "") -> Path:
    path.mkdir(exist_ok=True)
    (path / files.HEAD_FILE).write_text(head, "utf-8")
    (path / files.ROWS_FILE).write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    return path


def _jsonl(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _there_and_back(store: Store, path: Path, again: Path) -> None:
    slug = next(slugs)
    done = shelf.import_file(store, slug, path, by="tester")
    assert (done.bad, done.clashing) == ([], [])
    assert shelf.export(store, slug, again) == len(done.added)


# There and back


@with_store
@given(book=books, behaviors=behavior_lists)
@example(
    book=as_handbook({"licence": "\x85", "made": "a\u2028b", "extra": {"\x85": "\r"}}), behaviors=[]
)
def test_a_folder_is_the_same_to_the_byte(
    store: Store, book: Handbook, behaviors: list[Behavior]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, again = Path(folder, "first"), Path(folder, "again")
        files.write(first, book, behaviors)
        _there_and_back(store, first, again)
        for name in (files.HEAD_FILE, files.ROWS_FILE):
            assert (again / name).read_bytes() == (first / name).read_bytes()


@with_store
@given(behaviors=behavior_lists)
def test_single_files_are_the_same_to_the_byte(store: Store, behaviors: list[Behavior]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".jsonl", ".json"):
            first, again = Path(folder, f"first{suffix}"), Path(folder, f"again{suffix}")
            plain = [
                as_record({"name": each.name, "instruction": each.instruction})
                for each in behaviors
            ]
            files.write(first, as_handbook({}), behaviors if suffix == ".jsonl" else plain)
            _there_and_back(store, first, again)
            assert again.read_bytes() == first.read_bytes()


@given(behaviors=behavior_lists)
def test_rows_are_sorted_and_their_keys_stand_in_one_order(behaviors: list[Behavior]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files.write(Path(folder, "x.jsonl"), as_handbook({}), reversed(behaviors))
        text = Path(folder, "x.jsonl").read_bytes().decode()
    rows = [json.loads(line) for line in text.split("\n")[:-1]]
    assert [(row["topic"], row["name"]) for row in rows] == sorted(
        (behavior.topic, behavior.name) for behavior in behaviors
    )
    order = ("topic", "name", "instruction", "avoid_when", "tags")
    for row in rows:
        known = [key for key in row if key in order]
        assert list(row)[: len(known)] == [key for key in order if key in row]


def test_one_changed_behavior_is_one_changed_line(tmp_path: Path) -> None:
    before = [as_record({"name": f"behavior_{i}", "instruction": f"Do {i}."}) for i in range(9)]
    after = [*before[:4], as_record({"name": "behavior_4", "instruction": "Else."}), *before[5:]]
    texts = [files.rows_text(behaviors).splitlines() for behaviors in (before, after)]
    assert [old == new for old, new in zip(*texts, strict=True)].count(False) == 1


def test_what_a_person_wrote_survives(store: Store, tmp_path: Path) -> None:
    head = """\
# A comment
title: "Geometry, by hand"
reviewed: 2026-03-01
review: {by: Ann, rounds: [1, 2], final: yes, score: 0.5, none: ~}
authors: [Ann, Béla]
"""
    mine = {"difficulty": 3, "name": "behavior_z", "instruction": "Do z.", "see": {"page": [4, 5]}}
    path = _folder(tmp_path / "mine", head, _jsonl(mine, {**GOOD, "weight": 0.25, "": None}))
    assert shelf.import_file(store, "geometry", path, by="tester").bad == []
    shelf.export(store, "geometry", tmp_path / "out")
    written = yaml.safe_load((tmp_path / "out" / files.HEAD_FILE).read_text("utf-8"))
    assert written == {
        "title": "Geometry, by hand",
        "description": "",
        "language": "en",
        "licence": "",
        "authors": ["Ann", "Béla"],
        "made": "",
        "reviewed": "2026-03-01",
        "review": {"by": "Ann", "rounds": [1, 2], "final": True, "score": 0.5, "none": None},
    }
    rows = (tmp_path / "out" / files.ROWS_FILE).read_text("utf-8").splitlines()
    assert [json.loads(row) for row in rows] == [
        {"topic": "", **mine},
        {**GOOD, "weight": 0.25, "": None},
    ]


@with_store
@given(extra=st.dictionaries(texts.filter(lambda key: key not in GOOD), json_values, max_size=4))
def test_unknown_keys_of_a_row_survive(store: Store, extra: dict[str, Any]) -> None:
    for known in ("avoid_when", "tags"):
        extra.pop(known, None)
    with tempfile.TemporaryDirectory() as folder:
        path, again = Path(folder, "a.jsonl"), Path(folder, "b.jsonl")
        path.write_text(_jsonl({**extra, **GOOD}), "utf-8", newline="\n")
        _there_and_back(store, path, again)
        assert json.loads(again.read_bytes()) == {**GOOD, **extra}


# The shapes that are read


def test_the_papers_shape(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    path.write_text('{"behavior_a": "Do a.", "behavior_b": 7, "B": "Do b.", "behavior_c": ""}')
    read = files.read(path)
    assert [(row.name, row.instruction) for row in read.rows] == [("behavior_a", "Do a.")]
    assert [(bad.line, bad.why.split(" has ")[0]) for bad in read.bad] == [
        (2, "the instruction of 'behavior_b' is not a text"),
        (3, "the name"),
        (4, "the instruction is empty"),
    ]


@given(pairs=st.dictionaries(names, lines, max_size=5))
def test_the_papers_shape_of_any_pairs(pairs: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "paper.json")
        path.write_text(json.dumps(pairs), "utf-8")
        read = files.read(path)
    assert {row.name: row.instruction for row in read.rows} == pairs
    assert read.bad == []


def test_lines_end_in_any_way_and_may_be_empty(tmp_path: Path) -> None:
    other = {**GOOD, "name": "behavior_other"}
    text = f"\ufeff{json.dumps(GOOD)}\r\n\r\n   \n{json.dumps(other)}"
    read = files.read(_folder(tmp_path / "x", "\ufefftitle: Mine\r\n", text))
    assert read.head.title == "Mine"
    assert [row.name for row in read.rows] == ["behavior_good", "behavior_other"]
    assert read.bad == []


def test_a_line_separator_inside_a_text_ends_no_row(tmp_path: Path) -> None:
    """U+2028, U+2029 and U+0085 are line ends to `str.splitlines`, not to JSON Lines."""
    rows = [{**GOOD, "name": f"behavior_{i}", "note": f"a{end}b"} for i, end in
            enumerate("\u2028\u2029\x85\x0b\x0c")]  # fmt: skip
    read = files.read(_folder(tmp_path / "x", rows=_jsonl(*rows)))
    assert [row.model_extra for row in read.rows] == [{"note": row["note"]} for row in rows]


# Bad rows


BAD_ROWS = {
    "cut off": ('{"name": "behavior_x", "instr', "not readable JSON: Unterminated string"),
    "no JSON": ("behavior_x: Do x.", "not readable JSON: Expecting value at character 1"),
    "a list": ('["behavior_x", "Do x."]', "the row: Input should be"),
    "a number": ("7", "the row: Input should be"),
    "no name": ('{"instruction": "Do x."}', "name: Field required"),
    "no instruction": ('{"name": "behavior_x"}', "instruction: Field required"),
    "no text": ('{"name": "behavior_x", "instruction": 7}', "instruction: Input should be"),
    "tags": (_jsonl({**GOOD, "tags": "a, b"}), "tags: Input should be a valid list"),
    "a tag": (_jsonl({**GOOD, "tags": ["a", 1]}), "tags.1: Input should be a valid string"),
    "topic": (_jsonl({**GOOD, "topic": None}), "topic: Input should be a valid string"),
    "name": (_jsonl({**GOOD, "name": "good"}), "the name has to be behavior_ and words"),
    "empty": (_jsonl({**GOOD, "instruction": " "}), "the instruction is empty"),
    "long": (_jsonl({**GOOD, "instruction": "x" * 501}), "longer than 500 characters"),
    "LF": (_jsonl({**GOOD, "instruction": "a\nb"}), "the instruction has to be one line"),
    "CR": (_jsonl({**GOOD, "instruction": "a\rb"}), "the instruction has to be one line"),
    "U+2028": (_jsonl({**GOOD, "instruction": "a\u2028b"}), "the instruction has to be one line"),
    "NUL": (_jsonl({**GOOD, "instruction": "a\0b"}), "the instruction has to be one line"),
    "avoid": (_jsonl({**GOOD, "avoid_when": "a\nb"}), "the avoid_when has to be one line"),
    "half": ('{"name": "behavior_x", "instruction": "\\ud83d"}', "half a character"),
    "half, unknown": ('{"name": "behavior_x", "instruction": "x", "y": "\\udc00"}', "half a char"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "endless": ('{"name": "behavior_x", "n": ' + "9" * 5000 + "}", "limit (4300 digits)"),
    "twice": (_jsonl(GOOD), "a second behavior_good"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_reported_by_line_and_the_good_ones_come_in(
    case: str, store: Store, tmp_path: Path
) -> None:
    bad, why = BAD_ROWS[case]
    last = {**GOOD, "name": "behavior_last"}
    text = f"\n{json.dumps(GOOD)}\n{bad.strip()}\n{json.dumps(last)}\n"
    done = shelf.import_file(store, "x", _folder(tmp_path / "x", rows=text), by="tester")
    assert done.added == ["behavior_good", "behavior_last"]
    assert [row.line for row in done.bad] == [3]
    assert why in done.bad[0].why


@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_rows(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = _folder(Path(folder), rows=_jsonl(GOOD).encode() + data)
        try:
            read = files.read(path)
        except BadInput as error:
            assert "is not UTF-8 text" in str(error)
        else:
            assert len(read.rows) + len(read.bad) >= bool(data.strip())


# What is refused as a whole


HEADS = {
    "a tag that runs": ("title: !!python/object/apply:os.system ['touch {mark}']", "YAML"),
    "a tag that makes": ("title: !!python/name:os.system", "not readable YAML"),
    "a new tag": ("title: !thing x", "not readable YAML"),
    "a bomb": ("a: &a [1, 1]\nb: &b [*a, *a]\ntitle: x", "aliases"),
    "itself": ("a: &a [*a]", "aliases"),
    "deep": ("title: " + "[" * 3000, "not readable YAML"),
    "broken": ("title: [x", "not readable YAML"),
    "control characters": ("title: a\x00b", "not readable YAML"),
    "a list": ("- title", "the row: Input should be"),
    "a title of another kind": ("title: [x]", "title: Input should be a valid string"),
    "authors": ("authors: Ann", "authors: Input should be a valid list"),
    "a key that is no text": ("1: x", "Keys should be strings"),
    "a set": ("tags: !!set {a, b}", "holds a value that cannot be kept"),
    "bytes": ("picture: !!binary aGVsbG8=", "holds a value that cannot be kept"),
    "endless digits": ("n: " + "9" * 5000, "holds a value that cannot be kept"),
}


@pytest.mark.parametrize("case", HEADS)
def test_a_head_that_cannot_be_kept_is_refused(case: str, store: Store, tmp_path: Path) -> None:
    head, why = HEADS[case]
    mark = tmp_path / "ran"
    path = _folder(tmp_path / "x", head.replace("{mark}", str(mark)), _jsonl(GOOD))
    with pytest.raises(BadInput) as caught:
        shelf.import_file(store, "x", path, by="tester")
    assert why in str(caught.value)
    assert files.HEAD_FILE in str(caught.value)
    assert not mark.exists()
    assert shelf.summaries(store) == []


@given(head=st.text(max_size=200))
def test_no_text_breaks_the_reading_of_a_head(head: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = _folder(Path(folder))
        (path / files.HEAD_FILE).write_bytes(head.encode())
        try:
            assert files.read(path).bad == []
        except BadInput as error:
            assert files.HEAD_FILE in str(error)


def test_an_empty_head_is_fine(tmp_path: Path) -> None:
    assert files.read(_folder(tmp_path / "x", "", _jsonl(GOOD))).head == files.Head()


@pytest.mark.parametrize("name", [files.HEAD_FILE, files.ROWS_FILE, "x.jsonl", "x.json"])
def test_a_file_above_the_size_is_refused_unread(name: str, tmp_path: Path) -> None:
    _folder(tmp_path)
    with (tmp_path / name).open("wb") as file:
        file.truncate(files.MAX_BYTES + 1_000_000)
    path = tmp_path if name in (files.HEAD_FILE, files.ROWS_FILE) else tmp_path / name
    with pytest.raises(BadInput, match=rf"{name} has 33 MB; at most 32 are read"):
        files.read(path)


def test_too_many_rows_leave_nothing_half_imported(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text(_jsonl(GOOD) + "7\n" * files.MAX_ROWS)
    with pytest.raises(BadInput, match="more than 200,000 rows"):
        shelf.import_file(store, "many", path, by="tester")
    assert shelf.summaries(store) == []


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.jsonl", b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        ("x.json", b"[1]", "one JSON object of names and instructions"),
        ("x.json", b'{"behavior_x": ', "is not readable JSON"),
        ("x.json", b"[" * 100_000, "is not readable JSON"),
        ("x.json", b"9" * 5000, "is not readable JSON"),
        ("x.txt", b"behavior_x: Do x.", "is not a handbook: give a folder"),
        ("x", b"{}", "is not a handbook: give a folder"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    name: str, data: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        files.read(tmp_path / name)
    assert why in str(caught.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.jsonl cannot be read: No such file"):
        files.read(tmp_path / "nothing.jsonl")
    with pytest.raises(BadInput, match=r"handbook\.yaml cannot be read: No such file"):
        files.read(tmp_path)


def test_writing_where_nothing_can_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for target in ("file", "file/x", "file/x.jsonl"):
        with pytest.raises(BadInput, match="cannot be written"):
            files.write(tmp_path / target, as_handbook({}), [])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


def test_writing_replaces_the_old_file_and_leaves_no_draft(tmp_path: Path) -> None:
    for text in ("Old.", "New."):
        files.write(tmp_path, as_handbook({}), [as_record({"name": "behavior_x",
                                                           "instruction": text})])  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == [files.ROWS_FILE, files.HEAD_FILE]
    assert "New." in (tmp_path / files.ROWS_FILE).read_text("utf-8")
