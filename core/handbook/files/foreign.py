"""Rows that were not written for this program: other words for name, instruction and topic.

A column counts where it holds a text. What stands in one of our own keys is never replaced, good or
bad: only what is absent is looked for.
"""

import re
import unicodedata
from typing import Any

from core.handbook.files.checks import one_line
from core.handbook.rules import NAME_LENGTH

NAME_KEYS = ("behavior", "skill", "title")
INSTRUCTION_KEYS = ("description", "text", "behavior_description", "definition")
TOPIC_KEYS = ("subject", "category", "dataset")
PREFIX = "behavior"
UNWRITTEN = {"unwritten": "came without an instruction; its name stands in"}


def own_fields(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The row with our own keys, and its marks. A column that was used is gone from it."""
    if "name" in row and "instruction" in row and "topic" in row:
        return row, {}
    fields = dict(row)
    if "name" not in fields and (text := _taken(fields, NAME_KEYS)):
        fields["name"] = behavior_name(text)
    if "instruction" not in fields and (text := _taken(fields, INSTRUCTION_KEYS)):
        fields["instruction"] = one_line(text)
    if "topic" not in fields and (text := _taken(fields, TOPIC_KEYS)):
        fields["topic"] = text
    if "instruction" in fields or not isinstance(fields.get("name"), str):
        return fields, {}
    return {**fields, "instruction": _stand_in(fields["name"])}, UNWRITTEN


def behavior_name(text: str) -> str:
    """`Ratio & proportion` -> behavior_ratio_proportion, cut between words where it is too long.

    Where no letter or digit is left it is the bare prefix, which the rules refuse.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    if words[:1] == [PREFIX]:
        words = words[1:]
    name = f"{PREFIX}_" + "_".join(words)
    if len(name) <= NAME_LENGTH:
        return name
    cut = name[: NAME_LENGTH + 1].rpartition("_")[0]
    return cut if cut != PREFIX else name[:NAME_LENGTH]


def _taken(fields: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """The first text under one of these keys, taken out of the fields."""
    for key in keys:
        text = fields.get(key)
        if isinstance(text, str) and text.strip():
            del fields[key]
            return text
    return None


def _stand_in(name: str) -> str:
    words = name.removeprefix(f"{PREFIX}_").replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}."
