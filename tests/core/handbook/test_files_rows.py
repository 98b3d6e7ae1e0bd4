"""Rows of JSON files: good ones come in, bad ones are reported, foreign ones are understood."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.handbook import files
from core.handbook.files.foreign import behavior_name
from core.handbook.rules import MARKS, name_fault
from tests.core.handbook.strategies import lines, names
from tests.real_data import real_file

GOOD = {"topic": "Algebra", "name": "behavior_good", "instruction": "When good, go on."}
LAST = {**GOOD, "name": "behavior_last"}
UNWRITTEN = {"unwritten": "came without an instruction; its name stands in"}


def _read(text: str, name: str = "x.jsonl") -> files.HandbookFile:
    return files.read_uploads({name: text.encode("utf-8", "surrogatepass")})


def _jsonl(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


# Lines


def test_lines_end_in_any_way_and_may_be_empty() -> None:
    other = {**GOOD, "name": "behavior_other"}
    text = f"\ufeff{json.dumps(GOOD)}\r\n\r\n   \n{json.dumps(other)}\r{json.dumps(LAST)}"
    head = {files.HEAD_FILE: b"\xef\xbb\xbftitle: Mine\r\n"}
    read = files.read_uploads({**head, files.ROWS_FILE: text.encode()})
    assert read.head.title == "Mine"
    assert [row.name for row in read.rows] == ["behavior_good", "behavior_other", "behavior_last"]
    assert read.bad == []


def test_a_line_separator_inside_a_text_ends_no_row() -> None:
    """U+2028, U+2029 and U+0085 are line ends to `str.splitlines`, not to JSON Lines."""
    rows = [{**GOOD, "name": f"behavior_{i}", "note": f"a{end}b"} for i, end in
            enumerate("\u2028\u2029\x85\x0b\x0c")]  # fmt: skip
    assert [row.model_extra for row in _read(_jsonl(*rows)).rows] == [
        {"note": row["note"]} for row in rows
    ]


BAD_ROWS = {
    "cut off": ('{"name": "behavior_x", "instr', "not readable JSON: Unterminated string"),
    "no JSON": ("behavior_x: Do x.", "not readable JSON: Expecting value at character 1"),
    "raw NUL": ('{"name": "behavior\0x"}', "Invalid control character at character 19"),
    "a list": ('["behavior_x", "Do x."]', "the row: Input should be"),
    "a number": ("7", "the row: Input should be"),
    "no name": ('{"instruction": "Do x."}', "name: Field required"),
    "no text at all": ("{}", "name: Field required"),
    "no text": ('{"name": "behavior_x", "instruction": 7}', "instruction: Input should be"),
    "null": ('{"name": "behavior_x", "instruction": null}', "instruction: Input should be"),
    "tags": (_jsonl({**GOOD, "tags": "a, b"}), "tags: Input should be a valid list"),
    "a tag": (_jsonl({**GOOD, "tags": ["a", 1]}), "tags.1: Input should be a valid string"),
    "topic": (_jsonl({**GOOD, "topic": None}), "topic: Input should be a valid string"),
    "name": (_jsonl({**GOOD, "name": "good"}), "the name has to be behavior_ and words"),
    "name of a number": (_jsonl({**GOOD, "name": 7}), "name: Input should be a valid string"),
    "bad name, good skill": (_jsonl({**GOOD, "name": "", "skill": "x"}), "the name has to be"),
    "no letters": (_jsonl({"skill": "数学", "text": "x"}), "the name has to be behavior_ and"),
    "empty": (_jsonl({**GOOD, "instruction": " "}), "the instruction is empty"),
    "long": (_jsonl({**GOOD, "instruction": "x" * 501}), "longer than 500 characters"),
    "LF": (_jsonl({**GOOD, "instruction": "a\nb"}), "the instruction has to be one line"),
    "CR": (_jsonl({**GOOD, "instruction": "a\rb"}), "the instruction has to be one line"),
    "U+2028": (_jsonl({**GOOD, "instruction": "a\u2028b"}), "the instruction has to be one line"),
    "NUL": (_jsonl({**GOOD, "instruction": "a\0b"}), "the instruction has to be one line"),
    "avoid": (_jsonl({**GOOD, "avoid_when": "a\nb"}), "the avoid_when has to be one line"),
    "half": ('{"name": "behavior_x", "instruction": "\\ud83d"}', "half a character"),
    "half, unknown": ('{"name": "behavior_x", "instruction": "x", "y": "\\udc00"}', "half a char"),
    "deep": ("[" * 100_000, "the row is nested more than 50 levels deep"),
    "deep, unknown": (f'{{"x": {"[" * 60 + "]" * 60}, {json.dumps(LAST)[1:]}', "more than 50 lev"),
    "endless": ('{"name": "behavior_x", "n": ' + "9" * 5000 + "}", "limit (4300 digits)"),
    "twice": (_jsonl(GOOD), "a second behavior_good (first in line 1)"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_reported_by_line_and_the_good_ones_come_in(case: str) -> None:
    row, why = BAD_ROWS[case]
    read = _read(f"{_jsonl(GOOD)}\n{row.rstrip()}\n{_jsonl(LAST)}")
    assert [row.name for row in read.rows] == ["behavior_good", "behavior_last"]
    assert [row.line for row in read.bad] == [3]
    assert why in read.bad[0].why


def test_nesting_within_reason_is_kept() -> None:
    deep = json.loads("[" * 40 + "]" * 40)
    (row,) = _read(_jsonl({**GOOD, "x": deep})).rows
    assert row.model_extra == {"x": deep}


@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_rows(data: bytes) -> None:
    try:
        read = files.read_uploads({"x.jsonl": _jsonl(GOOD).encode() + data})
    except BadInput as error:
        assert "is not UTF-8 text" in str(error)
    else:
        assert len(read.rows) + len(read.bad) >= bool(data.strip())


# The paper's shape and lists


def test_the_papers_shape() -> None:
    text = '{"behavior_a": "Do a.", "behavior_b": 7, "B": "Do b.", "behavior_c": ""}'
    read = _read(text, "paper.json")
    assert [(row.name, row.instruction) for row in read.rows] == [("behavior_a", "Do a.")]
    assert [(bad.line, bad.why.split(" has ")[0]) for bad in read.bad] == [
        (2, "the instruction of 'behavior_b' is not a text"),
        (3, "the name"),
        (4, "the instruction is empty"),
    ]
    assert {bad.unit for bad in read.bad} == {"entry"}


@given(pairs=st.dictionaries(names, lines, max_size=5))
def test_the_papers_shape_of_any_pairs(pairs: dict[str, str]) -> None:
    read = _read(json.dumps(pairs), "paper.json")
    assert {row.name: row.instruction for row in read.rows} == pairs
    assert read.bad == []


def test_a_name_twice_in_an_object_does_not_vanish() -> None:
    read = _read('{"behavior_a": "First.", "behavior_b": "B.", "behavior_a": "Next."}', "x.json")
    assert [row.instruction for row in read.rows] == ["First.", "B."]
    assert read.bad == [files.BadRow(3, "a second behavior_a (first in entry 1)", "entry")]


def test_an_object_with_half_a_character_is_one_bad_row() -> None:
    read = _read(r'{"behavior_a": "\ud83d", "behavior_b": "B."}', "x.json")
    assert [row.name for row in read.rows] == ["behavior_b"]
    assert [bad.line for bad in read.bad] == [1]
    assert files.HALF_CHARACTER in read.bad[0].why


def test_a_list_of_rows_is_read_as_lines_are() -> None:
    rows = [{**GOOD, "tags": ["a"], "weight": {"x": 1}}, 7, {"skill": "Add up"}, {**GOOD}]
    listed = _read(json.dumps(rows), "x.json")
    by_line = _read(_jsonl(*rows))
    assert listed.rows == by_line.rows
    assert [row.name for row in listed.rows] == ["behavior_good", "behavior_add_up"]
    assert listed.rows[0].model_extra == {"weight": {"x": 1}}
    assert [bad.why.split(":")[0] for bad in listed.bad] == [
        "the row",
        "a second behavior_good (first in entry 1)",
    ]


# Foreign columns

FOREIGN = [
    ({"skill": "Ratio & Proportion"}, {"name": "behavior_ratio_proportion"}),
    ({"behavior": "x", "skill": "y"}, {"name": "behavior_x", "skill": "y"}),
    ({"behavior": None, "skill": " ", "title": "T 1"}, {"name": "behavior_t_1", "skill": " "}),
    ({"behavior": "behavior_use_area"}, {"name": "behavior_use_area"}),
    ({"title": "Über-Café"}, {"name": "behavior_uber_cafe"}),
    ({"name": "behavior_n", "skill": "s"}, {"name": "behavior_n", "skill": "s"}),
    ({"skill": "s", "description": "Do  s.\n"}, {"instruction": "Do s.", "marks": {}}),
    ({"skill": "s", "text": "A.", "definition": "B."}, {"instruction": "A.", "definition": "B."}),
    ({"skill": "s", "behavior_description": "C."}, {"instruction": "C."}),
    ({"skill": "s", "definition": "D."}, {"instruction": "D."}),
    ({"skill": "add_two"}, {"instruction": "Add two.", "marks": UNWRITTEN}),
    ({"skill": "s", "text": 7}, {"instruction": "S.", "marks": UNWRITTEN, "text": 7}),
    ({"name": "behavior_go_on"}, {"instruction": "Go on.", "marks": UNWRITTEN}),
    ({"skill": "s", "subject": "A", "dataset": "D"}, {"topic": "A", "dataset": "D"}),
    ({"skill": "s", "subject": None, "dataset": "D"}, {"topic": "D", "subject": None}),
    ({"skill": "s", "category": "C", "level": 3}, {"topic": "C", "level": 3}),
    ({"skill": "s", "category": ["C"], "topic": ""}, {"topic": "", "category": ["C"]}),
    ({"skill": "s", "topic": "T", "subject": "A"}, {"topic": "T", "subject": "A"}),
]


@pytest.mark.parametrize(("row", "read_as"), FOREIGN)
def test_foreign_columns(row: dict[str, Any], read_as: dict[str, Any]) -> None:
    (read,) = _read(_jsonl(row)).rows
    got = {**read.model_dump(), "marks": read.marks}
    assert {key: got[key] for key in read_as} == read_as


def test_a_foreign_column_that_was_used_is_not_kept_twice() -> None:
    row = {"skill": "add", "description": "Add.", "subject": "Sums", "title": "t", "level": 3}
    (read,) = _read(_jsonl(row)).rows
    assert read.model_extra == {"title": "t", "level": 3}


def test_the_mark_of_an_unwritten_row_is_known_and_stays_out_of_files() -> None:
    (read,) = _read(_jsonl({"skill": "add"})).rows
    assert set(read.marks) <= set(MARKS)
    assert "marks" not in read.model_dump()


def test_marks_in_a_file_are_an_unknown_key() -> None:
    (read,) = _read(_jsonl({**GOOD, "marks": {"leak": "mine"}})).rows
    assert (read.marks, read.model_extra) == ({}, {"marks": {"leak": "mine"}})


@given(text=st.text(st.characters(codec="ascii"), max_size=200))
def test_a_name_made_of_any_text_is_a_name_or_plainly_none(text: str) -> None:
    name = behavior_name(text)
    assert name_fault(name) is None or name == "behavior_"


@given(words=st.lists(st.text("abc1", min_size=1, max_size=20), min_size=1, max_size=12))
def test_a_made_name_is_cut_between_words(words: list[str]) -> None:
    made = behavior_name(" ".join(words)).split("_")[1:]
    assert made == words[: len(made)]
    if len(made) < len(words):
        assert len("_".join(["behavior", *words[: len(made) + 1]])) > 64


def test_one_endless_word_is_cut_inside() -> None:
    assert behavior_name("x" * 99) == "behavior_" + "x" * 55


def test_a_published_list_of_skills_is_read(tmp_path: Path) -> None:
    path = real_file("math_skill_list.jsonl")
    read = files.read(path)
    assert len(read.rows) + len(read.bad) == 131
    assert all("a second behavior_" in bad.why for bad in read.bad)
    assert all(row.marks == UNWRITTEN for row in read.rows)
    first = read.rows[0]
    assert (first.topic, first.name) == ("GSM8K", "behavior_advanced_arithmetics")
    assert first.instruction == "Advanced arithmetics."
    assert first.model_extra is not None
    assert first.model_extra["test_example_count"] == 120
    assert {"skill", "dataset"}.isdisjoint(first.model_extra)
    assert {row.topic for row in read.rows} >= {"intermediate_algebra", "number_theory"}
