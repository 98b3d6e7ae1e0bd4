"""Reports as they are made, of samples that were made up: no store, no run, no model."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.evaluation.evidence import Evidence
from core.evaluation.report import ledger
from core.evaluation.report.document import arm_document
from core.evaluation.report.graders import grading
from core.evaluation.report.groups import groups
from core.evaluation.report.pairs import pair_document
from core.evaluation.report.paper import paper_rows
from core.evaluation.report.telling import method
from core.evaluation.statistics.arm import figures_by_arm
from core.evaluation.statistics.curve import curve
from core.evaluation.statistics.pair import figures_by_pair
from core.evaluation.statistics.sample import Sample, at_budget
from core.evaluation.statistics.verdict import verdict
from core.store.records import Problem

ARMS = ("plain", "bci-topic", "random")
NOTHING = Evidence({}, {}, frozenset(), ())
PROBLEMS = 8


def samples(arms: Sequence[str], problems: int, number: int, *, unknown: bool) -> list[Sample]:
    """The first arm is long and errs on problems 0 and 1, the others are shorter; one loses 7."""
    return [
        Sample(
            problem=str(problem),
            arm=arm,
            number=at,
            correct=None if unknown else problem not in ((0, 1) if place == 0 else (7,)),
            output_tokens=None if unknown else 900 - 300 * place + 40 * problem + at,
            reasoning_tokens=None,
            input_tokens=None if unknown else 80 + 200 * (place > 0),
            cached_tokens=None if unknown else 60,
            seconds=None if unknown else 12.5,
            price=None if unknown else 0.004,
            finish="stop",
            budget=2048,
        )
        for place, arm in enumerate(arms)
        for problem in range(problems)
        for at in range(number)
    ]


def document(
    *,
    arms: Sequence[str] = ARMS[:2],
    budgets: Sequence[int] = (1024, 2048),
    problems: int = PROBLEMS,
    number: int = 1,
    unknown: bool = False,
    of: str = "MATH-500",
) -> dict[str, Any]:
    """A report with every part filled in; `unknown` where nobody counted or graded anything."""
    drawn = samples(arms, problems, number, unknown=unknown)
    figures = figures_by_arm(drawn, budgets) if budgets else ()
    pairs = figures_by_pair(drawn, arms[0], budgets) if budgets else ()
    others = [one for one in drawn if one.arm != arms[0]]
    beside = figures_by_pair(others, arms[2], budgets) if budgets and len(arms) > 2 else ()
    largest = [at_budget(one, budgets[-1]) for one in drawn] if budgets else []
    made = _head(arms, budgets, problems, number, of) | {
        "arms": [arm_document(one) | grading((), (), (), 0) for one in figures],
        "pairs": [pair_document(pair) for pair in pairs],
        "verdicts": [asdict(verdict(pair)) for pair in pairs],
        "contrasts": [pair_document(pair) for pair in beside],
        "contrast_verdicts": [asdict(verdict(pair)) for pair in beside],
        "curve": {arm: [asdict(one) for one in own] for arm, own in curve(figures).items()},
        "flips": [
            {
                "arm": pair.arm,
                "baseline": pair.baseline,
                "budget": pair.budget,
                "problem_id": int(problem),
                "direction": direction,
                "traces": {pair.baseline: [int(problem) + 1], pair.arm: [int(problem) + 101]},
            }
            for pair in pairs
            for direction in ("right_to_wrong", "wrong_to_right")
            for problem in getattr(pair, direction)
        ],
        "groups": groups(largest, dict(enumerate(map(_problem, range(problems)))), 0),
        "ledger": _ledger(largest, arms),
        "texts": {str(at): _text(_problem(at)) for at in range(problems)},
        "paper": paper_rows(of),
    }
    made |= {"method": method(made, NOTHING), "limits": ["8 problems show little."]}
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def _head(
    arms: Sequence[str], budgets: Sequence[int], problems: int, number: int, of: str
) -> dict[str, Any]:
    return {
        "format": "vademecum-report",
        "version": 1,
        "run": 7,
        "title": "Eight problems",
        "by": "tester",
        "created": "2026-11-20T14:00:00+00:00",
        "code_version": "1.0",
        "prompts": {"solve": "abc123"},
        "status": "done",
        "note": "",
        "handbook": {"slug": "competition", "title": "Competition mathematics", "step": 3},
        "problems": {"set": of, "split": "test", "digest": "d1", "seed": 0, "left_out": 2},
        "endpoints": {},
        "asked": [{"arm": arm, "kind": arm, "model": "small-model"} for arm in arms],
        "settings": {
            "temperature": 0.6,
            "top_p": 0.95,
            "seed": 1,
            "samples": number,
            "budgets": list(budgets),
            "forced": False,
            "parts": False,
            "judge": None,
            "k": 40,
        },
        "n_problems": problems,
        "n_with_an_outcome": problems,
        "baseline": arms[0],
        "failed": [
            {
                "arm": arms[0],
                "problem_id": 3,
                "sample": 0,
                "budgets": [1024, 2048],
                "trace": 99,
                "kind": "server",
                "error": "The endpoint said 500.",
            }
        ],
        "worth": [],
        "leaks": {
            "flagged": {"same problem": 2, "same wording, other numbers": 1},
            "left_out_kinds": ["same problem"],
            "kept": {"same wording, other numbers": 1},
            "found": [{"problem_id": 5, "kind": "same problem", "why": "it was made from this"}],
        },
    }


def _problem(at: int) -> Problem:
    return Problem(
        id=at,
        digest="",
        text=f"What is $\\frac{{{at}}}{{2}}$?",
        gold=str(at / 2),
        topic="Algebra" if at % 2 else "Geometry",
        extra={"level": 1 + at % 3},
    )


def _text(problem: Problem) -> dict[str, Any]:
    told = {name: getattr(problem, name) for name in ("text", "gold", "topic")}
    return {**told, "level": problem.extra["level"]}


def _ledger(drawn: Sequence[Sample], arms: Sequence[str]) -> dict[str, Any]:
    prices = ledger.Prices(1.0, 0.1, 10.0)
    made = ledger.Making(2, 60, 50_000, 200_000, 2.5)
    return {
        "making": asdict(made),
        "other_makings": {},
        "prices": {arm: asdict(prices) for arm in arms},
        "entries": [
            asdict(ledger.entry(arm, arms[0], drawn, (prices, prices), made)) for arm in arms[1:]
        ]
        if drawn
        else [],
    }
