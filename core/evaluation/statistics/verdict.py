"""What can be said of an arm against a baseline over many problems, in a sentence to be quoted.

A difference is shown where its p value, corrected for all comparisons of the report on the same
measure (accuracy, or tokens), is at most 5% and its own 95% interval leaves out "no difference".
Both are asked for: on few problems one of them alone says so now and then where the other does not.

Overall, the arm is
- better: more accurate without more tokens shown; or fewer tokens, and a loss of accuracy of more
  than the margin (5 points) ruled out by the interval. That no loss was shown is not enough: on 20
  problems hardly any is.
- worse: less accurate without fewer tokens shown; or more tokens, and a gain of accuracy of more
  than the margin ruled out.
- mixed: more accurate and more tokens, or less accurate and fewer tokens.
- not shown: everything else; then the sentence says what could have been seen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from core.evaluation.statistics.bootstrap import Interval
from core.evaluation.statistics.pair import PairFigures, TokenRatio
from core.evaluation.statistics.power import ALPHA

Finding = Literal["better", "worse", "not shown"]
Overall = Literal["better", "worse", "mixed", "not shown"]
MARGIN = 0.05


@dataclass(frozen=True)
class Verdict:
    """`accuracy` is better where more is right, `tokens` where fewer are used."""

    arm: str
    baseline: str
    budget: int | None
    accuracy: Finding
    tokens: Finding
    overall: Overall
    sentence: str


def verdict(
    pair: PairFigures, titles: Mapping[str, str] | None = None, margin: float = MARGIN
) -> Verdict:
    """The verdict of one pair of a report; an arm without a title is called by its label."""
    names = titles or {}
    accuracy, tokens = _on_accuracy(pair), _on_tokens(pair.tokens)
    overall = _overall(pair, accuracy, tokens, margin)
    arm, baseline = (names.get(label, label) for label in (pair.arm, pair.baseline))
    sentence = _sentence(pair, arm, baseline, (accuracy, tokens, overall), margin)
    return Verdict(pair.arm, pair.baseline, pair.budget, accuracy, tokens, overall, sentence)


def _on_accuracy(pair: PairFigures) -> Finding:
    p, interval = pair.accuracy_corrected_p, pair.interval
    if p is None or interval is None or p > ALPHA or interval[0] <= 0 <= interval[1]:
        return "not shown"
    return "better" if interval[0] > 0 else "worse"


def _on_tokens(tokens: TokenRatio) -> Finding:
    p, interval = tokens.corrected_p, tokens.interval
    if p is None or interval is None or p > ALPHA or interval[0] <= 1 <= interval[1]:
        return "not shown"
    return "better" if interval[1] < 1 else "worse"


def _overall(pair: PairFigures, accuracy: Finding, tokens: Finding, margin: float) -> Overall:
    if "not shown" not in (accuracy, tokens) and accuracy != tokens:
        return "mixed"
    if accuracy != "not shown":
        return accuracy
    if pair.interval is None:
        return "not shown"
    if tokens == "better" and pair.interval[0] >= -margin:
        return "better"
    if tokens == "worse" and pair.interval[1] <= margin:
        return "worse"
    return "not shown"


def _sentence(
    pair: PairFigures,
    arm: str,
    baseline: str,
    found: tuple[Finding, Finding, Overall],
    margin: float,
) -> str:
    accuracy, tokens, overall = found
    under = "" if pair.budget is None else f" at {pair.budget:,} tokens"
    if not pair.paired and pair.tokens.ratio is None:
        return (
            f"{arm} against {baseline}{under}: no problem has an outcome in both, so nothing can "
            "be compared."
        )
    each = _samples(pair)
    on_accuracy, on_tokens = (
        _claim_on_accuracy(pair, accuracy),
        _claim_on_tokens(pair.tokens, tokens),
    )
    first, second = _sizes(pair)
    between = "" if first == second else f"on {second}{each}, "
    claims = f"On {first}{each}, {on_accuracy}; {between}{on_tokens}."
    text = f"{arm} against {baseline}{under}: {overall}. {claims}"
    return " ".join([text, *_notes(pair, found, margin)])


def _sizes(pair: PairFigures) -> tuple[str, str]:
    """The problems that accuracy and tokens are of; what has no figure stands on the other's."""
    accuracy, tokens = pair.paired or pair.tokens.problems, pair.tokens.problems or pair.paired
    return _problems(accuracy), _problems(tokens)


