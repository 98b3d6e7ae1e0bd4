"""The size that the experiment recommends for itself."""

import math

import numpy as np
import pytest
from scipy.stats import t

from core.evaluation.statistics.worth.regression import within_problems
from core.evaluation.statistics.worth.size import Supposed, recommended_size
from tests.core.evaluation.statistics.made_up import BEHAVIORS, drawn


def test_it_says_what_it_finds():
    size = recommended_size(36, 9, samples=4, points=None)
    assert size.runs == size.problems * 4
    assert size.for_right is None and size.for_tokens == size.problems
    assert size.problems_each == pytest.approx(size.problems / 4)
    assert size.sentence.startswith(f"{size.problems} problems with 4 samples each")
    assert "20% of the tokens" in size.sentence


def test_it_takes_the_larger_of_both_needs():
    size = recommended_size(36, 9)
    assert size.problems == max(size.for_tokens, size.for_right)


@pytest.mark.parametrize(
    "harder",
    [
        {"saving": 0.05},
        {"points": 0.05},
        {"power": 0.99},
        {"set_size": 6},
        {"behaviors": 60},
        {"supposed": Supposed(token_spread=1.5)},
    ],
)
def test_harder_questions_take_more_problems(harder):
    easy = {"behaviors": 36, "set_size": 9}
    assert recommended_size(**{**easy, **harder}).problems > recommended_size(**easy).problems


def test_more_samples_take_fewer_problems():
    assert recommended_size(36, 9, samples=16).problems < recommended_size(36, 9).problems / 3


def error_of_a_draw(problems: int, samples: int, seed: int) -> float:
    """Of an effect, where outcomes deviate by 1, as the regression has it: every set is of all."""
    rows = [
        (problem, [name in one.given for name in BEHAVIORS])
        for problem in range(problems)
        for one in drawn(f"problem {problem}", BEHAVIORS, samples, seed)
    ]
    given = np.array([row for _, row in rows], dtype=float)
    inside = within_problems(given, np.array([problem for problem, _ in rows]))
    return float(np.sqrt(np.diag(np.linalg.inv(inside.T @ inside)).mean()))


@pytest.mark.parametrize("samples", [2, 3, 4, 5, 8])
def test_its_errors_are_those_of_what_an_evaluation_draws(samples):
    behaviors, real, spread = len(BEHAVIORS), 6, 0.5
    size = recommended_size(behaviors, behaviors, samples, saving=0.25, points=None)
    level, power = 0.05 * real / behaviors, 0.95 ** (1 / real)
    tests = t.ppf(1 - level / 2, size.problems - 1) + t.ppf(power, size.problems - 1)
    error = np.mean([error_of_a_draw(size.problems, samples, seed) for seed in (1, 2)])
    assert error * spread * tests == pytest.approx(-math.log(0.75), rel=0.02)


def test_questions_without_an_answer_are_refused():
    with pytest.raises(ValueError, match="two samples"):
        recommended_size(36, 9, samples=1)
    with pytest.raises(ValueError, match="how large"):
        recommended_size(36, 9, saving=None, points=None)
    with pytest.raises(ValueError, match="over a million"):
        recommended_size(36, 9, saving=0.0001)


def test_no_more_behaviors_are_found_than_there_are() -> None:
    made = recommended_size(3, 3)
    assert "all of 3 behaviors among 3 " in made.sentence
    assert made.problems <= recommended_size(3, 3, supposed=Supposed(real=3)).problems
