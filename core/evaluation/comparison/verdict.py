"""What can be said of an arm beside a baseline, in a sentence that claims no more than was seen.

Samples are paired by their number. Tokens are compared as ratios, and ratios by their logarithms:
half as many and twice as many then weigh the same, a long answer weighs no more than a short one,
and the mean of the logs is back as a ratio, exp(mean(log(arm / baseline))). The interval is that of
Student's t on the logs. With the few samples of a comparison it is rough: it supposes that the logs
are about normal, which four numbers cannot show, and it speaks of this problem and these settings.

Replies that failed or were stopped are fragments and are left out; what was cut off by the budget
is compared as it is, as a length that is at least so, and the sentence says so. Where both arms
were asked the same, because one of them found no behavior, nothing is compared.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.evaluation.comparison.giving import (
    asked_the_same,
    on_nothing_given,
    on_the_same,
)
from core.evaluation.comparison.outcome import (
    Figures,
    Interval,
    Outcome,
    figures,
    mean_interval,
)

Pairs = list[tuple[Outcome, Outcome]]

# Whether the baseline was right, and then the arm.
_LOST, _WON = (True, False), (False, True)
_TOLD = {
    "Cut off by the budget, so longer than counted": "cut_off",
    "Failed": "failed",
    "Stopped": "stopped",
    "Still arriving": "arriving",
    "Answered, but with an unknown count of tokens": "unknown",
}


@dataclass(frozen=True)
class Verdict:
    """`ratio` is the arm's output tokens to the baseline's, from `pairs` of all `samples`.

    `interval` is the 95% interval of the ratio; None for fewer than two pairs, and where all pairs
    have one ratio (as without sampling, where every sample is the same): such pairs show no more
    than one does. A difference is `shown` where the interval lies on one side of 1. The flips are
    numbers of samples. `extra_input` is the mean difference in input tokens, `extra_cached` how
    much of it came from the cache; None where nobody counted. `asked_the_same` are the answered
    samples that are left out of all this, for the two arms were sent the same.
    """

    sentence: str
    arm: str
    baseline: str
    ratio: float | None
    interval: Interval | None
    pairs: int
    samples: int
    shown: bool
    right_to_wrong: tuple[int, ...]
    wrong_to_right: tuple[int, ...]
    extra_input: float | None
    extra_cached: float | None
    asked_the_same: tuple[int, ...]


@dataclass(frozen=True)
class _Side:
    """An arm with what is compared of it, in `figures`, and its answered samples, all of them."""

    title: str
    figures: Figures
    answered: tuple[Outcome, ...]


def verdict(
    outcomes: Iterable[Outcome], arm: str, baseline: str, titles: Mapping[str, str]
) -> Verdict:
    """Compares the arm with the baseline; an arm without a title is called by its label.

    No arm has two outcomes of one sample. Samples are numbered from 0, and from 1 in the sentence.
    """
    known = list(outcomes)
    first = {outcome.sample: outcome for outcome in known if outcome.arm == arm}
    second = {outcome.sample: outcome for outcome in known if outcome.arm == baseline}
    both = [(first[number], second[number]) for number in sorted(first.keys() & second.keys())]
    heard = [(mine, other) for mine, other in both if mine.answered and other.answered]
    same = [mine.sample for mine, other in heard if asked_the_same(mine, other)]
    answered = [(mine, other) for mine, other in heard if mine.sample not in same]
    logs = [
        math.log(mine.output_tokens / other.output_tokens)
        for mine, other in answered
        if mine.output_tokens and other.output_tokens
    ]
    interval = _interval(logs)
    extra, cached = _extra_input(answered)
    found = Verdict(
        sentence="",
        arm=arm,
        baseline=baseline,
        ratio=_exp(math.fsum(logs) / len(logs)) if logs else None,
        interval=interval,
        pairs=len(logs),
        samples=len(first.keys() | second.keys()),
        shown=interval is not None and not interval[0] <= 1 <= interval[1],
        right_to_wrong=tuple(a.sample for a, b in answered if (b.correct, a.correct) == _LOST),
        wrong_to_right=tuple(a.sample for a, b in answered if (b.correct, a.correct) == _WON),
        extra_input=extra,
        extra_cached=cached,
        asked_the_same=tuple(same),
    )
    compared = [outcome for outcome in known if outcome.sample not in same]
    sides = [
        _Side(
            titles.get(label, label),
            figures(compared, label),
            tuple(one for one in known if one.arm == label and one.answered),
        )
        for label in (arm, baseline)
    ]
    return replace(found, sentence=_sentence(found, len(answered), *sides))


def _interval(logs: Sequence[float]) -> Interval | None:
    found = mean_interval(logs)
    return (_exp(found[0]), _exp(found[1])) if found else None


def _exp(log: float) -> float:
    """Bounded: two samples that differ much have an interval without end."""
    return math.exp(max(-700.0, min(700.0, log)))


def _extra_input(answered: Pairs) -> tuple[float | None, float | None]:
    """The mean difference in input tokens, and how much of it the cache served."""
    counts = [
        (mine.input_tokens - other.input_tokens, mine.cached_tokens, other.cached_tokens)
        for mine, other in answered
        if mine.input_tokens is not None and other.input_tokens is not None
    ]
    if not counts:
        return None, None
    extra = math.fsum(more for more, _, _ in counts) / len(counts)
    cached = [mine - other for _, mine, other in counts if mine is not None and other is not None]
    if len(cached) < len(counts):
        return extra, None
    return extra, min(max(0.0, math.fsum(cached) / len(cached)), max(0.0, extra))


def _sentence(found: Verdict, answered: int, mine: _Side, other: _Side) -> str:
    same = _on_the_same(found, mine, other)
    if not answered:
        claims = [same or _nothing(mine, other)]
    else:
        claims = [_on_tokens(found, answered, mine, other), _on_answers(mine, other)]
        claims.append(_on_input(found, answered))
    text = "; ".join(claims) + "."
    if not text.startswith((mine.title, other.title)):  # a title is written as it is
        text = text[0].upper() + text[1:]
    beside = [f"{same}."] if same and answered else []
    return " ".join([text, *beside, *_notes(found, mine, other)])


def _nothing(mine: _Side, other: _Side) -> str:
    silent = [side.title for side in (mine, other) if _is_silent(side.figures)]
    if silent:
        have = "have" if len(silent) > 1 else "has"
        return f"{' and '.join(silent)} {have} no answers, so there is nothing to compare"
    return f"{mine.title} and {other.title} answered no sample both, so nothing can be compared"


def _on_the_same(found: Verdict, mine: _Side, other: _Side) -> str:
    """Empty where no sample was asked the same of both."""
    same = found.asked_the_same
    if not same:
        return ""
    without = [
        side.title
        for side in (mine, other)
        if any(one.sample in same and one.given == 0 for one in side.answered)
    ]
    return on_the_same(without, len(same), found.samples)


def _is_silent(found: Figures) -> bool:
    return not found.graded and not found.counted and not found.unknown


def _on_tokens(found: Verdict, answered: int, mine: _Side, other: _Side) -> str:
    alone = "from one sample, which shows nothing in general: "
    if found.ratio is None:
        told = "tokens are unknown, so nothing can be said on them"
        if not mine.figures.unknown and not other.figures.unknown:
            told = "answers without a token cannot be compared in length"
        return alone * (answered == 1) + told
    used = _amount(found.ratio)
    than = "as" if used.endswith("as many") else "than"
    claim = f"{mine.title} used {used} output tokens {than} {other.title} on this problem"
    if found.pairs == 1:
        return alone + claim
    if found.interval is None:
        return (
            f"from {found.pairs} samples, all with the same ratio, which shows no more than one "
            f"sample would: {claim}"
        )
    claim += (
        f" ({found.pairs} of {found.samples} samples compared; "
        f"95% interval {_between(*found.interval)})"
    )
    return claim if found.shown else f"no difference shown in output tokens: {claim}"


def _amount(ratio: float) -> str:
    if ratio >= 100:
        return "over 100 times as many"
    if ratio >= 2:
        return f"{ratio:.1f} times as many"
    change = round(abs(ratio - 1) * 100)
    if change == 0:
        return "as many" if ratio == 1 else "about as many"
    if ratio > 1:
        return f"{change}% more"
    return f"{change}% fewer" if change < 100 else "over 99% fewer"


def _between(low: float, high: float) -> str:
    """An interval of ratios; where both ends are of one kind, from the smaller difference on."""
    first, last = _amount(low), _amount(high)
    if first == last:
        return first
    for word, nearer, farther in ((" fewer", last, first), (" more", first, last)):
        if nearer.endswith(word) and farther.endswith(word):
            return f"{nearer.removesuffix(word)} to {farther}"
    return f"{first} to {last}"


def _on_answers(mine: _Side, other: _Side) -> str:
    first, second = mine.figures, other.figures
    if not first.graded and not second.graded:
        return "not graded"
    if not first.graded or not second.graded:
        graded, not_graded = (mine, other) if first.graded else (other, mine)
        told = f"{graded.title} right {graded.figures.right} of {graded.figures.graded}"
        return f"{told}, {not_graded.title} not graded"
    if first.graded == second.graded and first.right == second.right:
        for word, right in (("right", first.graded), ("wrong", 0)):
            if first.right == right:
                return f"both {word}" + f" in each of {first.graded} samples" * (first.graded > 1)
    if first.graded == second.graded == 1:
        words = ("right", "wrong") if first.right else ("wrong", "right")
        return f"{mine.title} {words[0]}, {other.title} {words[1]}"
    return f"right {first.right} of {first.graded} against {second.right} of {second.graded}"


def _on_input(found: Verdict, answered: int) -> str:
    if found.extra_input is None:
        return "input tokens are unknown"
    extra = round(found.extra_input)
    if extra == 0:
        return "with as many input tokens"
    each = " a sample" if answered > 1 else ""
    if extra < 0:
        return f"with {-extra:,} fewer input tokens{each}"
    if found.extra_cached is None:
        return f"with {extra:,} more input tokens{each}, how many of them cached is unknown"
    return f"with {extra:,} more input tokens{each}, {round(found.extra_cached):,} of them cached"


def _notes(found: Verdict, mine: _Side, other: _Side) -> Iterator[str]:
    """What must be known beside the claims, a sentence each."""
    for side in (mine, other):
        compared = [one for one in side.answered if one.sample not in found.asked_the_same]
        yield from on_nothing_given(compared, side.title)
    if found.samples > 1:
        yield from _on_flips(found.right_to_wrong, other.title, mine.title)
        yield from _on_flips(found.wrong_to_right, mine.title, other.title)
    for what, field in _TOLD.items():
        counts = [(getattr(side.figures, field), side.title) for side in (mine, other)]
        if told := " and ".join(f"{count} of {title}" for count, title in counts if count):
            yield f"{what}: {told}."


def _on_flips(samples: Sequence[int], right: str, wrong: str) -> Iterator[str]:
    if samples:
        where = "sample" if len(samples) == 1 else "samples"
        numbers = ", ".join(str(number + 1) for number in samples)
        yield f"In {where} {numbers} {right} was right and {wrong} wrong."
