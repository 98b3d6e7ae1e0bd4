"""How much a shared word or number says: the rarer, the more."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from core.evaluation.leaks.wording import is_number

# So much of a text of any kind is assumed before the texts themselves are looked at: with few of
# them, every word would seem rare.
ASSUMED = 200
COMMON = frozenset(
    "a an and are as at be by can do does each find for from has have he her his how if in is it "
    "its let many much of on or she so such than that the their them then there these they this "
    "to was were what when where which who will with would you your".split()
)
IN_COMMON, IN_OTHERS = 0.4, 0.005  # the share of texts that has such a word
# Numbers of units, angles and percentages; they are in problems of all sorts.
EVERYDAY = frozenset("10 12 24 30 45 50 52 60 90 100 120 180 270 360 365 1000".split())
# A hundred thousand, three million: of units and prizes, too. Shorter ones tell rewordings, and
# none of them is long enough to prove anything alone.
ROUND = re.compile(r"[1-9]0{5,}")


class Rarity:
    """Weights of words by how few of these texts have them. A text is its stems and numbers."""

    def __init__(self, texts: Iterable[Sequence[str]]):
        self._texts: Counter[str] = Counter()
        self._weights: dict[str, float] = {}
        self.size = 0
        for text in texts:
            self._texts.update(set(text))
            self.size += 1

    def of(self, word: str) -> float:
        """0 for signs; about 1 for the commonest words, 5 and more for rare ones."""
        if word not in self._weights:
            self._weights[word] = self._weight(word)
        return self._weights[word]

    def _weight(self, word: str) -> float:
        if not word[0].isalnum():
            return 0.0
        assumed = ASSUMED * (IN_COMMON if word in COMMON else IN_OTHERS)
        return math.log((self.size + ASSUMED) / (self._texts[word] + assumed)) + 0.1


def telling(number: str) -> float:
    """How particular a number is: 0 for 0, 1 and 2; 0.6 for other digits and for long round
    numbers; 6 for others from six digits on.
    """
    if not is_number(number) or number in ("0", "1", "2"):
        return 0.0
    if number in EVERYDAY or ROUND.fullmatch(number):
        return 0.6
    if "." in number:
        return 3.0
    round_off = 0.8 if number.endswith("0") else 0.0
    if len(number) == 2 and number[0] == "1":
        return 1.2
    if len(number) >= 6:
        return 6.0
    return {1: 0.6, 2: 2.0, 3: 3.0}.get(len(number), 4.0) - round_off


def together(numbers: Iterable[str]) -> float:
    """What these numbers tell; rounded, so that their order makes no difference."""
    return round(sum(map(telling, numbers)), 3)
