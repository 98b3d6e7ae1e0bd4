"""A Markdown list of behaviors: `- behavior_x: instruction`, under `## topic` headings.

Read line by line, without a Markdown library: in this list the text behind the name is taken as it
stands (LaTeX, asterisks, angle brackets), while Markdown would take its backslashes, underscores
and HTML for marks, and gives no way back to the characters. Around it reading is lenient: any
bullet or number, names in bold or backticks, lines wrapped with an indent. What is no item is
passed over, unless it looks like one that went wrong.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from core.handbook.files.cells import tags_of, tags_text
from core.handbook.files.checks import one_line
from core.handbook.files.jsonl import LINE_END
from core.handbook.files.rows import Row, row_of
from core.handbook.rules import INSTRUCTION_LENGTH
from core.store.records import Behavior, Handbook

_TITLE = re.compile(r"#[ \t]+(.*)")
_TOPIC = re.compile(r"##(?:[ \t]+(.*))?")
_BULLET = r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+"
# The colon stands behind the bold or inside it: **name**: or **name:**
_ITEM = re.compile(
    _BULLET + r"([*`]+)?(behaviou?r[_-][^\s:*`]*)(?(1)(?:[*`]+[ \t]*:|:[*`]+)|[ \t]*:)(.*)",
    re.IGNORECASE,
)
_DETAIL = re.compile(
    r"[ \t]+[-*+][ \t]+(\*\*)?(avoid when|tags)(?(1)(?:\*\*:|:\*\*)|:)(.*)", re.IGNORECASE
)
_WRAPPED = re.compile(rf"(?!{_BULLET})[ \t]+\S.*")
_BROKEN = re.compile(r"\W*behaviou?r_", re.IGNORECASE)
_NO_ITEM = "this looks like a behavior, but an item is written `- behavior_name: instruction`"
# How Markdown writes a space at the end of a text, where it takes a plain one away.
_SPACE = "&#32;"


def title(text: str) -> str:
    """The first `# heading`, or nothing."""
    found = filter(None, map(_TITLE.fullmatch, LINE_END.split(text)))
    return next((one_line(heading[1]) for heading in found), "")


def rows(text: str) -> Iterator[tuple[int, Row | str]]:
    """The line of each item, with its row or with why it is none."""
    for number, item in _items(text):
        yield number, item if isinstance(item, str) else row_of(item)


def text(handbook: Handbook, behaviors: Iterable[Behavior]) -> str:
    """Title, topics and items; a topic and each tag are put on one line."""
    lines = [f"# {one_line(handbook.title) or handbook.slug}", ""]
    for topic, group in by_topic(behaviors):
        if topic:
            lines += [f"## {topic}", ""]
        lines += [line for behavior in group for line in _item_lines(behavior)]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def by_topic(behaviors: Iterable[Behavior]) -> Iterator[tuple[str, list[Behavior]]]:
    """Each topic on one line, with its behaviors by name; those without a topic come first."""

    def topic(behavior: Behavior) -> str:
        return one_line(behavior.topic)

    ordered = sorted(behaviors, key=lambda behavior: (topic(behavior), behavior.name))
    return ((key, list(group)) for key, group in groupby(ordered, key=topic))


def _items(text: str) -> list[tuple[int, dict[str, Any] | str]]:
    """The line of each item with its fields; for one that went wrong, the reason."""
    found: list[tuple[int, dict[str, Any] | str]] = []
    topic = ""
    item: dict[str, Any] = {}  # the one that details and wrapped lines belong to
    key = ""  # the field of it that a wrapped line goes on with
    for number, line in enumerate(LINE_END.split(text), start=1):
        if heading := _TOPIC.fullmatch(line) or _TITLE.fullmatch(line):
            topic = one_line(heading[1] or "") if heading.re is _TOPIC else ""
            item, key = {}, ""
        elif start := _ITEM.fullmatch(line):
            item = {"topic": topic, "name": start[2], "instruction": _inner(start[3])}
            key = "instruction"
            found.append((number, item))
        elif item and (detail := _DETAIL.fullmatch(line)):
            key = _add_detail(item, detail[2].lower(), _inner(detail[3]))
        elif key and _WRAPPED.fullmatch(line):
            item[key] = _continued(item[key], line)
        else:
            key = ""
            if _BROKEN.match(line):
                item = {}
                found.append((number, _NO_ITEM))
    return found


def _add_detail(item: dict[str, Any], what: str, text: str) -> str:
    """Gives the key that a wrapped line goes on with."""
    if what == "tags":
        item["tags"] = tags_of(text)
        return ""
    item["avoid_when"] = text or None
    return "avoid_when" if text else ""


def _continued(text: str, line: str) -> str:
    # What is too long already is refused anyway, and would take ever longer to put together.
    return text if len(text) > INSTRUCTION_LENGTH else f"{text} {line.strip()}".strip()


def _item_lines(behavior: Behavior) -> Iterator[str]:
    yield f"- {behavior.name}: {_outer(behavior.instruction)}"
    if behavior.avoid_when:
        yield f"  - avoid when: {_outer(behavior.avoid_when)}"
    if behavior.tags:
        yield f"  - tags: {tags_text([one_line(tag) for tag in behavior.tags])}"


def _outer(text: str) -> str:
    """The text as it stands in a line: spaces at its ends are written so that they last."""
    inner = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    return _SPACE * before + inner + _SPACE * (len(text) - before - len(inner))


def _inner(text: str) -> str:
    """What `_outer` was given."""
    text = text.strip(" \t")
    start, end, step = 0, len(text), len(_SPACE)
    while text.startswith(_SPACE, start):
        start += step
    while text.endswith(_SPACE, start, end):
        end -= step
    return " " * (start // step) + text[start:end] + " " * ((len(text) - end) // step)
