"""Handbooks made from a seed, of any size, with copies planted in them: for benchmarks and tests.

One seed and size always give the same handbook. Its behaviors read like real ones and mean nothing;
its vectors are no embedder's: random directions, and for a copy its original's with some noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.handbook.curation import Draft
from core.handbook.likeness import Known, Matrix, meaning_text

VERBS = """
apply assume bound break bring build change check choose collect combine compare convert count cut
derive draw eliminate estimate expand extend factor find fix fold group guess invert isolate join
list locate mark match measure merge move name normalize order pair peel pick place predict prove
reduce reflect relate replace reverse rewrite rotate scale search shift sketch solve sort split
square start substitute swap tabulate test track translate unfold use verify weigh write
""".split()
KINDS = """
absolute adjacent ambiguous blank bounded central circular common compound connected constant
cyclic dense diagonal direct discrete double empty even exact extreme final finite fixed free
general hidden initial inner inverse joint largest linear local lower maximal middle minimal missing
mixed modular mutual narrow nested neutral odd opposite outer parallel partial periodic positive
prime proper radical random rational recursive regular relative repeated reverse right rigid shared
signed simple sparse steady symmetric total uneven unique unknown upper vertical weighted whole
""".split()
THINGS = """
angle area average axis balance base boundary case chain chord circle clue column condition
constraint coordinate corner cube curve cycle deadline decimal degree digit distance divisor edge
equation estimate event exponent factor fraction function gap graph grid height hypothesis identity
inequality integral interval layer length limit line list logarithm matrix measure median mixture
modulus multiple number order parameter parity path pattern period plane point polygon polynomial
product proof quotient radius range rate ratio recurrence region relation remainder root row rule
sample sector segment sequence series set shape side slope solid square square_root step string sum
surface symmetry table tangent term tile total tree triangle unit value variable vector vertex
volume weight
""".split()
GOALS = """
ahead apart backwards before_bounding before_counting before_dividing by_cases by_contradiction
by_induction by_symmetry cleanly early first from_both_ends from_the_answer in_pairs in_reverse
in_stages in_turn inside_out last modulo_a_prime on_a_grid once over_all_cases pairwise piecewise
stepwise to_a_known_case to_a_sum to_an_extreme to_cancel to_check twice under_a_bound until_stable
upside_down with_a_table with_care with_units
""".split()
TOPICS = tuple(
    "Algebra,Combinatorics,Functions,Geometry,Inequalities,Logic,Number theory,Probability,"
    "Sequences,Word problems".split(",")
)
PATTERNS = (
    "When the {kind} {thing} decides the outcome, {verb} it {goal}, then go back to the question.",
    "{verb} the {kind} {thing} {goal}; whatever is left over has to agree with what was given.",
    "Before any long computation, see whether one can {verb} a {kind} {thing} {goal}.",
    "If two {kind} cases look alike, {verb} the {thing} {goal} and keep the one that differs.",
    "Look for a {kind} {thing}: having found it, {verb} everything else around it {goal}.",
    "To avoid mistakes of sign, {verb} each {thing} {goal}, {kind} ones at the end.",
    "A {kind} {thing} stays as it is while one can {verb} the others {goal}: use this.",
    "Ask what would happen without the {kind} {thing}, {verb} it {goal}, and compare both results.",
)
# How a copy differs from its original: in its signs, its beginning, its end.
REWORDINGS = ("{text}!", "Always remember: {text}", "In such problems, {text}", "{text} Then stop.")
COPIES = 0.1
DIMENSIONS = 384
# The noise of a copy's vector, as a share of its length; cosines come to 0.86 and more.
LEAST_NOISE, MOST_NOISE = 0.1, 0.6
BATCH = 10_000  # rows of random numbers at a time: they are made in double precision


@dataclass(frozen=True, eq=False)
class Synthetic:
    """`copies` holds places in `drafts`: an original and its near copy, which comes later.

    `matrix` holds a float32 row of unit length for each draft.
    """

    drafts: list[Draft]
    copies: list[tuple[int, int]]
    matrix: Matrix

    def known(self) -> Known:
        """Gives the vectors of its behaviors, as an embedder's cache would."""
        texts = (meaning_text(draft.name, draft.instruction) for draft in self.drafts)
        places = {text: at for at, text in enumerate(texts)}

        def look_up(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
            found = np.fromiter((places.get(text, -1) for text in texts), np.intp, len(texts))
            mask = found >= 0
            rows = self.matrix[found]
            rows[~mask] = 0
            return rows, mask

        return look_up


def synthetic(size: int, seed: int = 0) -> Synthetic:
    """A handbook of so many behaviors with different names, about a tenth of them near copies."""
    random = np.random.default_rng(seed)
    number_of_copies = int(size * COPIES)
    drafts = [_draft(choice) for choice in _choices(size, random)]
    originals, renamed = drafts[: size - number_of_copies], drafts[size - number_of_copies :]
    chosen = random.choice(max(1, len(originals)), number_of_copies)
    copies = [
        _reworded(originals[at], renamed[number].name, number)
        for number, at in enumerate(chosen.tolist())
    ]
    matrix = np.empty((size, DIMENSIONS), np.float32)
    for start in range(0, len(originals), BATCH):
        end = min(start + BATCH, len(originals))
        matrix[start:end] = _units(random.standard_normal((end - start, DIMENSIONS)))
    for start in range(0, number_of_copies, BATCH):
        rows = matrix[chosen[start : start + BATCH]]
        at = len(originals) + start
        matrix[at : at + len(rows)] = _noisy(rows, random)
    planted = [(at, len(originals) + number) for number, at in enumerate(chosen.tolist())]
    return Synthetic(originals + copies, planted, matrix)


def _choices(number: int, random: np.random.Generator) -> list[int]:
    """Different numbers, each of which stands for one choice of words."""
    most = len(VERBS) * len(KINDS) * len(THINGS) * len(GOALS)
    return [int(choice) for choice in random.choice(most, number, replace=False)]


def _draft(choice: int) -> Draft:
    rest, verb = divmod(choice, len(VERBS))
    rest, kind = divmod(rest, len(KINDS))
    goal, thing = divmod(rest, len(THINGS))
    words = {
        "verb": VERBS[verb],
        "kind": KINDS[kind],
        "thing": THINGS[thing],
        "goal": GOALS[goal],
    }
    spoken = {name: word.replace("_", " ") for name, word in words.items()}
    text = PATTERNS[choice % len(PATTERNS)].format(**spoken)
    name = "_".join(("behavior", *words.values()))
    return Draft(name, text[0].upper() + text[1:], TOPICS[choice % len(TOPICS)])


def _reworded(original: Draft, new_name: str, number: int) -> Draft:
    """Every third copy has its original's name with a number, the others have a name of their own.

    So most of them can be found by their vectors only.
    """
    name = new_name if number % 3 else f"{original.name}_{number}"
    text = REWORDINGS[number % len(REWORDINGS)].format(text=original.instruction)
    return Draft(name, text, original.topic)


def _noisy(rows: Matrix, random: np.random.Generator) -> Matrix:
    noise = _units(random.standard_normal(rows.shape))
    share = random.uniform(LEAST_NOISE, MOST_NOISE, (len(rows), 1))
    return _units(rows + share * noise)


def _units(rows: NDArray[np.float64]) -> Matrix:
    units: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units
