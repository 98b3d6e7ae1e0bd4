"""Whether a behavior carries the numbers or the answer of a problem.

A behavior is general: it may hold constants, angles of tables and small numbers, and share words
with the problems it is for. What gives a problem away is a combination: several of its numbers, its
answer beside them, or a piece of its formula, and hardly any other numbers; mostly in the problem's
words. Numbers weigh as in `weights`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.evaluation.leaks.concluding import concludes
from core.evaluation.leaks.text import Text
from core.evaluation.leaks.weights import Rarity, telling, together
from core.evaluation.leaks.wording import is_number, said, tokens

LEAST = 0.9  # of numbers, answer and formula; what has less is not looked at further
ENOUGH = 5.5  # of numbers, answer, formula and words together
PARTICULAR = 2.0  # the weight of a number, or of an answer, that few problems have
SHARE = 0.35  # so much of a behavior's numbers has to be the problem's
COVERED = 0.8  # so much of a problem's numbers makes them a combination
KNOWN_WORD = 2.3  # words of this weight or less are in many problems
LEAST_WORDS, FEW_NUMBERS = 2.5, 7.0
RETOLD = 12.0  # the weight of words that tell the problem's own story
WORDS_AT_MOST, STORY_AT_MOST = 3.0, 5.0
LONG_NUMBER = 6.0  # the weight of a number that stands in one problem only
# Where there are sentence vectors: from what cosine on a behavior is looked at for one number; what
# it takes together with numbers, answer and words; below what cosine words and numbers are chance.
MEANT, MEANT_ENOUGH, UNLIKE = 0.5, 0.93, 0.45
CONCLUDED = 0.35  # what it adds to a like meaning that a sentence ends with the answer
RUN = 5  # tokens of a formula in common that are no chance, if numbers are among them
SET_WORDS = frozenset({"frac", "sqrt", "boxed"})  # typesetting: no words of the problem
ANSWER_LENGTH = range(3, 41)  # tokens of an answer that is more than a number
ANSWER_IN_WORDS, RARE_WORD = range(2, 13), 4.0  # as for a question: a name, a title

Cosines = NDArray[np.float32]


@dataclass(frozen=True)
class Carried:
    """What a behavior has of a problem; `formula` and `answer` are empty where it has none."""

    numbers: tuple[str, ...]
    answer: str
    formula: str
    words: tuple[str, ...]
    weight: float


@dataclass(frozen=True, eq=False)
class Asked:
    """A problem with its answer."""

    text: Text
    answer: str | None

    @cached_property
    def gold(self) -> list[str]:
        return tokens(self.answer or "")


class Carriers:
    """Behaviors by their words and numbers, so that few of them are compared with each problem."""

    def __init__(self, behaviors: Sequence[Text], rarity: Rarity):
        self._behaviors = behaviors
        self._rarity = rarity
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, behavior in enumerate(behaviors):
            for word in behavior.bag:
                self._places[word].append(place)

    def of(self, problem: Asked, meaning: Cosines | None = None) -> Iterator[tuple[int, Carried]]:
        """(place, what it carries) of those that carry the problem.

        `meaning` has the cosine of the problem and each behavior, 0 where one has no vector.
        """
        if meaning is None:
            meaning = np.zeros(len(self._behaviors), np.float32)
        meant = set(np.flatnonzero(meaning >= MEANT).tolist())
        for place in sorted(self._worth_a_look(problem, meant)):
            cosine = float(meaning[place])
            if found := carried(problem, self._behaviors[place], self._rarity, cosine):
                yield place, found

    def _worth_a_look(self, problem: Asked, meant: Collection[int]) -> set[int]:
        """Those of like meaning, and those with two of its numbers, or with its answer and
        something beside it.

        Others carry hardly ever anything, and `carried` takes its time.
        """
        shared: Counter[int] = Counter()
        chosen = set(meant)
        for number in problem.text.all_numbers:
            if telling(number) > 0:
                shared.update(self._places.get(number, ()))
            if telling(number) >= LONG_NUMBER:
                chosen.update(self._places.get(number, ()))
        chosen.update(place for place, many in shared.items() if many >= 2)
        words = [word for word in problem.gold if word.isalpha() and len(word) > 2]
        if words:
            rarest = max((said(word) for word in words), key=self._rarity.of)
            return chosen.union(self._places.get(rarest, ()))
        particular = [number for number in problem.gold if telling(number) >= PARTICULAR]
        named = {place for number in problem.gold for place in self._places.get(number, ())}
        return chosen | (named & shared.keys()) | (named if particular else set())


def carried(problem: Asked, behavior: Text, rarity: Rarity, meaning: float = 0.0) -> Carried | None:
    """None where the behavior has nothing of the problem, or no more than chance gives.

    `meaning` is the cosine of their sentence vectors; 0 where they have none.
    """
    pair = _Pair(problem, behavior, rarity, meaning)
    if not pair.shared and not pair.answer and not pair.concluded:
        return None
    if not pair.tells and not pair.is_meant:
        return None
    words = pair.words
    told = sorted(words, key=lambda word: (-words[word], word))[:5]
    return Carried(
        tuple(sorted(pair.shared, key=lambda n: (-telling(n), n))),
        problem.answer or "" if pair.answer or pair.concluded else "",
        " ".join(pair.run),
        tuple(told),
        round(pair.weight, 1),
    )


@dataclass(frozen=True, eq=False)
class _Pair:
    """A problem and a behavior, and what they have in common."""

    problem: Asked
    behavior: Text
    rarity: Rarity
    meaning: float

    @cached_property
    def shared(self) -> set[str]:
        numbers = self.problem.text.all_numbers & self.behavior.all_numbers
        return {number for number in numbers if telling(number) > 0}

    @cached_property
    def numbers(self) -> float:
        return together(self.shared)

    @cached_property
    def answer(self) -> float:
        return _answer_weight(self.problem, self.behavior, self.rarity)

    @cached_property
    def concluded(self) -> bool:
        return self.meaning >= MEANT and concludes(self.behavior, self.problem.gold)

    @cached_property
    def run(self) -> list[str]:
        return _common_run(self.problem.text, self.behavior)

    @cached_property
    def words(self) -> dict[str, float]:
        return _words(self.problem.text, self.behavior, self.rarity)

    @cached_property
    def story(self) -> float:
        return sum(self.words.values())

    @cached_property
    def parts(self) -> int:
        """How many things they have in common that are not words."""
        in_words = self.answer > 0 and not any(is_number(token) for token in self.problem.gold)
        retold = self.answer > 0 and self.story >= (STORY_AT_MOST if in_words else RETOLD)
        return len(self.shared) + (self.answer > 0) + 2 * bool(self.run) + retold

    @cached_property
    def combination(self) -> bool:
        """Whether most of the problem's numbers are there, and more than one thing."""
        covered = self.numbers >= COVERED * self.problem.text.particular
        return covered and self.parts >= (2 if self.story >= STORY_AT_MOST else 3)

    @cached_property
    def without_words(self) -> float:
        return self.numbers + self.answer + 0.4 * len(self.run)

    @cached_property
    def weight(self) -> float:
        most = STORY_AT_MOST if self.combination else WORDS_AT_MOST
        return self.without_words + min(0.5 * self.story, most)

    @property
    def tells(self) -> bool:
        """By its numbers and words; where there are vectors, they must not speak against it."""
        own = self.behavior.particular + _beyond_numbers(self.problem, self.answer)
        if self.numbers + self.answer < SHARE * own or 0 != self.meaning < UNLIKE:
            return False
        if any(telling(number) >= LONG_NUMBER for number in self.shared):
            return True
        if self.without_words < LEAST or self.parts < 2:
            return False
        particular = self.answer >= PARTICULAR or any(telling(n) >= PARTICULAR for n in self.shared)
        known = particular or bool(self.run) or self.combination
        of_it = self.story >= LEAST_WORDS or self.without_words >= FEW_NUMBERS
        return known and of_it and self.weight >= ENOUGH

    @property
    def is_meant(self) -> bool:
        """By like meaning beside numbers and an answer; weights as a logistic regression gave
        them, rounded.
        """
        if self.meaning < MEANT:
            return False
        told = self.meaning + 0.08 * min(self.numbers + self.answer, 6)
        told += 0.008 * min(self.story, 25)
        if self.behavior.particular:
            told += 0.1 * min(1.0, self.numbers / self.behavior.particular)
        if len(self.shared) > 1:
            told += 0.08 * min(1.0, self.numbers / self.problem.text.particular)
        return told + (CONCLUDED if self.concluded else 0.0) >= MEANT_ENOUGH


