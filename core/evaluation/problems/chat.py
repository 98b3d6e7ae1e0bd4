"""The text of a problem in its cell: plain, or as the chat messages it would be asked with."""

from typing import Any

from core.evaluation.problems.problem import UnusableRow

BEFORE = ("system", "developer")
ASKING = "user"


def text_in(cell: Any) -> str:
    """The text, or that of the system's and the user's messages; raises UnusableRow.

    Replies of an assistant are left out: the last may give the answer away.
    """
    if isinstance(cell, list) and cell and all(_is_message(one) for one in cell):
        return _asked(cell)
    if isinstance(cell, list | dict):
        raise UnusableRow(
            f"has {'a list' if isinstance(cell, list) else 'an object'} where the text of the "
            "problem should be; a text or a list of chat messages (role, content) is read"
        )
    return str(cell or "").strip()


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and "content" in value


def _asked(messages: list[dict[str, Any]]) -> str:
    before = [_content(one["content"]) for one in messages if one["role"] in BEFORE]
    asked = [_content(one["content"]) for one in messages if one["role"] == ASKING]
    if not any(asked):
        raise UnusableRow("has chat messages, but none of the user's with a text")
    return "\n\n".join(filter(None, (*before, *asked)))


def _content(content: Any) -> str:
    """One text, or the texts in blocks."""
    if content is None:
        return ""
    parts = content if isinstance(content, list) else [content]
    blocks = [part.get("text") if isinstance(part, dict) else part for part in parts]
    texts = [block for block in blocks if isinstance(block, str)]
    if len(texts) < len(blocks):
        raise UnusableRow("has chat messages with parts that are no text (pictures, sound)")
    return "\n".join(texts).strip()
