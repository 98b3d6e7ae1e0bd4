"""A report as tables: flat ones for spreadsheets, and one in the shape of the paper's.

Numbers are not rounded in the flat ones, what is unknown is None, and texts that a spreadsheet
would take for formulas are defused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.report.amounts import tokens
from core.handbook.files.cells import defused

Row = list[Any]
Made = Mapping[str, Any]

# Columns with an interval have two more: `..._low` and `..._high`.
_OF_ARM: tuple[tuple[str, str], ...] = (
    ("arm", "arm"),
    ("budget", "budget"),
    ("problems", "n"),
    ("samples", "samples"),
    ("graded", "graded"),
    ("ungraded", "ungraded"),
    ("cut_off", "cut_off"),
    ("errors", "errors"),
    ("cancelled", "cancelled"),
    ("accuracy", "accuracy"),
    ("f1", "f1"),
    *((name, name) for name in ("judged", "judged_right", "timed_out", "refused", "cut_early")),
    *(
        (f"{amount}{what}", f"{amount}{what}")
        for amount in (
            *("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens"),
            *("seconds", "price"),
        )
        for what in ("", "_median", "_total", "_unknown")
    ),
)
_OF_PAIR: tuple[tuple[str, str], ...] = (
    ("baseline", "baseline"),
    ("paired_problems", "paired"),
    ("accuracy_difference", "accuracy_difference"),
    ("accuracy_p", "accuracy_p"),
    ("accuracy_corrected_p", "accuracy_corrected_p"),
    ("mcnemar_p", "mcnemar_p"),
    ("token_ratio", "token_ratio"),
    ("token_p", "token_p"),
    ("token_corrected_p", "token_corrected_p"),
    ("token_ratio_both_right", "both_right_ratio"),
)
_OF_VERDICT = (
    ("accuracy_finding", "accuracy"),
    ("token_finding", "tokens"),
    ("verdict", "overall"),
)
# Column -> the field that holds its interval.
_INTERVALS = {
    "accuracy": "accuracy_interval",
    "f1": "f1_interval",
    **{
        name: f"{name}_interval"
        for name in (
            *("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens"),
            *("seconds", "price"),
        )
    },
    "accuracy_difference": "interval",
    "token_ratio": "token_ratio_interval",
    "token_ratio_both_right": "both_right_interval",
}


def table(made: Made) -> list[Row]:
    """A row for each arm and budget with all its figures, then those against the baseline. Below
    them one for each arm beside another than its baseline, which has no figures of the arm alone:
    they stand above.
    """
    pairs = _by_arm(made["pairs"])
    verdicts = _by_arm(made["verdicts"])
    largest = sorted({one["k"] for arm in made["arms"] for one in arm["pass_at"]} - {1})
    head = [name for name, _ in (*_OF_ARM, *_OF_PAIR, *_OF_VERDICT)]
    rows: list[Row] = [[*_with_ends(head), *(f"pass_at_{k}" for k in largest)]]
    for arm in made["arms"]:
        key = (arm["arm"], arm["budget"])
        cells = [
            *_cells(_OF_ARM, arm),
            *_cells(_OF_PAIR, pairs.get(key, {})),
            *_cells(_OF_VERDICT, verdicts.get(key, {})),
        ]
        passed = {one["k"]: one["share"] for one in arm["pass_at"]}
        rows.append([*map(_safe, cells), *(passed.get(k) for k in largest)])
    for pair, verdict in zip(made["contrasts"], made["contrast_verdicts"], strict=True):
        alone = {"arm": pair["arm"], "budget": pair["budget"]}
        cells = [*_cells(_OF_ARM, alone), *_cells(_OF_PAIR, pair), *_cells(_OF_VERDICT, verdict)]
        rows.append([*map(_safe, cells), *(None for _ in largest)])
    return rows


def flips_table(made: Made) -> list[Row]:
    """A row for each problem that an arm gets right and the baseline wrong, or the other way."""
    rows: list[Row] = [
        [
            *("arm", "baseline", "budget", "direction", "problem_id", "topic", "level", "gold"),
            *("arm_traces", "baseline_traces", "problem"),
        ]
    ]
    for flip in made["flips"]:
        told = made["texts"].get(str(flip["problem_id"]), {})
        cells = [
            *(flip[name] for name in ("arm", "baseline", "budget", "direction", "problem_id")),
            *(told.get(name) for name in ("topic", "level", "gold")),
            *(_listed(flip["traces"].get(flip[side], ())) for side in ("arm", "baseline")),
            told.get("text"),
        ]
        rows.append([_safe(cell) for cell in cells])
    return rows


def paper_table(made: Made) -> list[Row]:
    """Accuracy in percent @ mean output tokens, the paper's own figures beside ours.

    Rows are arms of models and columns budgets; the first column says whose figures they are.
    """
    rows = [*made["arms"], *made["paper"]]
    budgets = sorted({one["budget"] for one in rows})
    models = {one["arm"]: one["model"] for one in made["asked"]}
    found: dict[tuple[str, str, str], dict[int, str]] = {}
    for one in made["arms"]:
        key = ("this run", models.get(one["arm"], ""), one["arm"])
        found.setdefault(key, {})[one["budget"]] = _at(one)
    for one in made["paper"]:
        key = (f"the paper, {one['set']}", one["model"], one["arm"])
        found.setdefault(key, {})[one["budget"]] = _at(one)
    head = ["figures of", "model", "arm", *(f"{budget:,}" for budget in budgets)]
    return [
        head,
        *([*key, *(cells.get(one, "") for one in budgets)] for key, cells in found.items()),
    ]


def _at(one: Mapping[str, Any]) -> str:
    """As "78.4 @1,128"."""
    accuracy = "not graded" if one["accuracy"] is None else f"{one['accuracy'] * 100:.1f}"
    return f"{accuracy} @{tokens(one['output_tokens'])}"


def _by_arm(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    return {(one["arm"], one["budget"]): one for one in rows}


def _with_ends(names: Sequence[str]) -> Row:
    return [
        name
        for one in names
        for name in ([one, f"{one}_low", f"{one}_high"] if one in _INTERVALS else [one])
    ]


def _cells(columns: Sequence[tuple[str, str]], one: Mapping[str, Any]) -> Row:
    """Of one side of a row; all None where there is no such side."""
    cells: Row = []
    for name, field in columns:
        cells.append(one.get(field))
        if name in _INTERVALS:
            cells += one.get(_INTERVALS[name]) or (None, None)
    return cells


def _listed(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _safe(cell: Any) -> Any:
    return defused(cell) if isinstance(cell, str) else cell
