"""Reads the behaviors out of an extraction reply, however untidy the reply is.

Pure functions: the reply's text in, candidates and dropped ones (with the reason) out.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import json_repair

from core.handbook.rules import INSTRUCTION_LENGTH, NAME_LENGTH, fault

# An instruction begins with its condition and has no quotes or backslashes inside: small models
# write LaTeX there, which breaks JSON.
INSTRUCTION_PATTERN = (
    '^(When|If|For|Before|After|Whenever|Where|Instead of) [^"\\\\\\n]{20,360}[.]$'
)
# What an endpoint that can hold to a schema is asked for.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "behaviors": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "pattern": "^behavior(_[a-z][a-z0-9]*){2,7}$"},
                    "instruction": {"type": "string", "pattern": INSTRUCTION_PATTERN},
                },
                "required": ["name", "instruction"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["behaviors"],
    "additionalProperties": False,
}
NAME_KEYS = ("name", "behavior", "title")
INSTRUCTION_KEYS = ("instruction", "description", "text")
# A backslash that begins a LaTeX command, not a JSON escape: \frac, \times; \n only before the few
# commands that begin with n.
LATEX_BACKSLASH = re.compile(
    r"(?<!\\)\\(?=(?!u[0-9a-fA-F]{4})(?:[a-mo-zA-Z][a-zA-Z]+|n(?:eq?|u|abla|ot)\b))"
)
# JSON may stand after other brackets, as in "see [1]"; it is looked for behind this many of them.
MOST_TRIES = 4
# Between two pieces of JSON, where a reply holds several instead of one list.
BETWEEN = re.compile(r"[\s,;`]*(?:json)?\s*(?=[\[{])")
DEEPEST = 20


@dataclass(frozen=True)
class Candidate:
    """A behavior as the model wrote it, at characters `start` to `end` of the reply."""

    name: str
    instruction: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Dropped:
    """What could not become a proposal, and why."""

    text: str
    why: str


@dataclass(frozen=True)
class Extraction:
    candidates: list[Candidate]
    dropped: list[Dropped]


def parse(reply: str, prompt_texts: tuple[str, ...] = ()) -> Extraction:
    """Candidates that obey the name and instruction rules, in the reply's order.

    `prompt_texts` are the prompts as written: small models hand back the example in them.
    """
    pairs, dropped = _pairs(_loaded(reply))
    candidates: dict[str, Candidate] = {}
    for raw_name, raw_instruction in pairs:
        name, instruction = tidy_name(raw_name), " ".join(raw_instruction.split())
        shown = f"{raw_name}: {instruction}"
        if why := fault(name, instruction):
            dropped.append(Dropped(shown, why))
        elif name in candidates:
            dropped.append(Dropped(shown, "the reply holds this name twice"))
        elif any(name in text or instruction in text for text in prompt_texts):
            dropped.append(Dropped(shown, "copied from the example in the prompt"))
        elif (span := _span(reply, raw_name, instruction))[1] == len(reply.rstrip()):
            dropped.append(Dropped(shown, "the reply was cut off in the middle of it"))
        else:
            candidates[name] = Candidate(name, instruction, *span)
    if not candidates and not dropped:
        dropped.append(Dropped(reply.strip()[:200], "no behaviors could be read in this reply"))
    return Extraction(list(candidates.values()), dropped)


def tidy_name(raw: str) -> str:
    """Repairs what is only spelling: a missing prefix, capitals, spaces, dashes, markup."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", raw.strip().strip("*`"))
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    plain = re.sub("^behaviour_", "behavior_", plain)
    return plain if plain.startswith("behavior_") or not plain else f"behavior_{plain}"


def _loaded(reply: str) -> Any:
    """The JSON in the reply: whole, fenced, with text around it, repaired where it is broken."""
    escaped = LATEX_BACKSLASH.sub(r"\\\\", reply)
    position, second_best = 0, None
    for _ in range(MOST_TRIES):
        begin = re.compile(r"[\[{]").search(escaped, position)
        if not begin:
            break
        data, position = _decoded(escaped, begin.start())
        if data is None:
            data, position = _repaired(escaped[begin.start() :]), begin.end()
        entries = _entries(data)
        if any(isinstance(name, str) and isinstance(text, str) for name, text in entries):
            return data
        second_best = second_best or (data if entries else None)
    return second_best


def _decoded(text: str, start: int) -> tuple[list[Any] | None, int]:
    """The pieces of JSON that follow each other from `start` on, and their end; None if broken."""
    pieces: list[Any] = []
    while True:
        try:
            piece, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            return None, start
        pieces.append(piece)
        between = BETWEEN.match(text, end)
        if not between:
            return pieces, end
        start = between.end()


def _repaired(text: str) -> Any:
    try:
        return json_repair.loads(text)
    except (ValueError, RecursionError):
        return None


def _pairs(data: Any) -> tuple[list[tuple[str, str]], list[Dropped]]:
    """(name, instruction) of every entry, whichever of the usual shapes holds them."""
    pairs: list[tuple[str, str]] = []
    dropped: list[Dropped] = []
    for entry in _entries(data):
        name, instruction = entry
        if isinstance(name, str) and isinstance(instruction, str) and name.strip():
            name, instruction = _whole(name), _whole(instruction)
            pairs.append((name[: 4 * NAME_LENGTH], instruction[: 4 * INSTRUCTION_LENGTH]))
        else:
            dropped.append(Dropped(_shown(entry), "an entry without a name or an instruction"))
    return pairs, dropped


def _whole(text: str) -> str:
    """The text without half characters, which no file and no screen can hold."""
    return text.encode("utf-8", "replace").decode()


def _shown(entry: tuple[Any, Any]) -> str:
    try:
        return _whole(json.dumps(entry, ensure_ascii=False, default=str))[:200]
    except RecursionError:
        return "brackets within brackets"


def _entries(data: Any, depth: int = 0) -> list[tuple[Any, Any]]:
    if depth > DEEPEST:
        return []
    if isinstance(data, dict) and isinstance(data.get("behaviors"), (list, dict)):
        return _entries(data["behaviors"], depth + 1)
    if isinstance(data, dict) and _first(data, NAME_KEYS) is not None:
        return [(_first(data, NAME_KEYS), _first(data, INSTRUCTION_KEYS))]
    if isinstance(data, dict):
        return list(data.items())
    if isinstance(data, list):
        parts = [part for part in data if isinstance(part, (dict, list))]
        return [pair for part in parts for pair in _entries(part, depth + 1)]
    return []


def _first(data: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((data[key] for key in keys if key in data), None)


def _span(reply: str, name: str, instruction: str) -> tuple[int | None, int | None]:
    """Where the behavior stands in the reply, from its name to its instruction's end.

    Of several places, the one where the instruction follows soonest.
    """
    places = [match.span() for match in re.finditer(rf"{re.escape(name)}(?!\w)", reply)]
    tail = instruction[-20:]
    spans = [
        (start, found + len(tail)) for start, end in places if (found := reply.find(tail, end)) >= 0
    ]
    if spans:
        return min(spans, key=lambda span: span[1] - span[0])
    return places[0] if places else (None, None)
