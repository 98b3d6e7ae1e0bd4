"""How alike behaviors are, by meaning or by words: clashes, near copies, the nearest ones.

By meaning where an embedder's vectors are known, else by words. Nothing here computes a vector:
whoever calls passes in what is known. Groups of copies are the business of
`core.handbook.duplicates`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from core.errors import BadInput
from core.handbook.rules import normalised
from core.store.records import Behavior

# token_sort_ratio counts edits between the sorted words (0 to 100). At 85, about one word in seven
# differs: the same sentence reworded, not another idea with similar words.
NEAR_COPY = 85.0
# By meaning, once so much of what is compared with has a vector; the rest is passed over.
KNOWN_ENOUGH = 0.9
# Comparing words takes about a second for so many pairs.
MOST_PAIRS_BY_WORDS = 4_000_000
BLOCK = 256  # rows of a matrix product at a time: 100 MB where there are 100,000 others

Matrix = NDArray[np.float32]
Text = tuple[int, str, str]  # id, name, instruction
# Texts -> a matrix (texts, dimensions) of unit rows, zero where unknown, and a mask of the known.
Known = Callable[[Sequence[str]], tuple[Matrix, NDArray[np.bool_]]]


@dataclass(frozen=True)
class Neighbour:
    """A behavior like another one.

    `similarity` goes from 0 to 1: the cosine of the vectors, or the share of letters that the
    sorted words have in common (rapidfuzz's token_sort_ratio / 100).
    """

    behavior_id: int
    name: str
    instruction: str
    similarity: float
    by: Literal["meaning", "words"]


def marks_against(name: str, instruction: str, accepted: Sequence[Behavior]) -> dict[str, str]:
    """The marks clash and near-copy, each with the behavior it is about."""
    marks = {}
    if clash := next((behavior for behavior in accepted if behavior.name == name), None):
        marks["clash"] = f"number {clash.id} is already called so: {clash.instruction}"
    texts = {behavior.id: normalised(behavior.instruction) for behavior in accepted}
    nearest = process.extractOne(
        normalised(instruction), texts, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR_COPY
    )
    if nearest:
        _text, likeness, behavior_id = nearest
        twin = next(behavior for behavior in accepted if behavior.id == behavior_id)
        marks["near-copy"] = f"{likeness:.0f}% the words of {twin.name}: {twin.instruction}"
    return marks


def meaning_text(name: str, instruction: str) -> str:
    """The text whose vector stands for a behavior, as in `core.retrieval.vectors`."""
    return f"{name.replace('_', ' ')}: {instruction}"


def plain(instruction: str) -> str:
    """The instruction as it is compared; one that is all signs is compared as it stands."""
    return normalised(instruction) or instruction.strip()


@lru_cache(maxsize=1 << 17)
def sorted_words(instruction: str) -> str:
    """`fuzz.ratio` of two of these is `fuzz.token_sort_ratio` of the normalised instructions."""
    return " ".join(sorted(plain(instruction).split()))


def nearest(
    name: str, instruction: str, others: Sequence[Text], known: Known | None, limit: int = 3
) -> list[Neighbour]:
    """The others most like this text, the nearest first.

    By meaning where the vectors of the text and of nine tenths of the others are known; others
    without one are passed over then. Else by the words of the instructions.
    """
    vectors = _vectors([(0, name, instruction), *others], known)
    if vectors is not None and vectors[1][0] and _enough(vectors[1][1:]):
        matrix, mask = vectors
        scores = np.where(mask[1:], matrix[1:] @ matrix[0], -np.inf)
        order = np.argsort(-scores, kind="stable")[: min(limit, int(mask[1:].sum()))]
        return [_by_meaning(others[at], scores[at]) for at in order]
    found = process.extract(
        sorted_words(instruction),
        [sorted_words(text) for _id, _name, text in others],
        scorer=fuzz.ratio,
        limit=limit,
    )
    return [_by_words(others[at], score) for _text, score, at in found]


def nearest_of_many(
    queries: Sequence[Text], others: Sequence[Text], known: Known | None
) -> dict[int, Neighbour]:
    """Query id -> its nearest other, which is never the query itself. Chosen as by `nearest`.

    Queries without any other are left out. Raises BadInput where so many would have to be compared
    by words that a person would wait for minutes.
    """
    if not queries or not others:
        return {}
    vectors = _vectors([*queries, *others], known)
    if vectors is None or not _enough(vectors[1][len(queries) :]):
        return _nearest_by_words(queries, others)
    matrix, mask = vectors
    asked, held = mask[: len(queries)], mask[len(queries) :]
    found = _nearest_by_meaning(
        [query for query, has in zip(queries, asked, strict=True) if has],
        [other for other, has in zip(others, held, strict=True) if has],
        matrix[: len(queries)][asked],
        matrix[len(queries) :][held],
    )
    unknown = [query for query, has in zip(queries, asked, strict=True) if not has]
    return found | _nearest_by_words(unknown, others)


def _vectors(texts: Sequence[Text], known: Known | None) -> tuple[Matrix, NDArray[np.bool_]] | None:
    return known([meaning_text(name, line) for _id, name, line in texts]) if known else None


def _enough(mask: NDArray[np.bool_]) -> bool:
    return len(mask) > 0 and float(mask.mean()) >= KNOWN_ENOUGH


def _nearest_by_meaning(
    queries: Sequence[Text], others: Sequence[Text], asked: Matrix, held: Matrix
) -> dict[int, Neighbour]:
    """`asked` and `held` are the vectors of the queries and of the others."""
    found = {}
    for rows, itself in _blocks(queries, others):
        scores = asked[rows] @ held.T
        scores[itself] = -np.inf
        for row, at in enumerate(scores.argmax(axis=1)):
            if np.isfinite(scores[row, at]):
                found[queries[rows.start + row][0]] = _by_meaning(others[at], scores[row, at])
    return found


def _nearest_by_words(queries: Sequence[Text], others: Sequence[Text]) -> dict[int, Neighbour]:
    if len(queries) * len(others) > MOST_PAIRS_BY_WORDS:
        raise BadInput(
            f"{len(queries):,} behaviors are too many to compare with {len(others):,} by their "
            "words. Compute the vectors first: on the Models screen, or fetch an embedder with "
            "`python -m core models pull all-minilm-l6-v2`."
        )
    lines = [sorted_words(text) for _id, _name, text in others]
    found = {}
    for rows, itself in _blocks(queries, others):
        asked = [sorted_words(text) for _id, _name, text in queries[rows]]
        scores = process.cdist(asked, lines, scorer=fuzz.ratio, dtype=np.float64)
        scores[itself] = -1
        for row, at in enumerate(scores.argmax(axis=1)):
            if scores[row, at] >= 0:
                query_id = queries[rows.start + row][0]
                found[query_id] = _by_words(others[at], scores[row, at])
    return found


def _blocks(
    queries: Sequence[Text], others: Sequence[Text]
) -> Iterator[tuple[slice, tuple[list[int], list[int]]]]:
    """Rows of the queries at a time, and where in the block a query meets itself."""
    places = {other[0]: at for at, other in enumerate(others)}
    for start in range(0, len(queries), BLOCK):
        rows = slice(start, min(start + BLOCK, len(queries)))
        met = [(row, places[q[0]]) for row, q in enumerate(queries[rows]) if q[0] in places]
        yield rows, ([row for row, _at in met], [at for _row, at in met])


def _by_meaning(other: Text, cosine: float) -> Neighbour:
    return Neighbour(*other, similarity=float(min(max(cosine, 0.0), 1.0)), by="meaning")


def _by_words(other: Text, ratio: float) -> Neighbour:
    return Neighbour(*other, similarity=float(ratio) / 100, by="words")
