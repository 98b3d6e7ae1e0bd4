"""One HTML file that shows a comparison: opened from a disk, offline, for ever the same.

The player is inside, and the data it plays. Nothing is loaded from anywhere. Without a script the
texts, the figures and the messages are there all the same.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation import pages
from core.evaluation.comparison import player
from core.evaluation.comparison.board import about, board, finished, titles
from core.evaluation.comparison.lacking import lacking
from core.evaluation.pages import Markup, boxed, drawn, table, text
from core.evaluation.report.amounts import between, price, seconds, tokens
from core.formulas import tokens as formulas

# A long word of a problem is broken before it widens the page.
_STYLE = """
.problem, .under, .made td { overflow-wrap: anywhere; }
.behaviors td:nth-child(2) { max-width: 8rem; }
.behaviors td:nth-child(n + 3) { min-width: 12rem; max-width: 26rem; }
"""
# More names than these would hide the rest of their table.
_MOST_NAMES = 5

_MOUNTING = """
mount(
  document.getElementById("player"),
  JSON.parse(document.getElementById("board").textContent),
);
"""


def page(document: Mapping[str, Any]) -> str:
    """The whole file. `document` is a comparison as it is exported."""
    return pages.whole(
        _name(document),
        pages.STYLE + _STYLE + player.STYLE,
        _sections(document),
        [pages.data("board", board(document))],
        player.SCRIPT + _MOUNTING,
    )


def _name(document: Mapping[str, Any]) -> str:
    """What a browser calls the page, where no formula can be drawn."""
    parts = [_heading(document), _without_marks(str(document.get("title") or ""))]
    return ": ".join(filter(None, parts))


def _heading(document: Mapping[str, Any]) -> str:
    """As on the screen. The title is the problem's first words, which stand whole beneath."""
    return " ".join(map(str, filter(None, ["Comparison", document.get("run")])))


def _without_marks(title: str) -> str:
    """Its formulas as they were written, but for the dollars around them."""
    kept, end = [], 0
    for formula in formulas(title):
        kept += [title[end : formula.start], formula.source.strip()]
        end = formula.end
    return "".join([*kept, title[end:]])


