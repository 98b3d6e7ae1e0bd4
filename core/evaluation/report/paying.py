"""The ledger in sentences: what behaviors save and cost on each problem, and when they have paid.

What nobody counted or priced is called unknown.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation.report.amounts import price, tokens


def ledger_sentences(ledger: Mapping[str, Any]) -> list[str]:
    """Of the ledger of a report: the making, then each arm that was compared."""
    return [_making(ledger["making"]), *(" ".join(_entry(one)) for one in ledger["entries"])]


def problems_to_pay(after: float) -> str:
    """As whole problems: "1 problem", "1,205 problems"."""
    number = max(1, math.ceil(after))
    return f"{number:,} problem{'s' * (number != 1)}"


def is_free(entry: Mapping[str, Any]) -> bool:
    """Whether no money is spent at all, as with a model on one's own machine."""
    return bool(entry["saved_price"] == 0 and entry["behaviors_price"] == 0)


def _making(making: Mapping[str, Any]) -> str:
    if not making["runs"]:
        return "What it took to make the handbook is unknown: no run that made it is on record."
    runs, traces = making["runs"], making["traces"]
    return (
        f"To make the handbook took {traces:,} {'reply' if traces == 1 else 'replies'} in {runs:,} "
        f"run{'s' * (runs != 1)}, with {_counted(making['input_tokens'], 'input')} and "
        f"{_counted(making['output_tokens'], 'output')}, at {_cost(making['price'])}."
    )


def _entry(one: Mapping[str, Any]) -> Iterator[str]:
    name = f"{one['arm']} against {one['baseline']}"
    problems = one["problems"]
    if not problems:
        yield f"{name}: no problem has its tokens counted in both, so nothing can be set off."
        return
    yield (
        f"{name}, on each of {problems:,} problem{'s' * (problems != 1)}: "
        f"{_output(one['saved_output'])}; {_input(one)}."
    )
    yield _in_tokens(one)
    yield _in_money(one)
    if not one["uses_handbook"]:
        yield "It is given nothing of a handbook, so it has none to pay for."


def _output(saved: float | None) -> str:
    if saved is None:
        return "output tokens saved unknown"
    return f"{tokens(abs(saved))} output tokens {'saved' if saved >= 0 else 'more'}"


def _input(one: Mapping[str, Any]) -> str:
    uncached, cached = one["extra_uncached"], one["extra_cached"]
    if uncached is None or cached is None:
        return "how much more input was cached is unknown"
    return f"{_more(uncached)} input tokens read anew, {_more(cached)} from the cache"


def _more(count: float) -> str:
    return f"{tokens(abs(count))} {'more' if count >= 0 else 'fewer'}"


def _in_tokens(one: Mapping[str, Any]) -> str:
    net, after = one["net_tokens"], one["problems_to_pay_in_tokens"]
    if net is None:
        return "With every token counted alike, the balance is unknown."
    if net <= 0:
        return f"With every token counted alike, a problem takes {tokens(-net)} more{_never(one)}."
    paid = _pays(one, after)
    return f"With every token counted alike, a problem takes {tokens(net)} fewer{paid}."


def _in_money(one: Mapping[str, Any]) -> str:
    if one["pays"] is None or one["net_price"] is None:
        return "In money the balance is unknown: prices or counts are missing."
    if is_free(one):
        return "In money nothing is saved or spent: the prices are 0."
    saved, behaviors = price(one["saved_price"]), price(one["behaviors_price"])
    parts = f"{saved} saved on output, {behaviors} spent on more input"
    if not one["pays"]:
        return f"In money, a problem costs {price(-one['net_price'])} more ({parts}){_never(one)}."
    paid = _pays(one, one["problems_to_pay"])
    return f"In money, a problem costs {price(one['net_price'])} less ({parts}){paid}."


def _never(one: Mapping[str, Any]) -> str:
    return ": at that it never pays" if one["uses_handbook"] else ""


def _pays(one: Mapping[str, Any], after: float | None) -> str:
    if not one["uses_handbook"]:
        return ""
    if after is None:
        return "; after how many problems that pays for the handbook is unknown"
    return f"; at that the handbook is paid for after {problems_to_pay(after)}"


def _counted(count: float | None, kind: str) -> str:
    return f"an unknown number of {kind} tokens" if count is None else f"{count:,.0f} {kind} tokens"


def _cost(amount: float | None) -> str:
    return "an unknown price" if amount is None else price(amount)
