"""Formulas in a text that a model wrote: where they are, and their MathML.

Models write mathematics in half a dozen ways: `\\[ \\]`, `\\( \\)`, dollars, environments, a bare
`\\boxed{}`. `tokens` finds all of them, with code and drawings, and leaves alone what only looks
like them: dollar signs that are money, and whatever stands in code.

`mathml` makes plain lists, `[tag, attributes, *children]`, of tags and attributes from two fixed
sets: what a model wrote never becomes markup.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from xml.etree.ElementTree import Element

Kind = Literal["fence", "code", "drawing", "display", "inline"]

_ENVIRONMENT = r"\\begin\{(?P<kind>(?:align|equation|gather|cases|array)\*?)\}"
_BRACED = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_TOKEN = re.compile(
    r"(?P<fence>```.*?(?:```|\Z))"
    r"|(?P<code>`[^`\n]+`)"
    r"|\[asy\](?P<drawing>.*?)(?:\[/asy\]|\Z)"
    r"|(?P<indent>(?:(?<=\n)|\A)[ \t]*)?(?:\\\[(?P<display>.+?)\\\]|\$\$(?P<dollars>.+?)\$\$)"
    rf"|(?P<environment>{_ENVIRONMENT}.*?\\end\{{(?P=kind)\}})"
    r"|\\\((?P<inline>.+?)\\\)"
    r"|(?<!\\)\$(?P<dollar>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\d)"
    rf"|(?P<boxed>\\boxed\s*{_BRACED})",
    re.DOTALL,
)
_OPENING = re.compile(rf"\\\[|\\\(|{_ENVIRONMENT}")

MATHML = frozenset(
    "math mrow mi mn mo ms mtext mspace mstyle mfrac msqrt mroot msub msup msubsup munder mover"
    " munderover mtable mtr mtd mpadded mphantom".split()
)
_LENGTHS = frozenset("lspace rspace width height depth voffset minsize maxsize".split())
_WORDS = frozenset(
    "display stretchy fence form accent accentunder displaystyle scriptlevel linethickness"
    " columnalign movablelimits mathvariant".split()
)
# `mark` and `line` are for what browsers draw by style only: boxes, strikes, the lines of arrays.
MATHML_ATTRIBUTES = _LENGTHS | _WORDS | {"mark", "line"}
# A formula that is longer or deeper is none that anybody reads.
LONGEST = 3_000
DEEPEST = 60
_MACRO = re.compile(r"\\(?:(?:re)?newcommand|providecommand|[gex]?def|let)(?![a-zA-Z])")
_CHARACTER = re.compile(r"&#x([0-9A-Fa-f]{1,6});")
_UNKNOWN_COMMAND = re.compile(r"\\[a-zA-Z]")
_FUNCTION = re.compile("[a-z]{2,}")
_LENGTH = re.compile(r"[+-]?(?:\d{1,2}(?:\.\d{1,4})?|\.\d{1,4})(?:em|ex|pt|px|mu)?")
_WORD = re.compile(r"[a-z0-9.\-]{1,20}")
_BRACKETS = frozenset("()[]{}\u27e8\u27e9\u230a\u230b\u2308\u2309|\u2016\u2223\u2225")
_SPACES = {"negativethinmathspace": "-0.167em", "thinmathspace": "0.167em"}
_STRIKES = {"updiagonalstrike": "up", "downdiagonalstrike": "down", "horizontalstrike": "through"}


@dataclass(frozen=True)
class Token:
    """`text[start:end]`; `source` is what stands between its marks.

    Of fences and inline code, environments and `\\boxed{}` the marks belong to the source. `indent`
    is the white space before a formula that begins its line; it belongs to the token.
    """

    kind: Kind
    start: int
    end: int
    source: str
    indent: str = ""


def tokens(text: str) -> Iterator[Token]:
    """All of them, in order; they never overlap."""
    for found in _TOKEN.finditer(_without_hopeless(text)):
        kind, group = _kind(found)
        start, end = found.span(group)
        indent = found["indent"] or "" if kind == "display" else ""
        yield Token(kind, found.start(), found.end(), text[start:end], indent)


def _kind(found: re.Match[str]) -> tuple[Kind, str]:
    match found.lastgroup:
        case "fence" | "code" | "drawing" as kind:
            return kind, kind
        case "display" | "dollars" as group:
            return "display", group
        case "environment" | "kind":
            return "display", "environment"
        case group:
            return "inline", str(group)


def _without_hopeless(text: str) -> str:
    """As long as the text, but nothing opens in it that is never closed.

    The expression would look for the end of each of those through the whole rest of the text.
    """
    last: dict[str, int] = {}
    kept: list[str] = []
    done = 0
    for opening in _OPENING.finditer(text):
        closing = _closing(opening)
        if closing not in last:
            last[closing] = text.rfind(closing)
        # Between brackets there is at least one character; an environment may be empty.
        if last[closing] < opening.end() + (0 if opening["kind"] else 1):
            kept += [text[done : opening.start()], "\0"]
            done = opening.start() + 1
    return "".join([*kept, text[done:]])


def _closing(opening: re.Match[str]) -> str:
    if opening["kind"]:
        return rf"\end{{{opening['kind']}}}"
    return r"\]" if opening[0] == r"\[" else r"\)"


# ---------------------------------------------------------------- MathML


class _NoFormulaError(Exception):
    """Nobody sees this one: the formula's source is shown instead."""


