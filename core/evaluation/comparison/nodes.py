"""Model text as a tree of plain JSON nodes, so that no browser ever parses HTML that a model wrote.

A node is a string, or a list `[tag, attributes, *nodes]`. Tags and attributes are those of TAGS and
ATTRIBUTES and no others: whatever else a text asks for stays text. Markdown is read by markdown-it
without HTML, links and images; formulas become MathML; citations become `cite`. Where a text is too
long, too deep or no LaTeX, it is shown as it was written.

Nodes are kept and given out again: nobody may change them.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token as Mark

from core.formulas import MATHML, MATHML_ATTRIBUTES, Token, mathml, tokens

Node = str | list[Any]

PROSE = frozenset(
    "p ul ol li blockquote table thead tbody tr th td em strong s code pre br hr cite".split()
)
TAGS = MATHML | PROSE
ATTRIBUTES = MATHML_ATTRIBUTES | {"start", "align", "name", "instruction", "given"}

# What is longer or deeper is shown as it was written. Real paragraphs are far shorter.
LONGEST_BLOCK = 12_000
DEEPEST = 30

# One character stands for a citation or a formula while Markdown is read. These are of private use.
_CITATION, _FORMULA = 0xF0000, 0x100000
_ROOM = 0xFFFD
_STAND_IN = re.compile("([\U000f0000-\U0010ffff])")
_FORBIDDEN = re.compile("[\ud800-\udfff\0\U000f0000-\U0010ffff]")
_CONTROL_MARKS = re.compile(r"\\(?=_)|\*\*|__|`")

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    .enable(["table", "strikethrough"])
    .disable(["html_block", "html_inline", "link", "image", "autolink", "reference"])
    # Models indent and underline for looks, not to make code and headings.
    .disable(["code", "lheading"])
)
_NAMES = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    **{name: name for name in ("blockquote", "table", "em", "strong", "s", "hr")},
    **{name: name for name in ("thead", "tbody", "tr", "th", "td")},
}


class Cite(NamedTuple):
    """A place in a text that names a behavior: text[start:end]. Invented ones were not given."""

    start: int
    end: int
    name: str
    given: bool
    instruction: str = ""


@lru_cache(maxsize=4096)
def block_nodes(text: str, cites: tuple[Cite, ...] = ()) -> list[Node]:
    """The nodes of one paragraph; cites count from its beginning."""
    if len(text) > LONGEST_BLOCK:
        return [["p", {"mark": "plain"}, sound(text)]]
    reader = _Reader(sound(text), cites[:_ROOM])
    return reader.nodes()


def answer_nodes(answer: str) -> list[Node]:
    """A short answer: a formula where it holds LaTeX."""
    answer = sound(" ".join(answer.split()))
    if "$" not in answer and any(mark in answer for mark in "\\^_"):
        return [mathml(answer, False) or ["code", {}, answer]]
    nodes = block_nodes(answer)
    alone = nodes[0] if len(nodes) == 1 else None
    # A paragraph's content, if it is one.
    return alone[2:] if isinstance(alone, list) and alone[0] == "p" else nodes


def plain(nodes: Iterable[Node]) -> str:
    """What is to be read in the nodes, without any form."""
    return "".join(node if isinstance(node, str) else plain(node[2:]) for node in nodes)


def sound(text: str) -> str:
    """As long, without what cannot be sent and without the characters that stand in for others."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


