"""Names alike: the same words in another form or order, or with one word more or spelt otherwise.

`behavior_factor_polynomial` and `behavior_polynomial_factoring`; four words and three of them;
`..._maximise_...` and `..._maximize_...`. Names that differ in a word of another meaning ("sine",
"cosine") are not alike, however few letters differ.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product

import numpy as np
from rapidfuzz import fuzz, process

from core.handbook.duplicates.links import FLOOR, Links, Places, equals, joined, links
from core.stems import stem

SHARED = 3  # stems that names with a differing one have in common at least
# Spellings of one word begin alike, and have four fifths of their letters in common.
BEGINNING = 3
SPELT_ALIKE = 80.0

Stems = tuple[str, ...]


def alike_names(names: Sequence[str], most: int) -> Links:
    """Links places whose names are alike; a place has at most `most` links of each kind.

    The similarity is the share of letters that the sorted words have in common (rapidfuzz's
    token_sort_ratio / 100). Candidates come from an index of the stems, so that a hundred thousand
    names are not compared each with each.
    """
    words = [name.removeprefix("behavior_").split("_") for name in names]
    numbers: dict[Stems, int] = {}
    labels = np.fromiter(
        (numbers.setdefault(tuple(sorted(set(map(stem, w)))), len(numbers)) for w in words),
        np.int64,
        len(words),
    )
    close = [*_one_more(numbers), *_spelt_otherwise(numbers, most)]
    found = joined([equals(labels, most), _between(close, labels, most)])
    lines = [" ".join(sorted(w)) for w in words]
    scores = process.cpdist(
        [lines[at] for at in found.first.tolist()],
        [lines[at] for at in found.second.tolist()],
        scorer=fuzz.ratio,
        score_cutoff=100 * FLOOR,
        dtype=np.float64,
    )
    return links(found.first, found.second, scores / 100)


def _one_more(numbers: dict[Stems, int]) -> Iterator[tuple[int, int]]:
    """The numbers of two sets of stems, one of which has one stem more."""
    for stems, number in numbers.items():
        for at in range(len(stems) if len(stems) > SHARED else 0):
            fewer = numbers.get(stems[:at] + stems[at + 1 :])
            if fewer is not None:
                yield fewer, number


def _spelt_otherwise(numbers: dict[Stems, int], most: int) -> Iterator[tuple[int, int]]:
    """The numbers of two sets that differ in the spelling of one stem."""
    held: dict[tuple[Stems, str], list[tuple[str, int]]] = {}
    for stems, number in numbers.items():
        for at in range(len(stems) if len(stems) > SHARED else 0):
            word = stems[at]
            if len(word) > BEGINNING and word.isalpha():
                rest = stems[:at] + stems[at + 1 :]
                held.setdefault((rest, word[:BEGINNING]), []).append((word, number))
    for spellings in held.values():
        for at, (word, number) in enumerate(spellings):
            for other_word, other in spellings[at + 1 : at + 1 + most]:
                if fuzz.ratio(word, other_word) >= SPELT_ALIKE:
                    yield number, other


def _between(close: Sequence[tuple[int, int]], labels: Places, most: int) -> Links:
    """Links the places of close sets, at most `most` for each two sets.

    The places of one set hang together already.
    """
    if not close:
        return joined([])
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(int(labels.max()) + 2)).tolist()
    places = order.tolist()
    two = [
        pair
        for one, other in close
        for pair in islice(
            product(
                places[starts[one] : starts[one + 1]], places[starts[other] : starts[other + 1]]
            ),
            most,
        )
    ]
    both = np.array(two, np.int64)
    return links(both[:, 0], both[:, 1], np.ones(len(both)))
