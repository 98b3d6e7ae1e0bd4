"""Whether a text ends a sentence with an answer, as one does who has solved that very problem."""

from collections.abc import Sequence

from core.evaluation.leaks.text import Text
from core.evaluation.leaks.wording import is_number

# What stands before a result.
LEADS = frozenset(
    "= is are be gives give giving yields makes means get gets leaves leaving equals answer total "
    "probability number as of to only just simply".split()
)
SIGNS = frozenset("+-*/^=<>|")
AFTER = 3  # words at most that follow it in its clause: a unit, "in all"


def concludes(text: Text, answer: Sequence[str]) -> bool:
    """`answer` are its tokens."""
    return bool(answer) and any(_ends_with(clause, answer) for clause in text.clauses)


def _ends_with(clause: Sequence[str], answer: Sequence[str]) -> bool:
    size = len(answer)
    return any(
        clause[at : at + size] == answer
        and clause[at - 1] in LEADS
        and not any(is_number(word) or word in SIGNS for word in clause[at + size :])
        for at in range(max(1, len(clause) - size - AFTER), len(clause) - size + 1)
    )