class _Reader:
    """Reads one paragraph; formulas and citations are one character each meanwhile."""

    def __init__(self, text: str, cites: tuple[Cite, ...]) -> None:
        self.cites = list(cites)
        self.labels = [_label(text, cite) for cite in cites]
        self.formulas: list[Token] = []
        self.text = self._with_formulas(self._with_cites(text)).lstrip(" \t")

    def _with_cites(self, text: str) -> str:
        parts, end = [], 0
        for at, cite in enumerate(self.cites):
            start, stop = _balanced(text, cite)
            parts += [text[end : max(start, end)], chr(_CITATION + at)]
            end = max(stop, end)
        return "".join([*parts, text[end:]])

    def _with_formulas(self, text: str) -> str:
        parts, end = [], 0
        for token in tokens(text):
            if token.kind in ("fence", "code") or len(self.formulas) >= _ROOM:
                continue
            parts += [text[end : token.start], token.indent, chr(_FORMULA + len(self.formulas))]
            self.formulas.append(token)
            end = token.end
        return "".join([*parts, text[end:]])

    def nodes(self) -> list[Node]:
        return self._tree(_MARKDOWN.parse(self.text))

    def _tree(self, marks: Iterable[Mark]) -> list[Node]:
        root: list[Any] = ["p", {}]
        stack = [root]
        for mark in marks:
            if mark.nesting > 0:
                node = self._opened(mark)
                if node is None or len(stack) > DEEPEST:
                    stack.append(stack[-1])
                else:
                    stack[-1].append(node)
                    stack.append(node)
            elif mark.nesting < 0:
                stack.pop()
            elif mark.type == "inline":
                stack[-1].extend(self._tree(mark.children or []))
            else:
                self._add(stack[-1], mark)
        return root[2:]

    def _opened(self, mark: Mark) -> list[Any] | None:
        name = mark.type.removesuffix("_open")
        if name == "heading":
            return ["p", {"mark": "heading"}]
        if mark.hidden or name not in _NAMES:
            return None
        attributes: dict[str, Any] = {}
        if name == "ordered_list" and "start" in mark.attrs:
            attributes["start"] = int(mark.attrs["start"])
        if "text-align:right" in str(mark.attrs.get("style", "")):
            attributes["align"] = "right"
        return [_NAMES[name], attributes]

    def _add(self, parent: list[Any], mark: Mark) -> None:
        match mark.type:
            case "softbreak" | "hardbreak":
                if not _is_display(parent[-1]):
                    parent.append(["br", {}])
            case "hr":
                parent.append(["hr", {}])
            case "fence":
                parent.append(["pre", {}, ["code", {}, *self._filled(mark.content, True)]])
            case "code_inline":
                parent.append(["code", {}, *self._filled(mark.content, True)])
            case _:
                for node in self._filled(mark.content, False):
                    if _is_display(node) and len(parent) > 2 and parent[-1] == ["br", {}]:
                        parent.pop()
                    parent.append(node)

    def _filled(self, text: str, in_code: bool) -> Iterator[Node]:
        """The text with citations and formulas back in their places."""
        for part in filter(None, _STAND_IN.split(text)):
            number = ord(part[0])
            if number < _CITATION:
                yield part
            elif number < _FORMULA:
                yield self._cite(number - _CITATION)
            else:
                token = self.formulas[number - _FORMULA]
                yield from self._filled(token.source, True) if in_code else self._formula(token)

    def _cite(self, at: int) -> Node:
        cite = self.cites[at]
        shown = {"name": cite.name, "instruction": cite.instruction, "given": cite.given}
        return ["cite", shown, self.labels[at]]

    def _formula(self, token: Token) -> Iterator[Node]:
        source = token.source.strip()
        inside = _STAND_IN.findall(source)
        if inside and not _STAND_IN.sub("", re.sub(r"\\text\w*|[{}\s]", "", source)):
            yield from self._filled("".join(inside), True)  # nothing else in it
            return
        made = mathml(source, token.kind == "display") if token.kind != "drawing" else None
        if made is not None:
            yield self._with_cites_in(made) if inside else made
        else:
            attributes = {"mark": "source"} if token.kind != "inline" else {}
            yield ["code", attributes, *self._filled(source, True)]

    def _with_cites_in(self, node: list[Any]) -> list[Any]:
        children: list[Any] = []
        for child in node[2:]:
            if isinstance(child, str):
                children += self._filled(child, True)
            else:
                children.append(self._with_cites_in(child))
        tag = "mtext" if any(one != "" and _is(one, "cite") for one in children) else node[0]
        return [tag, node[1], *children]


def _label(text: str, cite: Cite) -> str:
    """The citation as it was written, in one piece and without marks."""
    written = text[cite.start : cite.end]
    return cite.name if "\n" in written else _CONTROL_MARKS.sub("", written) or cite.name


def _balanced(text: str, cite: Cite) -> tuple[int, int]:
    """The citation's span; a mark for bold or code that is half inside is taken in whole."""
    start, end = cite.start, cite.end
    for mark in ("**", "`"):
        if text.count(mark, start, end) % 2:
            if text.startswith(mark, end):
                end += len(mark)
            elif text.endswith(mark, 0, start):
                start -= len(mark)
    return start, end


def _is(node: Any, tag: str) -> bool:
    return isinstance(node, list) and node[0] == tag


def _is_display(node: Any) -> bool:
    if not isinstance(node, list):
        return False
    return bool(node[1].get("display") == "block" or node[1].get("mark") == "source")
