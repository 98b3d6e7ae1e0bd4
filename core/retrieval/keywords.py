"""Finding behaviors by the words they share with a problem: BM25, by the package bm25s.

Words count by their English stem. Of Chinese, Japanese and Korean, each character counts as a word.
"""

import logging
import re
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from core.stems import stem

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells all it does

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
# Words that say nothing about what a text is about; those of mathematics ("all", "more") stay.
STOPWORDS = frozenset(
    """
    a an and are as at be been but by can do does for from had has have how i if in into is it its
    of on or our she he so such than that the their them then there these they this those to was we
    were what when where which while who will with would you your
    """.split()
)
LONGEST = 60  # characters of a word that is looked at


def words(text: str) -> list[str]:
    """The stems of a text's words in their order, without the stopwords."""
    found = WORD.findall(text.casefold())
    return [stem(word) for word in found if word not in STOPWORDS and len(word) <= LONGEST]


def shared_words(problem: str, text: str) -> list[str]:
    """Words of `text`, as they stand there, whose stem the problem has too; each stem once."""
    stems = set(words(problem))
    found: dict[str, str] = {}
    for word in WORD.findall(text.casefold()):
        if word not in STOPWORDS and len(word) <= LONGEST and stem(word) in stems:
            found.setdefault(stem(word), word)
    return list(found.values())


class Keywords:
    """The words of texts under ids, made searchable."""

    def __init__(self, ids: Sequence[int], texts: Sequence[str]):
        self._ids = np.asarray(ids, np.int64)
        corpus = [words(text) for text in texts]
        self._known = {word for text in corpus for word in text}
        self._index: bm25s.BM25 | None = None
        if self._known:
            self._index = bm25s.BM25(method="lucene")
            self._index.index(corpus, show_progress=False)

    def search(self, problem: str, k: int) -> dict[int, float]:
        """Id -> BM25 score of the best `k` that share a word, the best first; ties by id."""
        scores = self._scores(problem)
        found = np.flatnonzero(scores > 0)
        best = found[np.lexsort((self._ids[found], -scores[found]))][:k]
        return {int(self._ids[place]): float(scores[place]) for place in best}

    def _scores(self, problem: str) -> NDArray[np.float32]:
        asked = [word for word in words(problem) if word in self._known]
        if self._index is None or not asked:
            return np.zeros(len(self._ids), np.float32)
        return np.asarray(self._index.get_scores(asked), np.float32)
