"""The figures of each arm under each budget: how often right, and at what cost."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.statistics.bootstrap import Interval, mean_interval, share_interval
from core.evaluation.statistics.passing import mean_pass_at_k, powers_of_two
from core.evaluation.statistics.sample import Sample, at_budget, means_by_problem


@dataclass(frozen=True)
class Amount:
    """Tokens, seconds or money per sample.

    `mean` is that of the problems' means, `interval` is of the mean, `median` is over samples.
    `known` samples have a count, `unknown` ones were answered without one and are in no figure.
    Time and money have figures only where all are known: what a smaller budget cuts off has neither
    under it, and these are the long ones, without which every figure would be too small.
    """

    mean: float | None
    interval: Interval | None
    median: float | None
    total: float | None
    known: int
    unknown: int


@dataclass(frozen=True)
class PassAt:
    """The mean of pass@k over the problems with at least k graded samples."""

    k: int
    share: float
    interval: Interval | None
    problems: int


@dataclass(frozen=True)
class ArmFigures:
    """One arm under one budget (None: as it was run).

    `accuracy` is the mean of the problems' shares of right answers, among graded samples; a cut-off
    answer is graded wrong. `errors` and `cancelled` have no outcome: they are in `samples` and in
    no mean. `ungraded` ones were answered, and nobody could say whether rightly; `cut_unknown` of
    those because they have no count of tokens to cut by. `cut_off_rate` is of the answered ones.
    """

    arm: str
    budget: int | None
    problems: int
    samples: int
    answered: int
    graded: int
    ungraded: int
    cut_unknown: int
    right: int
    accuracy: float | None
    accuracy_interval: Interval | None
    pass_at: tuple[PassAt, ...]
    output_tokens: Amount
    reasoning_tokens: Amount
    input_tokens: Amount
    cached_tokens: Amount
    seconds: Amount
    price: Amount
    cut_off: int
    cut_off_rate: float | None
    errors: int
    cancelled: int


def figures_by_arm(
    samples: Iterable[Sample], budgets: Sequence[int] = (), seed: int = 0
) -> tuple[ArmFigures, ...]:
    """Of every arm under every budget (as they were run where none is given), arms as they come."""
    by_arm: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_arm[sample.arm].append(sample)
    return tuple(
        arm_figures(own, budget, seed) for own in by_arm.values() for budget in (budgets or (None,))
    )


def arm_figures(
    samples: Sequence[Sample], budget: int | None = None, seed: int = 0, most: int | None = None
) -> ArmFigures:
    """Of one arm's samples, at least one, cut to the budget where one is given.

    `most` output tokens is what none of them could exceed, if not the budget.
    """
    arms = {sample.arm for sample in samples}
    if len(arms) != 1:
        raise ValueError("Figures are of the samples of one arm, at least one.")
    most = most or budget
    own = samples if budget is None else [at_budget(sample, budget) for sample in samples]
    shares = np.array(list(means_by_problem(own, lambda sample: sample.right).values()))
    answered = [sample for sample in own if sample.answered]
    graded = [sample for sample in answered if sample.right is not None]
    finishes = Counter(sample.finish for sample in own)
    return ArmFigures(
        arm=arms.pop(),
        budget=budget,
        problems=len({sample.problem for sample in own}),
        samples=len(own),
        answered=len(answered),
        graded=len(graded),
        ungraded=len(answered) - len(graded),
        cut_unknown=sum(sample.cut_unknown for sample in own),
        right=sum(sample.right is True for sample in graded),
        accuracy=float(shares.mean()) if len(shares) else None,
        accuracy_interval=share_interval(shares, seed),
        pass_at=tuple(_pass_at(graded, seed)),
        output_tokens=_amount(answered, lambda sample: sample.output_tokens, seed, most),
        reasoning_tokens=_amount(answered, lambda sample: sample.reasoning_tokens, seed, most),
        input_tokens=_amount(answered, lambda sample: sample.input_tokens, seed),
        cached_tokens=_amount(answered, lambda sample: sample.cached_tokens, seed),
        seconds=_amount_of_all(answered, lambda sample: sample.seconds, seed),
        price=_amount_of_all(answered, lambda sample: sample.price, seed),
        cut_off=finishes["length"],
        cut_off_rate=finishes["length"] / len(answered) if answered else None,
        errors=finishes["error"],
        cancelled=finishes["cancelled"],
    )


def _pass_at(graded: Iterable[Sample], seed: int) -> Iterable[PassAt]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for sample in graded:
        counts[sample.problem][0] += 1
        counts[sample.problem][1] += sample.right is True
    for k in powers_of_two(max((samples for samples, _ in counts.values()), default=0)):
        enough = [(samples, right) for samples, right in counts.values() if samples >= k]
        share, interval = mean_pass_at_k(enough, k, seed)
        yield PassAt(k, share, interval, len(enough))


def _amount_of_all(
    answered: Sequence[Sample], value: Callable[[Sample], float | None], seed: int
) -> Amount:
    unknown = sum(value(sample) is None for sample in answered)
    if unknown:
        return Amount(None, None, None, None, len(answered) - unknown, unknown)
    return _amount(answered, value, seed)


def _amount(
    answered: Sequence[Sample],
    value: Callable[[Sample], float | None],
    seed: int,
    most: int | None = None,
) -> Amount:
    """`most` is what no sample can exceed, so neither can the mean."""
    known = np.array([found for sample in answered if (found := value(sample)) is not None])
    unknown = len(answered) - len(known)
    if not len(known):
        return Amount(None, None, None, None, 0, unknown)
    means = np.array(list(means_by_problem(answered, value).values()))
    interval = mean_interval(means, seed)
    if interval is not None and most is not None:
        interval = interval[0], min(interval[1], float(most))
    return Amount(
        mean=float(means.mean()),
        interval=interval,
        median=float(np.median(known)),
        total=float(known.sum()),
        known=len(known),
        unknown=unknown,
    )
