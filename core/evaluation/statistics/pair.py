"""Two arms, paired by problem: the difference of accuracy and the ratio of output tokens."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.evaluation.statistics.bootstrap import (
    Floats,
    Interval,
    difference_interval,
    ratio_interval,
)
from core.evaluation.statistics.paired import holm, mcnemar_p, paired_test
from core.evaluation.statistics.power import ALPHA, Detectable, detectable_in
from core.evaluation.statistics.sample import Sample, at_budget, means_by_problem


@dataclass(frozen=True)
class TokenRatio:
    """The arm's output tokens to the baseline's, on the same `problems`; None where unknown.

    `test` names the one `p` is of: no difference of mean tokens. On what both got right it is None,
    as there only lengths of chosen answers are compared.
    """

    ratio: float | None
    interval: Interval | None
    problems: int
    p: float | None = None
    test: str | None = None
    corrected_p: float | None = None


@dataclass(frozen=True)
class PairFigures:
    """An arm against a baseline under one budget (None: as they were run).

    Of `problems`, those with an outcome in both arms are `paired`; the `unpaired` ones are in no
    difference. `samples` is the largest number of samples of a problem, `fewest_samples` the
    smallest with an outcome of a paired one in either arm (answered ones where nothing was graded).
    `accuracy_difference` is the mean over paired problems of the difference of the shares of right
    samples.

    `mcnemar_p` is McNemar's exact test on the first sample (by number) of each problem, which may
    be done with any number of samples but leaves the rest out. `accuracy_p` is of all samples:
    McNemar's with one sample a problem, else a test of the problems' differences; `accuracy_test`
    names it. Corrected ones are for `comparisons` looked at together, accuracy and tokens each for
    itself. A flip is a problem that one arm gets right in more than half of its samples and the
    other in less than half.

    `both_right` is over all pairs of a sample of the arm and one of the baseline on one problem,
    both right: what is compared does not depend on the number of samples. `detectable` is at a
    level corrected for `comparisons`.
    """

    arm: str
    baseline: str
    budget: int | None
    problems: int
    paired: int
    unpaired: int
    samples: int
    fewest_samples: int
    accuracy: float | None
    baseline_accuracy: float | None
    accuracy_difference: float | None
    interval: Interval | None
    mcnemar_p: float | None
    accuracy_p: float | None
    accuracy_test: str | None
    accuracy_corrected_p: float | None
    right_to_wrong: tuple[str, ...]
    wrong_to_right: tuple[str, ...]
    tokens: TokenRatio
    both_right: TokenRatio
    detectable: Detectable
    comparisons: int


Shares = Mapping[str, float]


def figures_by_pair(
    samples: Iterable[Sample], baseline: str, budgets: Sequence[int] = (), seed: int = 0
) -> tuple[PairFigures, ...]:
    """Every other arm against the baseline under every budget, corrected for how many there are."""
    by_arm: dict[str, list[Sample]] = {}
    for sample in samples:
        by_arm.setdefault(sample.arm, []).append(sample)
    if baseline not in by_arm:
        raise ValueError(f"There are no samples of {baseline}, to compare the others with.")
    others = [arm for arm in by_arm if arm != baseline]
    wanted: Sequence[int | None] = budgets or (None,)
    comparisons = len(others) * len(wanted)
    against = {budget: _cut(by_arm[baseline], budget) for budget in wanted}
    return corrected(
        [
            _figures(_cut(by_arm[arm], budget), against[budget], budget, seed, comparisons)
            for arm in others
            for budget in wanted
        ]
    )


def corrected(pairs: Sequence[PairFigures]) -> tuple[PairFigures, ...]:
    """The same with p values corrected (Holm) for all that are looked at together: those of
    accuracy for themselves, and those of tokens.
    """
    on_accuracy = holm([one.accuracy_p for one in pairs])
    on_tokens = holm([one.tokens.p for one in pairs])
    return tuple(
        replace(
            one,
            accuracy_corrected_p=accuracy_p,
            tokens=replace(one.tokens, corrected_p=tokens_p),
            comparisons=len(pairs),
        )
        for one, accuracy_p, tokens_p in zip(pairs, on_accuracy, on_tokens, strict=True)
    )


def pair_figures(
    arm: Sequence[Sample],
    baseline: Sequence[Sample],
    budget: int | None = None,
    seed: int = 0,
    comparisons: int = 1,
) -> PairFigures:
    """One arm's samples against another's; the correction is Bonferroni's where asked for."""
    return _figures(_cut(arm, budget), _cut(baseline, budget), budget, seed, comparisons)


