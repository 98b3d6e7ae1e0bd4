r"""Plain numbers, compared exactly: 1,000, 0.5, 1/2, \frac12, 3 1/2, 1.2 \times 10^3, 50%, 5 cm.

A decimal stands for what it was rounded from, so it equals a number that rounds to it, if it is
precise enough. What is no plain number (a root, a letter) is left to others.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from core.evaluation.grading.unit import Unit, unit_of
from core.evaluation.grading.writing import plain

MOST_CHARACTERS = 400
MOST_ZEROS = 400
# Qwen2.5-Math's and MATH's later graders take this as near enough for a rounded value.
RELATIVE = Fraction(1, 10_000)

CURRENCY = "€£¥₹₩₽"
SIGN = r"(?P<sign>[-+]?)\s*"
WHOLE = r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+(?!\d|\s*/)|\d+)"
DECIMAL = rf"(?:{WHOLE}(?:\.\d*)?|\.\d+)"
SCIENTIFIC = (
    r"(?:[eE](?P<e>[-+]?\d{1,4})"
    r"|\s*(?:\\times|\\cdot|\*)\s*10\s*\^\s*\{?(?P<ten>-?\d{1,4})\}?)?"
)
SIMPLE = re.compile(rf"{SIGN}(?P<number>{DECIMAL}){SCIENTIFIC}")
POWER_OF_TEN = re.compile(rf"{SIGN}10\s*\^\s*(?:\{{(?P<ten>-?\d{{1,4}})\}}|(?P<digit>\d))")
PART = rf"[-+]?\s*{DECIMAL}"
FRACTION = (
    rf"(?:(?P<above>{DECIMAL})\s*/\s*(?P<below>{PART})"
    rf"|\\frac\s*(?:\{{\s*(?P<top>{PART})\s*\}}|(?P<top1>\d))"
    rf"\s*(?:\{{\s*(?P<bottom>{PART})\s*\}}|(?P<bottom1>\d)))"
)
QUOTIENT = re.compile(SIGN + FRACTION)
MIXED = re.compile(rf"{SIGN}(?P<whole>\d+) *(?P<plus>[ +]|(?=\\)) *{FRACTION}")
REPEATING = re.compile(
    rf"{SIGN}(?P<before>\d+)\.(?P<once>\d*)\\(?:overline|bar)\s*(?:\{{(?P<again>\d+)\}}|(?P<again1>\d))"
)
LOOKS_MIXED = re.compile(r"[-+]?[\d, ]*\d +\d+ */ *\d+")
PERCENT = re.compile(r"\s*(?:%|\\?%|(?:per ?cent|percentage|pct)\b)\s*(?:points?)?$", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"([-+]?(?:0|\d+|\d{1,3}(?:[ .]\d{3})+)),((?<=\b0,)\d+|\d{1,2}|\d{4,})")


@dataclass(frozen=True)
class Number:
    """`places`: decimals it is written with, None where it is exact. Percent: value is as said."""

    value: Fraction
    places: int | None = None
    percent: bool = False
    unit: Unit | None = None

    @property
    def whole(self) -> bool:
        return self.value.denominator == 1 and not self.places


def value_of(text: str) -> Fraction | None:
    """The value of a plain number without a unit."""
    found = number(text)
    return found.value if found and not found.percent and found.unit is None else None


def number(text: str) -> Number | None:
    """The number that the text is, with its percent sign or unit; None where it is none."""
    return _number(text) if 0 < len(text) <= MOST_CHARACTERS else None


@lru_cache(maxsize=2048)
def _number(text: str) -> Number | None:
    text = _unwrapped(plain(text))
    if not any(sign.isdigit() for sign in text):
        return None
    if found := _bare(text):
        return found
    if percent := PERCENT.search(_without_text(text)):
        found = _bare(_without_text(text)[: percent.start()].strip())
        return found and Number(found.value, found.places, percent=True)
    if split := unit_of(text):
        bare, unit = split
        found = _bare(bare)
        return found and Number(found.value * unit.scale, found.places, unit=unit)
    return None


def looks_mixed(text: str) -> bool:
    """Whether it is written as a whole number and a fraction, be it a proper one or not."""
    return len(text) <= MOST_CHARACTERS and bool(LOOKS_MIXED.fullmatch(plain(text)))


def with_decimal_comma(text: str) -> Number | None:
    """2,74 as 2.74, 1.234,5 as 1234.5: only for those who know that a single number is meant."""
    match = DECIMAL_COMMA.fullmatch(plain(text)) if len(text) <= MOST_CHARACTERS else None
    return number(f"{re.sub('[ .]', '', match[1])}.{match[2]}") if match else None


def same_number(one: Number, other: Number, decimals: int, include_percentage: bool) -> bool:
    """Whether both can be the same number; units that both have must not contradict."""
    if one.unit and other.unit and one.unit.contradicts(other.unit):
        return False
    return any(
        _same_value(a, b, decimals)
        for a in _readings(one, other, include_percentage)
        for b in _readings(other, one, include_percentage)
    )


def _readings(this: Number, that: Number, include_percentage: bool) -> list[Number]:
    """The values it may stand for; a percent sign may be left out where the number is plain."""
    hundredth = Number(this.value / 100, None if this.places is None else this.places + 2)
    if include_percentage:
        return [this, hundredth]
    if not this.percent:
        return [this]
    if that.percent:
        return [this]
    plain_number = this.places is not None or this.whole
    return [hundredth, this] if plain_number else [hundredth]


def _same_value(one: Number, other: Number, decimals: int) -> bool:
    a, b = one.value, other.value
    if a == b:
        return True
    if one.places is None and other.places is None:
        return False
    difference, nearly = abs(a - b), Fraction(1, 10) ** decimals / 2
    size = max(abs(a), abs(b))
    if difference <= nearly and difference <= size / 100:
        return True
    if one.whole or other.whole or one.places == other.places or difference > RELATIVE * size:
        return False
    coarse = min(places for places in (one.places, other.places) if places is not None)
    return difference <= Fraction(1, 10) ** coarse


def _unwrapped(text: str) -> str:
    text = text.strip().rstrip(".").strip()
    while text.startswith("{") and text.endswith("}") and text.count("{") == 1:
        text = text[1:-1].strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1 and "," not in text:
        text = text[1:-1].strip()
    sign = "-" if text.startswith("-") else ""
    text = sign + text.removeprefix("-").lstrip(CURRENCY).strip()
    return text.rstrip(CURRENCY).strip()


def _without_text(text: str) -> str:
    r"""50\text{ percent} as 50 percent."""
    return re.sub(r"\\(?:text|mathrm|mbox|textrm)\s*\{([^{}]*)\}", r" \1", text).strip()


def _bare(text: str) -> Number | None:
    if match := SIMPLE.fullmatch(text):
        return _simple(match)
    if match := POWER_OF_TEN.fullmatch(text):
        sign = -1 if match["sign"] == "-" else 1
        exponent = int(match["ten"] or match["digit"])
        return Number(sign * Fraction(10) ** exponent) if abs(exponent) <= MOST_ZEROS else None
    if match := QUOTIENT.fullmatch(text):
        value = _quotient(match)
        return None if value is None else Number(_signed(match, value))
    if match := MIXED.fullmatch(text):
        return _mixed(match)
    if match := REPEATING.fullmatch(text):
        return Number(_signed(match, _repeating(match)))
    return None


def _simple(match: re.Match[str]) -> Number | None:
    written = match["number"].replace(",", "").replace(" ", "")
    exponent = int(match["e"] or match["ten"] or 0)
    if abs(exponent) > MOST_ZEROS:
        return None
    value = _signed(match, Fraction(written.removesuffix("."))) * Fraction(10) ** exponent
    _, point, decimals = written.partition(".")
    return Number(value, max(len(decimals) - exponent, 0) if point and decimals else None)


def _quotient(match: re.Match[str]) -> Fraction | None:
    above = match["above"] or match["top"] or match["top1"]
    below = match["below"] or match["bottom"] or match["bottom1"]
    top, bottom = (Fraction(re.sub(r"[\s,]", "", part)) for part in (above, below))
    return top / bottom if bottom else None


def _repeating(match: re.Match[str]) -> Fraction:
    """1/6 from 0.1 and the 6 that goes on: 15/90, the long number less what is said once."""
    once, again = match["before"] + match["once"], match["again"] or match["again1"]
    nines = (10 ** len(again) - 1) * 10 ** len(match["once"])
    return Fraction(int(once + again) - int(once), nines)


def _mixed(match: re.Match[str]) -> Number | None:
    """A whole number and a proper fraction; with a plus between them any fraction will do."""
    part = _quotient(match)
    if part is None or (match["plus"] != "+" and not 0 <= part < 1):
        return None
    return Number(_signed(match, int(match["whole"]) + part))


def _signed(match: re.Match[str], value: Fraction) -> Fraction:
    return -value if match["sign"] == "-" else value
