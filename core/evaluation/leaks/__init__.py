"""The leak guard: which problems of an evaluation a handbook has seen, or carries.

A leak is listed with its reason and with what it was found in; whether its problem is left out is
a choice by kind. Kinds in DEFAULT mean that the problem, its numbers or its answer are known. The
others stand for problems of one pattern: a person may think of them as leaks or not.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.evaluation.leaks.answers import compared
from core.evaluation.leaks.carrying import Asked, Carried, Carriers
from core.evaluation.leaks.made_from import made_from
from core.evaluation.leaks.meaning import Known, Meanings
from core.evaluation.leaks.near import Likeness, likeness
from core.evaluation.leaks.puzzles import Holders, puzzle_of
from core.evaluation.leaks.search import Index
from core.evaluation.leaks.text import Text
from core.evaluation.leaks.weights import Rarity
from core.retrieval.vectors import embedded_text
from core.store.records import Behavior, Problem

__all__ = [
    "DEFAULT",
    "KINDS",
    "Kind",
    "Known",
    "Leak",
    "Leaks",
    "find_leaks",
    "made_from",
    "meant_texts",
]

Kind = Literal[
    "same problem",
    "near problem",
    "behavior carries it",
    "same wording, other numbers",
    "same setting, other question",
]
DEFAULT: tuple[Kind, ...] = ("same problem", "near problem", "behavior carries it")
KINDS: tuple[Kind, ...] = (
    *DEFAULT,
    "same wording, other numbers",
    "same setting, other question",
)
OF_LIKENESS: dict[Likeness, tuple[Kind, str]] = {
    "same": ("same problem", "the handbook was made from this problem"),
    "near": ("near problem", "the handbook was made from nearly this problem"),
    "other numbers": (
        "same wording, other numbers",
        "the handbook was made from a problem of this wording with other numbers",
    ),
    "other question": (
        "same setting, other question",
        "the handbook was made from a problem that asks something else of the same",
    ),
}
SHOWN = 300  # characters of what it was found in


@dataclass(frozen=True)
class Leak:
    """`other_id` is the problem it is like, or None; `behavior_id` the behavior that carries it."""

    problem_id: int
    kind: Kind
    other_id: int | None
    behavior_id: int | None
    why: str
    evidence: str


@dataclass(frozen=True)
class Leaks:
    """What was found among so many problems, and what follows for an evaluation.

    `without_vectors` counts the texts that were compared by their wording alone; it is None where
    all were, since there is no embedder.
    """

    found: tuple[Leak, ...]
    problems: int
    without_vectors: int | None = None

    def counts(self) -> dict[Kind, int]:
        """Kind -> number of problems, of every kind."""
        seen = {(leak.kind, leak.problem_id) for leak in self.found}
        found = Counter(kind for kind, _problem_id in seen)
        return {kind: found[kind] for kind in KINDS}

    def excluded(self, kinds: Collection[Kind] = DEFAULT) -> frozenset[int]:
        """The ids of the problems that are left out where leaks of these kinds are not kept."""
        return frozenset(leak.problem_id for leak in self.found if leak.kind in kinds)


def find_leaks(
    problems: Sequence[Problem],
    made_from: Sequence[Problem],
    behaviors: Sequence[Behavior],
    known: Known | None = None,
) -> list[Leak]:
    """In the order of the problems; of one problem the worst first.

    `made_from` are the problems the handbook was made from. A question over paragraphs is looked
    at without them: two questions may share a paragraph. `known` gives sentence vectors, with which
    heavier rewordings are found; it is asked for texts of `meant_texts`.
    """
    own = [Text(_asked(problem)) for problem in problems]
    others = [Text(_asked(problem)) for problem in made_from]
    held = [Text(f"{behavior.instruction} {behavior.avoid_when or ''}") for behavior in behaviors]
    meanings = Meanings(
        known,
        [text.text for text in own],
        [text.text for text in others],
        [_meant(behavior) for behavior in behaviors],
    )
    rarity = Rarity(text.said for text in (*own, *others))
    index = Index(text.said for text in others)
    carriers, holders = Carriers(held, rarity), Holders(behaviors)
    puzzles = {puzzle: problem for problem in made_from if (puzzle := puzzle_of(problem))}
    leaks: list[Leak] = []
    for at, (problem, text) in enumerate(zip(problems, own, strict=True)):
        if puzzle := puzzle_of(problem):
            found = [_like(problem, puzzles[puzzle], "same")] if puzzle in puzzles else []
            for place, numbers in holders.of(puzzle):
                found.append(_holds(problem, behaviors[place], numbers))
        else:
            places = dict.fromkeys([*index.like(text.said), *meanings.likest(at)])
            alike = {place: meanings.of_other(at, place) for place in places}
            found = list(_likes(problem, text, made_from, others, alike, rarity))
            asked = Asked(text, problem.gold)
            for place, carried in carriers.of(asked, meanings.of_behaviors(at)):
                found.append(_carries(problem, behaviors[place], carried))
        leaks += sorted(found, key=lambda leak: KINDS.index(leak.kind))
    return leaks


def meant_texts(
    problems: Sequence[Problem], made_from: Sequence[Problem], behaviors: Sequence[Behavior]
) -> list[str]:
    """The texts whose vectors `find_leaks` can use, each once."""
    if not made_from and not behaviors:
        return []
    asked = [_asked(problem) for problem in (*problems, *made_from) if not puzzle_of(problem)]
    return list(dict.fromkeys([*asked, *map(_meant, behaviors)]))


def _likes(
    problem: Problem,
    text: Text,
    made_from: Sequence[Problem],
    others: Sequence[Text],
    alike: Mapping[int, float],
    rarity: Rarity,
) -> Iterator[Leak]:
    """`alike` has the places of those that are compared, and how like each is in meaning."""
    for place, meaning in alike.items():
        if puzzle_of(made_from[place]):
            continue
        answers = compared(problem.gold, made_from[place].gold)
        if found := likeness(text, others[place], rarity, meaning, answers):
            yield _like(problem, made_from[place], found)


def _like(problem: Problem, other: Problem, found: Likeness) -> Leak:
    kind, why = OF_LIKENESS[found]
    return Leak(problem.id, kind, other.id, None, why, _short(_asked(other)))


def _carries(problem: Problem, behavior: Behavior, carried: Carried) -> Leak:
    has = [
        f"the numbers {', '.join(carried.numbers)}" if carried.numbers else "",
        f"the answer {carried.answer}" if carried.answer else "",
        f"the formula {carried.formula}" if carried.formula else "",
        f"the words {', '.join(carried.words)}" if carried.words else "",
    ]
    return _carrying(problem, behavior, "; ".join(filter(None, has)))


def _holds(problem: Problem, behavior: Behavior, numbers: Sequence[str]) -> Leak:
    return _carrying(problem, behavior, f"the numbers {', '.join(numbers)} of the puzzle")


def _carrying(problem: Problem, behavior: Behavior, has: str) -> Leak:
    text = _short(f"{behavior.name}: {behavior.instruction}")
    why = f"{behavior.name} has {has}"
    return Leak(problem.id, "behavior carries it", None, behavior.id, why, text)


def _asked(problem: Problem) -> str:
    question = problem.extra.get("question")
    return question if isinstance(question, str) and question.strip() else problem.text


def _meant(behavior: Behavior) -> str:
    """As retrieval embeds it, so that its vector is there already."""
    return embedded_text(behavior.name, behavior.instruction)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]} …"