def _samples(pair: PairFigures) -> str:
    if pair.samples <= 1:
        return ""
    up_to = "up to " if pair.fewest_samples < pair.samples else ""
    return f" with {up_to}{pair.samples} samples each"


def _problems(number: int) -> str:
    return f"{number} problem" + "s" * (number != 1)


def _claim_on_accuracy(pair: PairFigures, finding: Finding) -> str:
    if pair.accuracy_difference is None or pair.accuracy is None or pair.baseline_accuracy is None:
        return "answers were not graded"
    claim = (
        f"{pair.accuracy * 100:.1f}% right against {pair.baseline_accuracy * 100:.1f}%, "
        f"{_points(pair.accuracy_difference)}{_interval(pair.interval, _signed)}"
    )
    return claim if finding != "not shown" else f"no difference of accuracy shown ({claim})"


def _claim_on_tokens(tokens: TokenRatio, finding: Finding) -> str:
    if tokens.ratio is None:
        return "output tokens are unknown"
    claim = f"{_change(tokens.ratio)} output tokens{_interval(tokens.interval, _change)}"
    return claim if finding != "not shown" else f"no difference of output tokens shown ({claim})"


def _points(share: float) -> str:
    return f"{_signed(share)} points"


def _signed(share: float) -> str:
    return f"{share * 100:+.1f}"


def _change(ratio: float) -> str:
    """As "23% fewer"; a large ratio as "3.1 times as many"."""
    if ratio >= 2:
        return f"{ratio:,.1f} times as many" if ratio < 100 else "over 100 times as many"
    percent = abs(ratio - 1) * 100
    if percent < 0.05:
        return "as many"
    return f"{percent:.1f}% {'more' if ratio > 1 else 'fewer'}"


def _interval(interval: Interval | None, told: Callable[[float], str]) -> str:
    if interval is None:
        return ", too few problems for an interval"
    return f", 95% interval {told(interval[0])} to {told(interval[1])}"


def _notes(
    pair: PairFigures, found: tuple[Finding, Finding, Overall], margin: float
) -> Iterator[str]:
    accuracy, tokens, overall = found
    if overall == "not shown" and tokens != "not shown" and pair.interval is not None:
        lost = tokens == "better"
        most = abs(pair.interval[0 if lost else 1]) * 100
        yield (
            f"That is no verdict, as {'a loss' if lost else 'a gain'} of up to {most:.1f} points "
            f"of accuracy is not ruled out (at most {margin * 100:g} may be)."
        )
    if "not shown" in (accuracy, tokens) and (told := _could_have_seen(pair, accuracy, tokens)):
        yield told
    if pair.comparisons > 1:
        yield (
            f"Each of the two measures is corrected for {pair.comparisons} comparisons; the "
            "intervals are not."
        )
    if pair.unpaired and pair.accuracy_difference is not None:
        yield (
            f"{pair.unpaired} of {pair.problems} problems have no outcome in one of the two and "
            f"are left out{' of the accuracy' if pair.tokens.problems > pair.paired else ''}."
        )


def _could_have_seen(pair: PairFigures, accuracy: Finding, tokens: Finding) -> str:
    """The power sentence, of what was not shown."""
    seen = pair.detectable
    parts: dict[str, list[str]] = {}
    on_accuracy, on_tokens = _sizes(pair)
    if accuracy == "not shown" and pair.accuracy_difference is not None:
        parts.setdefault(on_accuracy, []).append(
            "no change of accuracy however large"
            if seen.points is None
            else f"a change of accuracy of {seen.points * 100:.1f} points"
        )
    if tokens == "not shown" and seen.saving is not None:
        parts.setdefault(on_tokens, []).append(
            f"a saving of {seen.saving * 100:.1f}% of the tokens"
        )
    if not parts:
        return ""
    told = ", and with ".join(f"{size}, {' and '.join(some)}" for size, some in parts.items())
    return f"With {told} could have been seen (in {seen.power * 100:.0f} of 100 such runs)."
