"""Whether two problems are (nearly) one, and if not quite, what sets them apart.

Wording, numbers and formulas are compared each by itself: a reworded problem keeps its numbers and
formulas, another problem on the same pattern keeps its wording. Sentence vectors, where there are
any, tell a rewording that keeps hardly a word; alone they tell nothing, since problems on one
pattern mean nearly the same. One answer to both tells the most: with it less likeness is enough,
and problems with two different numbers as answers are two. What was tried on the thresholds is in
the tests; they were set on problems of MATH, AIME and GSM8K, on leaks made by hand, and on the
vectors of all-MiniLM-L6-v2.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz.distance import LCSseq

from core.evaluation.leaks.answers import Answers
from core.evaluation.leaks.text import OPPOSITES, PLACES, Text
from core.evaluation.leaks.weights import Rarity, together
from core.evaluation.leaks.wording import is_number

Likeness = Literal["same", "near", "other numbers", "other question"]

PARTICULAR = 2.5  # numbers that weigh so much together are those of few problems
PATTERN = 8  # words and signs; shorter texts are on one pattern by chance
HALF = 0.5
RENAMED = 8  # pieces of a formula that two problems do not share by chance
LONG = 12  # from so many on, a common wording is no chance
SHORT = 24  # up to so many, other numbers are another problem, though its answer is the same
RARE = 2.0  # a weight that only words of few texts have
# Where sentence vectors say so: the least cosine, and what it makes with numbers and wording.
MEANT, MEANT_ENOUGH = 0.45, 0.92
# As much likeness, of meaning or of wording, where both have one answer.
ANSWERED_MEANT, ANSWERED_SAID = 0.9, 1.75
SMALLEST = frozenset("012")
FRACTIONS = 3  # so few pieces of formulas are as a rule fractions and percentages
TWO_DIGITS = 1.2  # the weight of two numbers of one digit; one of them is in too many problems


@dataclass(frozen=True)
class Compared:
    """How alike two texts are, each from 0 to 1.

    `wording` and `held`: what they say in common, of all they say and of what the shorter says,
    rare words counting more. `order` and `order_held`: the longest sequence in both, of the longer
    and of the shorter. `numbers` and `formula`: those of both, of all; 1 where there are none.
    Then what both have: `formula_length` counts the pieces of the smaller formula, `particular` is
    what their common numbers weigh together, `rare` what their common words do. `length` is that
    of the shorter, in words and signs. `signs` is as `formula`, whatever the order and the names
    of variables. `figures` is as `numbers`, each as often as it stands there, and `figures_all`
    with 0, 1 and 2; `most_formula` counts the pieces of the larger formula.
    """

    wording: float
    held: float
    order: float
    order_held: float
    numbers: float
    numbers_held: bool
    formula: float
    formula_length: int
    most_formula: int
    signs: float
    figures: float
    figures_all: float
    particular: float
    rare: float
    length: int


def compare(one: Text, other: Text, rarity: Rarity) -> Compared:
    common = one.bag & other.bag
    shared = _weight(common, rarity)
    weights = _weight(one.bag, rarity), _weight(other.bag, rarity)
    order = LCSseq.similarity(one.said, other.said)
    lengths = len(one.said), len(other.said)
    in_both = one.numbers & other.numbers
    particular = together(in_both)
    return Compared(
        wording=_part(shared, sum(weights) - shared),
        held=_part(shared, min(weights)),
        order=_part(order, max(lengths)),
        order_held=_part(order, min(lengths)),
        numbers=_part(particular, together(one.numbers | other.numbers)),
        numbers_held=min(one.numbers, other.numbers, key=len) <= in_both,
        formula=_formula(one, other, renamed=particular >= PARTICULAR),
        formula_length=min(len(one.formula), len(other.formula)),
        most_formula=max(len(one.formula), len(other.formula)),
        signs=_in_both(one.signs, other.signs),
        figures=_in_both(_beyond_two(one.figures), _beyond_two(other.figures)),
        figures_all=_in_both(one.figures, other.figures),
        particular=particular,
        rare=sum(max(0.0, rarity.of(word) - RARE) for word in common),
        length=min(lengths),
    )


def _formula(one: Text, other: Text, *, renamed: bool) -> float:
    """Formulas with other letters count where the numbers tell that it is the same problem."""
    alike = _pieces_alike(one.formula, other.formula)
    return max(alike, _pieces_alike(one.pattern, other.pattern)) if renamed else alike


def _pieces_alike(one: frozenset[Any], other: frozenset[Any]) -> float:
    """The share of pieces in both. At least HALF where one has hardly any, or all are in both:
    "between 1 and 100" is a formula to some and words to others.
    """
    fewer, more = sorted((one, other), key=len)
    alike = _part(len(one & other), len(one | other))
    in_words = (not fewer and len(more) <= 2) or (len(fewer) >= 3 and fewer <= more)
    return max(alike, HALF) if in_words else alike


def likeness(
    one: Text, other: Text, rarity: Rarity, meaning: float = 0.0, answers: Answers | None = None
) -> Likeness | None:
    """None where they are two problems that have little to do with each other.

    `meaning` is the cosine of their sentence vectors; 0 where they have none.
    """
    answers = answers or Answers()
    found = compare(one, other, rarity)
    drawn_otherwise = _drawn_otherwise(one, other)
    if one.tokens == other.tokens and one.tokens:
        return "other numbers" if drawn_otherwise else "same"
    alike = answers.same and _answered_alike(found, meaning, answers)
    if alike and not drawn_otherwise and not _answered_by_chance(one, other, found, answers):
        return "near"
    if _nearly(found):
        if drawn_otherwise:
            return "other numbers"
        asked_apart = one.asked - other.asked and other.asked - one.asked
        apart = asked_apart or _opposed(one, other) or answers.same is False
        return "other question" if apart else "near"
    if _meant_alike(found, meaning) and not drawn_otherwise:
        apart = _asked_apart(one, other) or answers.same is False
        return "other question" if apart else "near"
    if (
        found.length >= PATTERN
        and _without_numbers(one, other, rarity) >= 0.85
        and found.order >= 0.6
    ):
        return "other numbers"
    return None


def _answered_alike(found: Compared, meaning: float, answers: Answers) -> bool:
    """Weights as a logistic regression gave them, rounded."""
    numbers = found.numbers + found.figures_all
    meant = meaning + 0.2 * numbers + 0.05 * answers.telling
    said = found.held + 0.4 * (found.order + numbers) + 0.15 * answers.telling
    return meant >= ANSWERED_MEANT or said + 0.02 * min(found.rare, 30) >= ANSWERED_SAID


def _answered_by_chance(one: Text, other: Text, found: Compared, answers: Answers) -> bool:
    """Many questions have an answer of few digits, and small sums with other numbers have one, too.

    Two different questions hardly ever have a longer answer in common: then it is one, reworded.
    """
    other_numbers = one.figures and other.figures and found.figures_all < HALF
    if other_numbers and found.length <= SHORT:
        return True
    return answers.telling < PARTICULAR and _asked_apart(one, other)


def _nearly(found: Compared) -> bool:
    return (
        _almost_verbatim(found)
        or _with_more_around(found)
        or _reworded_with_its_numbers(found)
        or _reworded_with_its_formula(found)
        or _renamed(found)
        or _reworded(found)
    )


def _almost_verbatim(found: Compared) -> bool:
    in_words = found.wording >= 0.62 and found.order >= 0.55 and found.length >= LONG
    alike = found.order >= 0.9 or in_words
    return alike and found.held >= 0.75 and found.numbers >= 0.5 and found.formula >= 0.6


def _with_more_around(found: Compared) -> bool:
    """One stands in the other, which says more."""
    whole = found.order_held >= 0.9 and found.held >= 0.9 and found.length >= 10
    known = found.numbers == 1 or (found.numbers_held and found.particular >= 2)
    return whole and known and found.formula >= 0.6


def _reworded_with_its_numbers(found: Compared) -> bool:
    if found.particular < PARTICULAR or found.formula < 0.4:
        return False
    if found.numbers == 1:
        very = found.particular >= 2 * PARTICULAR
        return found.wording >= (0.15 if very else 0.25) and found.held >= (0.3 if very else 0.4)
    return found.numbers >= 0.7 and found.wording >= 0.45 and found.particular >= 2 * PARTICULAR


def _reworded_with_its_formula(found: Compared) -> bool:
    """All of a formula that is no commonplace."""
    if found.formula < 0.85 or found.formula_length < 4 or found.numbers < 1:
        return False
    if found.particular >= 2 * PARTICULAR:
        return found.wording >= 0.1
    return found.wording >= (0.2 if found.particular >= PARTICULAR / 2 else 0.35)


def _renamed(found: Compared) -> bool:
    """A formula and all numbers, with other names for the variables."""
    whole = found.signs >= 0.95 and found.figures_all == 1 and found.most_formula >= RENAMED
    return whole and found.order >= 0.65


def _reworded(found: Compared) -> bool:
    """Where the numbers do not tell much, the wording has to."""
    least = 0.38 if found.particular else 0.48
    alike = found.wording >= least and found.held >= 0.6
    return alike and found.numbers == 1 and found.formula >= 0.5 and found.rare >= 1


def _meant_alike(found: Compared, meaning: float) -> bool:
    """A like meaning stands in for wording. Numbers and formulas have to agree all the same, and
    the fewer the numbers are, the more alike the meaning has to be.
    """
    if meaning < MEANT or found.particular < TWO_DIGITS:
        return False
    if not _numbers_agree(found) or not _formulas_agree(found):
        return False
    told = meaning + 0.1 * min(found.particular, 5) + 0.3 * min(found.wording, 0.5)
    return told - 0.3 * (1 - found.numbers) >= MEANT_ENOUGH


def _numbers_agree(found: Compared) -> bool:
    """In words one may say a number more, as in "on the five days", or say it again; in formulas
    each number has to stand as often.
    """
    if found.most_formula == 0:
        return found.numbers == 1 or (found.numbers_held and found.numbers >= 0.6)
    often = found.figures if found.most_formula <= FRACTIONS else found.figures_all
    return found.numbers == 1 and often >= 0.8


def _formulas_agree(found: Compared) -> bool:
    """A formula may be told in words, or in another order."""
    told = found.formula_length == 0 or found.formula >= 0.4 or found.signs >= 0.75
    return told or (found.figures_all == 1 and found.particular >= PARTICULAR)


def _asked_apart(one: Text, other: Text) -> bool:
    """Of two rewordings one may name a thing more often, or count its sentences' places."""
    sets = set(one.asked), set(other.asked)
    things, others = (asked - PLACES for asked in sets)
    places, other_places = (asked & PLACES for asked in sets)
    elsewhere = bool(places and other_places) and places.isdisjoint(other_places)
    asked_apart = bool(things - others and others - things)
    return elsewhere or asked_apart or _opposed(one, other)


