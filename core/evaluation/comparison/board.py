"""What the player draws, made from the comparison document: live, finished and exported alike.

Everything is plain JSON. Texts come as paragraphs of nodes; counts that nobody made stay None,
which is shown as "unknown". A blind board leaves out what could tell which arm is which, and what
should not sway a reader (counts, times, right or wrong), as far as it is not in the reply's own
words.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from core.evaluation.comparison.blocks import Block, blocks
from core.evaluation.comparison.lacking import lacking
from core.evaluation.comparison.nodes import Cite, Node, answer_nodes, sound
from core.llm import pieces
from core.llm.chat import is_waiting

# Kinds whose behaviors are looked up for the problem; the others are given theirs in another way.
RETRIEVING = frozenset({"bci", "bci-topic", "bci-embedding", "bci-hybrid", "bci-dynamic"})

_KINDS = {
    "plain": ("Plain", "Asked as it is."),
    "concise": ("Concise", "No behaviors; asked to be brief."),
    "bci": ("BCI", "The behaviors nearest to the problem stand in the prompt."),
    "bci-embedding": ("BCI", "The behaviors nearest to the problem stand in the prompt."),
    "bci-topic": ("BCI by topic", "The behaviors of the problem's topic stand in the prompt."),
    "bci-hybrid": ("BCI hybrid", "Behaviors found by meaning and by words stand in the prompt."),
    "bci-fixed": ("BCI by hand", "Behaviors picked by hand stand in the prompt."),
    "bci-dynamic": ("BCI on the way", "Behaviors are offered during the reply."),
    "random": ("Random", "As many behaviors, drawn at random, of nearly the same length."),
    "names-only": ("Names only", "The names of the behaviors without their instructions."),
}
_FINISHED = {
    "stop": "ended by itself",
    "length": "cut off by the budget",
    "cancelled": "stopped",
    "error": "failed",
}
# A name with the marks around it, and with a colon where a model begins a step with it.
_AROUND = re.compile(r"[*_`]*\0[*_`]*(?P<colon>:[*_`]*[ \t]*)?")
_BEGINNING = " \t>-*0123456789.#"
UNNAMED = "this"
LETTERS = ascii_uppercase


def about(kind: str) -> str:
    """One line on what an arm of this kind is asked; empty for a kind nobody knows."""
    return _KINDS.get(kind, ("", ""))[1]


def title(kind: str) -> str:
    return _KINDS.get(kind, (kind, ""))[0]


def titles(asked: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What each arm is called, by its label: with its model where there are two; with the label
    where two would still be called alike.
    """
    several = len({one["model"] for one in asked}) > 1
    called = {
        one["arm"]: f"{title(one['kind'])} · {one['model']}" if several else title(one["kind"])
        for one in asked
    }
    names = list(called.values())
    return {
        arm: name if names.count(name) == 1 else f"{name} ({arm})" for arm, name in called.items()
    }


def board(
    document: Mapping[str, Any], *, hide: Sequence[str] = (), unfolded: Collection[str] = ()
) -> dict[str, Any]:
    """With `hide` it is blind: these arms only, in this order, called A, B and so on.

    `unfolded` are the arms whose thoughts somebody reads while they arrive.
    """
    problem = document["problem"]
    settings = document.get("settings") or {}
    arms = _hidden_arms(document, hide) if hide else _arms(document, unfolded)
    takes = [take for arm in arms for take in arm["takes"]]
    running = document["status"] in ("queued", "running")
    models = list(dict.fromkeys(arm["model"] for arm in arms if arm["model"]))
    return {
        "run": document.get("run"),
        "title": "" if hide else document.get("title") or "",
        "created": document.get("created"),
        "live": running,
        "imported": bool(document.get("imported")),
        "blind": bool(hide),
        "models": models,
        "problem": _shown_blocks(blocks(problem["text"])),
        "gold": _shown_answer(problem.get("gold")),
        "budget": settings.get("budget"),
        "most": _most(settings.get("budget"), takes),
        "samples": _samples(settings, takes),
        "served": document.get("served"),
        "arms": arms,
    }


def _arms(document: Mapping[str, Any], unfolded: Collection[str]) -> list[dict[str, Any]]:
    asked = document["asked"]
    called = titles(asked)
    return [
        {
            "arm": one["arm"],
            "title": called[one["arm"]],
            "about": about(one["kind"]),
            "model": one.get("model") or "",
            "retrieving": one["kind"] in RETRIEVING,
            "takes": _takes(document, one["arm"], read=one["arm"] in unfolded),
        }
        for one in asked
    ]


def _hidden_arms(document: Mapping[str, Any], hide: Sequence[str]) -> list[dict[str, Any]]:
    there = {one["arm"] for one in document["asked"]}
    shown = [arm for arm in dict.fromkeys(hide) if arm in there]
    return [
        {
            "arm": letter,
            "title": letter,
            "about": "",
            "model": "",
            "retrieving": False,
            "takes": _takes(document, arm, blind=True),
        }
        for letter, arm in zip(LETTERS, shown, strict=False)
    ]


def _takes(
    document: Mapping[str, Any], arm: str, *, blind: bool = False, read: bool = False
) -> list[dict[str, Any]]:
    running = document["status"] in ("queued", "running")
    takes = document.get("arms", {}).get(arm) or []
    if blind:
        return [_take(take, running, blind=True) for take in takes]
    return [
        _take(take, running, read=read) | {"about": lacking(document, arm, take)} for take in takes
    ]


