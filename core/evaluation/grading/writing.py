"""One way of writing: notation that does not change an answer is taken away.

Two answers are the same writing if what is left is the same to the character. The list follows
the normalisation that came with MATH (Hendrycks et al. 2021, math_equivalence.py) and Minerva's.
"""

import re
import unicodedata
from functools import lru_cache

# Longer answers are compared as they stand; patterns over a megabyte take their time.
LONGEST = 20_000
NOISE = re.compile(
    r"\\?\$|(?<!\\)\\[!,;:]|\\(?:left|right|displaystyle|limits|allowbreak)(?![a-z])|\\$"
)
BACKSLASH_SPACE = re.compile(r"(?<!\\)\\ ")  # "\\\\ " ends the row of a matrix
SIZES = re.compile(r"\\[bB]igg?[lr]?(?![a-zA-Z])")
SPACE = re.compile(r"(?<!\d) +| +(?!\d)")  # between digits it counts: 1 1/2 is not 11/2
SMALL_FRACTION = re.compile(r"\\frac\s*(\d)\s*(\d)(?!\d)")
GROUPED_NUMBER = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
WITHOUT_SECONDS = re.compile(r"(?<=^\d\d:\d\d):00$|(?<=^\d:\d\d):00$")  # of a time of day
HALF_DAY = re.compile(
    r"(?P<hour>0?[1-9]|1[0-2])(?::(?P<minute>[0-5]\d))?(?::00)? ?(?P<half>[ap])\.? ?m\.?",
    re.IGNORECASE,
)
LONGEST_TIME = 40
LONGEST_KEPT = 200
# What sets a text in another type and leaves it the same text.
DRESS = re.compile(
    r"\\(?:text|textbf|textit|textrm|textnormal|texttt|mathrm|mathbf|mbox|mathsf|emph)"
    r"\s*\{([^{}]*)\}"
)
ROOT_SIGN = re.compile(r"√\s*(?:(\d+(?:\.\d+)?|[a-zA-Z])|\(([^()]*)\))")
# ½ as \frac{1}{2}: Unicode knows the parts of each such sign.
FRACTION_SIGNS = str.maketrans(
    {
        sign: r"\frac{{{}}}{{{}}}".format(*unicodedata.normalize("NFKC", sign).split("\u2044"))
        for sign in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
    }
)
DOTS_IN_LIST = re.compile(r"(?<=,)(\s*)\.\.\.(?=\s*,)")
SAME_SIGNS = str.maketrans(
    {
        **dict.fromkeys("−–—﹣－", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
        "，": ",",
        "：": ":",
        "（": "(",
        "）": ")",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
    }
)
SAME_NAMES = (
    ("\\dfrac", "\\frac"),
    ("\\tfrac", "\\frac"),
    ("\\cfrac", "\\frac"),
    ("\\lbrace", "\\{"),
    ("\\rbrace", "\\}"),
    ("{,}", ","),
    ("~", " "),
    ("\\quad", " "),
    ("\\qquad", " "),
    ("≤", "\\le "),
    ("≥", "\\ge "),
    ("≠", "\\ne "),
    ("π", "\\pi "),
    ("∞", "\\infty "),
    ("∪", "\\cup "),
    ("·", "\\cdot "),
    ("×", "\\times "),
    ("÷", "/"),
    ("^{\\circ}", "^\\circ"),
    ("°", "^\\circ"),
    ("\\%", "%"),
    ("\\varnothing", "\\emptyset"),
    ("∅", "\\emptyset "),
    ("\\ldots", "\\dots"),
    ("\\cdots", "\\dots"),
    ("…", "\\dots "),
)
RELATIONS = (
    (re.compile(r"\\leq(?:slant)?(?![a-zA-Z])|<="), r"\\le "),
    (re.compile(r"\\geq(?:slant)?(?![a-zA-Z])|>="), r"\\ge "),
    (re.compile(r"\\neq(?![a-zA-Z])|!="), r"\\ne "),
    (re.compile(r"\\lt(?![a-zA-Z])"), "<"),
    (re.compile(r"\\gt(?![a-zA-Z])"), ">"),
)


def plain(text: str) -> str:
    """The text with one sign for one idea: what other rules read. Spaces stay where they are."""
    if len(text) > LONGEST:
        return text.strip()
    text = DOTS_IN_LIST.sub(r"\1\\dots", in_latex(text).translate(SAME_SIGNS))
    for other, name in SAME_NAMES:
        text = text.replace(other, name)
    return SIZES.sub("", NOISE.sub("", BACKSLASH_SPACE.sub(" ", text))).strip()


def in_latex(text: str) -> str:
    """½ and √2 as LaTeX writes them, which is what math-verify reads."""
    return ROOT_SIGN.sub(r"\\sqrt{\1\2}", text.translate(FRACTION_SIGNS)).replace("√", "\\sqrt")


def undressed(text: str) -> str:
    r"""The plain text without LaTeX's type: Paris from \textbf{\text{Paris}}."""
    text = plain(text)
    for _ in range(3):
        text = DRESS.sub(r"\1", text)
    return text.strip()


def written(text: str) -> str:
    """The text as it is compared to the character."""
    return _kept(text) if len(text) <= LONGEST_KEPT else _written(text)


@lru_cache(maxsize=4096)
def _kept(text: str) -> str:
    """A gold answer is compared with every answer to its problem."""
    return _written(text)


def _written(text: str) -> str:
    text = plain(text)
    if len(text) > LONGEST:
        return text
    for other, name in RELATIONS:
        text = other.sub(name, text)
    text = SMALL_FRACTION.sub(r"\\frac{\1}{\2}", text)
    text = " ".join(text.split()).rstrip(".")
    if GROUPED_NUMBER.fullmatch(text):  # with a space behind the comma it would be a list
        return text.replace(",", "")
    return _time_of_day(text) or WITHOUT_SECONDS.sub("", SPACE.sub("", text))


def _time_of_day(text: str) -> str | None:
    """17:30 from 5:30 p.m. and 5:30 PM; a time that does not name its half of the day is kept."""
    if len(text) > LONGEST_TIME or not (time := HALF_DAY.fullmatch(undressed(text))):
        return None
    hour = int(time["hour"]) % 12 + 12 * (time["half"] in "pP")
    return f"{hour:02d}:{time['minute'] or '00'}"
