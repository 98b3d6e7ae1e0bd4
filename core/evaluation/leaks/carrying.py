"""Whether a behavior carries the numbers or the answer of a problem.

A behavior is general: it may hold constants, angles of tables and small numbers, and share words
with the problems it is for. What gives a problem away is a combination: several of its numbers, its
answer beside them, or a piece of its formula, and hardly any other numbers; mostly in the problem's
words. Numbers weigh as in `weights`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

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
# Where sentence vectors say so: the least cosine, what it makes with numbers and answer, and the
# share of the behavior's numbers that has to be the problem's: then it is about little else.
MEANT, MEANT_ENOUGH, MEANT_SHARE = 0.5, 0.79, 0.6
RUN = 5  # tokens of a formula in common that are no chance, if numbers are among them
SET_WORDS = frozenset({"frac", "sqrt", "boxed"})  # typesetting: no words of the problem
ANSWER_LENGTH = range(3, 41)  # tokens of an answer that is more than a number
ANSWER_IN_WORDS, RARE_WORD = range(2, 13), 4.0  # as for a question: a name, a title


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

    def of(
        self, problem: Asked, meaning: Callable[[int], float] = lambda _place: 0.0
    ) -> Iterator[tuple[int, Carried]]:
        """(place, what it carries) of those that carry the problem.

        `meaning` gives the cosine of the problem and the behavior at a place.
        """
        for place in sorted(self._worth_a_look(problem)):
            behavior = self._behaviors[place]
            if found := carried(problem, behavior, self._rarity, meaning(place)):
                yield place, found

    def _worth_a_look(self, problem: Asked) -> set[int]:
        """Those with two of its numbers, or with its answer and something beside it.

        Others carry hardly ever anything, and `carried` takes its time.
        """
        shared = Counter(
            place
            for number in problem.text.all_numbers
            if telling(number) > 0
            for place in self._places.get(number, ())
        )
        two = {place for place, many in shared.items() if many >= 2}
        words = [word for word in problem.gold if word.isalpha() and len(word) > 2]
        if words:
            rarest = max((said(word) for word in words), key=self._rarity.of)
            return two.union(self._places.get(rarest, ()))
        particular = [number for number in problem.gold if telling(number) >= PARTICULAR]
        named = {place for number in problem.gold for place in self._places.get(number, ())}
        return two | (named & shared.keys()) | (named if particular else set())


def carried(problem: Asked, behavior: Text, rarity: Rarity, meaning: float = 0.0) -> Carried | None:
    """None where the behavior has nothing of the problem, or no more than chance gives.

    `meaning` is the cosine of their sentence vectors; 0 where they have none.
    """
    shared = {n for n in problem.text.all_numbers & behavior.all_numbers if telling(n) > 0}
    answer = _answer_weight(problem, behavior, rarity)
    numbers = together(shared)
    own = behavior.particular + _beyond_numbers(problem, answer)
    if numbers + answer < SHARE * own:
        return None
    run = _common_run(problem.text, behavior)
    weight = numbers + answer + 0.4 * len(run)
    if weight < LEAST:
        return None
    words = _words(problem.text, behavior, rarity)
    story = sum(words.values())
    in_words = answer > 0 and not any(is_number(token) for token in problem.gold)
    retold = answer > 0 and story >= (STORY_AT_MOST if in_words else RETOLD)
    parts = len(shared) + (answer > 0) + 2 * bool(run) + retold
    covered = numbers >= COVERED * problem.text.particular
    combination = covered and parts >= (2 if story >= STORY_AT_MOST else 3)
    particular = answer >= PARTICULAR or any(telling(n) >= PARTICULAR for n in shared)
    if parts < 2:
        return None
    known = bool(particular or combination or run)
    known = known and (story >= LEAST_WORDS or weight >= FEW_NUMBERS)
    weight += min(0.5 * story, STORY_AT_MOST if combination else WORDS_AT_MOST)
    meant = covered and numbers + answer >= MEANT_SHARE * own
    if not (known and weight >= ENOUGH) and not (meant and _meant(numbers + answer, meaning)):
        return None
    told = sorted(words, key=lambda word: (-words[word], word))[:5]
    return Carried(
        tuple(sorted(shared, key=lambda n: (-telling(n), n))),
        problem.answer or "" if answer else "",
        " ".join(run),
        tuple(told),
        round(weight, 1),
    )


def _meant(weight: float, meaning: float) -> bool:
    """Whether a like meaning stands in for words, beside numbers and an answer of this weight."""
    return meaning >= MEANT and meaning + 0.1 * min(weight, 5) >= MEANT_ENOUGH


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
