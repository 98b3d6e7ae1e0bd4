"""Any row as a problem: what it asks about stands before the question, options below it."""

from typing import Any

from core.evaluation.problems.cells import Cells
from core.evaluation.problems.options import Options, options_of
from core.evaluation.problems.problem import NewProblem, UnusableRow, gold_text, scalars
from core.evaluation.problems.questions import asked_about, golds_of, passage_of


def generic(cells: Cells) -> NewProblem:
    options = options_of(cells)
    passage, column = passage_of(cells)
    asked = options.below(cells.words) if options else cells.words
    letters = _letters(cells, options) if options else []
    golds = letters or golds_of(cells)
    known: dict[str, Any] = {"aliases": golds[1:]} if len(golds) > 1 else {}
    if options and (letters or not golds):
        known["task"] = "choice"
    elif passage and isinstance(cells.gold, list | dict) and not cells.get("task"):
        known["task"] = "qa"  # sets of questions keep their answers in a list
    if passage:
        known["question"] = asked
    used = {"solution", column}
    kept = {name: value for name, value in cells.others.items() if name.lower() not in used}
    return NewProblem(
        asked_about(passage, asked),
        golds[0] if golds else None,
        str(cells.topic or "").strip(),
        {**kept, **known},
    )


def _letters(cells: Cells, options: Options) -> list[str]:
    """The letter of the right option, if the answer is one of them."""
    golds = scalars(cells.gold)
    found = list(filter(None, {options.letter(gold) for gold in golds}))
    many = len(options.values)
    if not found and str(many) in map(gold_text, golds):
        raise UnusableRow(
            f"has the answer {many} for {many} options, whose places count from 0; write its letter"
        )
    if len(found) > 1:  # whether one is enough or all are wanted, no set says
        raise UnusableRow("has several right options; only problems with one are read")
    return found
