"""CSV: what a spreadsheet writes is read, and what it reads cannot start a formula."""

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import BadInput
from core.handbook import files
from core.handbook.files import cells
from core.store.records import Behavior
from tests.core.handbook.strategies import (
    as_handbook,
    as_record,
    behavior_lists,
    json_values,
    record_of,
    texts,
)

HEADER = "name,instruction\n"
FORMULA = re.compile(r"[=+\-@\t\r]")


def _read(text: str) -> files.HandbookFile:
    return files.read_uploads({"x.csv": text.encode()})


def _text(*behaviors: Behavior) -> str:
    return files.contents("csv", as_handbook({}), behaviors)["algebra.csv"]


def _behavior(**fields: Any) -> Behavior:
    return as_record({"name": "behavior_a", "instruction": "Do a.", **fields})


# Cells


@given(value=json_values)
@example(value="json:3")
@example(value='json:"a"')
def test_a_value_comes_back_from_its_cell(value: Any) -> None:
    text = cells.value_text(value)
    assert text
    back = cells.value_of(cells.restored(cells.defused(text)))
    assert (back, type(back)) == (value, type(value))


@given(cell=texts | st.from_regex(r"json:[\[{\"1-9nt].{0,5}", fullmatch=True))
def test_a_foreign_cell_keeps_its_text_once_it_was_written(cell: str) -> None:
    value = cells.value_of(cell)
    assert cells.value_of(cells.value_text(value)) == value


@pytest.mark.parametrize(
    "cell", ["json:", "json:x", "json:[", 'json:"\\ud800"', "json:" + "[" * 60 + "]" * 60]
)
def test_a_cell_that_only_looks_like_json_is_text(cell: str) -> None:
    assert cells.value_of(cell) == cell


@given(tags=st.lists(texts, max_size=4))
def test_tags_come_back_from_their_cell(tags: list[str]) -> None:
    assert cells.tags_of(cells.tags_text(tags)) == tags


@pytest.mark.parametrize(
    ("tags", "cell"),
    [
        ([], ""),
        (["a", "b c"], "a; b c"),
        (["a;b"], '["a;b"]'),
        ([" a"], '[" a"]'),
        ([""], '[""]'),
        (["[1]"], "[1]"),
        (['["a"]'], '["[\\"a\\"]"]'),
    ],
)
def test_tags_are_a_list_only_where_they_must(tags: list[str], cell: str) -> None:
    assert cells.tags_text(tags) == cell
    assert cells.tags_of(cell) == tags


# Formulas


@given(text=texts)
def test_a_defused_cell_starts_no_formula_and_is_restored(text: str) -> None:
    cell = cells.defused(text)
    assert not FORMULA.match(cell)
    assert cells.restored(cell) == text
    assert cell in (text, f"'{text}")


@given(behaviors=behavior_lists)
def test_no_cell_of_a_written_table_starts_a_formula(behaviors: list[Behavior]) -> None:
    for row in csv.reader(io.StringIO(_text(*behaviors), newline=""), strict=True):
        assert not any(FORMULA.match(cell) for cell in row)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "''-"])
