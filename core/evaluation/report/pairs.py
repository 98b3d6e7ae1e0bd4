"""Arms in pairs: each beside its baseline, and those side by side that a question asks for.

Whether a handbook helps is told against its baseline. Whether it is the behaviors that help, and
whether curation pays, is not: the one takes random behaviors beside them, the other the raw
extraction. These pairs are a family of their own, corrected for their own number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from core.evaluation.statistics.pair import PairFigures, corrected, pair_figures
from core.evaluation.statistics.sample import Sample
from core.evaluation.statistics.verdict import verdict

BEHAVIORS = ("bci", "bci-topic", "bci-embedding", "bci-hybrid", "bci-fixed", "bci-dynamic")


def contrasts_of(asked: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(arm, what it stands beside) of arms with the run's own handbook and of one model: the same
    with another handbook, and random behaviors.
    """
    return [
        (one["arm"], other["arm"])
        for one in asked
        for other in asked
        if one["kind"] in BEHAVIORS
        and not one.get("handbook")
        and one["model"] == other["model"]
        and (other["kind"] == "random" or (other["kind"] == one["kind"] and other.get("handbook")))
    ]


def paired(
    by_budget: Mapping[int, Sequence[Sample]], wanted: Sequence[tuple[str, str]], seed: int
) -> tuple[PairFigures, ...]:
    """Those of the (arm, other) that have samples, corrected over arms and budgets together."""
    sides = {
        budget: {arm: list(own) for arm, own in groupby(samples, lambda one: one.arm)}
        for budget, samples in by_budget.items()
    }
    found = [
        (budget, by_arm[arm], by_arm[other])
        for budget, by_arm in sides.items()
        for arm, other in wanted
        if arm in by_arm and other in by_arm
    ]
    return corrected(
        [
            replace(pair_figures(mine, theirs, None, seed, len(found)), budget=budget)
            for budget, mine, theirs in found
        ]
    )


def pair_document(pair: PairFigures) -> dict[str, Any]:
    told = asdict(pair)
    tokens, both_right = told.pop("tokens"), told.pop("both_right")
    told |= {"token_ratio": tokens["ratio"], "token_ratio_interval": tokens["interval"]}
    told |= {f"token_{name}": tokens[name] for name in ("problems", "p", "test", "corrected_p")}
    told |= {f"both_right_{name}": both_right[name] for name in ("ratio", "interval", "problems")}
    return told


def verdict_document(pair: PairFigures, budget_known: bool) -> dict[str, Any]:
    """A budget that only stands for an unknown one is in no sentence."""
    said = verdict(pair if budget_known else replace(pair, budget=None))
    return {**asdict(said), "budget": pair.budget}
