"""What an experiment found of single behaviors, as a section of the report's page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.evaluation.pages import table, text
from core.evaluation.report.amounts import UNKNOWN, points, probability, with_interval

HEAD = (
    *("behavior", "it", "output tokens", "corrected p", "points of accuracy", "corrected p"),
    *("given", "left out", "problems"),
)
HEAD_UNKNOWN = ("behavior", "given", "left out", "problems")


def effects(made: Mapping[str, Any]) -> Iterator[str]:
    """Nothing for a run that made no experiment."""
    if not made["worth"]:
        return
    yield "<h2>What each behavior is worth</h2>"
    for found in made["worth"]:
        sentences = "".join(f"<li>{text(one)}</li>" for one in found["sentences"])
        yield f"<ul>{sentences}</ul>"
        told = by_effect(found["behaviors"])
        known = [one for one in told if measured(one)]
        unknown = [one for one in told if not measured(one)]
        if known:
            yield _scrolled(HEAD, map(_row, known))
        if unknown:
            yield f"<details><summary>Behaviors not measurable: {len(unknown):,}</summary>"
            yield _scrolled(HEAD_UNKNOWN, ([one["name"], *_counts(one)] for one in unknown))
            yield "</details>"


def by_effect(behaviors: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is shown to do something first, then what saves most tokens; what is unknown last."""
    return sorted(
        behaviors,
        key=lambda one: (
            not measured(one),
            one["standing"] == "no effect shown",
            one["tokens"]["size"] if one["tokens"] else 0.0,
            one["name"],
        ),
    )


def measured(one: Mapping[str, Any]) -> bool:
    """Whether anything is known of its effect, be it that none is shown."""
    return one["tokens"] is not None or one["right"] is not None


def does(one: Mapping[str, Any]) -> str:
    return str(one["standing"]) if measured(one) else "not measurable"


def _scrolled(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f'<div class="scroll">{table("figures", head, rows)}</div>'


def _row(one: Mapping[str, Any]) -> list[str]:
    tokens, right = one["tokens"] or {}, one["right"] or {}
    return [
        one["name"],
        does(one),
        with_interval(tokens.get("size"), tokens.get("interval"), change),
        probability(tokens.get("corrected_p")),
        with_interval(right.get("size"), right.get("interval"), points),
        probability(right.get("corrected_p")),
        *_counts(one),
    ]


def _counts(one: Mapping[str, Any]) -> list[str]:
    return [f"{one[name]:,}" for name in ("given", "left_out", "problems")]


def change(share: float | None) -> str:
    """Of an amount: +12%, or -20%; 0% has no sign."""
    if share is None:
        return UNKNOWN
    whole = round(share * 100)
    return f"{whole:+}%" if whole else "0%"
