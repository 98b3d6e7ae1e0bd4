"""Two wordings of a text, word by word: what stayed, what is gone, what is new.

Says only where texts differ; how it looks is for those who show it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal

How = Literal["same", "gone", "new"]
Piece = tuple[How, str]
# Words, spaces, every other character by itself: `behavior_x` and `\frac{1}{2}` differ in parts.
FINE = re.compile(r"[^\W_]+|\s+|.", re.DOTALL)
# Whatever stands between spaces, its punctuation with it.
COARSE = re.compile(r"\S+|\s+")
_JOINER = "\u200d"


def word_diff(old: str, new: str, *, words: re.Pattern[str] = FINE) -> list[Piece]:
    """The pieces in their order, what is gone before what came instead.

    `same` and `gone` together are the old text to the character, `same` and `new` the new one.
    """
    olds, news = _tokens(old, words), _tokens(new, words)
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    pieces: list[Piece] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(olds[old_start:old_end])))
        else:
            pieces.append(("gone", "".join(olds[old_start:old_end])))
            pieces.append(("new", "".join(news[new_start:new_end])))
    return list(_joined(_without_islands(pieces)))


def _tokens(text: str, words: re.Pattern[str]) -> list[str]:
    """Accents and joiners stay with the character they belong to."""
    tokens: list[str] = []
    for token in words.findall(text):
        glued = bool(tokens) and not tokens[-1].isspace() and _belongs(tokens[-1][-1], token[0])
        if glued:
            tokens[-1] += token
        else:
            tokens.append(token)
    return tokens


def _belongs(before: str, character: str) -> bool:
    return before == _JOINER or character == _JOINER or unicodedata.category(character)[0] == "M"


def _without_islands(pieces: list[Piece]) -> Iterator[Piece]:
    """A space between two changed words is changed with them: one change reads better than two."""
    for index, (how, text) in enumerate(pieces):
        if how == "same" and text.isspace() and 0 < index < len(pieces) - 1:
            yield "gone", text
            yield "new", text
        else:
            yield how, text


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece, and nothing empty."""
    gone = new = ""
    for how, text in pieces:
        if how == "gone":
            gone += text
        elif how == "new":
            new += text
        else:
            yield from _changed(gone, new)
            gone = new = ""
            if text:
                yield "same", text
    yield from _changed(gone, new)


def _changed(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield "gone", gone
    if new:
        yield "new", new
