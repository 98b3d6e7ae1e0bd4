"""What an evaluation will take, before it is begun: replies, tokens, money, hours.

From replies of the same model that are kept, and of the same kind of arm where there are any; what
has no such example is supposed from the budget, and said to be. The speed is measured just then.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from core.evaluation.statistics.power import ALPHA, Detectable, smallest_detectable
from core.store.outcomes import Outcome

# Of the budget, where no reply of the model is kept yet.
SUPPOSED_SHARE = 0.5
# Input tokens of a problem and its instructions, where nothing is known.
SUPPOSED_INPUT = 250
LATEST = 400  # replies that an estimate looks at
TOLD_FROM = 0.005  # a share of replies


@dataclass(frozen=True)
class Load:
    """Replies that one arm asks for. `prices` are per million: input, cached input, output.

    `examples` are replies to the same prompt, `others` to any. `added` are the input tokens of its
    behaviors, which count where there is no example; None where nobody knows them. The replies were
    cut at `beyond` tokens before: so they are the longer ones.

    Its model writes so many `tokens_a_second` in a reply, None where that is unknown. Loads of one
    `line` wait for each other, `width` replies of it go on at a time.
    """

    arm: str
    kind: str
    replies: int
    prices: tuple[float | None, float | None, float | None]
    examples: Sequence[Outcome]
    others: Sequence[Outcome]
    added: float | None = 0.0
    beyond: int = 0
    line: str = ""
    width: int = 1
    tokens_a_second: float | None = None


@dataclass(frozen=True)
class Estimate:
    """`hours` is None where the speed is unknown, `price` where a price is; `supposed` arms have no
    example to go by. `unended` arms have examples of which this share was cut at smaller budgets,
    at lengths beyond which no other was seen: it is supposed to use all of this budget.
    `uncounted` names what comes on top of all of these. `detectable` is for two arms of this size,
    corrected for `comparisons`.
    """

    replies: int
    input_tokens: int
    output_tokens: int
    price: float | None
    hours: float | None
    supposed: tuple[str, ...]
    unended: dict[str, float]
    uncounted: tuple[str, ...]
    detectable: Detectable
    comparisons: int


@dataclass(frozen=True)
class _Reply:
    """Of one reply of a load: tokens; the share of `unended` ones, None where its length is
    supposed altogether; and whether behaviors are missing in what is `read`.
    """

    read: float
    written: float
    unended: float | None
    lacks: bool


def estimate(
    loads: Sequence[Load],
    budget: int,
    *,
    problems: int,
    samples: int,
    uncounted: Sequence[str] = (),
    comparisons: int = 1,
) -> Estimate:
    """`comparisons` are made with the baselines, over arms and budgets together."""
    told = [(load, _reply(load, budget)) for load in loads if load.replies]
    output = sum(load.replies * one.written for load, one in told)
    replies = sum(load.replies for load in loads)
    lacking = ", ".join(dict.fromkeys(load.arm for load, one in told if one.lacks))
    return Estimate(
        replies=replies,
        input_tokens=round(sum(load.replies * one.read for load, one in told)),
        output_tokens=round(output),
        price=_price(told),
        hours=_hours(told),
        supposed=tuple(dict.fromkeys(load.arm for load, one in told if one.unended is None)),
        unended={
            load.arm: one.unended
            for load, one in told
            if one.unended is not None and one.unended >= TOLD_FROM
        },
        uncounted=(*uncounted, *([f"the behaviors that {lacking} will give"] if lacking else [])),
        detectable=smallest_detectable(max(1, problems), samples, alpha=ALPHA / comparisons),
        comparisons=comparisons,
    )


def sentences(made: Estimate, measured: Mapping[str, float] | None = None) -> list[str]:
    """For a person: what could be seen, and what the figures rest on. `measured` are the speeds of
    models, in tokens a second, that were measured for it.
    """
    told = [_of_detectable(made.detectable)]
    if made.comparisons > 1:
        told.append(f"That is corrected for {made.comparisons} comparisons.")
    if made.supposed:
        arms = ", ".join(made.supposed)
        told.append(f"Nothing is kept of this model yet: {arms} are supposed to use half a budget.")
    if made.unended:
        arms = ", ".join(f"{arm} {share:.0%}" for arm, share in made.unended.items())
        told.append(
            f"Of the replies that are kept some were cut at smaller budgets ({arms}): they are "
            "supposed to use all of this one."
        )
    if made.uncounted:
        told.append(f"On top come {' and '.join(made.uncounted)}.")
    if made.hours is None:
        told.append("The speed is unknown until it is measured.")
    elif measured:
        speeds = [f"{speed:.1f} of {model}" for model, speed in measured.items()]
        told.append(f"Tokens a second, measured just now: {', '.join(speeds)}.")
    return told


def in_one_line(made: Estimate) -> str:
    if not made.replies:
        return "No further reply is asked for: those that are kept serve."
    return (
        f"About {made.replies:,} replies, {made.output_tokens:,} output tokens and "
        f"{made.input_tokens:,} input tokens; cost {price_in_words(made.price)}, time "
        f"{time_in_words(made.hours)}."
    )


def price_in_words(price: float | None) -> str:
    return "unknown" if price is None else f"${price:,.2f}"


def time_in_words(hours: float | None) -> str:
    if hours is None:
        return "unknown"
    return f"{hours:.1f} h" if hours >= 1 else f"{max(1, round(hours * 60))} min"


def expected_length(
    replies: Sequence[Outcome], budget: int, beyond: int = 0
) -> tuple[float, float] | None:
    """(output tokens, share) of a reply under a budget, on average over those that get longer than
    `beyond`. None without a reply whose tokens were counted.

    Of a reply that was cut only the least length is known, so it is the restricted mean of a
    survival curve (Kaplan and Meier 1958). The share is of replies that had not ended where no
    longer one was seen: those are supposed to use the whole budget.
    """
    from scipy.stats import CensoredData, ecdf

    counted = [one for one in replies if one.output_tokens is not None]
    if not counted:
        return None
    lengths = np.array([one.output_tokens for one in counted], float)
    cut = np.array([one.finish_reason == "length" for one in counted])
    longer = ecdf(CensoredData.right_censored(lengths, cut)).sf
    inner = longer.quantiles[(longer.quantiles > beyond) & (longer.quantiles < budget)]
    edges = np.array([beyond, *inner, budget], float)
    shares = longer.evaluate(edges[:-1])
    if not shares[0]:
        return float(budget), 1.0
    mean = beyond + float(np.sum(np.diff(edges) * shares)) / float(shares[0])
    seen = max(float(lengths.max()), float(beyond))
    unended = float(longer.evaluate(seen)) / float(shares[0]) if seen < budget else 0.0
    return mean, unended


def _reply(load: Load, budget: int) -> _Reply:
    length = expected_length(load.examples or load.others, budget, load.beyond)
    written, unended = length or (budget * SUPPOSED_SHARE, None)
    read = _mean_input(load.examples)
    if read is not None:
        return _Reply(read, written, unended, lacks=False)
    bare = _mean_input(load.others) or SUPPOSED_INPUT
    return _Reply(bare + (load.added or 0.0), written, unended, lacks=load.added is None)


def _mean_input(outcomes: Sequence[Outcome]) -> float | None:
    known = [one.input_tokens for one in outcomes if one.input_tokens is not None]
    return fmean(known) if known else None


def _of_detectable(seen: Detectable) -> str:
    if seen.points is None:
        return f"With {seen.problems:,} problems no change of accuracy could be seen."
    saving = f", and of tokens of about {seen.saving * 100:.0f}%" if seen.saving else ""
    return (
        f"With {seen.problems:,} problems a change of accuracy of about "
        f"{seen.points * 100:.0f} points could be seen{saving}."
    )


def _price(told: Sequence[tuple[Load, _Reply]]) -> float | None:
    total = 0.0
    for load, one in told:
        price_in, _cached, price_out = load.prices
        if price_in is None or price_out is None:
            return None
        total += load.replies * (one.read * price_in + one.written * price_out) / 1e6
    return total


def _hours(told: Sequence[tuple[Load, _Reply]]) -> float | None:
    """Lines go on beside each other: it takes as long as the longest."""
    seconds: defaultdict[str, float] = defaultdict(float)
    replies: Counter[str] = Counter()
    for load, _one in told:
        replies[load.line] += load.replies
    for load, one in told:
        if not load.tokens_a_second:
            return None
        at_a_time = max(1, min(load.width, replies[load.line]))
        seconds[load.line] += load.replies * one.written / load.tokens_a_second / at_a_time
    return max(seconds.values(), default=0.0) / 3600
