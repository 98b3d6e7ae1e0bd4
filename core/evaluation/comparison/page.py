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
from core.evaluation.pages import boxed, drawn, table, text
from core.evaluation.report.amounts import price, seconds, tokens
from core.formulas import tokens as formulas

# A long word of a problem is broken before it widens the page.
_STYLE = """
.problem, .under, .made td { overflow-wrap: anywhere; }
"""
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


_FIGURES = {
    "output": ("output_tokens", tokens),
    "reasoning": ("reasoning_tokens", tokens),
    "input": ("input_tokens", tokens),
    "cached": ("cached_tokens", tokens),
    "first token": ("first_token_seconds", seconds),
    "time": ("seconds", seconds),
    "price": ("price", price),
}
_WORDS = {"counted by": "counted_by", "seed": "seed", "answer": "answer", "graded by": "grader"}
_RESULTS = {True: "right", False: "wrong", None: "not graded"}


def _figures(document: Mapping[str, Any]) -> str:
    called = titles(document["asked"])
    head = ["arm", "sample", *_FIGURES, *_WORDS, "result", "ended"]
    rows = [
        [
            called[one["arm"]],
            take["sample"] + 1,
            *(told(take.get(name)) for name, told in _FIGURES.values()),
            *("–" if take.get(name) in (None, "") else take[name] for name in _WORDS.values()),
            _RESULTS[take.get("correct")],
            finished(take),
        ]
        for one, take in _all_takes(document)
    ]
    return table("figures", head, rows)


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
        facts[f"arm {one['arm']}"] = f"{one['kind']}: {one.get('model') or 'model unknown'}"
    facts |= {"right answer": document["problem"].get("gold"), **(document.get("settings") or {})}
    for name, value in facts.items():
        if value is not None:
            yield name.replace("_", " "), value if isinstance(value, str) else json.dumps(value)
