"""Reads the formulas, numbers and words of a text: its last value, for those who ask for that."""

import re

FORMULA = re.compile(
    r"\$\$(?P<display>.+?)\$\$|\\\[(?P<brackets>.+?)\\\]|\\\((?P<inline>.+?)\\\)"
    r"|(?<![\\\d])\$(?P<dollar>[^$\n]+?)(?<!\\)\$",
    re.DOTALL,
)
BETWEEN_FORMULAS = re.compile(r"\s*(?:,|,?\s*(?:and|or)|;)?\s*")
NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,^{}\\])[-+]?[€£$]?(?:"  # Chinese has no space before a number
    r"\\frac\{-?\d+\}\{-?\d+\}"
    r"|\d+[ \u00a0]+\d+[ ]*/[ ]*\d+"  # a mixed number
    r"|\d[\d.,]*(?:\s*[-+*/×÷^]\s*\(?-?\d[\d.,]*\)?)+(?=[\s.,:;)$]|$)"  # 10/2
    r"|\d{1,3}(?:[ ,]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*|\.\d+"
    r")(?:\s*(?:\\?%|per ?cent(?:age)?\b|pct\b))?",
    re.IGNORECASE,
)
AFTER_EQUALS = re.compile(r"(?<=[=≈])\s*(?=[-+\d.€£$])")
# A number at the end of a megabyte is near its end.
SEARCHED = 4_000
# Words of letters; Chinese and Japanese write several without a space between them.
PROSE = re.compile(
    r"(?<![\\a-zA-Z])[a-zA-Zà-öø-ÿЀ-ӿ]{2,}(?![a-zA-Z{(])|[\u3040-\u30ff\u4e00-\u9fff]{1,2}"
)
FEW_WORDS = 3


def unannounced(text: str) -> str | None:
    """The last formula or number of a text, whichever ends later."""
    text = text[-SEARCHED:]
    formula, number = _last_formula(text), _last_number(text)
    if formula and number:
        return max(formula, number, key=lambda found: found[1])[0]
    found = formula or number
    return found[0] if found else None


def is_prose(text: str) -> bool:
    """Whether there are more words than an answer has."""
    return len(PROSE.findall(text)) >= FEW_WORDS


def _last_formula(text: str) -> tuple[str, int] | None:
    """The last formula and where it ends; formulas with only "and" between them are a list."""
    found: list[str] = []
    end = -1
    for match in FORMULA.finditer(text):
        inside = next(group for group in match.groups() if group is not None).strip()
        joined = bool(found) and bool(BETWEEN_FORMULAS.fullmatch(text[end : match.start()]))
        found = [*found, inside] if joined else [inside]
        end = match.end()
    return (", ".join(found), end) if found else None


def _last_number(text: str) -> tuple[str, int] | None:
    spaced = AFTER_EQUALS.sub(" ", text)  # "40=300" has a number of its own after the sign
    matches = list(NUMBER.finditer(spaced))
    if not matches:
        return None
    last = matches[-1]
    return last[0].strip().rstrip(".,"), last.end()