def test_formulas_are_defused_everywhere_and_come_back(start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    line = evil.replace("\t", "=").replace("\r", "=")
    behavior = _behavior(
        topic=evil, instruction=line, avoid_when=line, tags=[evil.strip()], extra={evil: evil}
    )
    written = list(csv.reader(io.StringIO(_text(behavior), newline="")))
    assert written[0][-1] == written[1][-1] == written[1][0] == f"'{evil}"
    (row,) = _read(_text(behavior)).rows
    assert record_of(row).extra == {evil: evil}
    assert (row.topic, row.instruction, row.avoid_when) == (evil, line, line)
    assert row.tags == [evil.strip()]


def test_a_formula_of_somebody_else_is_kept_as_text_and_defused_on_the_way_out() -> None:
    (row,) = _read(f'{HEADER}behavior_a,"=HYPERLINK(""http://evil"")"\n').rows
    assert row.instruction == '=HYPERLINK("http://evil")'
    assert "'=HYPERLINK" in _text(record_of(row))


# Columns


def test_columns_stand_in_any_order_and_unknown_ones_are_kept_as_text() -> None:
    text = "level,instruction,name,seen\n3,Do a.,behavior_a,yes\n,Do b.,behavior_b,\n"
    first, second = _read(text).rows
    assert (first.name, first.instruction) == ("behavior_a", "Do a.")
    assert first.model_extra == {"level": "3", "seen": "yes"}
    assert second.model_extra == {}


def test_values_that_are_no_text_come_back_as_they_were() -> None:
    extra = {"n": 3, "f": 0.5, "no": None, "on": True, "list": [1, {"a": "b"}], "t": "3", "e": ""}
    text = _text(_behavior(extra=extra), _behavior(name="behavior_b"))
    first, second = _read(text).rows
    assert record_of(first).extra == extra
    assert [type(value) for value in record_of(first).extra.values()] == [
        type(extra[key]) for key in record_of(first).extra
    ]
    assert second.model_extra == {}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_what_spreadsheets_of_the_world_write(delimiter: str, quote: str) -> None:
    header = delimiter.join(f"{quote}{name}{quote}" for name in ("Name", " INSTRUCTION ", "Tags"))
    row = delimiter.join(["behavior_a", '"Do a, b; or ""c""."', '"x; y"'])
    read = _read(f"\ufeff\r\n{header}\r\n{row}\r\n{delimiter * 2}\r\n")
    assert read.bad == []
    assert [row.instruction for row in read.rows] == ['Do a, b; or "c".']
    assert read.rows[0].tags == ["x", "y"]


def test_a_key_that_differs_in_case_only_stays_itself_in_a_table_of_ours() -> None:
    extra = {"Name": "Ann", "Tags ": "x", "Skill": "y"}
    (row,) = _read(_text(_behavior(extra=extra))).rows
    assert row.model_extra == extra


def test_foreign_columns() -> None:
    text = "Skill,Description,Category,level\nAdd up,Add the parts.,Sums,3\nSplit up,,,\n"
    first, second = _read(text).rows
    assert (first.name, first.instruction) == ("behavior_add_up", "Add the parts.")
    assert (first.topic, first.model_extra, first.marks) == ("Sums", {"level": "3"}, {})
    assert (second.name, second.instruction) == ("behavior_split_up", "Split up.")
    assert set(second.marks) == {"unwritten"}


def test_the_unnamed_column_of_a_data_frame_is_kept() -> None:
    (row,) = _read(",name,instruction\n0,behavior_a,Do a.\n").rows
    assert row.model_extra == {"": "0"}
    (again,) = _read(_text(record_of(row))).rows
    assert again == row


# Bad rows and bad files


BAD_ROWS = {
    "too few": ("behavior_x", "the row has 1 cells and the header 2"),
    "too many": ("behavior_x,Do x, then y.", "the row has 3 cells and the header 2"),
    "empty name": (",Do x.", "the name has to be behavior_ and words"),
    "empty instruction": ("behavior_x,", "the instruction is empty"),
    "two lines": ('behavior_x,"Do\nx."', "the instruction has to be one line"),
    "NUL": ("behavior_x,Do\0x.", "the instruction has to be one line"),
    "text behind a quote": ('behavior_x,"Do" x.', 'not readable CSV: '),
    "a long cell": ("behavior_x," + "x" * 140_000, "field larger than field limit (131072)"),
    "a quote open at the end": ('behavior_x,"Do x.', "not readable CSV: unexpected end of data"),
    "twice": ("behavior_a,Do a.", "a second behavior_a (first in line 2)"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_reported_by_line(case: str) -> None:
    row, why = BAD_ROWS[case]
    last = "" if "open" in case else "\nbehavior_z,Do z.\n"
    read = _read(f"{HEADER}behavior_a,Do a.\n\n{row}{last}")
    assert [row.name for row in read.rows] == ["behavior_a", "behavior_z"][: 1 + bool(last)]
    assert [bad.line for bad in read.bad] == [4]
    assert why in read.bad[0].why


def test_the_line_is_the_one_in_the_file_where_the_row_starts() -> None:
    text = '\n"name",instruction,note\r\nbehavior_a,Do a.,"1\n2\n\n3"\nx,y,"4\r5"\n\n\nbad,b,\n'
    read = _read(text)
    assert [row.name for row in read.rows] == ["behavior_a"]
    assert [bad.line for bad in read.bad] == [7, 11]


def test_surplus_cells_without_content_do_no_harm() -> None:
    assert [row.name for row in _read(f"{HEADER}behavior_a,Do a.,,,\n").rows] == ["behavior_a"]


BAD_FILES = {
    "empty": ("", "x.csv has no header row: its first row has to name the columns, name and"),
    "no header": ("behavior_a,Do a.\nbehavior_b,Do b.\n", "x.csv has no header row"),
    "no name": ("instruction,topic\nDo a.,A\n", "x.csv has no header row"),
    "an open header": ('"name,instruction\nbehavior_a,Do a.\n', "x.csv has no header row"),
    "two columns": ("name,instruction,x,x\n", "x.csv has two columns 'x'. Rename or remove one."),
    "an open quote": (
        f'{HEADER}behavior_a,Do a.\nbehavior_b,"Do b.\nbehavior_c,Do c.\n',
        "x.csv: the row that starts in line 3 does not end (unexpected end of data). Close",
    ),
    "an open quote, and much behind it": (
        f'{HEADER}behavior_a,"Do a.\n' + "behavior_c,Do c.\n" * 20_000,
        "x.csv: the row that starts in line 2 does not end (field larger than field limit",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_table_that_cannot_be_told_apart_is_refused(case: str) -> None:
    text, why = BAD_FILES[case]
    with pytest.raises(BadInput) as caught:
        _read(text)
    assert str(caught.value).startswith(why)


@given(text=st.text(max_size=200) | st.text('name,instruction"\n\r;\0', max_size=60))
def test_no_text_breaks_the_reading_of_a_table(text: str) -> None:
    try:
        read = _read(f"{HEADER}behavior_a,Do a.\n{text}")
    except BadInput as error:
        assert str(error).startswith("x.csv: the row that starts in line ")
    else:
        assert [row.name for row in read.rows][:1] == ["behavior_a"]