def _take(
    take: Mapping[str, Any], running: bool, *, blind: bool = False, read: bool = False
) -> dict[str, Any]:
    reason = take.get("finish_reason")
    ended = reason is not None or not running
    made = {
        "sample": take["sample"],
        "state": "ended" if ended else _state(take),
        "started": take.get("started"),
        "note": "" if blind else take.get("note") or "",
        "finished": finished(take, blind=blind) if ended else "",
        "failed": reason == "error",
        "cut": reason == "length",
        "answer": _shown_answer(take.get("answer")),
        "chunks": [],
        **_texts(take, ended, blind, read),
    }
    return made if blind else {**made, **_measured(take), **_behind(take)}


def _state(take: Mapping[str, Any]) -> str:
    if take.get("text") or take.get("thinking"):
        return "arriving"
    return "waiting" if is_waiting(take.get("note") or "") else "reading"


def finished(take: Mapping[str, Any], *, blind: bool = False) -> str:
    """Why a take ended, in words."""
    reason = take.get("finish_reason")
    if reason == "error" and take.get("error") and not blind:
        return str(take["error"])
    return _FINISHED.get(reason or "", "broken off")


def _texts(take: Mapping[str, Any], ended: bool, blind: bool, read: bool) -> dict[str, Any]:
    given = [] if blind else take.get("given") or []
    instructions = {one["name"]: one.get("instruction") or "" for one in given}
    sides: dict[str, list[Cite]] = {"text": [], "thinking": []}
    for one in [] if blind else take.get("citations") or []:
        name = one["name"]
        words = instructions.get(name, "")
        sides[one["side"]].append(Cite(one["start"], one["end"], name, bool(one["given"]), words))
    text, thinking = sound(take.get("text") or ""), sound(take.get("thinking") or "")
    if blind:
        text, thinking = _unnamed(text, take, "text"), _unnamed(thinking, take, "thinking")
    offered = [one for one in given if one.get("at") is not None]
    cuts = [one["at"] for one in offered]
    # A thought that arrives is folded at first: most of the work would be for nothing.
    thoughts = blocks(thinking, sides["thinking"], complete=ended, rich=ended or read)
    return {
        "text": {
            "text": text,
            "blocks": _shown_blocks(blocks(text, sides["text"], complete=ended, cuts=cuts)),
        },
        "thinking": {"text": thinking, "blocks": _shown_blocks(thoughts)},
        "offered": [_shown_behavior(one) for one in offered],
    }


def _unnamed(text: str, take: Mapping[str, Any], side: str) -> str:
    """Without the names of behaviors, and without a trace of them where they began a line: they
    would tell which arm this is.
    """
    own = [one for one in take.get("citations") or [] if one["side"] == side]
    for one in sorted(own, key=lambda one: -one["start"]):
        text = f"{text[: one['start']]}\0{text[one['end'] :]}"

    def without(found: re.Match[str]) -> str:
        line = text[: found.start()].rpartition("\n")[2]
        return "" if found["colon"] or not line.strip(_BEGINNING) else UNNAMED

    return _AROUND.sub(without, text)


def _measured(take: Mapping[str, Any]) -> dict[str, Any]:
    """How long the reply is, how fast it came, and whether it is right."""
    return {
        "output": take.get("output_tokens"),
        "reasoning": take.get("reasoning_tokens"),
        "seconds": take.get("seconds"),
        "first": take.get("first_token_seconds"),
        "pieces": pieces.counted(take.get("note") or ""),
        "correct": take.get("correct"),
        "chunks": take.get("chunks") or [],
    }


def _behind(take: Mapping[str, Any]) -> dict[str, Any]:
    """What went in, what it cost, and the behaviors."""
    given = {one["name"]: one for one in take.get("given") or []}
    cited = take.get("cited") or []
    names = dict.fromkeys([*(take.get("retrieved") or []), *given])

    def shown(wanted: Sequence[str]) -> list[dict[str, Any]]:
        return [_shown_behavior(given.get(name) or {"name": name}) for name in wanted]

    return {
        "input": take.get("input_tokens"),
        "cached": take.get("cached_tokens"),
        "price": take.get("price"),
        "counted_by": take.get("counted_by"),
        "lists": {
            "given": shown(list(names)),
            "cited": shown(cited),
            "uncited": shown([name for name in names if name not in set(cited)]),
            "invented": shown(take.get("invented") or []),
        },
    }


def _shown_behavior(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("name", "instruction", "why", "topic", "at", "note", "score")
    return {key: given[key] for key in kept if given.get(key) not in (None, "")}


def _shown_blocks(made: Sequence[Block]) -> list[dict[str, Any]]:
    return [
        {"start": one.start, "end": one.end, "indent": one.indent, "nodes": one.nodes}
        for one in made
    ]


def _shown_answer(answer: str | None) -> list[Node] | None:
    return None if answer is None else answer_nodes(answer)


def _samples(settings: Mapping[str, Any], takes: Sequence[Mapping[str, Any]]) -> int:
    begun = max((take["sample"] + 1 for take in takes), default=1)
    return max(begun, int(settings.get("samples") or 1))


def _most(budget: int | None, takes: Sequence[Mapping[str, Any]]) -> int:
    """The number of tokens that a full bar stands for: the budget, where nothing went beyond."""
    counts = [take.get("output") or take.get("pieces") or 0 for take in takes]
    return max([budget or 0, *([] if budget else counts), 1])
