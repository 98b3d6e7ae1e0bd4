"""The single problems on the page: which flipped, which the handbook had seen, which failed.

Long lists are cut, and the page says so; all of it stands in the exported JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.evaluation.pages import drawn, table, text
from core.evaluation.report.amounts import against, listed

MOST_FLIPS, MOST_FAILED, MOST_LEAKS = 300, 200, 200
LONGEST_PROBLEM = 4_000  # characters; MuSiQue's have 26,000

Made = Mapping[str, Any]
STYLE = """
.flip { max-width: 60rem; margin: 0.8rem 0; padding-bottom: 0.6rem;
  border-bottom: 1px solid #ddd8ca; }
.flip p { margin: 0.2rem 0; }
@media (prefers-color-scheme: dark) { .flip { border-color: #363d45; } }
"""
_DIRECTIONS = {"right_to_wrong": "lost", "wrong_to_right": "won"}


def flips(made: Made) -> Iterator[str]:
    """Each problem once, with all that happened to it."""
    by_problem: dict[int, list[Mapping[str, Any]]] = {}
    for one in made["flips"]:
        by_problem.setdefault(one["problem_id"], []).append(one)
    if not by_problem:
        return
    lost = sum(one["direction"] == "right_to_wrong" for one in made["flips"])
    yield "<h2>Flips</h2>"
    yield (
        f"<p>Problems that one arm gets right in more than half of its samples, and "
        f"{text(against(made))} in less than half (won), or the other way round (lost): "
        f"{lost:,} lost and {len(made['flips']) - lost:,} won, on {len(by_problem):,} problems.</p>"
    )
    for problem, ways in list(by_problem.items())[:MOST_FLIPS]:
        yield _flip(made["texts"].get(str(problem), {}), problem, ways)
    yield from _and_more(len(by_problem) - MOST_FLIPS, "problems")


def topic_and_level(told: Mapping[str, Any]) -> list[str]:
    """What there is of both; MATH writes "Level 5", others only the number."""
    level = str(told.get("level") or "").removeprefix("Level ")
    topic = str(told.get("topic") or "")
    return [*([topic] if topic else []), *([f"level {level}"] if level else [])]


def _flip(told: Mapping[str, Any], problem: int, ways: Sequence[Mapping[str, Any]]) -> str:
    of = ", ".join(topic_and_level(told))
    answer = "not known" if told.get("gold") is None else told["gold"]
    shown = str(told.get("text") or "")
    short = shown if len(shown) <= LONGEST_PROBLEM else f"{shown[:LONGEST_PROBLEM]} …"
    what = "".join(f"<li>{text(_what(one))}</li>" for one in ways)
    return (
        f'<div class="flip"><details><summary>Problem {problem}{text(f", {of}" if of else "")}: '
        f"{text(', '.join(map(_briefly, ways)))}</summary>{drawn(short)}</details>"
        f"<p>Right answer: {text(answer)}</p><ul>{what}</ul></div>"
    )


def _briefly(one: Mapping[str, Any]) -> str:
    return f"{_DIRECTIONS[one['direction']]} by {one['arm']} at {one['budget']:,}"


def _what(one: Mapping[str, Any]) -> str:
    traces = "; ".join(
        f"{arm} in trace{'s' * (len(ids) != 1)} {', '.join(map(str, ids)) or 'none'}"
        for arm, ids in one["traces"].items()
    )
    return f"{_briefly(one)}: {traces}"


def leaks(made: Made) -> Iterator[str]:
    told = made["leaks"] or {}
    flagged = told.get("flagged") or {}
    yield "<h2>Leaks</h2>"
    if not told:
        yield "<p>Nobody looked for problems that the handbook has seen.</p>"
        return
    if not flagged:
        yield "<p>No problem was found that the handbook was made from or carries.</p>"
        return
    kept, left_out = told.get("kept") or {}, made["problems"].get("left_out") or 0
    yield f"<p>Problems left out: {left_out:,}.</p>"
    rows = [[kind, f"{count:,}", f"{kept.get(kind, 0):,}"] for kind, count in flagged.items()]
    yield table("figures", ["kind", "flagged", "kept among those evaluated"], rows)
    found = told.get("found") or []
    shown = [[one["problem_id"], one["kind"], one["why"]] for one in found[:MOST_LEAKS]]
    yield "<details><summary>Each of them</summary>"
    yield table("made", ["problem", "kind", "why"], shown)
    yield from _and_more(len(found) - MOST_LEAKS, "leaks")
    yield "</details>"


def failed(made: Made) -> Iterator[str]:
    found = made["failed"]
    if not found:
        return
    yield "<h2>Failed</h2>"
    yield (
        f"<p>{len(found):,} replies never came. They are in no mean at the budgets they were asked "
        "for.</p>"
    )
    head = ["problem", "arm", "sample", "budgets", "trace", "kind", "what was said"]
    rows = [
        [
            *(one["problem_id"], one["arm"], one["sample"] + 1, listed(one["budgets"])),
            *(one["trace"], one["kind"] or "–", one["error"] or "–"),
        ]
        for one in found[:MOST_FAILED]
    ]
    yield "<details><summary>Each of them</summary>"
    yield f'<div class="scroll">{table("made", head, rows)}</div>'
    yield from _and_more(len(found) - MOST_FAILED, "replies")
    yield "</details>"


def _and_more(number: int, what: str) -> Iterator[str]:
    if number > 0:
        yield f"<p>And {number:,} more {what}, which stand in the exported JSON.</p>"
