"""The numbers of a report as people read them. What nobody measured is unknown, and never 0."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

UNKNOWN = "unknown"

Interval = Sequence[float] | None


def percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share * 100:.1f}%"


def points(difference: float | None) -> str:
    """A difference of shares, as "+3.2"; 0.0 has no sign."""
    if difference is None:
        return UNKNOWN
    told = round(difference * 100, 1)
    return f"{told:+.1f}" if told else "0.0"


def tokens(count: float | None) -> str:
    """Whole ones; a few are told to a tenth, as a mean may be."""
    if count is None:
        return UNKNOWN
    return f"{count:,.0f}" if abs(count) >= 100 or count == round(count) else f"{count:,.1f}"


def times(ratio: float | None) -> str:
    return UNKNOWN if ratio is None else f"{ratio:.2f}"


def seconds(duration: float | None) -> str:
    return UNKNOWN if duration is None else f"{duration:,.1f} s"


def of_all(told: Callable[[float | None], str], row: Mapping[str, Any], name: str) -> str:
    """A mean that is told only where it is known of every reply.

    Replies that a smaller budget cuts off have no time and no price under it, and these are the
    long ones: the mean of the others would say less than it is.
    """
    return told(None if row[f"{name}_unknown"] else row[name])


def problems_of(row: Mapping[str, Any]) -> str:
    """How many problems an accuracy is of, as "10", or "2 of 10" where others have no outcome."""
    graded = f"{row['n_graded']:,}"
    return graded if row["n_graded"] == row["n"] else f"{graded} of {row['n']:,}"


def listed(budgets: Sequence[int]) -> str:
    """As "1,024, 2,048"."""
    return ", ".join(f"{budget:,}" for budget in budgets)


def against(report: Mapping[str, Any]) -> str:
    """What the arms stand beside: with a second model they have baselines of their own."""
    baselines = {one["baseline"] for one in report["pairs"]}
    return "their baselines" if len(baselines) > 1 else str(report["baseline"])


def price(amount: float | None) -> str:
    """Prices of single replies are small: the digits that tell."""
    if amount is None:
        return UNKNOWN
    sign = "-" if amount < 0 else ""
    if abs(amount) >= 1:
        return f"{sign}${abs(amount):,.2f}"
    return f"{sign}${Decimal(f'{abs(amount):.3g}'):f}"  # and not as 4e-06


def signed(told: Callable[[float | None], str], amount: float | None) -> str:
    """A gain or a loss, as "+410" or "-$0.0003"."""
    return f"+{told(amount)}" if amount is not None and amount > 0 else told(amount)


def probability(p: float | None) -> str:
    if p is None:
        return UNKNOWN
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def with_interval(
    value: float | None, interval: Interval, told: Callable[[float | None], str]
) -> str:
    """As "65.0% (60.1% to 69.8%)"; without the brackets where there is no interval."""
    if value is None or interval is None:
        return told(value)
    return f"{told(value)} ({between(interval, told)})"


def between(interval: Interval, told: Callable[[float | None], str]) -> str:
    """As "60.1% to 69.8%"."""
    return UNKNOWN if interval is None else f"{told(interval[0])} to {told(interval[1])}"
