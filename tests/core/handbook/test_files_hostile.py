"""Hostile files: refused or reported in one clear sentence; nothing runs and nothing breaks.

Hostile tables and lists stand with the tests of their formats.
"""

import json
import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.handbook import files
from core.store.records import Behavior
from tests.core.handbook.strategies import as_handbook, as_record, record_of

GOOD = {"topic": "Algebra", "name": "behavior_good", "instruction": "When good, go on."}
ROW = json.dumps(GOOD).encode()
NAMES = ["x.jsonl", "x.json", "x.csv", "x.md"]

# Heads

HEADS = {
    "a tag that runs": ("title: !!python/object/apply:os.system ['touch {mark}']", "YAML"),
    "a tag that makes": ("title: !!python/name:os.system", "not readable YAML"),
    "a new tag": ("title: !thing x", "not readable YAML"),
    "a bomb": ("a: &a [1, 1]\nb: &b [*a, *a]\ntitle: x", "aliases (*name) are not read: write"),
    "itself": ("a: &a [*a]", "aliases"),
    "deep": ("title: " + "[" * 3000, "not readable YAML: it is nested more than 50 levels deep"),
    "deep, closed": ("x: " + "[" * 60 + "]" * 60, "is nested more than 50 levels deep"),
    "broken": ("title: [x", "not readable YAML"),
    "control characters": ("title: a\x00b", "not readable YAML"),
    "a list": ("- title", "the row: Input should be"),
    "a title of another kind": ("title: [x]", "title: Input should be a valid string"),
    "authors": ("authors: Ann", "authors: Input should be a valid list"),
    "a key that is no text": ("1: x", "Keys should be strings"),
    "a set": ("tags: !!set {a, b}", "holds a value that cannot be kept"),
    "bytes": ("picture: !!binary aGVsbG8=", "holds a value that cannot be kept"),
    "endless digits": ("n: " + "9" * 5000, "holds a value that cannot be kept"),
    "a long head": ("n: " + "x " * 150_000, "has 300 kB; at most 256 are read"),
}


@pytest.mark.parametrize("case", HEADS)
def test_a_head_that_cannot_be_kept_is_refused(case: str, tmp_path: Path) -> None:
    head, why = HEADS[case]
    mark = tmp_path / "ran"
    (tmp_path / files.HEAD_FILE).write_text(head.replace("{mark}", str(mark)), "utf-8")
    (tmp_path / files.ROWS_FILE).write_bytes(ROW)
    with pytest.raises(BadInput) as caught:
        files.read(tmp_path)
    assert why in str(caught.value)
    assert files.HEAD_FILE in str(caught.value)
    assert not mark.exists()


@given(head=st.text(max_size=200))
def test_no_text_breaks_the_reading_of_a_head(head: str) -> None:
    try:
        read = files.read_uploads({files.HEAD_FILE: head.encode(), files.ROWS_FILE: ROW})
    except BadInput as error:
        assert files.HEAD_FILE in str(error)
    else:
        assert read.bad == []


def test_an_empty_head_is_fine() -> None:
    assert files.read_uploads({files.HEAD_FILE: b"", files.ROWS_FILE: ROW}).head == files.Head()


# Sizes


@pytest.mark.parametrize("name", [files.HEAD_FILE, files.ROWS_FILE, *NAMES])
def test_a_file_above_the_size_is_refused_unread(name: str, tmp_path: Path) -> None:
    for part in (files.HEAD_FILE, files.ROWS_FILE, name):
        (tmp_path / part).write_bytes(b"")
    with (tmp_path / name).open("wb") as file:
        file.truncate(files.MAX_BYTES + 1_000_000)
    path = tmp_path if name in (files.HEAD_FILE, files.ROWS_FILE) else tmp_path / name
    with pytest.raises(BadInput, match=rf"{name} has 33 MB; at most 32 are read"):
        files.read(path)


