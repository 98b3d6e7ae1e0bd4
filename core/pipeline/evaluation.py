"""What an evaluation asks for: a comparison on many problems, at one or several budgets.

One sample serves all smaller budgets: what a model writes up to a token does not depend on where it
would have been cut later. So each sample is asked for once, with the largest budget, and a smaller
one takes it as cut there: wrong, at the cost of that budget (the paper's rule). Where an endpoint
counts no tokens this cannot be done, and the report says so.
"""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.errors import BadInput
from core.pipeline import arms as arm_rules
from core.pipeline.arms import MOST_EVALUATED, RETRIEVED
from core.pipeline.comparison import Comparison, check_settings
from core.store.records import Run

KIND = "evaluate"
MOST_BUDGETS = 8
LEAST_BUDGET = 16


@dataclass(frozen=True)
class Evaluation(Comparison):
    """`budgets` are output tokens, rising; the largest is that of the sampling.

    `forced`: where a budget cuts a reply off, the model is made to answer in a few tokens, which
    are counted. `parts`: each sample is given a random part of what was retrieved, to find out
    what a behavior is worth. `judge` is a model that looks again at answers found wrong; empty for
    none. `spend_at_most` stops the run, in the currency of the prices. `problems` tells of the
    problem set: name, digest, how many were left out and why; `endpoints` of each
    model's name and prices as they were.
    """

    budgets: tuple[int, ...] = ()
    forced: bool = False
    parts: bool = False
    judge: str = ""
    spend_at_most: float | None = None
    problems: dict[str, Any] = field(default_factory=dict)
    endpoints: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "Evaluation":
        return cls(**{**cls.fields_of(run), "budgets": tuple(run.params["budgets"])})

    @property
    def models(self) -> set[str]:
        """Every endpoint that is asked."""
        return {arm.model for arm in self.arms} | ({self.judge} if self.judge else set())


def extended(run: Run, wanted: dict[str, Any]) -> dict[str, Any]:
    """The params that change where an evaluation gets more arms, budgets or samples.

    `wanted` has arms, budgets, samples and spend_at_most, None where it stays. What is there stays:
    arms and budgets are added, and there can only be more samples. A limit without end is none.
    """
    plan = Evaluation.of(run)
    known = {arm.label for arm in plan.arms}
    more = tuple(arm for arm in wanted.get("arms") or () if arm.label not in known)
    samples = wanted.get("samples") or plan.samples
    if samples < plan.samples:
        raise BadInput(f"The run has {plan.samples} samples of each already; it can only get more.")
    limit = wanted.get("spend_at_most")
    limit = plan.spend_at_most if limit is None else limit
    budgets = tuple(sorted({*plan.budgets, *(wanted.get("budgets") or ())}))
    made = replace(
        plan,
        arms=plan.arms + more,
        samples=samples,
        budgets=budgets,
        sampling=replace(plan.sampling, max_tokens=budgets[-1]),
        spend_at_most=None if limit == math.inf else limit,
    )
    check(made)
    return {
        "arms": [asdict(arm) for arm in made.arms],
        "samples": samples,
        "budgets": list(budgets),
        "sampling": asdict(made.sampling),
        "spend_at_most": made.spend_at_most,
    }


def check(plan: Evaluation) -> None:
    """Raises on what cannot be run."""
    arm_rules.check(plan.arms, least=1, most=MOST_EVALUATED)
    check_settings(plan)
    budgets = plan.budgets
    if not 1 <= len(budgets) <= MOST_BUDGETS or list(budgets) != sorted(set(budgets)):
        raise BadInput(f"Take 1 to {MOST_BUDGETS} different budgets, the smallest first.")
    if budgets[0] < LEAST_BUDGET or budgets[-1] != plan.sampling.max_tokens:
        raise BadInput(
            f"Budgets start at {LEAST_BUDGET} output tokens, and the largest is what is asked for."
        )
    if plan.spend_at_most is not None and not 0 < plan.spend_at_most < math.inf:
        raise BadInput("The spending limit has to be above 0; leave it out for none.")
    if plan.parts and not any(arm.kind in RETRIEVED for arm in plan.arms):
        raise BadInput(
            "To find out what behaviors are worth, an arm has to retrieve some: add bci-topic, "
            "bci-embedding or bci-hybrid."
        )
