"""Two replies cut into steps and put beside each other: what stands for what, and what it cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.evaluation.comparison.alignment import align
from core.evaluation.comparison.steps import Step, steps

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Take = Mapping[str, Any]
# About 20 seconds of a small embedder on two cores.
MOST_STEPS = 3000


@dataclass(frozen=True)
class Side:
    """A stretch of one reply; `tokens` is None where the endpoint did not count as it went."""

    side: str
    text: str
    start: int
    tokens: int | None


@dataclass(frozen=True)
class Beside:
    """Stretches that do the same, as far as their meaning tells; one of them may be empty.

    `saved` are the tokens the right one is shorter by; `similarity` is None for one without a
    partner.
    """

    left: tuple[Side, ...]
    right: tuple[Side, ...]
    similarity: float | None

    @property
    def saved(self) -> int | None:
        left, right = tokens(self.left), tokens(self.right)
        return None if left is None or right is None else left - right


def side_by_side(left: Take, right: Take, embed: Embed) -> list[Beside]:
    """Of two takes of a comparison document: their thinking, then their text."""
    ours, theirs = sides(left), sides(right)
    if not ours or not theirs:
        return [Beside(tuple(ours), tuple(theirs), None)] if ours or theirs else []
    vectors = embed([one.text for one in (*ours, *theirs)])
    found = align(vectors[: len(ours)], vectors[len(ours) :])
    return [
        Beside(
            tuple(ours[at] for at in stretch.left),
            tuple(theirs[at] for at in stretch.right),
            stretch.similarity,
        )
        for stretch in found
    ]


def aligned_steps(document: Mapping[str, Any], embed: Embed) -> dict[str, Any]:
    """Of every arm beside its baseline, as plain JSON: `steps`, and of how many pairs of replies
    there are none, for they would take too long (`steps_left_out`).

    The first samples come first. A step stands in its reply at `start` and has so many
    `characters`; no text is told twice.
    """
    pairs, once = _pairs(document), _each_once(embed)
    found: list[dict[str, Any]] = []
    number = 0
    for pair, left, right in pairs:
        if number >= MOST_STEPS:
            break
        stretches = side_by_side(left, right, once)
        number += sum(len(one.left) + len(one.right) for one in stretches)
        found.append({**pair, "stretches": [_told(one) for one in stretches]})
    return {"steps": found, "steps_left_out": len(pairs) - len(found)}


def _pairs(document: Mapping[str, Any]) -> list[tuple[dict[str, Any], Take, Take]]:
    """Every arm and its baseline where both have the sample, by sample."""
    found = []
    for verdict in document["verdicts"]:
        left, right = (
            {take["sample"]: take for take in document["arms"][verdict[name]]}
            for name in ("baseline", "arm")
        )
        names = {"left": verdict["baseline"], "right": verdict["arm"]}
        for sample in left.keys() & right.keys():
            found.append(({**names, "sample": sample}, left[sample], right[sample]))
    return sorted(found, key=lambda one: one[0]["sample"])


def _each_once(embed: Embed) -> Embed:
    """The baseline's steps stand beside those of several arms."""
    known: dict[str, NDArray[np.float32]] = {}

    def embedded(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return embedded


def _told(beside: Beside) -> dict[str, Any]:
    left, right = ([_step(one) for one in stretch] for stretch in (beside.left, beside.right))
    return {"left": left, "right": right, "similarity": beside.similarity, "saved": beside.saved}


def _step(one: Side) -> dict[str, Any]:
    length = len(one.text)
    return {"side": one.side, "start": one.start, "characters": length, "tokens": one.tokens}


def sides(take: Take) -> list[Side]:
    """The steps of a take, each with its tokens."""
    found = []
    for side in ("thinking", "text"):
        for step in steps(take[side]):
            if step.text.strip():
                found.append(Side(side, step.text, step.start, _tokens(take, side, step)))
    return found


def tokens(stretch: Sequence[Side]) -> int | None:
    counts = [side.tokens for side in stretch]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _tokens(take: Take, side: str, step: Step) -> int | None:
    """Counted between the chunks in which the step begins and ends."""
    begun, ended = tokens_at(take, side, step.start), tokens_at(take, side, step.end)
    return None if begun is None or ended is None else ended - begun


def tokens_at(take: Take, side: str, character: int) -> int | None:
    """Output tokens when so many characters of a side had come, to the chunk.

    From the counts the endpoint sent along; where it sent none but every chunk was a token, that is
    as many as it counts in all, from the number of chunks.
    """
    chunks = take["chunks"]
    if not chunks:  # a recording without them, or a reply that still arrives
        return None if character else 0
    each_is_one = take["output_tokens"] in (len(chunks), len(chunks) + 1)  # one more ends the reply
    came = 0
    count: int | None = 0
    for number, (_ms, of_side, length, so_far) in enumerate(chunks, 1):
        if of_side == side:
            if came >= character:
                return count
            came += length
        elif of_side == "text":  # thinking is over
            return count
        count = so_far if so_far is not None else number if each_is_one else None
    return count
