"""How many problems and samples the experiment on the worth of behaviors needs.

From the variance of the regression in effects.py, by Student's t on the problems. The samples of a
problem go in pairs: of two that follow each other each behavior is given in one, and chance says in
which. Both are answers of their own, so a problem with m samples, k of them given the behavior,
tells its effect with a variance of spread^2 * m / (k * (m - k)), which is 4 * spread^2 / m where m
is even. The last of an odd number has no other; k is half of m then, rounded up or down, and both
come to the same. The spread is that among the samples of one problem.

It takes a little more as the behaviors have to be told apart. For that a pair counts as one choice,
for what one of its samples is given says what the other is: m samples are m / 2 choices (an odd
number a little more), and not the m - 1 that are free beside their mean.
"""

import math
from dataclasses import dataclass

from core.evaluation.statistics.power import ALPHA

_FEWEST_PROBLEMS = 8  # errors clustered by fewer problems are worth little
_LONGEST_SEARCH = 1_000_000


@dataclass(frozen=True)
class Supposed:
    """What is supposed before the experiment; `token_spread` of its result replaces the first.

    `token_spread` is the deviation of the logarithms of output tokens among samples of one problem,
    `accuracy` the share right, if all problems were alike (the spread is largest then), `real` how
    many behaviors have an effect: findings are corrected by how many there are to be found.
    """

    token_spread: float = 0.5
    accuracy: float = 0.6
    real: int = 6


@dataclass(frozen=True)
class Size:
    """The size at which all real effects as large as asked for are found with `power`.

    `problems` are to have `samples` each, `runs` in all. A behavior is in the sets of
    `problems_each` of them. `for_tokens` and `for_right` are the problems that one of the two takes
    alone; None where no such effect is asked for.
    """

    problems: int
    samples: int
    runs: int
    problems_each: float
    for_tokens: int | None
    for_right: int | None
    sentence: str


def recommended_size(
    behaviors: int,
    set_size: float,
    samples: int = 4,
    saving: float | None = 0.2,
    points: float | None = 0.1,
    supposed: Supposed | None = None,
    power: float = 0.95,
    alpha: float = ALPHA,
) -> Size:
    """For so many behaviors, of which a problem's set has `set_size` on average.

    `saving` is the share of output tokens, `points` the share of right answers that a behavior must
    change to be found, in either direction; None asks for no such effect. `power` is the chance to
    find all real ones together. `samples` is at least two: the others of its problem are what a
    sample is compared with. Where some behaviors are rarer than others, ask with the rare ones'
    share in mind: `behaviors / set_size` is in how many problems one comes once.
    """
    if samples < 2 or behaviors < 1 or not 0 < set_size <= behaviors:
        raise ValueError(
            "The experiment needs two samples a problem, one behavior, and sets of some of them."
        )
    if saving is None and points is None:
        raise ValueError("Say how large an effect on tokens or on being right is to be found.")
    known = supposed or Supposed()
    real = max(1, min(known.real, behaviors))
    share = set_size / behaviors
    each = power ** (1 / real)
    level = alpha * real / behaviors

    def needed(effect: float, variance: float) -> int:
        return _problems(effect, variance, samples, share, behaviors, level, each)

    for_tokens = for_right = None
    if saving is not None:
        for_tokens = needed(-math.log1p(-saving), known.token_spread**2)
    if points is not None:
        for_right = needed(points, known.accuracy * (1 - known.accuracy))
    problems = max(for_tokens or 0, for_right or 0)
    sought = [
        *([f"{saving * 100:g}% of the tokens"] if saving is not None else []),
        *([f"{points * 100:g} points of accuracy"] if points is not None else []),
    ]
    return Size(
        problems=problems,
        samples=samples,
        runs=problems * samples,
        problems_each=problems * share,
        for_tokens=for_tokens,
        for_right=for_right,
        sentence=(
            f"{problems:,} problems with {samples} samples each ({problems * samples:,} runs) find "
            f"all of {real} behaviors among {behaviors} that change {' or '.join(sought)}, "
            f"in {power * 100:g} of 100 such experiments."
        ),
    )


def _problems(
    effect: float,
    variance: float,
    samples: int,
    share: float,
    behaviors: int,
    level: float,
    power: float,
) -> int:
    """The fewest problems at which the test at `level` has this power, by bisection."""
    from scipy.stats import t

    half = (samples // 2) * (samples - samples // 2) / samples  # of one problem: m / 4 if even

    def enough(problems: int) -> bool:
        seen = problems * share
        pairs = problems * samples / 2
        if seen < _FEWEST_PROBLEMS or pairs <= 2 * behaviors:
            return False
        apart = 1 - (behaviors - 1) / pairs  # what is left of it beside the other behaviors
        error = math.sqrt(variance / (seen * half * apart))
        tests = float(t.ppf(1 - level / 2, seen - 1) + t.ppf(power, seen - 1))
        return effect >= tests * error

    least, most = 1, 2
    while not enough(most):
        least, most = most, most * 2
        if most > _LONGEST_SEARCH:
            raise ValueError("So small an effect takes over a million problems; ask for a larger.")
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most
