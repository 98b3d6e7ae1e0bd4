"""Parquet files of problems: nested columns as in JSON, and no more than can be held."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.evaluation import problems
from core.evaluation.problems import parquet


def _file(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pandas.DataFrame(rows).to_parquet(file)
    return file.getvalue()


def test_nested_columns_are_lists_and_dicts() -> None:
    row = {
        "question": "Which?",
        "context": {"title": ["A"], "sentences": [["One.", "Two."]]},
        "nums": [1, 2],
        "level": 5,
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        "picture": b"\x00",
        "nothing": None,
    }
    (found,) = problems.read_rows("x.parquet", _file([row]))
    assert found == row | {"when": "2026-01-02T00:00:00+00:00", "picture": None}
    json.dumps(found)


def test_a_parquet_file_is_read_as_its_data_set() -> None:
    rows = [{"question": f"How many {n}?", "answer": f"so #### {n}"} for n in range(200)]
    read = problems.read("x.PARQUET", _file(rows))
    mapping = problems.guess_mapping(read.rows)
    mapped = problems.map_rows(read, mapping, mapping.columns(read.rows))
    assert mapping.name == "gsm8k"
    assert [problem.gold for problem in mapped.problems] == [str(n) for n in range(200)]


def test_answers_beside_missing_ones_are_whole_numbers_and_none() -> None:
    rows = problems.read_rows("x.parquet", _file([{"problem": "a", "answer": 3}, {"problem": "b"}]))
    found = problems.from_rows(rows, problems.guess_columns(rows))
    assert [problem.gold for problem in found] == ["3", None]


@settings(max_examples=25)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_any_texts_come_back(texts: list[str]) -> None:
    rows = [{"problem": text} for text in texts]
    assert problems.read_rows("x.parquet", _file(rows)) == rows


@given(data=st.binary(max_size=100))
def test_any_bytes_are_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"x\.parquet is not a readable Parquet file"):
        problems.read_rows("x.parquet", data)


def test_a_damaged_file_is_refused() -> None:
    data = bytearray(_file([{"problem": "One?" * 100}]))
    data[20:60] = bytes(40)
    with pytest.raises(BadInput, match=r"x\.parquet"):
        problems.read_rows("x.parquet", bytes(data))


def test_no_rows_are_said() -> None:
    with pytest.raises(BadInput, match=r"x\.parquet holds no rows"):
        problems.read_rows("x.parquet", _file([{"problem": "One?"}][:0]))


def test_more_rows_than_are_read_are_refused() -> None:
    with pytest.raises(BadInput, match=r"x\.parquet has 3 rows; at most 2 are read"):
        parquet.rows("x.parquet", _file([{"problem": "One?"}] * 3), most=2)


def test_a_small_file_that_unpacks_to_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAX_UNPACKED", 1_000_000)
    data = _file([{"problem": "a" * 10_000}] * 1000)
    assert len(data) < 100_000
    with pytest.raises(BadInput, match="unpacks to more than 1 MB"):
        problems.read_rows("x.parquet", data)
