"""One HTML file that shows a comparison: opened from a disk, offline, for ever the same.

The player is inside, and the data it plays. Nothing is loaded from anywhere. Without a script the
texts, the figures and the messages are there all the same.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation import pages
from core.evaluation.comparison import player
from core.evaluation.comparison.board import about, board, finished, title
from core.evaluation.pages import boxed, drawn, table, text

_MOUNTING = """
mount(
  document.getElementById("player"),
  JSON.parse(document.getElementById("board").textContent),
);
"""


def page(document: Mapping[str, Any]) -> str:
    """The whole file. `document` is a comparison as it is exported."""
    name = str(document.get("title") or "Comparison")
    return pages.whole(
        name,
        pages.STYLE + player.STYLE,
        _sections(document, name),
        [pages.data("board", board(document))],
        player.SCRIPT + _MOUNTING,
    )


def _sections(document: Mapping[str, Any], name: str) -> Iterator[str]:
    yield f"<h1>{text(name)}</h1>"
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
    for one, take in _all_takes(document):
        yield f"<h2>{text(_label(one))}, sample {take['sample'] + 1}</h2>"
        yield f"<p>{text(about(one['kind']))}</p>"
        if take.get("thinking"):
            thought = boxed(take["thinking"], "reply")
            yield f"<details><summary>Thinking</summary>{thought}</details>"
        yield boxed(take.get("text") or "", "reply")


def _all_takes(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    for one in document["asked"]:
        for take in document["arms"].get(one["arm"]) or []:
            yield one, take


def _label(one: Mapping[str, Any]) -> str:
    name = title(one["kind"])
    return name if name.lower() == one["arm"].lower() else f"{name} ({one['arm']})"


_COUNTS = {
    "output": "output_tokens",
    "reasoning": "reasoning_tokens",
    "input": "input_tokens",
    "cached": "cached_tokens",
    "first token, s": "first_token_seconds",
    "seconds": "seconds",
    "price, $": "price",
}
_WORDS = {"counted by": "counted_by", "seed": "seed", "answer": "answer", "graded by": "grader"}
_RESULTS = {True: "right", False: "wrong", None: "not graded"}


def _figures(document: Mapping[str, Any]) -> str:
    head = ["arm", "sample", *_COUNTS, *_WORDS, "result", "ended"]
    rows = [
        [
            _label(one),
            take["sample"] + 1,
            *(_figure(take.get(name)) for name in _COUNTS.values()),
            *("–" if take.get(name) in (None, "") else take[name] for name in _WORDS.values()),
            _RESULTS[take.get("correct")],
            finished(take),
        ]
        for one, take in _all_takes(document)
    ]
    return table("figures", head, rows)


def _figure(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _messages(document: Mapping[str, Any]) -> Iterator[str]:
    """Folded; samples that were asked the same are one."""
    for one in document["asked"]:
        asked: dict[str, list[int]] = {}
        for take in document["arms"].get(one["arm"]) or []:
            sent = [take.get("messages") or [], take.get("requests") or []]
            asked.setdefault(json.dumps(sent), []).append(take["sample"] + 1)
        for sent_text, samples in asked.items():
            messages, requests = json.loads(sent_text)
            which = f"sample {', '.join(map(str, samples))}"
            yield f"<details><summary>{text(_label(one))}, {which}</summary>"
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
