r"""A problem's text as what it says: words, numbers and signs, without how they are set.

`\dfrac{1}{2}`, `1/2` and `\frac12` are one wording, and so are `twenty-four` and `24`, `$x$` and
`x`. Drawings are left out: their numbers are compared apart.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from core.stems import stem

DRAWING = re.compile(r"\[asy\].*?\[/asy\]", re.DOTALL)
# Each is replaced by what follows it, in this order.
REWRITTEN = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"(?<=\d)(?:,\\!|\{,\}|,)(?=\d{3}(?!\d))", ""),  # thousands
        (r"⁄", "/"),
        (r"\\[dtc]frac(?![a-z])", r"\\frac"),
        (r"\\frac\s*([^\W_])\s*([^\W_])", r" \1/\2 "),
        (r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r" \1/\2 "),
        (r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|limits)(?![a-z])", " "),
        (r"\\(?:begin|end)\s*\{[^{}]*\}", " "),
        (r"\^\s*\{?\s*(?:\\[a-z]+\s*\{)?\s*(?:th|st|nd|rd)(?![a-z])", " "),
        (r"\\(?:text|math|operatorname|mbox|over|under|rm)[a-z]*(?![a-z])", " "),
        (r"\^\s*\{?\s*\\(?:circ|prime)\s*\}?|°", " "),
        (r"\\(?:cdot|times)(?![a-z])|[×·∙]", " * "),
        (r"\\div(?![a-z])|÷", " / "),
        (r"\\[cl]?dots[a-z]*|…", " "),
        (r"\\(?:leq?|geq?)(?![a-z])|[≤≥]", " <= "),
        (r"\\q?quad|\\[,;:! ]|~", " "),
        (r"[−–—]", "-"),
    )
)
# Signs of Chinese, Japanese and Korean are words by themselves: there is no space between words.
TOKEN = re.compile(
    r"\d+(?:\.\d+)?|\.\d+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]+|[-+*/=<>^|%]"
)
ONE_SIGN = re.compile(r"(?=[¼-¾⅐-⅞])")  # 2½ is 2 and 1/2, not 21/2
HYPHEN = re.compile(r"(?<=[a-z0-9])-(?=[a-z]{3})|(?<=[a-z]{2})-(?=[a-z]{2}|\$?\d)")
UNITS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split(),
        range(20),
        strict=True,
    )
)
TENS = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
)
PARTS = "thirds fourths fifths sixths sevenths eighths ninths".split()  # one alone is a place, too
OTHER_WORDS = {
    "percent": ["%"],
    "quarter": ["1", "/", "4"],
    "quarters": ["/", "4"],
    "thrice": ["3", "times"],
    **{word: ["/", str(number)] for number, word in enumerate(PARTS, start=3)},
}
FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan log ln sqrt pi theta binom mod pmod frac".split()
)
SHORT_WORDS = frozenset("ai")
TWO_LETTERS = frozenset(
    "am an as at be by do go he if in is it me my no of on or so to up us we".split()
)
LISTED = 4  # from so many on, consecutive numbers are a list, of which the ends count


def tokens(text: str) -> list[str]:
    """Its words in small letters, its numbers and its signs, in order."""
    text = unicodedata.normalize("NFKC", ONE_SIGN.sub(" ", DRAWING.sub(" ", text)))
    for pattern, by in REWRITTEN:
        text = pattern.sub(by, text)
    text = HYPHEN.sub(" ", text.lower())
    return list(_in_digits(_plain(token) for token in TOKEN.findall(text)))


def drawn(text: str) -> Counter[str]:
    """The numbers of its drawings."""
    return Counter(re.findall(r"\d+(?:\.\d+)?", " ".join(DRAWING.findall(text))))


def is_number(token: str) -> bool:
    return token[0].isdigit()


@cache
def said(token: str) -> str:
    """What counts as the same word: its stem."""
    return stem(token) if len(token) > 3 and token.isascii() and token.isalpha() else token


def formulas(found: Sequence[str]) -> list[list[str]]:
    """The runs of numbers, signs, variables and functions that hold a sign and something else."""
    runs: list[list[str]] = [[]]
    for before, word, after in zip(["", *found], found, [*found[1:], ""], strict=False):
        if _formal(before, word, after):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if any(not token.isalnum() for token in run) and len(run) > 1]


def numbers(found: Iterable[str]) -> frozenset[str]:
    """The numbers that tell one problem from another: not 0, 1, 2; of a list only its ends."""
    there = {token for token in found if is_number(token)}
    whole = sorted(int(token) for token in there if token.isdigit() and len(token) < 10)
    inner: set[str] = set()
    start = 0
    for end in range(1, len(whole) + 1):
        if end == len(whole) or whole[end] != whole[end - 1] + 1:
            if end - start >= LISTED:
                inner.update(map(str, whole[start + 1 : end - 1]))
            start = end
    return frozenset(there - inner - {"0", "1", "2"})


def _formal(before: str, word: str, after: str) -> bool:
    """`ax` and `a` are variables where a sign is near, and words elsewhere."""
    if not word.isalpha() or word in FUNCTIONS:
        return True
    if len(word) == 1 and word.isascii() and word not in SHORT_WORDS:
        return True
    return len(word) <= 2 and word not in TWO_LETTERS and not (before + after).isalnum()


def _plain(token: str) -> str:
    """A number without zeros that say nothing: .50 is 0.5, 007 is 7."""
    if token[0] == ".":
        token = f"0{token}"
    if "." in token and is_number(token):
        token = token.rstrip("0").rstrip(".")
    if token[0] == "0" and "." not in token:
        return token.lstrip("0") or "0"
    return token


def _in_digits(found: Iterable[str]) -> Iterable[str]:
    """Number words as numbers: twenty four is 24, one hundred fifty is 150."""
    number: int | None = None
    for token in found:
        further = _counted_on(number, token)
        if further is not None:
            number = further
            continue
        if number is not None:
            yield str(number)
        number = UNITS.get(token, TENS.get(token))
        if number is None:
            yield from OTHER_WORDS.get(token, [token])
    if number is not None:
        yield str(number)


def _counted_on(number: int | None, word: str) -> int | None:
    """The number that goes on with this word; None where the word does not belong to it."""
    if number is None:
        return None
    if word == "hundred":
        return number + number % 100 * 99 if 0 < number % 1000 < 100 else None
    if word == "thousand":
        return number * 1000 if 0 < number < 1000 else None
    if word in TENS or word in UNITS:
        value = UNITS.get(word, TENS.get(word, 0))
        after_tens = number % 100 in TENS.values() and 0 < value < 10
        after_hundreds = number >= 100 and number % 100 == 0 and value > 0
        return number + value if after_tens or after_hundreds else None
    return None