def _answer_weight(problem: Asked, behavior: Text, rarity: Rarity) -> float:
    """0 where the answer does not stand there, or is one of the problem's own numbers or words."""
    gold = problem.gold
    if len(gold) == 1 and is_number(gold[0]):
        there = gold[0] in behavior.all_numbers and gold[0] not in problem.text.all_numbers
        return telling(gold[0]) + (1.0 if telling(gold[0]) > 0.6 else 0.3) if there else 0.0
    in_words = bool(gold) and all(token.isalpha() for token in gold)
    if in_words and max(map(rarity.of, map(said, gold))) < RARE_WORD:
        return 0.0
    if len(gold) not in (ANSWER_IN_WORDS if in_words else ANSWER_LENGTH):
        return 0.0
    if not _stands_in(gold, behavior.tokens) or (
        in_words and _stands_in(gold, problem.text.tokens)
    ):
        return 0.0
    return (2.5 if in_words else 1.5) + 0.5 * min(len(gold), 8)


def _beyond_numbers(problem: Asked, answer: float) -> float:
    """What the answer adds to the weight of the behavior's numbers, so that shares are shares."""
    own = telling(problem.gold[0]) if answer and len(problem.gold) == 1 else 0.0
    return answer - own


def _words(problem: Text, behavior: Text, rarity: Rarity) -> dict[str, float]:
    common = {word for word in problem.bag.keys() & behavior.bag.keys() if len(word) > 2}
    return {
        word: rarity.of(word) - KNOWN_WORD
        for word in common - SET_WORDS
        if word.isalpha() and rarity.of(word) > KNOWN_WORD
    }


def _common_run(problem: Text, behavior: Text) -> list[str]:
    """The longest piece of a formula in both, if it is long and has two numbers that tell."""
    if not problem.formula & behavior.formula:
        return []
    best: list[str] = []
    for one in problem.runs:
        for other in behavior.runs:
            best = max(best, _longest(one, other), key=len)
    numbers = {token for token in best if telling(token) > 0}
    return best if len(best) >= RUN and len(numbers) >= 2 else []


def _longest(one: Sequence[str], other: Sequence[str]) -> list[str]:
    best, end_of_best = 0, 0
    lengths: dict[int, int] = {}
    for end, token in enumerate(one, start=1):
        lengths = {
            place: lengths.get(place - 1, 0) + 1
            for place, found in enumerate(other)
            if found == token
        }
        longest = max(lengths.values(), default=0)
        if longest > best:
            best, end_of_best = longest, end
    return list(one[end_of_best - best : end_of_best])


def _stands_in(piece: Sequence[str], whole: Sequence[str]) -> bool:
    if piece[0] not in whole or piece[-1] not in whole:
        return False
    size = len(piece)
    return any(list(whole[at : at + size]) == list(piece) for at in range(len(whole) - size + 1))
