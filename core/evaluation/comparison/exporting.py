"""A comparison as a file: the recording that another Vademecum takes in, as compact JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import ModelUnavailable
from core.evaluation.comparison.packing import packed
from core.evaluation.comparison.side_by_side import Embed, aligned_steps

# What is larger is not taken in: reading it takes twenty times as much memory. As much as six arms
# have with 64 samples each and 32,000 tokens a reply.
MOST_BYTES = 128_000_000
_BYTES_A_CHUNK = 5


def with_steps(document: Mapping[str, Any], embed: Embed | None) -> dict[str, Any]:
    """The document with the aligned steps the screen shows; None where nothing can embed them."""
    made: dict[str, Any] = {**document, "steps": None, "steps_left_out": None}
    try:
        return {**made, **aligned_steps(document, embed)} if embed else made
    except ModelUnavailable:  # what was recorded is worth keeping without them
        return made


def recording(document: Mapping[str, Any]) -> str:
    """What is written into the file."""
    arms = {
        arm: [{**take, "chunks": packed(take["chunks"])} for take in takes]
        for arm, takes in document["arms"].items()
    }
    return json.dumps({**document, "arms": arms}, ensure_ascii=False, separators=(",", ":"))


def too_large(document: Mapping[str, Any]) -> str:
    """What is to be said where the recording could not be taken in again; else nothing.

    From the length of its parts, for writing it out would take too long to ask before each click.
    """
    size = sum(_about_bytes(take) for takes in document["arms"].values() for take in takes)
    return refusal("This recording", size) if size > MOST_BYTES else ""


def refusal(name: str, size: int) -> str:
    return f"{name} has {size / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} MB are taken in."


def _about_bytes(take: Mapping[str, Any]) -> int:
    return sum(len(said) for said in _said(take)) + _BYTES_A_CHUNK * len(take["chunks"])


def _said(take: Mapping[str, Any]) -> Iterator[str]:
    yield from (take["thinking"], take["text"])
    requests = [one.get("messages") or [] for one in take["requests"]]
    for messages in [take["messages"], *requests]:
        yield from (message.get("content") or "" for message in messages)
