"""A text cut into paragraphs, also one that is still arriving; each has its nodes.

Blank lines inside of formulas and code end no paragraph.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.evaluation.comparison.nodes import LONGEST_BLOCK, Cite, Node, block_nodes

# A longer text is shown as it was written, from there on.
LONGEST_RICH = 200_000
# A formula that is open for so long was never meant to be one.
LONGEST_OPEN = 4_000
_BREAK = re.compile(r"(?:[ \t]*\n)+(?:[ \t]*\n)*")


@dataclass(frozen=True)
class Block:
    """A paragraph, text[start:end]; `nodes` is None where it is to be shown as it is."""

    start: int
    end: int
    indent: int
    nodes: list[Node] | None


def blocks(
    text: str,
    cites: Sequence[Cite] = (),
    *,
    complete: bool = True,
    cuts: Iterable[int] = (),
    rich: bool = True,
) -> list[Block]:
    """The paragraphs. `cuts` are places where one has to end.

    While the text is arriving (not `complete`), the last paragraph stays as it is.
    """
    made: list[Block] = []
    spans = list(_paragraphs(text, sorted(cuts)))
    waiting = iter(sorted(cites))
    cite = next(waiting, None)
    for at, (start, end) in enumerate(spans):
        inside = []
        while cite and cite.start < end:
            if start <= cite.start < cite.end <= end:
                inside.append(cite._replace(start=cite.start - start, end=cite.end - start))
            cite = next(waiting, None)
        settled = complete or at < len(spans) - 1
        drawn = settled and rich and end <= LONGEST_RICH
        made.append(_block(text[start:end], start, tuple(inside), drawn))
    return made


def _block(text: str, start: int, cites: tuple[Cite, ...], drawn: bool) -> Block:
    lead = text[: len(text) - len(text.lstrip(" \t"))].expandtabs(4)
    nodes = block_nodes(text, cites) if drawn else None
    return Block(start, start + len(text), min(len(lead) // 2, 4), nodes)


def _paragraphs(text: str, cuts: list[int]) -> Iterator[tuple[int, int]]:
    """Spans between blank lines that stand outside of formulas and code; never blank ones."""
    start = counted = 0
    opened = dict.fromkeys(("```", "$$", r"\[", "[asy]"), 0)
    for end, following, forced in _breaks(text, cuts):
        if end <= start:
            continue
        for mark in opened:
            opened[mark] += text.count(mark, counted, end)
        opened[r"\["] -= text.count(r"\]", counted, end)
        opened["[asy]"] -= text.count("[/asy]", counted, end)
        counted = end
        is_open = opened["```"] % 2 or opened["$$"] % 2 or max(opened[r"\["], opened["[asy]"]) > 0
        if not is_open or forced or end - start > LONGEST_OPEN:
            if text[start:end].strip():
                yield start, end
            start = counted = following
            opened = dict.fromkeys(opened, 0)
    if text[start:].strip():
        yield start, len(text)


def _breaks(text: str, cuts: list[int]) -> Iterator[tuple[int, int, bool]]:
    """Where a paragraph may end, where the next begins, and whether it has to.

    At blank lines, and in a paragraph that goes on and on at any line.
    """
    last, places = 0, [cut for cut in cuts if 0 < cut < len(text)]
    for found in _BREAK.finditer(text):
        end, following = found.span()
        while places and places[0] <= following:
            last = places.pop(0)
            yield last, last, True
        if text.count("\n", end, following) > 1 or end - last > LONGEST_BLOCK // 2:
            last = following
            yield end, following, False
    for place in places:
        yield place, place, True