@lru_cache(maxsize=4096)
def mathml(source: str, display: bool) -> list[Any] | None:
    """The MathML of a formula, or None where it is none that can be drawn."""
    if len(source) > LONGEST or _MACRO.search(source) or _depth(source) > DEEPEST:
        return None
    kind = "block" if display else "inline"
    try:
        # Its tables take a tenth of a second to read, and few who import this draw a formula.
        from latex2mathml.converter import Converter

        tree = Converter(display=kind).convert_to_element(source)
    except Exception:  # noqa: BLE001 (it raises whatever comes; a wrong formula is no fault of ours)
        return None
    try:
        return ["math", {"display": kind}, *_element(tree, 0)[2:]]
    except _NoFormulaError:
        return None


def _depth(source: str) -> int:
    depth = deepest = 0
    for character in source:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _element(element: Element, depth: int) -> list[Any]:
    tag = "mrow" if element.tag == "menclose" else element.tag
    if tag not in MATHML or depth > DEEPEST:
        raise _NoFormulaError
    attributes = dict(_sound_attributes(element))
    text = _CHARACTER.sub(lambda found: chr(int(found[1], 16)), element.text or "")
    if _UNKNOWN_COMMAND.search(text):
        raise _NoFormulaError
    children = [_element(child, depth + 1) for child in element]
    if tag == "mtable":
        _rule(element, children)
    if any(_is_line_break(child) for child in children):
        children = [_lines(children)]
    children = list(_as_tall_as_written(children))
    if tag in ("math", "mrow", "mtd", "mstyle", "msqrt"):
        children = list(_spaced(children))
    if tag == "mrow" and not attributes and len(children) == 1:
        return _unwrapped(children[0])
    return [tag, attributes, *([text] if text else []), *children]


def _sound_attributes(element: Element) -> Iterator[tuple[str, Any]]:
    for name, value in element.attrib.items():
        value = _SPACES.get(value, value)
        if (name in _LENGTHS and _LENGTH.fullmatch(value)) or (
            name in _WORDS and _WORD.fullmatch(value)
        ):
            yield name, value
    # Chromium draws no menclose.
    notation = element.get("notation", "") if element.tag == "menclose" else ""
    if notation:
        strikes = [name for word, name in _STRIKES.items() if word in notation.split()]
        yield "mark", " ".join(strikes) or "boxed"
    if element.get("linebreak") == "newline":
        yield "mark", "newline"


def _is_line_break(node: list[Any]) -> bool:
    return bool(node[0] == "mspace" and node[1].get("mark") == "newline")


def _lines(children: list[Any]) -> list[Any]:
    """Lines below each other, which MathML has only in tables."""
    rows: list[list[Any]] = [[]]
    for child in children:
        if _is_line_break(child):
            rows.append([])
        else:
            rows[-1].append(child)
    left: dict[str, Any] = {"columnalign": "left"}
    lines: list[Any] = [["mtr", {}, ["mtd", left, *row]] for row in rows if row]
    return ["mtable", {"displaystyle": "true"}, *lines]


def _rule(table: Element, rows: list[Any]) -> None:
    """The lines of an array, told to the cells: Chromium draws none by itself."""
    across = table.get("columnlines", "").split()
    down = table.get("rowlines", "").split()
    for number, row in enumerate(rows):
        below = number < len(down) - (len(down) >= len(rows)) and down[number] != "none"
        for column, cell in enumerate(row[2:]):
            right = column < min(len(across), len(row) - 3) and across[column] != "none"
            if line := " ".join(
                word for word, is_there in (("below", below), ("right", right)) if is_there
            ):
                cell[1]["line"] = line


def _as_tall_as_written(children: list[Any]) -> Iterator[Any]:
    """Brackets grow only where LaTeX has them grow: with `\\left`, a size, or around a matrix.

    Browsers stretch all that do not say otherwise to the height of their row: those of `\\pmod`.
    """
    for at, child in enumerate(children):
        around = children[max(0, at - 1) : at + 2]
        may_grow = "stretchy" in child[1] or "minsize" in child[1]
        if _is_bracket(child) and not may_grow and all(one[0] != "mtable" for one in around):
            child = ["mo", {**child[1], "stretchy": "false"}, *child[2:]]
        yield child


def _is_bracket(node: list[Any]) -> bool:
    return bool(node[0] == "mo" and len(node) > 2 and node[2] in _BRACKETS)


def _spaced(children: list[Any]) -> Iterator[Any]:
    """A space between the name of a function and what it is of: `sin x`."""
    for at, child in enumerate(children):
        following = children[at + 1] if at + 1 < len(children) else None
        yield child
        if following and _is_function(child) and following[0] not in ("mo", "mspace"):
            yield ["mspace", {"width": "0.167em"}]


def _is_function(node: list[Any]) -> bool:
    if node[0] in ("msup", "msub", "msubsup", "munder") and len(node) > 2:
        return _is_function(node[2])
    return bool(
        node[0] in ("mi", "mo")
        and node[-1]
        and len(node) > 2
        and re.fullmatch("[a-z]{2,}", str(node[-1]))
    )


def _unwrapped(node: list[Any]) -> list[Any]:
    """A row of one is that one. The comma of `1{,}000` has no space behind it."""
    if node[0] == "mo" and node[-1] == ",":
        return ["mo", {**node[1], "lspace": "0em", "rspace": "0em"}, ","]
    return node