def _figures(
    mine: Sequence[Sample],
    other: Sequence[Sample],
    budget: int | None,
    seed: int,
    comparisons: int,
) -> PairFigures:
    right, others_right = (means_by_problem(own, _right) for own in (mine, other))
    paired = sorted(right.keys() & others_right.keys())
    shares, others_shares = _aligned(right, others_right, paired)
    differences = shares - others_shares
    p, test = paired_test(differences, seed) if paired else (None, None)
    problems = len({sample.problem for sample in [*mine, *other]})
    tokens, others_tokens = _tokens(mine, other)
    lost, won = _first_flips(mine, other)
    return PairFigures(
        arm=mine[0].arm,
        baseline=other[0].arm,
        budget=budget,
        problems=problems,
        paired=len(paired),
        unpaired=problems - len(paired),
        samples=max(_most_samples(mine), _most_samples(other)),
        fewest_samples=min(_fewest_samples(mine, paired), _fewest_samples(other, paired)),
        accuracy=float(shares.mean()) if paired else None,
        baseline_accuracy=float(others_shares.mean()) if paired else None,
        accuracy_difference=float(differences.mean()) if paired else None,
        interval=difference_interval(differences, seed),
        mcnemar_p=mcnemar_p(lost, won) if paired else None,
        accuracy_p=p,
        accuracy_test=test,
        accuracy_corrected_p=None if p is None else min(1.0, p * comparisons),
        right_to_wrong=_flips(paired, others_shares, shares),
        wrong_to_right=_flips(paired, shares, others_shares),
        tokens=_token_ratio(tokens, others_tokens, seed, comparisons),
        both_right=_both_right(mine, other, seed),
        detectable=detectable_in(differences, tokens, others_tokens, ALPHA / comparisons),
        comparisons=comparisons,
    )


def _cut(samples: Sequence[Sample], budget: int | None) -> list[Sample]:
    return [sample if budget is None else at_budget(sample, budget) for sample in samples]


def _right(sample: Sample) -> float | None:
    return None if sample.right is None else float(sample.right)


def _most_samples(samples: Iterable[Sample]) -> int:
    return max(Counter(sample.problem for sample in samples).values(), default=0)


def _fewest_samples(samples: Iterable[Sample], paired: Sequence[str]) -> int:
    """Of the paired problems; where there are none, of those that were answered."""
    counts = Counter(
        sample.problem
        for sample in samples
        if (sample.right is not None if paired else sample.answered)
    )
    return min((counts[problem] for problem in paired or counts), default=0)


def _aligned(mine: Shares, other: Shares, problems: Sequence[str]) -> tuple[Floats, Floats]:
    first, second = ([side[problem] for problem in problems] for side in (mine, other))
    return np.array(first, dtype=float), np.array(second, dtype=float)


def _flips(problems: Sequence[str], right: Floats, wrong: Floats) -> tuple[str, ...]:
    flipped = (right > 0.5) & (wrong < 0.5)
    return tuple(problem for problem, flip in zip(problems, flipped, strict=True) if flip)


def _first_flips(mine: Iterable[Sample], other: Iterable[Sample]) -> tuple[int, int]:
    """How many problems the first sample that both have an outcome of lost, and won."""
    outcomes = [
        {
            (sample.problem, sample.number): sample.right
            for sample in own
            if sample.right is not None
        }
        for own in (mine, other)
    ]
    first: dict[str, tuple[bool | None, bool | None]] = {}
    for problem, number in sorted(outcomes[0].keys() & outcomes[1].keys()):
        first.setdefault(problem, (outcomes[0][problem, number], outcomes[1][problem, number]))
    pairs = list(first.values())
    return pairs.count((False, True)), pairs.count((True, False))


def _tokens(mine: Iterable[Sample], other: Iterable[Sample]) -> tuple[Floats, Floats]:
    """Both arms' mean output tokens on the problems that both have counts of."""
    means, others = (
        means_by_problem(own, lambda sample: sample.output_tokens) for own in (mine, other)
    )
    return _aligned(means, others, sorted(means.keys() & others.keys()))


def _token_ratio(tokens: Floats, others: Floats, seed: int, comparisons: int) -> TokenRatio:
    if not len(tokens) or not others.sum():
        return TokenRatio(None, None, len(tokens))
    p, test = paired_test(tokens - others, seed)
    return TokenRatio(
        ratio=float(tokens.sum() / others.sum()),
        interval=ratio_interval(tokens, others, seed),
        problems=len(tokens),
        p=p,
        test=test,
        corrected_p=min(1.0, p * comparisons),
    )


def _both_right(mine: Iterable[Sample], other: Iterable[Sample], seed: int) -> TokenRatio:
    """Sums over the pairs of right samples: mean of right tokens times the other's share right."""
    sides = []
    for own in (mine, other):
        known = [
            sample
            for sample in own
            if sample.right is not None and sample.output_tokens is not None
        ]
        sides.append((means_by_problem(known, _right), means_by_problem(known, _right_tokens)))
    (right, tokens), (others_right, others_tokens) = sides
    problems = sorted(
        problem
        for problem in right.keys() & others_right.keys()
        if right[problem] and others_right[problem]
    )
    amounts = np.array([tokens[problem] * others_right[problem] for problem in problems])
    others = np.array([others_tokens[problem] * right[problem] for problem in problems])
    if not problems or not others.sum():
        return TokenRatio(None, None, len(problems))
    ratio = float(amounts.sum() / others.sum())
    return TokenRatio(ratio, ratio_interval(amounts, others, seed), len(problems))


def _right_tokens(sample: Sample) -> float:
    return float(sample.output_tokens or 0) if sample.right else 0.0
