"""One row, its columns told apart: what a mapping makes a problem of."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.evaluation.problems.chat import text_in


@dataclass(frozen=True)
class Cells:
    """The cells as the file has them. `others` are those of all other columns."""

    text: Any
    gold: Any
    topic: Any
    others: dict[str, Any]

    @cached_property
    def words(self) -> str:
        """The text as words; raises UnusableRow where the cell holds something else."""
        return text_in(self.text)

    def get(self, *names: str) -> Any:
        """The first of these other columns that has something, their names in small letters."""
        found = (self._folded.get(name) for name in names)
        return next((value for value in found if value is not None and value != ""), None)

    @cached_property
    def _folded(self) -> dict[str, Any]:
        return {name.lower(): value for name, value in self.others.items()}
