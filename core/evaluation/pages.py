"""Pages in one HTML file: opened from a disk, offline, for ever the same.

A page loads nothing. By their hashes its own style and script are the only ones that may run, and
no text can break out of where it stands: what others wrote is escaped here and nowhere else.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from core.evaluation.comparison.blocks import blocks
from core.evaluation.comparison.nodes import TAGS, Node

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; background: #fdfcf9; color: #23262b; line-height: 1.5;
  font-family: "Source Sans 3", ui-sans-serif, system-ui, "Segoe UI", sans-serif; }
main { max-width: 84rem; margin: 0 auto; padding: 2.2rem 1.6rem 4rem; }
h1 { margin: 0 0 0.2rem; font-size: 1.9rem; font-weight: 650; line-height: 1.2; }
h2 { margin: 2.6rem 0 0.7rem; font-size: 1.2rem; font-weight: 620; }
.under { margin: 0 0 1.6rem; color: #6c6a63; }
.problem { max-width: 60rem; font-size: 1.1rem; }
.problem p { margin: 0 0 0.6rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
.figures th, .figures td, .made th, .made td { padding: 0.35rem 0.8rem 0.35rem 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid #ddd8ca; font-weight: 400; }
.figures { font-size: 0.85rem; white-space: nowrap; }
.figures thead th { color: #6c6a63; }
.made th { color: #6c6a63; white-space: nowrap; }
details { margin: 0.4rem 0; }
summary { cursor: pointer; }
.message, .reply { max-width: 60rem; margin: 0.6rem 0; padding: 0.8rem 1rem; overflow-x: auto;
  border-radius: 0.6rem; background: #f3f0e8; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 0.85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
.role { color: #6c6a63; font-size: 0.85rem; }
@media (prefers-color-scheme: dark) {
  body { background: #15181c; color: #e6e3da; }
  .under, .figures thead th, .made th, .role { color: #a09d94; }
  .message, .reply { background: #1f242a; }
  .figures th, .figures td, .made th, .made td { border-color: #363d45; }
}
"""
_SHOWN_ATTRIBUTES = frozenset(
    "display start stretchy fence form accent width minsize maxsize".split()
)


class Markup(str):
    """HTML that was made here: the only thing that is put into a page as it stands."""

    __slots__ = ()


def whole(
    name: str, style: str, body: Iterable[str], tail: Iterable[str] = (), script: str = ""
) -> str:
    """The file. `style` and `script` are taken as they are; `tail` stands behind the page's text.

    Without a script none may run at all.
    """
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(name)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            *tail,
            *([f'<script type="module">{script}</script>'] if script else []),
            "</body>",
            "</html>",
            "",
        ]
    )


def data(name: str, value: Any) -> Markup:
    """JSON for the page's script, in which nothing can end the element it stands in."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    written = written.encode("utf-8", "replace").decode()
    written = written.replace("<", "\\u003c").replace("\u2028", "\\u2028")
    written = written.replace("\u2029", "\\u2029")
    return Markup(f'<script type="application/json" id="{text(name)}">{written}</script>')


def text(value: object) -> str:
    """Escaped, and without what cannot be written as UTF-8; markup stays what it is."""
    if isinstance(value, Markup):
        return value
    return escape(str(value).encode("utf-8", "replace").decode())


def table(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Markup:
    """`name` is the style's class. The first cell of a row heads it."""
    heads = "".join(f"<th>{text(one)}</th>" for one in head)
    lines = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    top = f"<thead><tr>{heads}</tr></thead>" if head else ""
    return Markup(f'<table class="{text(name)}">{top}<tbody>{lines}</tbody></table>')


def boxed(content: str, name: str) -> Markup:
    """A text letter by letter as it was written."""
    return Markup(f'<div class="{text(name)}">{text(content)}</div>')


def drawn(content: str) -> Markup:
    """A text of Markdown and formulas, as far as it is one."""
    made = (html(block.nodes or [content[block.start : block.end]]) for block in blocks(content))
    return Markup("".join(made))


def html(nodes: Iterable[Node]) -> Markup:
    made = (text(node) if isinstance(node, str) else _element(node) for node in nodes)
    return Markup("".join(made))


def _policy(style: str, script: str) -> str:
    allowed = {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'"}
    allowed |= {"form-action": "'none'", "style-src": _hash(style)}
    if script:
        allowed["script-src"] = _hash(script)
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def _hash(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _cells(row: Sequence[Any]) -> str:
    return f"<th>{text(row[0])}</th>" + "".join(f"<td>{text(one)}</td>" for one in row[1:])


def _element(node: Sequence[Any]) -> str:
    tag, attributes, *children = node
    if tag not in TAGS:
        return html(children)
    written = "".join(
        f' {name}="{text(value)}"'
        for name, value in attributes.items()
        if name in _SHOWN_ATTRIBUTES and tag != "cite"
    )
    return f"<{tag}{written}>" + ("" if tag in ("br", "hr") else f"{html(children)}</{tag}>")
