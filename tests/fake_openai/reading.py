"""Tells which of Vademecum's prompts a request holds, by the prompt texts themselves."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from core import prompts

NAMES = ("solve", "reflect", "extract", "judge")


@dataclass(frozen=True)
class Asked:
    """A prompt's name and the values that were put into it."""

    stage: str
    values: dict[str, str]

    @property
    def problem(self) -> str:
        return self.values["problem"]


def asked(body: dict[str, Any]) -> Asked | None:
    """The prompt behind the last message of a request; None where it is none of ours."""
    content = body["messages"][-1]["content"]
    for name in NAMES:
        if found := _pattern(name).fullmatch(content):
            return Asked(name, found.groupdict())
    return None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """The prompt as a pattern; a mark that stands twice has to hold the same value twice."""
    pattern, seen = "", set()
    for part in re.split(r"(\{\{\w+\}\})", prompts.load(name).text):
        mark = part.strip("{}") if part.startswith("{{") else None
        if mark is None:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={mark})" if mark in seen else f"(?P<{mark}>.*?)"
            seen.add(mark)
    return re.compile(pattern, re.DOTALL)