def test_uploads_above_the_size_are_refused() -> None:
    with pytest.raises(BadInput, match=r"^x\.csv has 33 MB; at most 32 are read\. Shorten or"):
        files.read_uploads({"x.csv": bytes(33_000_000)})
    with pytest.raises(BadInput, match=r"^The upload has 33 MB; at most 32 are read\."):
        files.read_uploads({files.HEAD_FILE: bytes(1_500_000), files.ROWS_FILE: bytes(31_500_000)})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.jsonl", ROW.decode() + "\n" + "7\n" * files.MAX_ROWS),
        ("x.json", "[" + "7," * files.MAX_ROWS + "7]"),
        ("x.csv", "name\n" + "x\n" * (files.MAX_ROWS + 1)),
        ("x.md", "- behavior_\n" * (files.MAX_ROWS + 1)),
    ],
)
def test_too_many_rows_are_refused(name: str, text: str) -> None:
    with pytest.raises(BadInput, match=rf"^{name} has more than 200,000 rows\. Split it\.$"):
        files.read_uploads({name: text.encode()})


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "markdown"])
def test_all_of_many_bad_rows_are_reported(kind: str) -> None:
    """That this takes seconds, not minutes, is a part of it."""
    spoiled = set(range(0, 100_000, 200))
    behaviors = [
        as_record(
            {
                "name": f"behavior_{number:05}",
                "instruction": "" if number in spoiled else f"When asked for {number}, give it.",
            }
        )
        for number in range(100_000)
    ]
    texts = files.contents(kind, as_handbook({}), behaviors)
    read = files.read_uploads({name: text.encode() for name, text in texts.items()})
    assert len(read.rows) == 99_500
    before = {"jsonl": 1, "json": 1, "csv": 2, "markdown": 3}[kind]
    assert [bad.line for bad in read.bad] == [before + number for number in sorted(spoiled)]
    assert {bad.why for bad in read.bad} == {"the instruction is empty"}


# Encodings


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("utf-16", r"is not UTF-8 text \(byte 0\); it looks like UTF-16\. Save it as UTF-8\.$"),
        ("utf-16-le", r"is not UTF-8 text; it looks like UTF-16\. Save it as UTF-8\.$"),
        ("utf-16-be", r"is not UTF-8 text; it looks like UTF-16\. Save it as UTF-8\.$"),
        ("latin-1", r"is not UTF-8 text \(byte \d+\)\. Save it as UTF-8\.$"),
    ],
)
def test_other_encodings_are_told_apart(name: str, encoding: str, why: str) -> None:
    text = "name,instruction\nbehavior_a,Do it like Jose.\n"
    data = (text.replace("Jose", "José") if encoding == "latin-1" else text).encode(encoding)
    with pytest.raises(BadInput, match=rf"^{name} {why}"):
        files.read_uploads({name: data})


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_reading(name: str, data: bytes) -> None:
    try:
        read = files.read_uploads({name: data})
    except BadInput as error:
        assert str(error).startswith(name)
        assert "\n" not in str(error)
    else:
        assert all(bad.line >= 1 and "\n" not in bad.why for bad in read.bad)


