"""How the rows of a data set become problems: a mapping, guessed from the columns and shown.

A row that cannot become a problem is left out with its reason; the others are taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from core.errors import BadInput, NotFound
from core.evaluation.problems import mathematics, questions
from core.evaluation.problems.cells import Cells
from core.evaluation.problems.columns import (
    GOLD_NAMES,
    TEXT_NAMES,
    TOPIC_NAMES,
    Columns,
    columns_among,
)
from core.evaluation.problems.generic import generic
from core.evaluation.problems.problem import NewProblem, UnusableRow, checked, is_missing
from core.evaluation.problems.rows import BadRow, Row, Rows, column_names

SAMPLE = 50  # rows that a guess looks at


@dataclass(frozen=True)
class Mapping:
    """What a data set calls its columns, and how a row of it becomes a problem.

    `fits` tells from the first rows, their names in small letters, and the file's name, whether
    they are of this set. `problem` raises UnusableRow.
    """

    name: str
    about: str
    text: tuple[str, ...]
    gold: tuple[str, ...]
    topic: tuple[str, ...]
    fits: Callable[[Sequence[Row], str], bool]
    problem: Callable[[Cells], NewProblem]

    def columns(self, rows: Sequence[Row]) -> Columns:
        """Its columns, as these rows spell them; raises where there is none for the text."""
        return columns_among(rows, self.text, self.gold, self.topic)


@dataclass(frozen=True)
class Mapped:
    """What became of the rows of a file."""

    problems: list[NewProblem]
    bad: list[BadRow]

    @property
    def repeated(self) -> int:
        """How many of the problems say what an earlier one says; a set keeps them once."""
        return len(self.problems) - len({(one.text, one.gold, one.topic) for one in self.problems})


GENERIC = Mapping(
    "generic",
    "Any rows: a column of problems, and one of answers and one of topics where there are. A "
    "passage (passage, article, context) is put before the question, options (options, choices) "
    "below it.",
    TEXT_NAMES,
    GOLD_NAMES,
    TOPIC_NAMES,
    lambda _rows, _name: True,
    generic,
)
# The most particular first: the first that fits is taken.
MAPPINGS: tuple[Mapping, ...] = (
    Mapping(
        "countdown",
        "Countdown: numbers and a target (nums, target; or input, output). The problem is put "
        "into words.",
        ("nums", "numbers", "input"),
        ("target", "output"),
        (),
        mathematics.is_countdown,
        mathematics.countdown,
    ),
    Mapping(
        "musique",
        "MuSiQue: the paragraphs, then the question; answer and answer_aliases. The topic is the "
        "number of hops. What is not answerable is left out.",
        ("question",),
        ("answer", "answers", "golden_answers"),
        (),
        questions.is_musique,
        questions.musique,
    ),
    Mapping(
        "2wikimultihopqa",
        "2WikiMultiHopQA: the paragraphs of the context, then the question. The topic is the type.",
        ("question",),
        ("answer",),
        ("type",),
        questions.is_2wiki,
        questions.question,
    ),
    Mapping(
        "hotpotqa",
        "HotpotQA: the paragraphs of the context, then the question. The topic is the type.",
        ("question",),
        ("answer", "answers", "golden_answers"),
        ("type",),
        questions.is_hotpotqa,
        questions.question,
    ),
    Mapping(
        "gsm8k",
        "GSM8K: the answer is what follows ####.",
        ("question", "problem"),
        ("answer",),
        (),
        mathematics.is_gsm8k,
        mathematics.gsm8k,
    ),
    Mapping(
        "aime",
        "AIME: whole answers from 0 to 999, without leading zeros; the year where it is given.",
        ("problem", "question"),
        ("answer", "expected_answer"),
        (),
        mathematics.is_aime,
        mathematics.aime,
    ),
    Mapping(
        "math",
        "MATH and MATH-500: the topic is the subject; the answer is that of the column, else the "
        "last box of the solution.",
        ("problem", "question"),
        ("answer", "expected_answer"),
        ("subject", "type"),
        mathematics.is_math,
        mathematics.math,
    ),
    GENERIC,
)


def guess_mapping(rows: Sequence[Row], name: str = "") -> Mapping:
    """The first that fits; `name` is the file's, which may tell what the rows do not."""
    sample = [_folded(row) for row in rows[:SAMPLE]]
    return next(mapping for mapping in MAPPINGS if mapping.fits(sample, name.lower()))


def mapping_named(name: str) -> Mapping:
    for mapping in MAPPINGS:
        if mapping.name == name.strip().lower():
            return mapping
    names = ", ".join(mapping.name for mapping in MAPPINGS)
    raise NotFound(f"There is no mapping {name!r}. There are: {names}.")


def choose_columns(
    mapping: Mapping,
    rows: Sequence[Row],
    text: str | None = None,
    gold: str | None = None,
    topic: str | None = None,
) -> Columns:
    """The mapping's columns, with those that a person named instead; raises where one is not."""
    names = column_names(rows)
    named = {"text": text, "gold": gold, "topic": topic}
    for name in filter(None, named.values()):
        if name not in names:
            raise BadInput(f"There is no column {name!r}. There are: {', '.join(names)}.")
    if text:  # then nothing has to be guessed for it
        rows = [{mapping.text[0]: None, **row} for row in rows[:SAMPLE]]
    return replace(mapping.columns(rows), **{key: name for key, name in named.items() if name})


def map_rows(rows: Rows, mapping: Mapping, columns: Columns) -> Mapped:
    """Every row that can be a problem, and those that cannot."""
    found = Mapped([], list(rows.bad))
    for number, row in rows.numbered:
        try:
            found.problems.append(_problem(row, mapping, columns))
        except UnusableRow as error:
            found.bad.append(BadRow(number, str(error)))
    found.bad.sort(key=lambda bad: bad.number)
    return found


def from_rows(
    rows: Sequence[Row], columns: Columns, mapping: Mapping = GENERIC
) -> list[NewProblem]:
    """One problem a row; a row that cannot be one is an error that names it."""
    found = []
    for number, row in enumerate(rows, start=1):
        try:
            found.append(_problem(row, mapping, columns))
        except UnusableRow as error:
            raise BadInput(f"Row {number} {error}.") from error
    return found


def _problem(row: Row, mapping: Mapping, columns: Columns) -> NewProblem:
    row = _without_nan(row)
    used = [getattr(columns, field.name) for field in fields(columns)]
    text = row.get(columns.text)
    if not str(text or "").strip():
        raise UnusableRow(f"has nothing in the column {columns.text!r}")
    cells = Cells(
        text,
        row.get(columns.gold) if columns.gold else None,
        row.get(columns.topic) if columns.topic else None,
        {name: value for name, value in row.items() if name not in used},
    )
    return checked(mapping.problem(cells))


def _folded(row: Row) -> dict[str, Any]:
    return {name.lower(): value for name, value in _without_nan(row).items()}


def _without_nan(row: Row) -> Row:
    return {name: None if is_missing(value) else value for name, value in row.items()}
