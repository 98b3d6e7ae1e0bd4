"""Words by their stems, so that "factor", "factors" and "factoring" count as one word."""

import threading
from functools import cache

import snowballstemmer

_stemmer = snowballstemmer.stemmer("english")
_turn = threading.Lock()  # the stemmer keeps the word it works on in itself


@cache
def stem(word: str) -> str:
    with _turn:
        return str(_stemmer.stemWord(word))