def _sections(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h1>{text(_heading(document))}</h1>"
    yield f'<p class="under">{text(_under(document))}</p>'
    yield f'<div class="problem">{drawn(document["problem"]["text"])}</div>'
    for sentence in _sentences(document.get("verdicts") or document.get("verdict")):
        yield f"<p>{text(sentence)}</p>"
    yield '<div id="player" class="vm-player"></div>'
    yield f"<noscript>{''.join(_replies(document))}</noscript>"
    yield "<h2>Figures</h2>"
    yield f'<div class="scroll">{_figures(document)}</div>'
    yield from _means(document)
    yield from _behaviors(document)
    yield "<h2>Messages sent</h2>"
    yield from _messages(document)
    yield "<h2>How it was made</h2>"
    yield table("made", [], _made(document))


def _under(document: Mapping[str, Any]) -> str:
    models = dict.fromkeys(one.get("model") or "" for one in document["asked"])
    day = str(document.get("created") or "")[:10]
    parts = ["A recorded comparison", ", ".join(filter(None, models)), day]
    return " · ".join(filter(None, parts))


def _sentences(verdict: Any) -> list[str]:
    """A verdict is a sentence, something that has one, or several of these."""
    match verdict:
        case str():
            return [verdict]
        case {"sentence": str(sentence)}:
            return [sentence]
        case list():
            return [sentence for one in verdict for sentence in _sentences(one)]
    return []


def _replies(document: Mapping[str, Any]) -> Iterator[str]:
    called = titles(document["asked"])
    for one, take in _all_takes(document):
        yield f"<h2>{text(called[one['arm']])}, sample {take['sample'] + 1}</h2>"
        yield f"<p>{text(about(one['kind']))}</p>"
        if take.get("thinking"):
            thought = boxed(take["thinking"], "reply")
            yield f"<details><summary>Thinking</summary>{thought}</details>"
        yield boxed(take.get("text") or "", "reply")


def _all_takes(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    for one in document["asked"]:
        for take in document["arms"].get(one["arm"]) or []:
            yield one, take


def _speed(tokens_per_second: float | None) -> str:
    return tokens(tokens_per_second and round(tokens_per_second, 1))


_FIGURES = {
    "output": ("output_tokens", tokens),
    "reasoning": ("reasoning_tokens", tokens),
    "input": ("input_tokens", tokens),
    "cached": ("cached_tokens", tokens),
    "first token": ("first_token_seconds", seconds),
    "time": ("seconds", seconds),
    "tokens/s": ("tokens_per_second", _speed),
    "price": ("price", price),
}
# Only where a reply was asked for in several requests: else there is nothing to tell.
_AGAIN = {
    "read again": ("read_again_tokens", tokens),
    "of these cached": ("read_again_cached_tokens", tokens),
}
_WORDS = {"counted by": "counted_by", "seed": "seed", "answer": "answer", "graded by": "grader"}
_RESULTS = {True: "right", False: "wrong", None: "not graded"}


def _figures(document: Mapping[str, Any]) -> str:
    called = titles(document["asked"])
    takes = [take for _, take in _all_takes(document)]
    again = _AGAIN if any(len(take.get("requests") or []) > 1 for take in takes) else {}
    shown = {**_FIGURES, **again}
    head = ["arm", "sample", *shown, *_WORDS, "result", "ended"]
    rows = [
        [
            called[one["arm"]],
            take["sample"] + 1,
            *(told(take.get(name)) for name, told in shown.values()),
            *("–" if take.get(name) in (None, "") else take[name] for name in _WORDS.values()),
            _RESULTS[take.get("correct")],
            finished(take),
        ]
        for one, take in _all_takes(document)
    ]
    return table("figures", head, rows)


def _means(document: Mapping[str, Any]) -> Iterator[str]:
    """Of one sample there is no mean."""
    found = document.get("figures") or []
    if not any(one["n"] > 1 for one in found):
        return
    called = titles(document["asked"])
    head = ["arm", "samples", "mean output", "95% interval", "right", "cut off", "failed"]
    rows = [
        [
            called[one["arm"]],
            one["n"],
            _whole(one["mean"]),
            between(one["interval"], _whole) if one["interval"] else "–",
            f"{one['right']} of {one['graded']}" if one["graded"] else "not graded",
            one["cut_off"],
            one["failed"],
        ]
        for one in found
    ]
    yield "<h2>Means</h2>"
    yield f'<div class="scroll">{table("figures", head, rows)}</div>'
    yield (
        '<p class="role">Intervals of the mean output tokens by Student\'s t over the samples of '
        "this one problem. They say nothing about other problems.</p>"
    )


def _whole(count: float | None) -> str:
    return tokens(None if count is None else round(count))


def _behaviors(document: Mapping[str, Any]) -> Iterator[str]:
    """What was given and what became of it; nothing where no arm was to get any."""
    called = titles(document["asked"])
    samples: dict[tuple[str, ...], list[int]] = {}
    for one, take in _all_takes(document):
        lack = lacking(document, one["arm"], take)
        if take.get("given") or take.get("invented") or lack:
            told = (called[one["arm"]], *_lists(take, lack))
            samples.setdefault(told, []).append(take["sample"] + 1)
    if samples:
        head = ["arm", "sample", "given and cited", "given, not cited", "cited but never given"]
        rows = [[arm, ", ".join(map(str, own)), *lists] for (arm, *lists), own in samples.items()]
        yield "<h2>Behaviors</h2>"
        yield f'<div class="scroll">{table("made behaviors", head, rows)}</div>'


def _lists(take: Mapping[str, Any], lack: str) -> list[str]:
    cited, invented = take.get("cited") or [], take.get("invented") or []
    uncited = [one["name"] for one in take.get("given") or [] if one["name"] not in set(cited)]
    return [lack if lack and not cited else _names(cited), _names(uncited), _names(invented)]


def _names(names: list[str]) -> str:
    told = ", ".join(names) or "none"
    if len(names) <= _MOST_NAMES:
        return told
    return Markup(f"<details><summary>{len(names)}</summary>{text(told)}</details>")


def _messages(document: Mapping[str, Any]) -> Iterator[str]:
    """Folded; samples that were asked the same are one."""
    called = titles(document["asked"])
    for one in document["asked"]:
        asked: dict[str, list[int]] = {}
        for take in document["arms"].get(one["arm"]) or []:
            sent = [take.get("messages") or [], take.get("requests") or []]
            asked.setdefault(json.dumps(sent), []).append(take["sample"] + 1)
        for sent_text, samples in asked.items():
            messages, requests = json.loads(sent_text)
            which = f"sample {', '.join(map(str, samples))}"
            yield f"<details><summary>{text(called[one['arm']])}, {which}</summary>"
            yield from (_message(message) for message in messages)
            if requests:
                yield f'<div class="role">requests</div>{boxed(_pretty(requests), "message")}'
            yield "</details>"


def _message(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    shown = content if isinstance(content, str) else _pretty(content)
    return f'<div class="role">{text(message.get("role", ""))}</div>{boxed(shown, "message")}'


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _made(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    facts = {
        name: document.get(name) for name in ("run", "by", "created", "code_version", "served")
    }
    handbook = document.get("handbook")
    if handbook:
        facts["handbook"] = f"{handbook['title']} ({handbook['slug']}), step {handbook['step']}"
    for prompt, version in (document.get("prompts") or {}).items():
        facts[f"prompt {prompt}"] = version
    for one in document["asked"]:
        book = f", handbook {one['handbook']}" if one.get("handbook") else ""
        facts[f"arm {one['arm']}"] = f"{one['kind']}: {one.get('model') or 'model unknown'}{book}"
    facts |= {"right answer": document["problem"].get("gold"), **(document.get("settings") or {})}
    for name, value in facts.items():
        if value is not None:
            yield name.replace("_", " "), value if isinstance(value, str) else json.dumps(value)
