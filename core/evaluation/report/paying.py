"""The ledger in sentences: what behaviors save and cost on each problem, and when they have paid.

What nobody counted or priced is called unknown.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation.report.amounts import price, tokens


def ledger_sentences(ledger: Mapping[str, Any]) -> list[str]:
    """Of the ledger of a report: the makings, then each arm that was compared."""
    others = [_making(made, f" {slug}") for slug, made in ledger["other_makings"].items()]
    return [
        _making(ledger["making"]),
        *others,
        *(" ".join(_entry(one)) for one in ledger["entries"]),
    ]


def problems_to_pay(after: float, at_least: bool) -> str:
    """As whole problems: "1 problem", "at least 1,205 problems"."""
    number = max(1, math.ceil(after))
    return f"{'at least ' * at_least}{number:,} problem{'s' * (number != 1)}"


def is_free(entry: Mapping[str, Any]) -> bool:
    """Whether no money is spent at all, as with a model on one's own machine."""
    return bool(entry["saved_price"] == 0 and entry["behaviors_price"] == 0)


def _making(making: Mapping[str, Any], name: str = "") -> str:
    if not making["runs"]:
        return (
            f"What it took to make the handbook{name} is unknown: no run that made it is on record."
        )
    runs = making["runs"]
    copied = making["copied_from"]
    return (
        f"To make the handbook{name}{copied and f', a copy of what was proposed for {copied},'} "
        f"took {_replies(making['traces'])} in {runs:,} run{'s' * (runs != 1)}, with "
        f"{_counted(making, 'input')} and {_counted(making, 'output')}, at {_cost(making)}."
        f"{_not_known(making)}"
    )


def _not_known(making: Mapping[str, Any]) -> str:
    """Of how many replies, where it is known of others."""
    kinds = {"input_tokens": "the input", "output_tokens": "the output", "price": "the price"}
    parts = [
        f"{told} of {_replies(making[f'{name}_unknown'])}"
        for name, told in kinds.items()
        if making[f"{name}_unknown"] and making[name] is not None
    ]
    return f" Unknown: {', '.join(parts)}." if parts else ""


def _replies(number: int) -> str:
    return f"{number:,} {'reply' if number == 1 else 'replies'}"


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
    paid = _pays(one, after, one["at_least_in_tokens"])
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
    paid = _pays(one, one["problems_to_pay"], one["at_least"])
    return f"In money, a problem costs {price(one['net_price'])} less ({parts}){paid}."


def _never(one: Mapping[str, Any]) -> str:
    return ": at that it never pays" if one["uses_handbook"] else ""


def _pays(one: Mapping[str, Any], after: float | None, at_least: bool) -> str:
    if not one["uses_handbook"]:
        return ""
    if after is None:
        return "; after how many problems that pays for the handbook is unknown"
    return f"; at that the handbook is paid for after {problems_to_pay(after, at_least)}"


def _counted(making: Mapping[str, Any], kind: str) -> str:
    count = making[f"{kind}_tokens"]
    if count is None:
        return f"an unknown number of {kind} tokens"
    return f"{'at least ' * bool(making[f'{kind}_tokens_unknown'])}{count:,.0f} {kind} tokens"


def _cost(making: Mapping[str, Any]) -> str:
    if making["price"] is None:
        return "an unknown price"
    return f"{'a price of at least ' * bool(making['price_unknown'])}{price(making['price'])}"
