"""Countdown puzzles: all are worded alike, so their numbers and target are what they are."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.evaluation.leaks.weights import telling
from core.store.records import Behavior, Problem

# In digits only: numbers in words are mostly said of how to go on ("split them into two groups").
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Puzzle:
    """`numbers` in one order, so that puzzles with the same ones are equal."""

    numbers: tuple[str, ...]
    target: str


def puzzle_of(problem: Problem) -> Puzzle | None:
    """None for any other problem."""
    numbers = problem.extra.get("numbers")
    if problem.extra.get("task") != "countdown" or not isinstance(numbers, list):
        return None
    return Puzzle(tuple(sorted(map(str, numbers))), str(problem.extra.get("target")))


class Holders:
    """Behaviors by the numbers that stand in them, their names included."""

    def __init__(self, behaviors: Sequence[Behavior]):
        self._held = [
            Counter(NUMBER.findall(f"{one.name} {one.instruction} {one.avoid_when or ''}"))
            for one in behaviors
        ]
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, held in enumerate(self._held):
            for number in held:
                self._places[number].append(place)

    def of(self, puzzle: Puzzle) -> Iterator[tuple[int, list[str]]]:
        """(place, what it has) of those that have all the numbers of a puzzle and its target, or
        all of these but one. What has nothing but 0, 1 and 2 of it is not meant.
        """
        wanted = Counter([*puzzle.numbers, puzzle.target])
        shared = Counter(place for number in wanted for place in self._places.get(number, ()))
        for place in sorted(place for place, many in shared.items() if many >= len(wanted) - 1):
            has = wanted & self._held[place]
            if has.total() >= wanted.total() - 1 and any(map(telling, has)):
                yield place, sorted(has.elements(), key=float)
