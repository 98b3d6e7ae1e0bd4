"""What one sample of an arm came to, and the figures of an arm on this one problem."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
Interval = tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """A sample of an arm. A count is None where nobody counted, `correct` where nobody graded.

    `finish_reason` is "stop", "length" (cut off by the budget), "error", "cancelled", or None while
    the reply arrives. `given` are the behaviors it got, None for an arm that is to get none;
    `plain` says that it was sent the plain prompt, as is one that was to get some and got none.
    """

    arm: str
    sample: int
    output_tokens: int | None
    input_tokens: int | None
    cached_tokens: int | None
    correct: bool | None
    finish_reason: str | None
    given: int | None = None
    plain: bool = False

    @property
    def answered(self) -> bool:
        """Whether the model ended by itself or was cut off; else counts are those of a fragment."""
        return self.finish_reason not in (None, "error", "cancelled")


@dataclass(frozen=True)
class Figures:
    """An arm's samples in numbers.

    `mean` and `interval` are of the output tokens of the `counted` samples: answered, and with a
    count. Cut-off answers are among them. `unknown` ones were answered and not counted.
    """

    arm: str
    n: int
    counted: int
    mean: float | None
    interval: Interval | None
    right: int
    graded: int
    cut_off: int
    failed: int
    stopped: int
    arriving: int
    unknown: int


def figures(outcomes: Iterable[Outcome], arm: str) -> Figures:
    """The figures of the arm; all zero or None where it has no samples."""
    own = [outcome for outcome in outcomes if outcome.arm == arm]
    answered = [outcome for outcome in own if outcome.answered]
    counts = [one.output_tokens for one in answered if one.output_tokens is not None]
    reasons = [outcome.finish_reason for outcome in own]
    return Figures(
        arm=arm,
        n=len(own),
        counted=len(counts),
        mean=math.fsum(counts) / len(counts) if counts else None,
        interval=mean_interval(counts),
        right=sum(outcome.correct is True for outcome in answered),
        graded=sum(outcome.correct is not None for outcome in answered),
        cut_off=reasons.count("length"),
        failed=reasons.count("error"),
        stopped=reasons.count("cancelled"),
        arriving=reasons.count(None),
        unknown=len(answered) - len(counts),
    )


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The 95% interval of the mean by Student's t, or None for fewer than two different values:
    such that are all the same (as without sampling) show no more than one does.
    """
    n = len(values)
    if len(set(values)) < 2:
        return None
    from scipy.stats import t  # takes a second, which commands without figures are not to wait for

    mean = math.fsum(values) / n
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * deviation / math.sqrt(n)
    return mean - half, mean + half


def tokens_per_second(
    output_tokens: int | None, first_token_seconds: float | None, seconds: float | None
) -> float | None:
    """While it wrote: after the first token. None where that is unknown, or there are too few."""
    if output_tokens is None or seconds is None or output_tokens < 2:
        return None
    writing = seconds - (first_token_seconds or 0)
    return (output_tokens - 1) / writing if writing > 0 else None
