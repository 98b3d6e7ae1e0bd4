"""Mappings of problems whose answer is a number or an expression: MATH, AIME, GSM8K, Countdown.

Shapes: hendrycks/math and its MATH-500 split (PRM800K); AIME as on Hugging Face (Maxwell-Jia,
math-ai, AI-MO); openai/grade-school-math; Countdown-Tasks-3to4 (nums, target) and d1's test file
(input, output).
"""

import re
from collections.abc import Sequence
from typing import Any

from core.evaluation.grading.boxes import last_boxed
from core.evaluation.problems.cells import Cells
from core.evaluation.problems.options import OPTION_NAMES
from core.evaluation.problems.problem import NewProblem, UnusableRow, gold_text
from core.evaluation.problems.rows import Row

LISTED = re.compile(r"\s*-?\d+(\s*[,;\s]\s*-?\d+)+\s*")
JOINED = re.compile(r"\s*\d+(\s*,\s*\d+)+\s*")
WHOLE = re.compile(r"-?\d{1,12}")
AIME_ANSWER = re.compile(r"\d{1,3}")
MOST_NUMBERS = 50
COUNTDOWN = (
    "Here are {many} numbers: {numbers}. Make {target} of them.\n\n"
    "Write an arithmetic expression whose value is exactly {target}. Use each of the numbers "
    "exactly once (one that is listed twice, twice), no other number, and only +, -, *, / and "
    "brackets. The numbers may stand in any order. Give the expression, without an equals sign, "
    "as the final answer in \\boxed{{}}."
)


def is_math(rows: Sequence[Row], _name: str) -> bool:
    if not _asked_openly(rows):
        return False
    if _there(rows, "level") and _there(rows, "subject", "type"):
        return _there(rows, "solution", "answer")
    boxed = [row for row in rows if last_boxed(str(row.get("solution") or ""))]
    return not _there(rows, "answer", "expected_answer") and len(boxed) > len(rows) / 2


def math(cells: Cells) -> NewProblem:
    gold = gold_text(cells.gold) or last_boxed(str(cells.get("solution") or ""))
    return NewProblem(
        cells.words,
        gold,
        str(cells.topic or "").strip(),
        _extra(cells, level=_level(cells.get("level"))),
    )


def is_aime(rows: Sequence[Row], name: str) -> bool:
    """Small whole answers are not enough: the year, the name of the file or a link tells."""
    golds = [gold_text(row.get("answer", row.get("expected_answer"))) for row in rows]
    if not all(gold and AIME_ANSWER.fullmatch(gold) for gold in golds):
        return False
    if not _asked_openly(rows):
        return False
    hints = ("id", "url", "link", "source", "unique_id", "dataset")
    told = [any("aime" in str(row.get(hint)).lower() for hint in hints) for row in rows]
    return _there(rows, "year", "aime_number") or "aime" in name or all(told)


def aime(cells: Cells) -> NewProblem:
    gold = gold_text(cells.gold)
    if gold and AIME_ANSWER.fullmatch(gold):
        gold = str(int(gold))  # 075 is how it is filled in, not what it is
    year = cells.get("year")
    known = year is not None and WHOLE.fullmatch(str(year))
    return NewProblem(
        cells.words,
        gold,
        str(cells.topic or "").strip(),
        _extra(cells, year=int(str(year)) if known else None),
    )


def is_gsm8k(rows: Sequence[Row], _name: str) -> bool:
    worked = [row for row in rows if "####" in str(row.get("answer"))]
    return _there(rows, "question", "problem") and len(worked) > len(rows) / 2


def gsm8k(cells: Cells) -> NewProblem:
    gold = gold_text(cells.gold)
    if gold:  # as the set's own script reads it: 1,018 is 1018
        gold = re.sub(r"(?<=\d),(?=\d{3}\b)", "", gold).lstrip("$").strip() or None
    return NewProblem(cells.words, gold, str(cells.topic or "").strip(), _extra(cells))


def is_countdown(rows: Sequence[Row], name: str) -> bool:
    """Numbers are not enough: the column, the file's name or d1's way to list them tells.

    Half of the rows have to be whole puzzles; the others are named when they are read.
    """
    told = "countdown" in name or all(
        "nums" in row or "numbers" in row or JOINED.fullmatch(str(row.get("input"))) for row in rows
    )
    golds = all(_whole(row.get("target", row.get("output"))) is not None for row in rows)
    puzzles = [row for row in rows if _lists_numbers(row)]
    return bool(rows) and told and golds and len(puzzles) * 2 >= len(rows)


def _lists_numbers(row: Row) -> bool:
    numbers = row.get("nums", row.get("numbers", row.get("input")))
    if isinstance(numbers, list):
        return bool(numbers) and all(_whole(number) is not None for number in numbers)
    return LISTED.fullmatch(str(numbers)) is not None


def countdown(cells: Cells) -> NewProblem:
    given = (
        cells.text if isinstance(cells.text, list) else re.findall(r"[^\s,;\[\]]+", str(cells.text))
    )
    numbers = [_whole(number) for number in given]
    target = _whole(cells.gold)
    if target is None:
        raise UnusableRow("has no whole number as its target")
    if not 0 < len(numbers) <= MOST_NUMBERS or None in numbers:
        raise UnusableRow("has no list of whole numbers")
    text = COUNTDOWN.format(many=len(numbers), numbers=", ".join(map(str, numbers)), target=target)
    extra = {**_extra(cells, task="countdown"), "numbers": numbers, "target": target}
    return NewProblem(text, str(target), str(cells.topic or "").strip(), extra)


def _asked_openly(rows: Sequence[Row]) -> bool:
    """Without options, which these mappings would leave out: years and levels are no proof."""
    return _there(rows, "problem", "question") and not _there(rows, *OPTION_NAMES)


def _there(rows: Sequence[Row], *names: str) -> bool:
    """Whether every row has something in one of these columns."""
    return bool(rows) and all(
        any(row.get(name) not in (None, "", []) for name in names) for row in rows
    )


def _extra(cells: Cells, *, task: str = "math", **found: Any) -> dict[str, Any]:
    extra = {"task": task, "id": cells.get("unique_id", "id", "_id"), **found}
    return {name: value for name, value in extra.items() if value is not None}


def _level(value: Any) -> int | str | None:
    """5 of `Level 5`; a level that is no number as it stands, and nothing for `Level ?`."""
    digits = re.search(r"\d+", str(value))
    if digits:
        return int(digits[0])
    return None if value is None or "?" in str(value) else str(value)


def _whole(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return int(text) if WHOLE.fullmatch(text) else None
