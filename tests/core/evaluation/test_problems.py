"""Problems from pasted text and files: columns guessed, faults named by their place."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.evaluation import problems
from core.evaluation.problems import Columns, NewProblem
from tests.real_data import real_file

lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text.strip() and set(text.strip()) != {"-"}
)


def _jsonl(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _read(name: str, data: bytes) -> list[NewProblem]:
    rows = problems.read_rows(name, data)
    return problems.from_rows(rows, problems.guess_columns(rows))


# Pasted


def test_one_problem_is_pasted_as_it_is() -> None:
    assert problems.from_paste("  What is\n\n1 + 1?\n", "2", "Algebra") == [
        NewProblem("What is\n\n1 + 1?", "2", "Algebra")
    ]


@pytest.mark.parametrize("dashes", ["---", "  -----  ", "---\n\n---", "---\n---\n"])
def test_dashes_part_problems(dashes: str) -> None:
    found = problems.from_paste(f"---\nOne?\n{dashes}\nTwo - or - not?\n--\nStill.\n---\n")
    assert [problem.text for problem in found] == ["One?", "Two - or - not?\n--\nStill."]


@given(texts=st.lists(lines, min_size=1, max_size=5))
def test_any_problems_are_parted(texts: list[str]) -> None:
    found = problems.from_paste("\n---\n".join(texts))
    assert [problem.text for problem in found] == [text.strip() for text in texts]


@pytest.mark.parametrize("text", ["", " \n ", "---", "---\n\n----\n"])
def test_nothing_pasted_is_said(text: str) -> None:
    with pytest.raises(BadInput, match="There is no problem yet"):
        problems.from_paste(text)


def test_one_answer_belongs_to_one_problem() -> None:
    with pytest.raises(BadInput, match="One gold answer cannot belong to several problems"):
        problems.from_paste("One?\n---\nTwo?", "1")


def test_a_problem_has_a_length() -> None:
    assert len(problems.from_paste("x" * 40_000)) == 1
    with pytest.raises(BadInput, match=r"The text has a problem of 40,001 characters; at most"):
        problems.from_paste("x" * 40_001)


# Shapes of data sets


SHAPES: dict[str, tuple[str, dict[str, Any], Columns, NewProblem]] = {
    "MATH": (
        "math.jsonl",
        {
            "problem": "Find $x$.",
            "solution": "It is \\boxed{3}.",
            "answer": "3",
            "subject": "Algebra",
            "level": 2,
            "unique_id": "test/1.json",
        },
        Columns("problem", "answer", "subject"),
        NewProblem("Find $x$.", "3", "Algebra", {"level": 2, "unique_id": "test/1.json"}),
    ),
    "GSM8K": (
        "gsm8k.jsonl",
        {"question": "How many?", "answer": "9 + 9 = <<9+9=18>>18\n#### 1,018"},
        Columns("question", "answer"),
        NewProblem("How many?", "1,018"),
    ),
    "AIME": (
        "aime.json",
        {"problem": "Find $m+n$.", "answer": "075", "year": 2024, "problem_number": 3},
        Columns("problem", "answer"),
        NewProblem("Find $m+n$.", "075", "", {"year": 2024, "problem_number": 3}),
    ),
    "AIME 2025": (
        "aime25.jsonl",
        {"id": "a", "problem": "Find $n$.", "expected_answer": 70},
        Columns("problem", "expected_answer"),
        NewProblem("Find $n$.", "70", "", {"id": "a"}),
    ),
    "countdown": (
        "cd3.jsonl",
        {"input": "30,100,93", "output": "23"},
        Columns("input", "output"),
        NewProblem("30,100,93", "23"),
    ),
    "HotpotQA": (
        "hotpot.jsonl",
        {"question": "Which?", "answer": "yes", "type": "bridge", "context": {"title": ["A"]}},
        Columns("question", "answer", "type"),
        NewProblem("Which?", "yes", "bridge", {"context": {"title": ["A"]}}),
    ),
    "capital letters": (
        "x.jsonl",
        {"Question": "Which?", "Target": "yes", "Category": "A"},
        Columns("Question", "Target", "Category"),
        NewProblem("Which?", "yes", "A"),
    ),
    "no answers": ("x.jsonl", {"prompt": "Why?"}, Columns("prompt"), NewProblem("Why?")),
    "the likelier name": (
        "x.jsonl",
        {"text": "No.", "input": "No.", "problem": "Yes?", "output": "no", "answer": 0},
        Columns("problem", "answer"),
        NewProblem("Yes?", "0", "", {"text": "No.", "input": "No.", "output": "no"}),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_columns_of_known_data_sets_are_guessed(shape: str) -> None:
    name, row, columns, problem = SHAPES[shape]
    data = json.dumps([row]).encode() if name.endswith(".json") else _jsonl(row)
    rows = problems.read_rows(name, data)
    assert problems.guess_columns(rows) == columns
    assert problems.from_rows(rows, columns) == [problem]


def test_a_csv_with_quotes_line_ends_and_a_byte_order_mark() -> None:
    data = '\ufeffProblem,Answer,subject\r\n"Is 1,5 ""big""?\r\nSay.",no,"A, B"\r\nTwo?,,\r\n'
    assert _read("x.CSV", data.encode()) == [
        NewProblem('Is 1,5 "big"?\r\nSay.', "no", "A, B"),
        NewProblem("Two?"),
    ]


def test_a_csv_with_ragged_rows() -> None:
    assert _read("x.csv", b"problem,answer\nOne?,1,, \nTwo?\n") == [
        NewProblem("One?", "1"),
        NewProblem("Two?"),
    ]


def test_a_comma_without_quotes_is_told_and_cuts_no_problem() -> None:
    rows = problems.read("x.csv", b"problem,answer\nFind x, y if x+y=2,5\nTwo?,2\n")
    assert rows.numbered == [(2, {"problem": "Two?", "answer": "2"})]
    (bad,) = rows.bad
    assert bad.number == 1
    assert bad.why.startswith("has 3 cells where the head names 2: a text with a comma")


def test_a_csv_with_spaces_around_the_names_of_its_columns() -> None:
    assert _read("x.csv", b" problem , answer\nOne?,1\n") == [NewProblem("One?", "1")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_of_any_spreadsheet_is_read(separator: str, encoding: str) -> None:
    file = io.StringIO()
    rows = [("question", "answer"), ("Größe, 1,5; \tfür x?", "1;2"), ("Two?", "2")]
    csv.writer(file, delimiter=separator).writerows(rows)
    found = problems.read("x.csv", file.getvalue().encode(encoding))
    assert [tuple(row.values()) for row in found.rows] == rows[1:]
    assert (found.bad, found.note) == ([], "")


def test_separators_within_a_quoted_name_of_a_column_part_nothing() -> None:
    (row,) = problems.read_rows("x.csv", b'problem,answer,"tags;a;b;c"\nOne?,1,x\n')
    assert row == {"problem": "One?", "answer": "1", "tags;a;b;c": "x"}


def test_western_text_is_a_guess_that_is_told_or_refused() -> None:
    data = "problem;answer\nGrün?;ja\n".encode("cp1252")
    found = problems.read("x.csv", data)
    assert found.rows == [{"problem": "Grün?", "answer": "ja"}]
    assert "x.csv is not UTF-8 text (byte 17): read as Windows-1252" in found.note
    with pytest.raises(BadInput, match="it may have wrong letters"):
        problems.read_rows("x.csv", data)


def test_a_long_csv_cell_costs_its_own_row_only_and_no_other_reader_its_limit() -> None:
    limit = csv.field_size_limit()
    rows = problems.read("x.csv", b"problem,notes\nOne?," + b"x" * 200_000 + b"\nTwo?,\n")
    assert [row["problem"] for row in rows.rows] == ["One?", "Two?"]
    assert csv.field_size_limit() == limit


@given(rows=st.lists(st.tuples(lines, lines), min_size=1, max_size=5))
def test_any_csv_that_python_writes_is_read(rows: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([("question", "gold"), *rows])
    found = _read("x.csv", file.getvalue().encode())
    expected = [(text.strip(), (gold.rsplit("####", 1)[-1]).strip() or None) for text, gold in rows]
    assert [(problem.text, problem.gold) for problem in found] == expected


def test_named_columns_win_over_guessed_ones(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(_jsonl({"problem": "No.", "riddle": "Yes?", "answer": "1", "truth": 2}))
    assert problems.read_file(path, Columns("riddle", "truth")) == [
        NewProblem("Yes?", "2", "", {"problem": "No.", "answer": "1"})
    ]


@pytest.mark.parametrize(
    ("value", "gold"),
    [
        (7, "7"),
        (0, "0"),
        (2.5, "2.5"),
        (" 7 ", "7"),
        ("", None),
        (None, None),
        (["7"], "7"),
        ({"text": ["7"], "answer_start": [0]}, "7"),
        ([], None),
        (float("nan"), None),
        ([float("nan")], None),
        (3.0, "3"),
        ({"a": 7}, None),
        ("work #### 3 #### 4", "4"),
        ("work ####", None),
    ],
)
def test_gold_answers_become_texts(value: Any, gold: str | None) -> None:
    (problem,) = _read("x.jsonl", _jsonl({"problem": "Which?", "answer": value}))
    assert problem.gold == gold


# Faults


FAULTS: dict[str, tuple[str, bytes, str]] = {
    "a bad line": (
        "x.jsonl",
        _jsonl({"problem": "One?"}) + b'\n{"problem": "Two?\n',
        "x.jsonl, line 3 is not readable JSON",
    ),
    "a bad list": ("x.json", b'[{"problem": 1},]', "x.json, line 1 is not readable JSON"),
    "endless digits": ("x.jsonl", b'{"problem": ' + b"9" * 5000 + b"}", "line 1 is not readable"),
    "deep": ("x.jsonl", b"[" * 100_000, "line 1 is not readable JSON"),
    "no object": ("x.jsonl", b'{"problem": "One?"}\n7\n', "line 2 is not an object"),
    "a list of texts": ("x.json", b'["One?"]', "entry 1 is not an object with named fields"),
    "empty": ("x.jsonl", b"", "x.jsonl holds no rows"),
    "empty lines": ("x.jsonl", b"\n \n", "x.jsonl holds no rows"),
    "an empty list": ("x.json", b"[]", "x.json holds no rows"),
    "an empty CSV": ("x.csv", b"", "x.csv holds no rows"),
    "only a head": ("x.csv", b"problem,answer\n", "x.csv holds no rows"),
    "no UTF-8": ("x.csv", "problem\nGrün?".encode("latin-1"), "x.csv is not UTF-8 text (byte 10)"),
    "no UTF-8 in line 2": (
        "x.jsonl",
        b'{"problem": "One?"}\n{"problem": "Gr\xfcn?"}',
        "x.jsonl is not UTF-8 text (byte 35)",
    ),
    "a spreadsheet": (
        "x.xlsx",
        b"PK",
        "x.xlsx: only .jsonl, .json, .csv and .parquet files are read",
    ),
    "no text at all": ("x.csv", "problem\nOne?".encode("utf-16-le"), "x.csv is not text that can"),
    "no western text": ("x.csv", b"problem\n\x81", "x.csv is not UTF-8 text (byte 8). Save it as"),
    "an open semicolon": ("x.csv", b"a;b\nx; y;1\n", "a text with a semicolon in it has to stand"),
    "text behind quotes": ("x.csv", b'a;b\n"x"y;1\n', "semicolons stand between the cells"),
    "open quotes": ("x.csv", b'problem\n"One?', "x.csv is not readable CSV"),
    "a long field": ("x.csv", b"problem\n" + b"x" * 200_000, "Row 1 has a problem of 200,000"),
    "an open comma": ("x.csv", b"problem\na, b\n", "x.csv, entry 1 has 2 cells where the head"),
    "not a number": ("x.jsonl", b'{"problem": NaN}', "Row 1 has nothing in the column 'problem'"),
    "no column": ("x.jsonl", _jsonl({"a": 1, "b": 2}), "There are: a, b. Say which one holds"),
    "no text": ("x.jsonl", _jsonl({"problem": "One?"}, {"problem": " "}), "Row 2 has nothing in"),
    "a null": ("x.jsonl", _jsonl({"problem": "One?"}, {"problem": None}), "Row 2 has nothing in"),
    "no such key": ("x.jsonl", _jsonl({"problem": "One?"}, {"text": "Two?"}), "Row 2 has nothing"),
    "long": ("x.jsonl", _jsonl({"problem": "x" * 40_001}), "Row 1 has a problem of 40,001"),
    "half a character": ("x.jsonl", b'{"problem": "\\ud83d?"}', "Row 1 holds half a character"),
    "the same, gold": ("x.jsonl", _jsonl({"text": "a", "answer": "\ud83d"}), "half a character"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_its_place(fault: str) -> None:
    name, data, sentence = FAULTS[fault]
    with pytest.raises(BadInput) as caught:
        _read(name, data)
    assert sentence in str(caught.value)


def test_a_file_above_the_size_is_refused() -> None:
    with pytest.raises(BadInput, match=r"x\.jsonl has 257 MB; at most 256 MB are read"):
        problems.read_rows("x.jsonl", bytes(257_000_000))


def test_more_rows_than_200000_are_refused() -> None:
    with pytest.raises(BadInput, match=r"x\.csv has 200,001 rows; at most 200,000 are read"):
        problems.read_rows("x.csv", b"problem\n" + b"a\n" * 200_001)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.jsonl cannot be read: No such file"):
        problems.read_file(tmp_path / "none.jsonl")


@given(data=st.binary(max_size=200), suffix=st.sampled_from([".csv", ".json", ".jsonl"]))
def test_any_bytes_are_rows_or_refused(data: bytes, suffix: str) -> None:
    try:
        assert problems.read_rows(f"x{suffix}", data)
    except BadInput as error:
        assert f"x{suffix}" in str(error)


# Real files


@pytest.mark.parametrize(
    ("name", "mapping", "number", "topics"),
    [
        ("math500_dev.jsonl", "math", 260, 7),
        ("math_train_sample.jsonl", "math", 1400, 7),
        ("gsm8k_sample.jsonl", "gsm8k", 390, 1),
        ("aime_2022_2025.jsonl", "aime", 120, 1),
        ("countdown_cd3_test.jsonl", "countdown", 256, 1),
        ("hotpotqa_distractor_dev.jsonl", "hotpotqa", 56, 2),
        ("multihop_ircot_annotated.jsonl", "hotpotqa", 69, 1),
    ],
)
def test_real_data_sets_are_read(name: str, mapping: str, number: int, topics: int) -> None:
    path = real_file(name)
    assert problems.guess_mapping(problems.read_path(path).rows).name == mapping
    found = problems.read_file(path)
    assert len(found) == number
    assert len({problem.topic for problem in found}) == topics
    assert all(problem.gold and "####" not in problem.gold for problem in found)


def test_the_longest_real_problems_are_taken_with_their_paragraphs() -> None:
    rows = problems.read_path(real_file("musique_ctx_dev.jsonl"))
    mapping = problems.guess_mapping(rows.rows)
    mapped = problems.map_rows(rows, mapping, mapping.columns(rows.rows))
    assert (mapping.name, len(mapped.problems), len(mapped.bad)) == ("musique", 40, 0)
    assert max(len(problem.text) for problem in mapped.problems) > 20_000
