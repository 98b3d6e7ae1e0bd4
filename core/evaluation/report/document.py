"""The report of an evaluation as one document of plain JSON: what is shown, printed and exported.

Everything in it is computed from the records of the run, as they stand when it is read: while the
run goes on it tells of what has ended so far.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from core.evaluation.comparison.document import BASELINES, baseline_of, baselines_of
from core.evaluation.evidence import Evidence, evidence
from core.evaluation.logs import telling as logs_telling
from core.evaluation.report import ledger
from core.evaluation.report.citations import cited
from core.evaluation.report.graders import grading, grading_sentences, with_scores
from core.evaluation.report.groups import groups
from core.evaluation.report.making import makings
from core.evaluation.report.pairs import (
    contrasts_of,
    pair_document,
    paired,
    verdict_document,
)
from core.evaluation.report.paper import paper_rows
from core.evaluation.report.telling import incomplete, limits, method
from core.evaluation.statistics.arm import ArmFigures, arm_figures
from core.evaluation.statistics.curve import curve
from core.evaluation.statistics.pair import PairFigures
from core.evaluation.statistics.sample import BudgetNotMeasured, Sample
from core.evaluation.worth.experiment import as_document, experiments_of
from core.store import Session, Store
from core.store import jobs as job_rows
from core.store import outcomes as outcome_rows
from core.store import runs as rows
from core.store.records import Problem, Run

FORMAT, VERSION = "vademecum-report", 1
SETTINGS = (
    *("samples", "budgets", "forced", "parts", "judge", "spend_at_most", "k", "k_of_topic"),
    *("topic", "at_least", "diversity", "offered_from", "width"),
)
SEED = 0  # of the bootstrap: a report read twice says the same


def report(store: Store, run_id: int) -> dict[str, Any]:
    """The evaluation as it stands now, finished or not."""
    with store.read() as session:
        run = rows.run(run_id, session=session)
        problems = rows.problems(run.problem_ids, session=session)
        labels = [arm["label"] for arm in run.params["arms"]]
        known = evidence(outcome_rows.outcomes(run_id, session=session), labels)
        made = _head(run, session)
        making = makings(run, session)
    by_budget = _by_budget(known, run)
    budgets = list(by_budget)
    # The samples are cut already, and answers that were asked for at a budget must not be.
    arms = [
        replace(one, budget=budget)
        for budget in budgets
        for one in _by_arm(by_budget[budget], _most(run, budget))
    ]
    graders = _graders(known, by_budget, run)
    baselines = baselines_of(made["asked"])
    pairs = paired(by_budget, list(baselines.items()), SEED)
    contrasts = paired(by_budget, contrasts_of(made["asked"]), SEED)
    budget_known = run.params.get("budget_known", True)
    largest = by_budget[budgets[-1]] if budgets else []
    made |= {
        "n_problems": len(run.problem_ids),
        "n_with_an_outcome": len({key[0] for key, one in known.counting.items() if one.ended}),
        "baseline": baseline_of(made["asked"]),
        "arms": [arm_document(one) | graders[one.arm, one.budget] for one in arms],
        "pairs": [pair_document(pair) for pair in pairs],
        "verdicts": [verdict_document(pair, budget_known) for pair in pairs],
        "contrasts": [pair_document(pair) for pair in contrasts],
        "contrast_verdicts": [verdict_document(pair, budget_known) for pair in contrasts],
        "curve": {arm: [asdict(one) for one in own] for arm, own in curve(arms).items()},
        "flips": _flips([*pairs, *contrasts], known),
        "groups": groups(largest, problems, SEED),
        "failed": _failed(known, run.params["budgets"]),
        "citations": cited(store, run, known),
        "ledger": _ledger(made, largest, baselines, making),
        "worth": [as_document(one) for one in experiments_of(store, run)],
        "leaks": run.params["problems"].get("leaks", {}),
        "texts": {str(n): _problem(problems[n]) for n in run.problem_ids if n in problems},
        "paper": paper_rows(run.params["problems"].get("set", "")),
    }
    if made["logs"]:
        made |= {"method": logs_telling.method(made), "limits": logs_telling.limits(made)}
        made["incomplete"] = ""
    else:
        made |= {"method": method(made, known), "limits": limits(made, known)}
        made["incomplete"] = incomplete(made, known)
    made["limits"] += grading_sentences(made)
    return _plain(made)  # type: ignore[no-any-return]


def _head(run: Run, session: Session) -> dict[str, Any]:
    params = run.params
    jobs = job_rows.jobs(run_id=run.id, session=session)
    return {
        "format": FORMAT,
        "version": VERSION,
        "run": run.id,
        "title": run.title,
        "by": run.by,
        "created": run.created.isoformat(),
        "code_version": run.code_version,
        "prompts": run.prompts,
        "status": jobs[0].status if jobs else "done",
        "note": jobs[0].note if jobs else "",
        "imported": params.get("imported", ""),
        "logs": params.get("logs", []),
        "handbook": params["handbook"],
        "problems": params["problems"],
        "endpoints": params.get("endpoints", {}),
        "asked": [
            {
                "arm": one["label"],
                "kind": one["kind"],
                "model": one["model"],
                "handbook": one.get("handbook", ""),
                "drew_on": params.get("drew_on", {}).get(one["label"]),
            }
            for one in params["arms"]
        ],
        "settings": {
            **{name: params["sampling"][name] for name in ("temperature", "top_p", "seed")},
            **{name: params.get(name) for name in SETTINGS},
        },
    }


def _by_arm(samples: Iterable[Sample], most: int | None) -> list[ArmFigures]:
    """Of samples as they are, with their arms one after the other."""
    return [
        arm_figures(list(own), None, SEED, most)
        for _arm, own in groupby(samples, lambda one: one.arm)
    ]


def _most(run: Run, budget: int) -> int | None:
    """The output tokens that no reply exceeds, where that is known; a forced answer goes beyond."""
    known = run.params.get("budget_known", True) and not run.params.get("forced")
    return budget if known else None


def _by_budget(known: Evidence, run: Run) -> dict[int, list[Sample]]:
    """The samples under each budget at which something is known of every one of them: a run that
    was extended and stopped may have cut some off before the largest. Under a budget that only
    stands for an unknown one they are as they came.
    """
    found = {}
    for budget in run.params["budgets"]:
        try:
            found[budget] = known.samples(budget if run.params.get("budget_known", True) else None)
        except BudgetNotMeasured:
            continue
    return found


def _graders(
    known: Evidence, by_budget: Mapping[int, Sequence[Sample]], run: Run
) -> dict[tuple[str, int | None], dict[str, Any]]:
    """(arm, budget) -> who graded its answers. What a log of another tool calls a score may be
    anything, and is no F1.
    """
    found: dict[tuple[str, int | None], dict[str, Any]] = {}
    for budget, samples in by_budget.items():
        scored = with_scores(() if run.params.get("imported") else samples)
        graded = known.graded(budget)
        for arm, own in groupby(samples, lambda one: one.arm):
            theirs = [one for one in graded if one.arm == arm]
            found[arm, budget] = grading(list(own), theirs, scored, SEED)
    return found


def arm_document(figures: ArmFigures) -> dict[str, Any]:
    """In the shape that others build on: means as numbers, their intervals beside them."""
    told = asdict(figures)
    amounts = ("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens")
    for name in (*amounts, "seconds", "price"):
        amount = told.pop(name)
        told[name] = amount["mean"]
        told |= {
            f"{name}_{what}": amount[what] for what in ("interval", "median", "total", "unknown")
        }
    # With one graded reply at least: what the accuracy is of.
    graded = next((one.problems for one in figures.pass_at if one.k == 1), 0)
    return {**told, "n": figures.problems, "n_graded": graded}


def _flips(pairs: Sequence[PairFigures], known: Evidence) -> list[dict[str, Any]]:
    """Problems that one arm gets right and the other wrong, with the traces to read."""
    found = []
    for pair in pairs:
        counting = known.counting if pair.budget is None else known.under(pair.budget)
        for direction in ("right_to_wrong", "wrong_to_right"):
            for problem in getattr(pair, direction):
                traces = {
                    arm: [
                        one.id
                        for (problem_id, label, _sample), one in counting.items()
                        if (str(problem_id), label) == (problem, arm)
                    ]
                    for arm in (pair.baseline, pair.arm)
                }
                found.append(
                    {
                        "arm": pair.arm,
                        "baseline": pair.baseline,
                        "budget": pair.budget,
                        "problem_id": int(problem),
                        "direction": direction,
                        "traces": traces,
                    }
                )
    return found


def _failed(known: Evidence, budgets: Sequence[int]) -> list[dict[str, Any]]:
    """`budgets` are those in whose figures it is missing."""
    return [
        {
            "arm": one.arm,
            "problem_id": one.problem_id,
            "sample": one.sample,
            "budgets": missing,
            "trace": one.id,
            "kind": one.error_kind or one.finish_reason,
            "error": one.error,
        }
        for one, missing in known.failed(budgets)
    ]


def _ledger(
    made: Mapping[str, Any],
    samples: Sequence[Sample],
    baselines: Mapping[str, str],
    makings: Mapping[str, ledger.Making],
) -> dict[str, Any]:
    """`makings` by the slug an arm names its handbook with; "" is the run's own."""
    endpoints = {one["arm"]: made["endpoints"].get(one["model"], {}) for one in made["asked"]}
    prices = {label: ledger.Prices.of(endpoint) for label, endpoint in endpoints.items()}
    present = dict.fromkeys(sample.arm for sample in samples)
    drawn_on = {
        one["arm"]: one["handbook"] for one in made["asked"] if one["kind"] not in BASELINES
    }
    entries = [
        asdict(
            ledger.entry(
                arm,
                baselines[arm],
                samples,
                (prices[arm], prices[baselines[arm]]),
                makings[drawn_on[arm]] if arm in drawn_on else None,
            )
        )
        for arm in present
        if baselines.get(arm) in present
    ]
    return {
        "making": asdict(makings[""]),
        "other_makings": {slug: asdict(one) for slug, one in makings.items() if slug},
        "prices": {label: asdict(price) for label, price in prices.items()},
        "entries": entries,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "text": problem.text,
        "gold": problem.gold,
        "topic": problem.topic,
        "level": problem.extra.get("level"),
    }


def _plain(value: Any) -> Any:
    """JSON knows no tuples."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