def _opposed(one: Text, other: Text) -> bool:
    only, others_only = set(one.tokens) - set(other.tokens), set(other.tokens) - set(one.tokens)
    return any(
        (word in only and opposite in others_only) or (word in others_only and opposite in only)
        for word, opposite in OPPOSITES
    )


def _drawn_otherwise(one: Text, other: Text) -> bool:
    if not one.drawn or not other.drawn:
        return False
    return (one.drawn & other.drawn).total() < 0.8 * (one.drawn | other.drawn).total()


def _without_numbers(one: Text, other: Text, rarity: Rarity) -> float:
    bags = [
        Counter({word: many for word, many in text.bag.items() if not is_number(word)})
        for text in (one, other)
    ]
    shared = _weight(bags[0] & bags[1], rarity)
    return _part(shared, _weight(bags[0], rarity) + _weight(bags[1], rarity) - shared)


def _weight(bag: Counter[str], rarity: Rarity) -> float:
    return sum(rarity.of(word) * many for word, many in bag.items())


def _in_both(one: Counter[str], other: Counter[str]) -> float:
    return _part((one & other).total(), (one | other).total())


def _beyond_two(figures: Counter[str]) -> Counter[str]:
    return Counter({number: many for number, many in figures.items() if number not in SMALLEST})


def _part(some: float, all_of_it: float) -> float:
    return some / all_of_it if all_of_it else 1.0
