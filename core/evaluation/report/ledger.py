"""The ledger: what behaviors save and cost on each problem, and when a handbook has paid off.

Per problem, in money: output tokens saved at their price, less the input tokens that the behaviors
take, uncached and cached at theirs; against it stands what making the handbook took. In tokens the
same without prices, each token weighing the same. What nobody counted or priced is unknown, not 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation.statistics.sample import Sample, means_by_problem


@dataclass(frozen=True)
class Prices:
    """Per million tokens; None is unknown. Cached input without its own price costs as uncached."""

    input: float | None
    cached: float | None
    output: float | None

    @classmethod
    def of(cls, endpoint: Mapping[str, Any]) -> "Prices":
        price_in, cached = endpoint.get("price_in"), endpoint.get("price_cached")
        return cls(price_in, price_in if cached is None else cached, endpoint.get("price_out"))


@dataclass(frozen=True)
class Making:
    """What the strategist's runs for a handbook took. `runs` is 0 where none are known.

    Sums are of what is known, so that they are the least it took where it is unknown of some of the
    replies (`traces`). `copied_from` is the handbook that the runs were for, if that is another.
    """

    runs: int
    traces: int
    input_tokens: float | None
    output_tokens: float | None
    price: float | None
    input_tokens_unknown: int = 0
    output_tokens_unknown: int = 0
    price_unknown: int = 0
    copied_from: str = ""

    @property
    def tokens(self) -> float | None:
        if not self.runs or self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens

    @property
    def tokens_unknown(self) -> int:
        return max(self.input_tokens_unknown, self.output_tokens_unknown)


@dataclass(frozen=True)
class Entry:
    """One arm against the baseline, as means per problem over those that both have counts of.

    `saved_output` may be negative. `net_price` is what one problem saves in all, `net_tokens` the
    same in tokens. `problems_to_pay` is how many problems pay for the handbook: None where that is
    unknown, and `pays` says False where it never does. An arm that is given nothing of a handbook
    (`uses_handbook` is False) has none to pay for. `making_price` and `making_tokens` are what the
    arm's own handbook took: `at_least`, where that is unknown of some replies, as is what pays it.
    """

    arm: str
    baseline: str
    uses_handbook: bool
    problems: int
    saved_output: float | None
    extra_uncached: float | None
    extra_cached: float | None
    saved_price: float | None
    behaviors_price: float | None
    net_price: float | None
    net_tokens: float | None
    pays: bool | None
    problems_to_pay: float | None
    problems_to_pay_in_tokens: float | None
    making_price: float | None
    making_tokens: float | None
    at_least: bool
    at_least_in_tokens: bool


def entry(
    arm: str,
    baseline: str,
    samples: Sequence[Sample],
    prices: tuple[Prices, Prices],
    making: Making | None,
) -> Entry:
    """`prices` are those of the arm's endpoint and of the baseline's; `making` is None for an arm
    that uses no handbook.
    """
    mine = [sample for sample in samples if sample.arm == arm]
    other = [sample for sample in samples if sample.arm == baseline]
    problems = sorted(_known(mine) & _known(other))
    output = _difference(other, mine, problems, lambda one: one.written)
    cached = _difference(mine, other, problems, lambda one: one.cached_tokens)
    read = _difference(mine, other, problems, lambda one: one.input_tokens)
    uncached = None if read is None or cached is None else read - cached
    saved = _saved(mine, other, problems, prices)
    behaviors = _behaviors(mine, other, problems, prices)
    net = None if saved is None or behaviors is None else saved - behaviors
    net_tokens = None if output is None or read is None else output - read
    price = making.price if making and making.runs else None
    tokens = making.tokens if making else None
    return Entry(
        arm=arm,
        baseline=baseline,
        uses_handbook=making is not None,
        problems=len(problems),
        saved_output=output,
        extra_uncached=uncached,
        extra_cached=cached,
        saved_price=saved,
        behaviors_price=behaviors,
        net_price=net,
        net_tokens=net_tokens,
        pays=None if net is None else net > 0,
        problems_to_pay=_to_pay(price, net),
        problems_to_pay_in_tokens=_to_pay(tokens, net_tokens),
        making_price=price,
        making_tokens=tokens,
        at_least=bool(making and making.price_unknown),
        at_least_in_tokens=bool(making and making.tokens_unknown),
    )


def _known(samples: Iterable[Sample]) -> set[str]:
    """The problems of which both sides of the ledger can be read."""
    return {
        one.problem
        for one in samples
        if one.answered and one.output_tokens is not None and one.input_tokens is not None
    }


def _means(
    samples: Sequence[Sample], problems: Sequence[str], value: Any
) -> dict[str, float] | None:
    """Problem -> mean; None as soon as one of the problems has no value."""
    found = means_by_problem(samples, value)
    return {one: found[one] for one in problems} if set(problems) <= found.keys() else None


def _difference(
    first: Sequence[Sample], second: Sequence[Sample], problems: Sequence[str], value: Any
) -> float | None:
    """Mean over the problems of the first's mean less the second's."""
    mine, other = _means(first, problems, value), _means(second, problems, value)
    if not problems or mine is None or other is None:
        return None
    return sum(mine[one] - other[one] for one in problems) / len(problems)


def _saved(
    mine: Sequence[Sample],
    other: Sequence[Sample],
    problems: Sequence[str],
    prices: tuple[Prices, Prices],
) -> float | None:
    """Money that fewer output tokens save on a problem."""
    own, theirs = prices[0].output, prices[1].output
    written = _means(mine, problems, lambda one: one.written)
    others = _means(other, problems, lambda one: one.written)
    if not problems or None in (own, theirs, written, others):
        return None
    assert written and others and own is not None and theirs is not None  # noqa: S101
    total = sum(others[one] * theirs - written[one] * own for one in problems)
    return total / len(problems) / 1e6


def _behaviors(
    mine: Sequence[Sample],
    other: Sequence[Sample],
    problems: Sequence[str],
    prices: tuple[Prices, Prices],
) -> float | None:
    """Money that the behaviors in the prompt cost on a problem."""
    sides = []
    for samples, price in zip((mine, other), prices, strict=True):
        read = _means(samples, problems, lambda one: one.input_tokens)
        cached = _means(samples, problems, lambda one: one.cached_tokens)
        if price.input is None or price.cached is None or not problems or read is None:
            return None
        if cached is None:
            if price.cached != price.input:
                return None  # how much was cached decides what it cost
            cached = dict.fromkeys(problems, 0.0)
        uncached = sum(read[one] - cached[one] for one in problems) * price.input
        sides.append(uncached + sum(cached.values()) * price.cached)
    return (sides[0] - sides[1]) / len(problems) / 1e6


def _to_pay(making: float | None, net: float | None) -> float | None:
    """After how many problems the savings are as large as what the making took."""
    if making is None or net is None or net <= 0:
        return None
    return making / net