# Whole files


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.jsonl", b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        ("x.json", b"7", "has to hold one JSON object of names and instructions, or a list of"),
        ("x.json", b"", "is not readable JSON: Expecting value: line 1 column 1"),
        ("x.json", b'{"behavior_x": ', "is not readable JSON"),
        ("x.json", ROW + b"\n" + ROW, "Objects on lines of their own are a .jsonl file."),
        ("x.json", b"[" * 100_000, "is not readable JSON: it is nested more than 50 levels deep"),
        ("x.json", b'{"a":' * 100_000, "is not readable JSON: it is nested more than 50 levels"),
        ("x.json", b"9" * 5000, "is not readable JSON"),
        ("x.txt", b"behavior_x: Do x.", "is not a handbook: give a folder"),
        ("x", b"{}", "is not a handbook: give a folder"),
        ("x.page.md", b"# X", "is a page for people and is not read back"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    name: str, data: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        files.read(tmp_path / name)
    assert why in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.jsonl cannot be read: No such file"):
        files.read(tmp_path / "nothing.jsonl")
    with pytest.raises(BadInput, match=r"my-handbook cannot be read: No such file"):
        files.read(tmp_path / "my-handbook")
    with pytest.raises(BadInput, match=r"xxx cannot be read: File name too long"):
        files.read(tmp_path / ("x" * 300))
    with pytest.raises(BadInput, match=r"handbook\.yaml cannot be read: No such file"):
        files.read(tmp_path)


def test_a_path_with_odd_bytes_is_shown_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "\udcff.jsonl"
    path.write_bytes(ROW)
    assert files.read(path).head.title == "?"


@pytest.mark.parametrize("more", ["\n" + "  x\n" * 1_000_000, "&#32;" * 1_000_000])
def test_an_endless_item_is_one_bad_row(more: str) -> None:
    """In a time that grows with the file, not with its square."""
    text = f"- behavior_x: Do{more}"
    (bad,) = files.read_uploads({"x.md": text.encode()}).bad
    assert bad == files.BadRow(1, "the instruction is longer than 500 characters")


def test_a_table_of_ever_new_columns_is_refused() -> None:
    behaviors = [
        as_record({"name": f"behavior_{i}", "instruction": "Do.", "extra": {f"k{i}": 1}})
        for i in range(4_000)
    ]
    with pytest.raises(BadInput, match=r"4,000 rows of 4,000 unknown columns\. Write it as JSON"):
        files.contents("csv", as_handbook({}), behaviors)


# Fields


def _evil(number: int, text: str) -> Behavior:
    return as_record(
        {
            "name": f"behavior_{number}",
            "topic": text,
            "instruction": text,
            "avoid_when": text,
            "tags": [text],
            "extra": {text: text},
        }
    )


EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</li><!-- ",
    "[x](javascript:alert(1))",
    "![x](http://example.com/spy.png)",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "- behavior_x: other",
    "## Other",
    "{{ 7*7 }} ${7*7} %s %(x)s",
    '"; DROP TABLE behavior; --',
    "*a &b !!python/name:os.system",
]


@pytest.mark.parametrize("kind", ["folder", "jsonl", "csv"])
def test_whatever_a_field_says_it_stays_text(kind: str) -> None:
    behaviors = [_evil(number, text) for number, text in enumerate(EVIL)]
    head = {"title": EVIL[0], "description": EVIL[1], "authors": EVIL, "extra": {EVIL[0]: EVIL}}
    texts = files.contents(kind, as_handbook(head), behaviors)
    read = files.read_uploads({name: text.encode() for name, text in texts.items()})
    rows = {row.name: row for row in read.rows}
    for behavior in behaviors:
        again = record_of(rows[behavior.name])
        for key in (*files.ROW_KEYS, "extra"):
            assert getattr(again, key) == getattr(behavior, key)
    if kind == "folder":
        assert (read.head.title, read.head.authors) == (EVIL[0], EVIL)


def test_a_page_runs_and_loads_nothing() -> None:
    behaviors = [_evil(number, text) for number, text in enumerate(EVIL)]
    head = {"title": EVIL[0], "description": "\n\n".join(EVIL), "authors": EVIL, "made": EVIL[2]}
    (text,) = files.contents("page", as_handbook(head), behaviors).values()
    assert "<" not in text
    assert not re.search(r"(?<!\\)\]\(", re.sub(r"(?m)^- \[.*\]\(#\S*\) \(1\)$", "", text))
    assert "{{" not in text


def test_a_packed_file_is_no_text() -> None:
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        files.read_uploads({"x.jsonl": zlib.compress(ROW * 9)})
