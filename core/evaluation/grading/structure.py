"""Answers of several parts: lists, sets, tuples, intervals, unions, matrices.

Parts are compared by a function that is passed in; what it cannot decide stays undecided here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.evaluation.grading.number import number
from core.evaluation.grading.writing import plain

# Decides on two parts; None where it cannot.
Same = Callable[[str, str], bool | None]

MOST_PARTS = 60
LONGEST = 5_000
OPENING, CLOSING = "([{", ")]}"
MATRIX = re.compile(
    r"\\begin\{(?P<name>[pbvBV]?matrix|smallmatrix|array)\}(?:\{[lcr|]*\})?(?P<cells>.*)\\end\{(?P=name)\}",
    re.DOTALL,
)
SEPARATOR = re.compile(r"\\text\s*\{[\s,]*(?:and|or)\s*\}|(?<![a-zA-Z\\])(?:and|or)(?![a-zA-Z])")
UNION = re.compile(r"\\cup(?![a-zA-Z])|(?<=[)\]])\s*[U∪]\s*(?=[(\[])")
BRACKETS = re.compile(r"(?P<open>\\\{|[(\[{])(?P<inside>.*?)(?P<close>\\\}|[)\]}])", re.DOTALL)
NAMED = re.compile(
    r"^\(?[a-zA-Z](?:_\{?\w+\}?)?(?:\s*,\s*[a-zA-Z](?:_\{?\w+\}?)?)+\)?\s*=\s*(?=\()"
)
MEMBER = re.compile(r"^[a-zA-Z]\s*\\in(?![a-zA-Z])")
PLUS_MINUS = re.compile(r"\\pm(?![a-zA-Z])|±")


@dataclass(frozen=True)
class Structure:
    """`kind` is list, set, union, matrix, or the two brackets: "()", "[)", "[]", "(]"."""

    kind: str
    parts: tuple[str, ...]
    columns: int = 0

    @property
    def ordered(self) -> bool:
        return self.kind not in ("list", "set", "union")


def same_structure(answer: str, gold: str, same: Same) -> bool | None:
    """Whether both hold the same parts; None where either is no structure or a part is unsure."""
    if len(answer) > LONGEST or len(gold) > LONGEST:
        return None
    a, g = structure(answer), structure(gold)
    if a is None or g is None or max(len(a.parts), len(g.parts)) > MOST_PARTS:
        return None
    if not _comparable(a, g):
        return None
    if a.ordered or g.ordered:
        return _in_order(a.parts, g.parts, same)
    return _in_any_order(a.parts, g.parts, same)


def structure(text: str) -> Structure | None:
    text = MEMBER.sub("", NAMED.sub("", plain(text)), count=1).strip().rstrip(".").strip()
    if match := MATRIX.fullmatch(text.removeprefix("[").removesuffix("]").strip()):
        return _matrix(match["cells"])
    united = _split(UNION.sub("\x00", text), "\x00")
    if len(united) > 1:
        return Structure("union", united)
    parts = _parts(text)
    if len(parts) > 1:
        return None if number(text) else Structure("list", _expanded(parts))
    match = BRACKETS.fullmatch(text)
    if not match or len(_split(text, "\x00")) > 1 or not _is_one(text):
        parts = _expanded(parts)
        return Structure("list", parts) if len(parts) > 1 else None
    kind = "set" if "{" in match["open"] else match["open"] + match["close"]
    inside = _parts(match["inside"])
    if kind != "set" and len(inside) < 2:
        return None  # brackets around one thing
    return Structure(kind, _expanded(inside) if kind == "set" else inside)


def _comparable(one: Structure, other: Structure) -> bool:
    """A list may lack the brackets of a set or a tuple; a vector may stand on end."""
    if one.kind == other.kind:
        return one.columns == other.columns
    kinds = {one.kind, other.kind}
    if "matrix" in kinds:
        vector, row = (one, other) if one.kind == "matrix" else (other, one)
        return vector.columns in (1, len(vector.parts)) and row.kind in ("()", "[]")
    return "list" in kinds and bool(kinds & {"set", "()"})


def _matrix(cells: str) -> Structure | None:
    rows = [row.split("&") for row in re.split(r"\\\\", cells) if row.strip()]
    if not rows or len({len(row) for row in rows}) > 1:
        return None
    parts = tuple(cell.strip() for row in rows for cell in row)
    return Structure("matrix", parts, columns=len(rows[0]))


def _parts(text: str) -> tuple[str, ...]:
    return _split(SEPARATOR.sub(",", text), ",;")


def _split(text: str, separators: str) -> tuple[str, ...]:
    """At separators outside all brackets; empty parts are left out."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth == 0 and sign in separators:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return tuple(part.strip() for part in parts if part.strip())


def _is_one(text: str) -> bool:
    """Whether the first bracket closes with the last: not so in (1, 2)(3, 4)."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if depth == 0 and sign in CLOSING:
            return not text[place + 1 :].strip()
    return False


def spelled_out(text: str) -> str:
    r"""x=1\pm\sqrt2 as a list of two, which math-verify reads; any other text as it is."""
    if len(text) > LONGEST or not PLUS_MINUS.search(text):
        return text
    found = structure(text)
    return ", ".join(found.parts) if found and found.kind in ("list", "set") else text


def _expanded(parts: Sequence[str]) -> tuple[str, ...]:
    """1 ± 2 as two parts."""
    found: list[str] = []
    for part in parts:
        if len(PLUS_MINUS.findall(part)) == 1:
            found += [PLUS_MINUS.sub(sign, part).removeprefix("+").strip() for sign in "+-"]
        else:
            found.append(part)
    return tuple(found)


def _in_order(a: Sequence[str], g: Sequence[str], same: Same) -> bool | None:
    if len(a) != len(g):
        return None
    verdicts = [same(one, other) for one, other in zip(a, g, strict=True)]
    return False if False in verdicts else None if None in verdicts else True


def _in_any_order(a: Sequence[str], g: Sequence[str], same: Same) -> bool | None:
    """Each part finds its own partner; parts said twice count once."""
    a, g = _distinct(a, same), _distinct(g, same)
    left, unsure = list(g), False
    for part in a:
        verdicts = [same(part, other) for other in left]
        if True in verdicts:
            del left[verdicts.index(True)]
        elif None in verdicts:
            unsure = True
        else:
            return False
    return None if unsure else not left


def _distinct(parts: Sequence[str], same: Same) -> list[str]:
    found: list[str] = []
    for part in parts:
        if not any(same(part, other) for other in found):
            found.append(part)
    return found
