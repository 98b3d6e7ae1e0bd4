"""Samples as tests need them, and runs of the worth experiment on a simulated model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.evaluation.statistics.sample import Finish, Sample
from core.evaluation.statistics.worth.design import design
from core.evaluation.statistics.worth.effects import Row, Worths


def sample(
    problem: str = "p",
    arm: str = "plain",
    number: int = 0,
    correct: bool | None = True,
    tokens: int | None = 100,
    finish: Finish = "stop",
    budget: int | None = None,
    reasoning: int | None = None,
    price: float | None = None,
) -> Sample:
    return Sample(
        problem=problem,
        arm=arm,
        number=number,
        correct=correct,
        output_tokens=tokens,
        reasoning_tokens=reasoning,
        input_tokens=50,
        cached_tokens=None,
        seconds=1.5,
        price=price,
        finish=finish,
        budget=budget,
    )


def samples(arm: str, outcomes: Mapping[str, list[tuple[bool | None, int | None]]]) -> list[Sample]:
    """Of problem -> (right, tokens) of its samples."""
    return [
        sample(problem, arm, number, correct, tokens)
        for problem, own in outcomes.items()
        for number, (correct, tokens) in enumerate(own)
    ]


@dataclass(frozen=True)
class Doing:
    """What a simulated behavior does: to log tokens, and to the chance of being right."""

    log_tokens: float = 0.0
    right: float = 0.0


BEHAVIORS = tuple(f"behavior_{number:02}" for number in range(36))
HELPFUL = (Doing(math.log(0.8)), Doing(math.log(0.8)), Doing(right=0.15))
HARMFUL = (Doing(math.log(1.25)), Doing(math.log(1.25)), Doing(right=-0.15))
REAL = dict(zip(BEHAVIORS, (*HELPFUL, *HARMFUL), strict=False))


def worth_rows(problems: int, count: int, seed: int, real: Mapping[str, Doing] = REAL) -> list[Row]:
    """The experiment on a simulated model: 60% right, log tokens that vary by 0.5, sets of 6 to 12.

    Problems differ in length and in how hard they are, so each has its own chance.
    """
    random = np.random.default_rng(seed)
    sets = {
        f"problem {number}": random.choice(
            BEHAVIORS, random.integers(6, 13), replace=False
        ).tolist()
        for number in range(problems)
    }
    lengths = {problem: 7.3 + 0.6 * random.standard_normal() for problem in sets}
    chances = {problem: random.beta(0.72, 0.48) for problem in sets}
    rows = []
    for trial in design(sets, count, seed):
        doing = [real[name] for name in trial.given if name in real]
        log = lengths[trial.problem] + sum(one.log_tokens for one in doing)
        chance = chances[trial.problem] + sum(one.right for one in doing)
        rows.append(
            Row(
                trial.problem,
                trial.given,
                trial.left_out,
                tokens=math.exp(log + 0.5 * random.standard_normal()),
                correct=bool(random.random() < chance),
            )
        )
    return rows


def findings(worths: Worths) -> tuple[set[str], int]:
    """The real behaviors that were found with their sign, and how many findings are false."""
    hits, false = set(), 0
    for worth in worths.behaviors:
        real = REAL.get(worth.behavior, Doing())
        for effect, truth in ((worth.tokens, real.log_tokens), (worth.right, real.right)):
            if effect is not None and effect.shown:
                if truth * effect.size > 0:
                    hits.add(worth.behavior)
                else:
                    false += 1
    return hits, false
