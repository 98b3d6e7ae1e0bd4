"""One sample of an arm on a problem, and what it would have come to under a smaller budget."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

Finish = Literal["stop", "length", "error", "cancelled"]
# Where we count with a tokenizer, what fills a budget may come to a few tokens less than it.
_SHORT_OF_BUDGET = 0.95


class BudgetNotMeasured(ValueError):
    """Nothing is known of a sample under this budget; the text says why."""


@dataclass(frozen=True)
class Sample:
    """What one sample came to. A count is None where nobody counted, `correct` where nobody graded.

    `price` is in the currency of the endpoint. `budget` is how many output tokens it was allowed at
    most; None where that is not known. `cut_unknown` says that its tokens were not counted, so that
    nobody can say whether the budget asked for would have cut it. `cut_at` is how much was written
    of an answer that was cut off before the budget, by the model's context: its `output_tokens` are
    the budget. `score` is the token F1 of its answer, where the task has one.
    """

    problem: str
    arm: str
    number: int
    correct: bool | None
    output_tokens: int | None
    reasoning_tokens: int | None
    input_tokens: int | None
    cached_tokens: int | None
    seconds: float | None
    price: float | None
    finish: Finish
    budget: int | None = None
    cut_unknown: bool = False
    cut_at: int | None = None
    score: float | None = None

    @property
    def written(self) -> int | None:
        """The output tokens that were paid for."""
        return self.output_tokens if self.cut_at is None else self.cut_at

    @property
    def cut_early(self) -> bool:
        """Plainly before the budget, and not as another tokenizer counts what fills it."""
        budget = self.output_tokens or 0
        return self.cut_at is not None and self.cut_at < _SHORT_OF_BUDGET * budget

    @property
    def answered(self) -> bool:
        """Whether the model ended by itself or was cut off; else there is no outcome."""
        return self.finish in ("stop", "length")

    @property
    def right(self) -> bool | None:
        """Right, wrong, or None without an outcome. A cut-off answer is wrong, whatever it said."""
        if self.finish == "length":
            return False
        return self.correct if self.finish == "stop" else None


def at_budget(sample: Sample, budget: int) -> Sample:
    """The sample as it would have ended under this budget, by the paper's rule.

    A reply longer than the budget is cut: wrong, with the finish "length", at the cost of the whole
    budget. So one long sample serves all smaller budgets. Its time and price under the smaller
    budget were not measured and are None. One without a count cannot be cut: `cut_unknown` says so,
    and a right answer has no outcome then, for it might have been cut (a wrong one is wrong in
    either case); unless it was drawn under this very budget, or cut off by a larger.

    A reply that the model's context cut off before the budget costs the whole budget all the same;
    its time and price are those that were measured.

    Raises BudgetNotMeasured for an answer cut off by a smaller budget than this: nobody knows how
    it goes on.
    """
    if budget < 1:
        raise ValueError("A budget is at least one token.")
    if not sample.answered:
        return sample
    cut_off = sample.finish == "length"
    if cut_off and sample.budget is not None and sample.budget < budget:
        raise BudgetNotMeasured(
            f"Sample {sample.number} of {sample.arm} on {sample.problem} was cut off at "
            f"{sample.budget:,} tokens, so nothing is known of it at {budget:,}."
        )
    if sample.output_tokens is None:
        if sample.budget == budget:
            return sample
        if cut_off and sample.budget is not None:  # by a larger budget, so by this one too
            return _cut(sample, budget)
        unknown = None if sample.correct else sample.correct
        return replace(sample, correct=unknown, budget=budget, cut_unknown=True)
    written = sample.output_tokens if sample.cut_at is None else sample.cut_at
    if written > budget:
        return _cut(sample, budget)
    if cut_off:
        return _charged(sample, budget, written)
    return sample if sample.budget == budget else replace(sample, budget=budget)


def _charged(cut_off: Sample, budget: int, written: int) -> Sample:
    """Where nobody knows the budget it was cut off at, it costs what it came with."""
    if cut_off.budget is None:
        return cut_off
    early = written if written < budget else None
    return replace(cut_off, output_tokens=budget, budget=budget, cut_at=early)


def _cut(sample: Sample, budget: int) -> Sample:
    reasoning = sample.reasoning_tokens
    return replace(
        sample,
        correct=False,
        output_tokens=budget,
        # Reasoning comes first, so the cut leaves as much of it as fits.
        reasoning_tokens=None if reasoning is None else min(reasoning, budget),
        seconds=None,
        price=None,
        finish="length",
        budget=budget,
        cut_at=None,
    )


def means_by_problem(
    samples: Iterable[Sample], value: Callable[[Sample], float | None]
) -> dict[str, float]:
    """Problem -> mean over its answered samples with a known value, in the order of problems.

    A problem without any is not in it. Each problem weighs the same later on, also where some of
    its samples failed.
    """
    known: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        if sample.answered and (found := value(sample)) is not None:
            known[sample.problem].append(float(found))
    return {problem: sum(values) / len(values) for problem, values in sorted(known.items())}
