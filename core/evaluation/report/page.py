"""The report as one HTML file: opened from a disk, offline, without any script.

It tells what was found, how sure that is, how it was made and where its limits are. Runs that have
not ended, or of which nobody counted or graded anything, have a page too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.evaluation import pages
from core.evaluation.pages import table, text
from core.evaluation.report import cases, citations, plots
from core.evaluation.report.amounts import (
    against,
    of_all,
    percent,
    points,
    price,
    probability,
    problems_of,
    seconds,
    times,
    tokens,
    with_interval,
)
from core.evaluation.report.effects import effects
from core.evaluation.report.paying import ledger_sentences
from core.evaluation.report.plots import Reach
from core.evaluation.report.tables import paper_table

MOST_VERDICTS = 4  # sentences that all stand at the top

Made = Mapping[str, Any]
_STYLE = """
main > p, main ul { max-width: 60rem; }
.figures td, .figures th { padding-right: 1.2rem; }
.paper { margin-top: 0.4rem; }
.still { padding: 0.6rem 0.9rem; border-radius: 0.6rem; background: #f3f0e8; }
@media (prefers-color-scheme: dark) {
  .still { background: #1f242a; }
}
@media print { h2 { break-after: avoid; } }
"""


def page(made: Made) -> str:
    """The whole file, of a report's document."""
    name = str(made["title"] or f"Evaluation {made['run']}")
    return pages.whole(
        name, pages.STYLE + plots.STYLE + cases.STYLE + _STYLE, _sections(made, name)
    )


def _sections(made: Made, name: str) -> Iterator[str]:
    yield f"<h1>{text(name)}</h1>"
    yield f'<p class="under">{text(_under(made))}</p>'
    if made["status"] != "done":
        yield f'<p class="still">{text(_still(made))}</p>'
    yield from _verdicts(made["verdicts"])
    if made["contrast_verdicts"]:
        yield "<p>Beside each other:</p>"
        yield from _verdicts(made["contrast_verdicts"])
    yield "<h2>Accuracy against tokens</h2>"
    yield from _figures(made)
    if made["paper"]:
        yield "<h2>Beside the paper's figures</h2>"
        yield "<p>Accuracy in percent @ mean output tokens, at each budget. The paper's are read "
        yield "off its figures: to about 0.2 points and 20 tokens.</p>"
        head, *rows = paper_table(made)
        yield _scrolled(table("figures paper", head, rows))
    if made["pairs"]:
        yield f"<h2>Against {text(against(made))}</h2>"
        yield from _pairs(made)
    yield from _groups(made)
    yield from effects(made)
    yield from cases.flips(made)
    yield from citations.section(made)
    yield "<h2>What it saves and what it costs</h2>"
    yield from _listed(ledger_sentences(made["ledger"]))
    yield from cases.leaks(made)
    yield from cases.failed(made)
    yield "<h2>Method</h2>"
    yield from _listed(made["method"])
    if made["limits"]:
        yield "<h2>Limits</h2>"
        yield from _listed(made["limits"])
    yield "<h2>How it was made</h2>"
    yield table("made", [], _facts(made))


def _under(made: Made) -> str:
    models = ", ".join(dict.fromkeys(one["model"] for one in made["asked"]))
    of = made["problems"].get("set") or "pasted problems"
    counted = f"{made['n_problems']:,} problem{'s' * (made['n_problems'] != 1)}"
    return " · ".join(filter(None, ["Evaluation", models, f"{counted} of {of}", _day(made)]))


def _day(made: Made) -> str:
    return str(made["created"] or "")[:10]


def _still(made: Made) -> str:
    return (
        f"This run is {made['status']}: {made['n_with_an_outcome']:,} of {made['n_problems']:,} "
        f"problems have been answered so far, and the figures are of those. {made['note'] or ''}"
    ).strip()


def _verdicts(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Those of the largest budget; the others are folded where they are many."""
    if len(verdicts) <= MOST_VERDICTS:
        yield from _listed(one["sentence"] for one in verdicts)
        return
    largest = max(one["budget"] for one in verdicts)
    yield from _listed(one["sentence"] for one in verdicts if one["budget"] == largest)
    yield "<details><summary>Under smaller budgets</summary>"
    yield from _listed(one["sentence"] for one in verdicts if one["budget"] != largest)
    yield "</details>"


def _listed(sentences: Iterable[str]) -> Iterator[str]:
    items = "".join(f"<li>{text(one)}</li>" for one in sentences)
    if items:
        yield f"<ul>{items}</ul>"


def _scrolled(content: str) -> str:
    return f'<div class="scroll">{content}</div>'


def arm_order(made: Made) -> list[str]:
    """The arms as they were asked: their place gives an arm its color and shape everywhere."""
    rows = (*made["asked"], *made["arms"], *made["groups"], *made["pairs"])
    return list(dict.fromkeys(one["arm"] for one in rows))


def _figures(made: Made) -> Iterator[str]:
    if not made["arms"]:
        yield "<p>Nothing has been measured yet.</p>"
        return
    order = arm_order(made)
    plot = plots.curve_plot(made["arms"], order)
    if plot:
        yield plots.legend(order, (one["arm"] for one in made["arms"]))
        yield _scrolled(plot)
        yield '<p class="role">Lines through the marks are 95% intervals.</p>'
    else:
        yield "<p>There is no plot: no arm has both graded answers and counted tokens.</p>"
    passed = sorted({one["k"] for arm in made["arms"] for one in arm["pass_at"]} - {1})
    scored = any(one["f1"] is not None for one in made["arms"])
    head = [
        *("arm", "budget", "right", *(["token F1"] if scored else ())),
        *(f"pass@{k}" for k in passed),
        *("output tokens", "median", "reasoning", "input", "cached", "time", "price"),
        *("cut off", "failed", "not graded", "problems", "samples"),
    ]
    yield _scrolled(table("figures", head, (_arm(one, passed, scored) for one in made["arms"])))


def _arm(one: Mapping[str, Any], passed: Sequence[int], scored: bool) -> list[str]:
    shares = {found["k"]: found["share"] for found in one["pass_at"]}
    return [
        one["arm"],
        f"{one['budget']:,}",
        with_interval(one["accuracy"], one["accuracy_interval"], percent),
        *([with_interval(one["f1"], one["f1_interval"], percent)] if scored else ()),
        *(percent(shares.get(k)) for k in passed),
        with_interval(one["output_tokens"], one["output_tokens_interval"], tokens),
        *(tokens(one[name]) for name in ("output_tokens_median", "reasoning_tokens")),
        *(tokens(one[name]) for name in ("input_tokens", "cached_tokens")),
        of_all(seconds, one, "seconds"),
        of_all(price, one, "price"),
        *(f"{one[name]:,}" for name in ("cut_off", "errors", "ungraded")),
        problems_of(one),
        f"{one['samples']:,}",
    ]


def _pairs(made: Made) -> Iterator[str]:
    order = arm_order(made)
    yield plots.legend(order, (one["arm"] for one in made["pairs"]))
    for rows, title, told, zero in (
        (map(_on_accuracy, made["pairs"]), "Points of accuracy gained", _as_points, 0.0),
        (map(_on_tokens, made["pairs"]), "Output tokens, times the baseline's", times, 1.0),
    ):
        if plot := plots.interval_plot(list(rows), order, title, told, zero):
            yield f'<p class="role">{title}, with 95% intervals</p>'
            yield _scrolled(plot)
    head = [
        *("arm", "against", "budget", "points of accuracy", "p", "corrected"),
        *("ratio of output tokens", "p", "corrected", "ratio where both are right"),
        *("lost", "won", "compared", "left out"),
    ]
    yield _scrolled(table("figures", head, map(_pair, [*made["pairs"], *made["contrasts"]])))


def _as_points(share: float) -> str:
    return f"{share * 100:+g}" if share else "0"


def _on_accuracy(one: Mapping[str, Any]) -> Reach:
    value, ends = one["accuracy_difference"], one["interval"]
    told = f"{_name(one)}: {with_interval(value, ends, points)} points"
    return Reach(_name(one), one["arm"], value, ends, told)


def _on_tokens(one: Mapping[str, Any]) -> Reach:
    value, ends = one["token_ratio"], one["token_ratio_interval"]
    told = f"{_name(one)}: {with_interval(value, ends, times)} of the tokens"
    return Reach(_name(one), one["arm"], value, ends, told)


def _name(one: Mapping[str, Any]) -> str:
    return f"{one['arm']} at {one['budget']:,}"


def _pair(one: Mapping[str, Any]) -> list[str]:
    return [
        one["arm"],
        one["baseline"],
        f"{one['budget']:,}",
        with_interval(one["accuracy_difference"], one["interval"], points),
        *(probability(one[name]) for name in ("accuracy_p", "accuracy_corrected_p")),
        with_interval(one["token_ratio"], one["token_ratio_interval"], times),
        *(probability(one[name]) for name in ("token_p", "token_corrected_p")),
        with_interval(one["both_right_ratio"], one["both_right_interval"], times),
        *(f"{len(one[name]):,}" for name in ("right_to_wrong", "wrong_to_right")),
        *(f"{one[name]:,}" for name in ("paired", "unpaired")),
    ]


def _groups(made: Made) -> Iterator[str]:
    order = arm_order(made)
    for by in ("topic", "level"):
        rows = [one for one in made["groups"] if one["by"] == by]
        if not rows:
            continue
        yield f"<h2>By {by}</h2>"
        plot = plots.interval_plot([_in_group(one) for one in rows], order, f"By {by}", _whole)
        if plot:
            yield plots.legend(order, (one["arm"] for one in rows))
            yield _scrolled(plot)
        head = [by, "arm", "problems", "right", "output tokens"]
        yield _scrolled(table("figures", head, map(_group, rows)))


def _whole(share: float) -> str:
    return f"{share * 100:g}%"


def _in_group(one: Mapping[str, Any]) -> Reach:
    label = f"{one['group']}, {one['arm']}"
    told = f"{label}: {with_interval(one['accuracy'], one['accuracy_interval'], percent)} right"
    return Reach(label, one["arm"], one["accuracy"], one["accuracy_interval"], told)


def _group(one: Mapping[str, Any]) -> list[str]:
    return [
        one["group"],
        one["arm"],
        problems_of(one),
        with_interval(one["accuracy"], one["accuracy_interval"], percent),
        with_interval(one["output_tokens"], one["output_tokens_interval"], tokens),
    ]


def _facts(made: Made) -> Iterator[tuple[str, str]]:
    book, problems = made["handbook"], made["problems"]
    facts: dict[str, Any] = {name: made[name] for name in ("run", "by", "created", "code_version")}
    if book:
        step = f"step {book['step']} when the run was made"
        facts["handbook"] = f"{book['title']} ({book['slug']}), {step}"
    facts |= {f"problems' {name}": problems.get(name) for name in ("split", "digest", "seed")}
    for one in made["asked"]:
        facts[f"arm {one['arm']}"] = f"{one['kind']}: {one['model'] or 'model unknown'}"
    for arm, one in made["ledger"]["prices"].items():
        facts[f"prices of {arm}, per million tokens"] = ", ".join(
            f"{name} {price(one[name])}" for name in ("input", "cached", "output")
        )
    facts |= {f"prompt {name}": version for name, version in (made["prompts"] or {}).items()}
    for name, value in {**facts, **made["settings"]}.items():
        if value not in (None, "", [], {}):
            told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield name.replace("_", " "), told
