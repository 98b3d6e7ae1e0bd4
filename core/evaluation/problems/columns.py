"""Which column holds what: guessed from the names that public data sets give them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadInput
from core.evaluation.problems.rows import Row, column_names

# Likeliest first.
TEXT_NAMES = ("problem", "question", "text", "prompt", "input")
GOLD_NAMES = (
    *("answer", "gold", "expected_answer", "gold_answer"),
    *("answers", "golden_answers", "answerkey", "target", "output"),
)
TOPIC_NAMES = ("topic", "subject", "type", "category")


@dataclass(frozen=True)
class Columns:
    """Which column holds what."""

    text: str
    gold: str | None = None
    topic: str | None = None


def guess_columns(rows: Sequence[Row]) -> Columns:
    """Columns by their names; raises where none looks like the problem's text."""
    return columns_among(rows, TEXT_NAMES, GOLD_NAMES, TOPIC_NAMES)


def columns_among(
    rows: Sequence[Row], text: Sequence[str], gold: Sequence[str], topic: Sequence[str]
) -> Columns:
    """The first of the wanted names that there is, in any case; for text there has to be one."""
    names = {name.lower(): name for name in reversed(column_names(rows))}

    def first(wanted: Sequence[str]) -> str | None:
        return next((names[name] for name in wanted if name in names), None)

    found = first(text)
    if found is None:
        raise BadInput(
            f"No column is called {', '.join(text)}. There are: "
            f"{', '.join(column_names(rows)) or 'none'}. Say which one holds the problem."
        )
    return Columns(found, first(gold), first(topic))
