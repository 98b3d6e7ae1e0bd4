"""What an experiment found of single behaviors, as a section of the report's page."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation.pages import table, text
from core.evaluation.report.amounts import UNKNOWN, points, probability, with_interval

HEAD = (
    *("behavior", "it", "output tokens", "corrected p", "points of accuracy", "corrected p"),
    *("given", "left out", "problems"),
)


def effects(made: Mapping[str, Any]) -> Iterator[str]:
    """Nothing for a run that made no experiment."""
    if not made["worth"]:
        return
    yield "<h2>What each behavior is worth</h2>"
    for found in made["worth"]:
        sentences = "".join(f"<li>{text(one)}</li>" for one in found["sentences"])
        yield f"<ul>{sentences}</ul>"
        rows = map(_row, by_effect(found["behaviors"]))
        yield f'<div class="scroll">{table("figures", HEAD, rows)}</div>'


def by_effect(behaviors: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is shown to do something first, then what saves most tokens."""
    return sorted(
        behaviors,
        key=lambda one: (
            one["standing"] == "no effect shown",
            one["tokens"]["size"] if one["tokens"] else 0.0,
            one["name"],
        ),
    )


def _row(one: Mapping[str, Any]) -> list[str]:
    tokens, right = one["tokens"] or {}, one["right"] or {}
    return [
        one["name"],
        one["standing"],
        with_interval(tokens.get("size"), tokens.get("interval"), change),
        probability(tokens.get("corrected_p")),
        with_interval(right.get("size"), right.get("interval"), points),
        probability(right.get("corrected_p")),
        *(f"{one[name]:,}" for name in ("given", "left_out", "problems")),
    ]


def change(share: float | None) -> str:
    """Of an amount: +12%, or -20%."""
    return UNKNOWN if share is None else f"{share:+.0%}"
