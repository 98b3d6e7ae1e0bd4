"""Samples as tests need them, and runs of the worth experiment on a simulated model."""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.statistics.sample import Finish, Sample
from core.evaluation.statistics.worth.effects import Row, Worths
from core.pipeline.condition import PROMPT, condition
from core.pipeline.giving import Given, part


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
# The wording that goes with behaviors makes answers longer, whichever behaviors they are.
WORDING = math.log(1.5)


@dataclass(frozen=True)
class Drawn:
    """What a sample is given of its problem's set, and whether its prompt is that of behaviors."""

    given: tuple[str, ...]
    left_out: tuple[str, ...]
    worded: bool


def drawn(problem: str, names: Sequence[str], samples: int, seed: int) -> Iterator[Drawn]:
    """Of each sample of a problem, as an evaluation draws it and puts it."""
    chosen = _behaviors(names)
    for sample in range(samples):
        given = {one.name for one in part(chosen, sample, f"{seed} {problem}")}
        yield Drawn(
            tuple(name for name in names if name in given),
            tuple(name for name in names if name not in given),
            _is_worded(len(given), len(chosen)),
        )


def _behaviors(names: Sequence[str]) -> list[Given]:
    return [Given(at, name, "Do it.", "", at, None, "") for at, name in enumerate(names)]


@functools.cache
def _is_worded(given: int, chosen: int) -> bool:
    """Which prompt a sample is sent that has so many of the behaviors chosen for its problem."""
    some = _behaviors(BEHAVIORS[:given])
    return condition("bci-topic", "One?", some, left_out=given < chosen).prompt == PROMPT


def worth_rows(
    problems: int,
    count: int,
    seed: int,
    real: Mapping[str, Doing] = REAL,
    sizes: tuple[int, int] = (6, 12),
) -> list[Row]:
    """The experiment on a simulated model: 60% right, log tokens that vary by 0.5, and sets of the
    least to the most behaviors in `sizes`.

    Problems differ in length and in how hard they are, so each has its own chance.
    """
    random = np.random.default_rng(seed)
    rows = []
    for problem in map("problem {}".format, range(problems)):
        size = random.integers(sizes[0], sizes[1] + 1)
        names = random.choice(BEHAVIORS, size, replace=False).tolist()
        length, right = 7.3 + 0.6 * random.standard_normal(), random.beta(0.72, 0.48)
        for one in drawn(problem, names, count, seed):
            doing = [real[name] for name in one.given if name in real]
            log = length + WORDING * one.worded + sum(each.log_tokens for each in doing)
            tokens = math.exp(log + 0.5 * random.standard_normal())
            correct = bool(random.random() < right + sum(each.right for each in doing))
            rows.append(Row(problem, one.given, one.left_out, tokens, correct))
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
