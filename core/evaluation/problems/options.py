"""Options of multiple-choice problems: listed below the question, the right one as its letter.

Shapes: a list of texts (MMLU, MMLU-Pro), texts beside their labels (ARC), texts by their letters
(MedQA), any of these as JSON text, and a column for each letter (MMLU as CSV).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase as LETTERS
from typing import Any

from core.evaluation.problems.cells import Cells
from core.evaluation.problems.problem import gold_text

OPTION_NAMES = ("options", "choices")
FEWEST = 2
BRACKETS = "(). "


@dataclass(frozen=True)
class Options:
    """What there is to choose from, how the set labels each, and how the row writes it."""

    values: tuple[Any, ...]
    labels: tuple[str, ...]
    written: tuple[Any, ...]

    @property
    def texts(self) -> list[str]:
        return [str(value).strip() for value in self.values]

    def below(self, question: str) -> str:
        """The question with the options, unless it names them itself."""
        return question if self._named_in(question) else with_options(question, self.texts)

    def letter(self, gold: Any) -> str | None:
        """That of the right one, which a set tells by its label, its text or its place from 0."""
        told = gold_text(gold) or ""
        label = told.strip(BRACKETS)
        readings = (
            (label, self.labels),
            (told, self._said_as(gold, self.values)),
            (told, self._said_as(gold, self.written)),
            (label.upper(), self.labels),
            (told, [str(place) for place in range(len(self.values))]),
            (told.casefold(), self._apart_without_case()),
        )
        found = (names.index(name) for name, names in readings if name and name in names)
        return next((LETTERS[place] for place in found), None)

    def _apart_without_case(self) -> list[str]:
        """The texts without regard to case; none where case tells them apart (Aa, aa)."""
        texts = [text.casefold() for text in self.texts]
        return texts if len(set(texts)) == len(texts) else []

    def _said_as(self, gold: Any, values: tuple[Any, ...]) -> list[str]:
        """A number among options that are texts is a place (MMLU), and says none of them."""
        texts_only = all(isinstance(value, str) for value in self.values)
        if texts_only and not isinstance(gold, str | bool):
            return []
        return [gold_text(value) or "" for value in values]

    def _named_in(self, question: str) -> bool:
        return all(
            re.search(rf"\b{letter}\W{{1,6}}{re.escape(text)}", question)
            for letter, text in zip(LETTERS, self.texts, strict=False)
        )


def with_options(question: str, options: Sequence[str]) -> str:
    """Below the question a line for each: A) this, B) that."""
    listed = "".join(f"\n{letter}) {one}" for letter, one in zip(LETTERS, options, strict=False))
    return f"{question}\n{listed}" if listed else question


def options_of(cells: Cells) -> Options | None:
    """The options of a row that has some."""
    return _options(cells.get(*OPTION_NAMES)) or _columns_of_letters(cells)


def _options(value: Any) -> Options | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict):
        return _labelled(value)
    return _of(value) if isinstance(value, list) else None


def _labelled(value: Mapping[str, Any]) -> Options | None:
    texts: Any = value.get("text")
    labels: Any = value.get("label")
    if isinstance(texts, list):
        beside = isinstance(labels, list) and len(labels) == len(texts)
        return _of(texts, labels if beside else LETTERS)
    names = sorted(name for name, text in value.items() if text is not None)
    if [name.upper() for name in names] != list(LETTERS[: len(names)]):
        return None
    return _of([value[name] for name in names])


def _columns_of_letters(cells: Cells) -> Options | None:
    """Only where the answer is one of the letters: a and b may be anything else."""
    values = []
    for letter in LETTERS:
        if (value := cells.get(letter.lower())) is None:
            break
        values.append(value)
    label = str(cells.gold).strip(BRACKETS).upper()
    return _of(values) if label in list(LETTERS[: len(values)]) else None


def _of(values: list[Any], labels: Sequence[Any] = LETTERS) -> Options | None:
    sound = all(isinstance(one, str | int | float) for one in values)
    if not sound or not FEWEST <= len(values) <= len(LETTERS):
        return None
    named = (str(label).strip(BRACKETS).upper() for label in labels[: len(values)])
    return Options(_without_own_letters(values), tuple(named), tuple(values))


def _without_own_letters(values: list[Any]) -> tuple[Any, ...]:
    """The options without the letter that each brings along, in order: A) this, B) that (AQuA)."""
    lettered = [
        re.fullmatch(rf"\s*(?:\({letter}\)|{letter}[).:])\s*(\S.*)", str(value), re.S | re.I)
        for letter, value in zip(LETTERS, values, strict=False)
    ]
    found = [match[1] for match in lettered if match]
    return tuple(found if len(found) == len(values) else values)
