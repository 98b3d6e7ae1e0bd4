"""A text as the leak guard compares it: its words, numbers and formulas, and what it asks for."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from core.evaluation.leaks.weights import together
from core.evaluation.leaks.wording import (
    FUNCTIONS,
    drawn,
    formulas,
    is_number,
    numbers,
    said,
    tokens,
)

CLAUSE = re.compile(r"(?<=[.;:!?])\s+|,\s+(?=so|and|then|which|giving|hence)")
PLACES = frozenset(("first", "second", "last"))
# Words for what is asked: two problems that ask for different ones are two problems.
ASKED = {
    word: words
    for words in (
        "smallest least minimum minimal min lowest fewest shortest",
        "largest greatest maximum maximal max highest most longest",
        "sum total altogether",
        "product",
        "difference",
        "average mean",
        "median",
        "mode",
        "perimeter circumference",
        "area",
        "volume",
        "angle degrees measure",
        "radius",
        "diameter",
        "sin sine",
        "cos cosine",
        "tan tangent",
        "quotient",
        "remainder",
        "even",
        "odd",
        "domain",
        "range",
        "midpoint",
        "intersection",
        "probability",
        "ways",
        "profit",
        "cost price",
        "first",
        "second",
        "last",
    )
    for word in words.split()
}
# Not among the words above, since one of them alone says little ("relatively prime" is "coprime",
# too): but where one problem says the one and the other its opposite, they are two problems.
OPPOSITES = (
    ("prime", "composite"),
    ("rational", "irrational"),
    ("increasing", "decreasing"),
    ("horizontal", "vertical"),
    ("true", "false"),
)


@dataclass(frozen=True, eq=False)
class Text:
    """A problem's text, taken apart once and compared many times."""

    text: str

    @cached_property
    def tokens(self) -> list[str]:
        return tokens(self.text)

    @cached_property
    def clauses(self) -> list[list[str]]:
        """The tokens of its sentences, and of what follows in them after a comma."""
        return [tokens(clause) for clause in CLAUSE.split(self.text)]

    @cached_property
    def said(self) -> list[str]:
        return [said(token) for token in self.tokens]

    @cached_property
    def bag(self) -> Counter[str]:
        return Counter(self.said)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return numbers(self.tokens)

    @cached_property
    def all_numbers(self) -> frozenset[str]:
        return frozenset(token for token in self.tokens if is_number(token))

    @cached_property
    def figures(self) -> Counter[str]:
        """Its numbers, each as often as it stands there."""
        return Counter(token for token in self.tokens if is_number(token))

    @cached_property
    def particular(self) -> float:
        """What its numbers weigh together."""
        return together(self.all_numbers)

    @cached_property
    def runs(self) -> list[list[str]]:
        return formulas(self.tokens)

    @cached_property
    def formula(self) -> frozenset[tuple[str, ...]]:
        """Three neighbours each, of the formulas."""
        return frozenset(
            tuple(run[at : at + 3]) for run in self.runs for at in range(max(1, len(run) - 2))
        )

    @cached_property
    def pattern(self) -> frozenset[tuple[str, ...]]:
        """As `formula`, whatever its variables are called."""
        return frozenset(
            tuple("x" if token.isalpha() and len(token) == 1 else token for token in triple)
            for triple in self.formula
        )

    @cached_property
    def signs(self) -> Counter[str]:
        """What the formulas are made of, whatever their order and their variables' names."""
        return Counter(
            sign
            for run in self.runs
            for token in run
            for sign in ("x" * len(token) if _named(token) else (token,))
        )

    @cached_property
    def drawn(self) -> Counter[str]:
        return drawn(self.text)

    @cached_property
    def asked(self) -> Counter[str]:
        """How often it speaks of each thing that can be asked for."""
        return Counter(ASKED[token] for token in self.tokens if token in ASKED)


def _named(token: str) -> bool:
    """A variable, or a product of them: `xy` is two."""
    return token.isalpha() and token not in FUNCTIONS
