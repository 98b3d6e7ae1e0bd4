"""The prompt texts: one Markdown file each, loaded by name, hashed into every run.

In a file, what stays the same comes first and the problem last, so that an endpoint's prefix cache
can serve the beginning. `{{name}}` marks where a value goes.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Prompt:
    """A prompt text; `hash` is the first 12 hexadecimal digits of its sha256."""

    name: str
    text: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def messages(self, **values: str) -> list[dict[str, str]]:
        """One user message with the values in place. Values are never searched for marks again."""
        content = re.sub(r"\{\{(\w+)\}\}", lambda mark: values[mark[1]], self.text)
        return [{"role": "user", "content": content}]


@cache
def load(name: str) -> Prompt:
    return Prompt(name, (FOLDER / f"{name}.md").read_text("utf-8").strip())
