"""Pairs of near copies: sought in every way there is, each kept with the best reason for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from core.handbook.duplicates.links import (
    FLOOR,
    Links,
    Places,
    Similarities,
    equals,
    joined,
    links_of_block,
)
from core.handbook.duplicates.names import alike_names
from core.handbook.duplicates.vectors import BLOCK, approximate, exact
from core.handbook.likeness import Known, meaning_text, plain, sorted_words
from core.store import Store
from core.store import behaviors as behavior_rows
from core.store.records import Handbook

# Where two reasons give the same similarity, the first one counts.
REASONS = ("same text", "names alike", "meaning", "words")
TEXT, NAMES, MEANING, WORDS = range(len(REASONS))
# Up to so many every vector is compared with every other.
MOST_EXACT = 20_000
# Words of so many are compared in a few seconds.
MOST_BY_WORDS = 3_000
# Others that a behavior is paired with by one reason; beyond MOST_EXACT fewer.
MOST_OTHERS = 100
MOST_OTHERS_OF_MANY = 10
SOUGHT_IN = ("accepted", "proposed")


@dataclass(frozen=True)
class Item:
    """A behavior as far as it matters here. `apart` holds the ids it was kept apart from."""

    id: int
    name: str
    instruction: str
    status: str = "accepted"
    apart: Sequence[int] = ()


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of behaviors with a similarity from FLOOR on, each once.

    `ids` are those of all behaviors looked through, the most established first: accepted before
    proposed, older before newer. `first` and `second` are places in `ids` (first < second),
    `similarity` goes from 0 to 1, `reason` holds places in REASONS. `by` is what was compared
    besides same texts and names; without vectors and with very many behaviors it is nothing.
    """

    ids: Places
    first: Places
    second: Places
    similarity: Similarities
    reason: NDArray[np.uint8]
    by: Literal["meaning", "words", "nothing"]
    without_vectors: int

    def __len__(self) -> int:
        return len(self.first)


def of_handbook(store: Store, handbook: Handbook, known: Known | None) -> Pairs:
    """The pairs among the accepted and proposed behaviors of a handbook."""
    with store.read() as session:
        found = behavior_rows.texts_with_apart(handbook.id, session=session)
    everything = [Item(*fields) for fields in found]
    return pairs(
        [item for item in everything if item.status in SOUGHT_IN],
        known,
        gone=[item for item in everything if item.status not in SOUGHT_IN],
    )


def pairs(items: Sequence[Item], known: Known | None, gone: Sequence[Item] = ()) -> Pairs:
    """For each two the highest of: same text (1), names alike, meaning (cosine), words.

    Words are compared only where no vector is known, in a handbook of at most MOST_BY_WORDS. What
    was kept apart is left out: the two behaviors, and whatever else says the same as they do, so
    that a new extraction of a text does not ask again. `gone` are behaviors that are not looked
    through, but may have been kept apart from others.
    """
    items = sorted(items, key=lambda item: (item.status != "accepted", item.id))
    most = MOST_OTHERS if len(items) <= MOST_EXACT else MOST_OTHERS_OF_MANY
    numbers: dict[str, int] = {}
    for item in [*items, *gone]:
        numbers.setdefault(plain(item.instruction), len(numbers))
    labels = np.array([numbers[plain(item.instruction)] for item in items], np.int64)
    by_meaning, lacking = _by_meaning(items, known, most)
    found = {
        TEXT: equals(labels, most),
        NAMES: alike_names([item.name for item in items], most),
        MEANING: by_meaning,
    }
    by: Literal["meaning", "words", "nothing"] = "meaning" if lacking < len(items) else "nothing"
    if by == "nothing" and len(items) <= MOST_BY_WORDS:
        found[WORDS], by = _by_words(items, most), "words"
    best, reason = _best(found, labels)
    kept = ~_apart(best, labels, [*items, *gone], numbers)
    return Pairs(
        np.array([item.id for item in items], np.int64),
        best.first[kept],
        best.second[kept],
        best.similarity[kept],
        reason[kept],
        by,
        lacking,
    )


def _by_meaning(items: Sequence[Item], known: Known | None, most: int) -> tuple[Links, int]:
    """The links between vectors, and how many items have none."""
    if known is None or not items:
        return joined([]), len(items)
    matrix, mask = known([meaning_text(item.name, item.instruction) for item in items])
    places = np.flatnonzero(mask)
    held = matrix if mask.all() else matrix[places]
    found = (exact if len(held) <= MOST_EXACT else approximate)(held, most)
    between = Links(places[found.first], places[found.second], found.similarity)
    return between, len(items) - len(places)


def _by_words(items: Sequence[Item], most: int) -> Links:
    """Places whose instructions have sorted words alike (rapidfuzz's token_sort_ratio / 100)."""
    lines = [sorted_words(item.instruction) for item in items]
    found = []
    for start in range(0, len(lines), BLOCK):
        scores = process.cdist(
            lines[start : start + BLOCK],
            lines[start:],
            scorer=fuzz.ratio,
            score_cutoff=100 * FLOOR,
            dtype=np.float64,
        )
        found.append(links_of_block(scores / 100, start, most))
    return joined(found)


def _best(found: dict[int, Links], labels: Places) -> tuple[Links, NDArray[np.uint8]]:
    """Each pair once, with the reason that gives the highest similarity."""
    every = joined(list(found.values()))
    sizes = [len(some_links) for some_links in found.values()]
    reason = np.repeat(np.array(list(found), np.uint8), sizes)
    # Copies of one text are paired by it already, each with some: other reasons add nothing.
    same_text = labels[every.first] == labels[every.second]
    told = np.flatnonzero(~same_text | (reason == TEXT))
    order = told[
        np.lexsort((reason[told], -every.similarity[told], every.second[told], every.first[told]))
    ]
    first, second = every.first[order], every.second[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return Links(first[new], second[new], every.similarity[order][new]), reason[order][new]


def _apart(
    found: Links, labels: Places, everything: Sequence[Item], numbers: dict[str, int]
) -> NDArray[np.bool_]:
    """Which links are between texts that a person kept apart. `labels` number the texts."""
    texts = {item.id: numbers[plain(item.instruction)] for item in everything}
    kept_apart = {
        _key(texts[item.id], texts[other], len(numbers))
        for item in everything
        for other in item.apart
        if other in texts and other != item.id
    }
    one, other = labels[found.first], labels[found.second]
    keys = np.minimum(one, other) * len(numbers) + np.maximum(one, other)
    return np.isin(keys, np.fromiter(kept_apart, np.int64, len(kept_apart)))


def _key(one: int, other: int, number: int) -> int:
    return min(one, other) * number + max(one, other)
