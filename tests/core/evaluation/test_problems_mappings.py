"""Mappings of known data sets: recognised by their columns, and what their rows become."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput, NotFound
from core.evaluation import problems
from core.evaluation.problems import BadRow, Columns, Mapped, NewProblem, Rows

TITLES = ["Paris", "Rome"]
SENTENCES = [["Paris is big. ", " It is old."], ["Rome is older."]]
PARAGRAPHS = "Paris\nParis is big. It is old.\n\nRome\nRome is older.\n\nQuestion: Which?"
AS_PAIRS = [list(pair) for pair in zip(TITLES, SENTENCES, strict=True)]
MUSIQUE = [
    {"idx": 0, "title": "Paris", "paragraph_text": "Paris is big. It is old."},
    {"idx": 1, "title": "Rome", "paragraph_text": "Rome is older."},
]
ROME = "Rome is old.\n\nQuestion: Which?"
QA = {"task": "qa", "question": "Which?", "aliases": []}

# Rows as the sets' own files and those on Hugging Face have them.
ROWS: dict[str, tuple[str, dict[str, Any], NewProblem]] = {
    "MATH": (
        "math",
        {
            "problem": "Find $x$.",
            "level": "Level 5",
            "type": "Algebra",
            "solution": "First \\boxed{2}, then \\boxed{\\frac{1}{2}}.",
        },
        NewProblem("Find $x$.", "\\frac{1}{2}", "Algebra", {"task": "math", "level": 5}),
    ),
    "MATH-500": (
        "math",
        {
            "problem": "Find $x$.",
            "solution": "It is \\boxed{3}.",
            "answer": "3",
            "subject": "Number Theory",
            "level": 2,
            "unique_id": "test/1.json",
        },
        NewProblem(
            "Find $x$.", "3", "Number Theory", {"task": "math", "id": "test/1.json", "level": 2}
        ),
    ),
    "MATH of an unknown level": (
        "math",
        {"problem": "Find $x$.", "level": "Level ?", "type": "Geometry", "solution": "None."},
        NewProblem("Find $x$.", None, "Geometry", {"task": "math"}),
    ),
    "worked solutions alone": (
        "math",
        {"problem": "Find $x$.", "solution": "\\boxed{7}"},
        NewProblem("Find $x$.", "7", "", {"task": "math"}),
    ),
    "AIME with capital letters": (
        "aime",
        {"ID": "2024-I-1", "Problem": "Find $n$.", "Solution": "…", "Answer": 33, "Year": 2024},
        NewProblem("Find $n$.", "33", "", {"task": "math", "id": "2024-I-1", "year": 2024}),
    ),
    "AIME by its link": (
        "aime",
        {"id": 0, "problem": "Find $n$.", "answer": "075", "url": "https://x/2022_AIME_I/1"},
        NewProblem("Find $n$.", "75", "", {"task": "math", "id": 0}),
    ),
    "AIME, nothing": (
        "aime",
        {"problem": "Find $n$.", "expected_answer": "000", "year": "2025"},
        NewProblem("Find $n$.", "0", "", {"task": "math", "year": 2025}),
    ),
    "GSM8K": (
        "gsm8k",
        {"question": "How many?", "answer": "9 + 9 = <<9+9=18>>18\n#### 1,018"},
        NewProblem("How many?", "1018", "", {"task": "math"}),
    ),
    "HotpotQA on Hugging Face": (
        "hotpotqa",
        {
            "id": "a",
            "question": "Which?",
            "answer": "Rome",
            "type": "bridge",
            "level": "hard",
            "context": {"title": TITLES, "sentences": SENTENCES},
        },
        NewProblem(PARAGRAPHS, "Rome", "bridge", {**QA, "id": "a", "level": "hard"}),
    ),
    "HotpotQA's own file": (
        "hotpotqa",
        {"_id": "a", "question": "Which?", "answer": "yes", "type": "bridge", "context": AS_PAIRS},
        NewProblem(PARAGRAPHS, "yes", "bridge", {**QA, "id": "a"}),
    ),
    "2WikiMultiHopQA, context as text": (
        "2wikimultihopqa",
        {
            "_id": "a",
            "type": "comparison",
            "question": "Which?",
            "context": json.dumps(AS_PAIRS),
            "evidences": json.dumps([["Rome", "age", "old"]]),
            "answer": "Rome",
        },
        NewProblem(PARAGRAPHS, "Rome", "comparison", {**QA, "id": "a"}),
    ),
    "MuSiQue": (
        "musique",
        {
            "id": "3hop1__1_2_3",
            "paragraphs": MUSIQUE,
            "question": "Which?",
            "answer": "Rome",
            "answer_aliases": ["Roma", "Rome", "Urbs"],
            "answerable": True,
        },
        NewProblem(
            PARAGRAPHS,
            "Rome",
            "3 hops",
            {**QA, "id": "3hop1__1_2_3", "aliases": ["Roma", "Urbs"]},
        ),
    ),
    "MuSiQue passed on": (
        "musique",
        {
            "ctxs": [{"title": "", "text": "Rome is old."}],
            "question": "Which?",
            "answers": ["Rome", "Roma"],
        },
        NewProblem("Rome is old.\n\nQuestion: Which?", "Rome", "", {**QA, "aliases": ["Roma"]}),
    ),
    "anything": (
        "generic",
        {"prompt": "Why?", "target": 7, "category": "A", "hint": "none"},
        NewProblem("Why?", "7", "A", {"hint": "none"}),
    ),
    "a passage and one answer": (
        "generic",
        {"context": "Rome is old.", "question": "Which?", "answer": "Rome"},
        NewProblem(ROME, "Rome", "", {"question": "Which?"}),
    ),
    "SQuAD": (
        "generic",
        {
            "id": "a",
            "context": "Rome is old.",
            "question": "Which?",
            "answers": {"text": ["Rome", "Roma", "Rome"], "answer_start": [0, 0, 0]},
        },
        NewProblem(ROME, "Rome", "", {"id": "a", **QA, "aliases": ["Roma"]}),
    ),
    "DROP": (
        "generic",
        {"passage": "Rome is old.", "question": "Which?", "answers": ["5", "five"]},
        NewProblem(ROME, "5", "", {**QA, "aliases": ["five"]}),
    ),
    "a passage that the question repeats": (
        "generic",
        {"context": "Rome is old.", "question": "Rome is old. Which?", "answer": "Rome"},
        NewProblem("Rome is old. Which?", "Rome", "", {"context": "Rome is old."}),
    ),
    "RACE": (
        "generic",
        {"article": "Rome is old.", "question": "Which?", "options": ["x", "y"], "answer": "B"},
        NewProblem(
            f"{ROME}\n\nA) x\nB) y",
            "B",
            "",
            {"options": ["x", "y"], "task": "choice", "question": "Which?\n\nA) x\nB) y"},
        ),
    ),
    "chat messages": (
        "generic",
        {
            "prompt": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "What is 2+2?"}]},
                {"role": "assistant", "content": "4"},
            ],
            "answer": "4",
        },
        NewProblem("Be brief.\n\nWhat is 2+2?", "4"),
    ),
    "answers of pandas": (
        "generic",
        {"question": "Why?", "answer": 3.0, "topic": float("nan"), "hint": float("nan")},
        NewProblem("Why?", "3", "", {"hint": None}),
    ),
}


def _read(*rows: dict[str, Any], mapping: str = "", name: str = "") -> Mapped:
    found = problems.mapping_named(mapping) if mapping else problems.guess_mapping(rows, name)
    numbered = Rows(list(enumerate(rows, start=1)), [])
    return problems.map_rows(numbered, found, found.columns(rows))


@pytest.mark.parametrize("case", ROWS)
def test_a_known_data_set_is_recognised_and_read(case: str) -> None:
    name, row, problem = ROWS[case]
    assert problems.guess_mapping([row]).name == name
    assert _read(row) == Mapped([problem], [])


@pytest.mark.parametrize(
    ("row", "mapping"),
    [
        ({"nums": [19, 36, 55], "target": 74}, "countdown"),
        ({"input": "19,36,55", "output": "74"}, "countdown"),
        ({"numbers": [19.0, 36.0, 55.0], "target": "74"}, "countdown"),
        ({"input": "Why?", "output": "74"}, "generic"),
        ({"input": "74", "output": "74"}, "generic"),
        ({"input": "1 2 3", "output": "6"}, "generic"),
        ({"input": [1, 2, 3], "output": "6"}, "generic"),
        ({"input": [{"role": "user", "content": "Why?"}], "target": "4"}, "generic"),
        ({"nums": ["a", "b"], "target": 4, "text": "Why?"}, "generic"),
        ({"question": "Why?", "options": ["a", "b"], "answer": 1, "year": 2024}, "generic"),
        ({"problem": "Why?", "answer": "74"}, "generic"),
        ({"problem": "Why?", "answer": "1074", "year": 2024}, "generic"),
        ({"question": "Why?", "answer": "a", "context": "No list."}, "generic"),
        ({"question": "Why?", "answer": "a", "context": "[1, 2]"}, "generic"),
    ],
)
def test_columns_and_what_is_in_them_tell_the_mapping(row: dict[str, Any], mapping: str) -> None:
    assert problems.guess_mapping([row, row]).name == mapping


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ({"a": 1}, "has an object where the text of the problem should be"),
        ([1], "has a list where the text of the problem should be"),
        ([{"role": "assistant", "content": "4"}], "has chat messages, but none of the user's"),
        ([{"role": "user", "content": [{"type": "image"}]}], "parts that are no text"),
    ],
)
@pytest.mark.parametrize("mapping", ["generic", "math", "gsm8k", "hotpotqa"])
def test_what_is_no_text_is_no_problem(text: Any, why: str, mapping: str) -> None:
    (bad,) = _read({"question": text, "answer": "4"}, mapping=mapping).bad
    assert why in bad.why


def test_the_name_of_a_file_can_tell_the_mapping() -> None:
    row = {"problem": "Find $n$.", "answer": "75"}
    assert problems.guess_mapping([row]).name == "generic"
    assert problems.guess_mapping([row], "AIME25").name == "aime"
    row = {"input": "1 2 3", "output": "6"}
    assert problems.guess_mapping([row], "countdown_test.csv").name == "countdown"


@given(
    numbers=st.lists(st.integers(-999, 999), min_size=1, max_size=6),
    target=st.integers(-9999, 9999),
    listed=st.booleans(),
)
def test_any_countdown_puzzle_is_put_into_words(
    numbers: list[int], target: int, listed: bool
) -> None:
    given_numbers = numbers if listed else ",".join(map(str, numbers))
    (problem,) = _read({"nums": given_numbers, "target": target}, mapping="countdown").problems
    assert problem.extra == {"task": "countdown", "numbers": numbers, "target": target}
    assert problem.gold == str(target)
    assert f": {', '.join(map(str, numbers))}. Make {target} of them" in problem.text


cells = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
COLUMNS = (
    *("problem", "question", "answer", "answers", "solution", "level", "type", "context", "year"),
    *("ctxs", "paragraphs", "nums", "target", "input", "output", "id", "evidences", "Text"),
    *("options", "choices", "passage", "A", "B"),
)
any_rows = st.lists(st.dictionaries(st.sampled_from(COLUMNS), cells), min_size=1, max_size=3)


@settings(max_examples=50)
@given(rows=any_rows, name=st.sampled_from(["", *(one.name for one in problems.MAPPINGS)]))
def test_any_row_is_a_problem_or_a_bad_row(rows: list[dict[str, Any]], name: str) -> None:
    try:
        mapped = _read(*rows, mapping=name)
    except BadInput as error:
        assert "No column is called" in str(error)
        return
    assert len(mapped.problems) + len(mapped.bad) == len(rows)
    for problem in mapped.problems:
        assert problem.text.strip()
        assert problem.gold is None or isinstance(problem.gold, str)
        json.dumps(problem.extra)


def test_bad_rows_are_named_and_the_others_taken() -> None:
    rows = problems.read(
        "x.jsonl",
        b'{"nums": [1, 2], "target": 3}\n\nnothing\n{"nums": [1, "b"], "target": 3}\n[7]\n'
        b'{"nums": [1, 2], "target": "x"}\n{"target": 3}\n{"nums": [2, 2], "target": 4}\n',
    )
    mapped = problems.map_rows(rows, problems.mapping_named("countdown"), Columns("nums", "target"))
    assert [problem.extra["target"] for problem in mapped.problems] == [3, 4]
    assert [bad.number for bad in mapped.bad] == [3, 4, 5, 6, 7]
    whys = [bad.why for bad in mapped.bad]
    assert whys[0].startswith("is not readable JSON")
    assert whys[1:] == [
        "has no list of whole numbers",
        "is not an object with named fields",
        "has no whole number as its target",
        "has nothing in the column 'nums'",
    ]


def test_what_cannot_be_answered_is_left_out() -> None:
    row = ROWS["MuSiQue"][1] | {"answerable": False}
    assert _read(row).bad == [BadRow(1, "is not answerable by its paragraphs")]


def test_a_person_names_the_columns() -> None:
    rows = [{"riddle": "Why?", "truth": "a", "answer": "b", "kind": "c"}]
    generic = problems.mapping_named("Generic")
    columns = problems.choose_columns(generic, rows, "riddle", topic="kind")
    assert columns == Columns("riddle", "answer", "kind")
    assert problems.choose_columns(generic, rows, "riddle", "truth").gold == "truth"
    with pytest.raises(BadInput, match=r"no column 'nobody'\. There are: riddle, truth, answer"):
        problems.choose_columns(generic, rows, "nobody")
    with pytest.raises(BadInput, match="No column is called problem"):
        problems.choose_columns(generic, rows)


def test_a_mapping_that_does_not_exist_is_said() -> None:
    with pytest.raises(NotFound, match=r"no mapping 'gsm'\. There are: countdown, musique"):
        problems.mapping_named("gsm")


def test_a_file_is_read_by_its_guessed_mapping(tmp_path: Path) -> None:
    path = tmp_path / "cd.jsonl"
    path.write_text('{"nums": [1, 2], "target": 3}\n{"nums": ["a"], "target": 3}\n')
    with pytest.raises(BadInput, match="Row 2 has no list of whole numbers"):
        problems.read_file(path)
    path.write_text('{"nums": [1, 2], "target": 3}\n')
    assert problems.read_file(path)[0].extra["task"] == "countdown"
    with pytest.raises(BadInput, match="Row 1 has a list where the text of the problem should be"):
        problems.read_file(path, Columns("nums"))
