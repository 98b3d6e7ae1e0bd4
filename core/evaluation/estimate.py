"""What an evaluation will take, before it is begun: replies, tokens, money, hours.

From replies of the same model that are kept, and of the same kind of arm where there are any; what
has no such example is supposed from the budget, and said to be. The speed is measured just then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from core.evaluation.statistics.power import ALPHA, Detectable, smallest_detectable
from core.store.outcomes import Outcome

# Of the budget, where no reply of the model is kept yet.
SUPPOSED_SHARE = 0.5
# Input tokens of a problem and its instructions, where nothing is known.
SUPPOSED_INPUT = 250
LATEST = 400  # replies that an estimate looks at


@dataclass(frozen=True)
class Load:
    """Replies that one arm asks for. `prices` are per million: input, cached input, output."""

    arm: str
    kind: str
    replies: int
    prices: tuple[float | None, float | None, float | None]
    examples: Sequence[Outcome]
    others: Sequence[Outcome]


@dataclass(frozen=True)
class Estimate:
    """`hours` is None where the speed is unknown, `price` where a price is; `supposed` arms have no
    example to go by. `uncounted` names what comes on top of all of these, which depends on how the
    replies end. `detectable` is for two arms of this size, corrected for `comparisons`.
    """

    replies: int
    input_tokens: int
    output_tokens: int
    price: float | None
    hours: float | None
    supposed: tuple[str, ...]
    uncounted: tuple[str, ...]
    detectable: Detectable
    comparisons: int


def estimate(
    loads: Sequence[Load],
    budget: int,
    *,
    problems: int,
    samples: int,
    tokens_a_second: float | None,
    width: int = 1,
    uncounted: Sequence[str] = (),
    comparisons: int = 1,
) -> Estimate:
    """`tokens_a_second` is of one reply, of which `width` go on at a time; `comparisons` are made
    with the baseline, over arms and budgets together.
    """
    told = [_amounts(load, budget) for load in loads]
    output = sum(load.replies * out for load, (_read, out) in zip(loads, told, strict=True))
    read = sum(load.replies * into for load, (into, _out) in zip(loads, told, strict=True))
    replies = sum(load.replies for load in loads)
    speed = tokens_a_second * max(1, min(width, replies)) if tokens_a_second else None
    return Estimate(
        replies=replies,
        input_tokens=round(read),
        output_tokens=round(output),
        price=_price(loads, told),
        hours=output / speed / 3600 if speed else None,
        supposed=tuple(load.arm for load in loads if not (load.examples or load.others)),
        uncounted=tuple(uncounted),
        detectable=smallest_detectable(max(1, problems), samples, alpha=ALPHA / comparisons),
        comparisons=comparisons,
    )


def _amounts(load: Load, budget: int) -> tuple[float, float]:
    """(input, output) tokens of a reply."""
    written = _mean(load.examples or load.others, "output_tokens")
    read = _mean(load.examples, "input_tokens") or _mean(load.others, "input_tokens")
    output = budget * SUPPOSED_SHARE if written is None else min(written, float(budget))
    return read or SUPPOSED_INPUT, output


def _mean(outcomes: Sequence[Outcome], name: str) -> float | None:
    known = [value for one in outcomes if (value := getattr(one, name)) is not None]
    return fmean(known) if known else None


def _price(loads: Sequence[Load], told: Sequence[tuple[float, float]]) -> float | None:
    total = 0.0
    for load, (read, written) in zip(loads, told, strict=True):
        price_in, _cached, price_out = load.prices
        if price_in is None or price_out is None:
            return None
        total += load.replies * (read * price_in + written * price_out) / 1e6
    return total
