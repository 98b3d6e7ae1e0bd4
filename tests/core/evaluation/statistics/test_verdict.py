"""Verdicts: what is claimed, and what is not."""

from dataclasses import replace

import pytest

from core.evaluation.statistics.pair import PairFigures, TokenRatio, pair_figures
from core.evaluation.statistics.power import Detectable
from core.evaluation.statistics.verdict import verdict
from tests.core.evaluation.statistics.made_up import sample, samples

SEEN = PairFigures(
    arm="bci",
    baseline="plain",
    budget=4096,
    problems=62,
    paired=60,
    unpaired=2,
    samples=1,
    fewest_samples=1,
    accuracy=0.7,
    baseline_accuracy=0.6,
    accuracy_difference=0.1,
    interval=(-0.03, 0.22),
    mcnemar_p=0.2,
    accuracy_p=0.2,
    accuracy_test="McNemar's exact test",
    accuracy_corrected_p=0.2,
    right_to_wrong=(),
    wrong_to_right=(),
    tokens=TokenRatio(0.77, (0.7, 0.85), 60, 0.001, "sign flips by problem", 0.001),
    both_right=TokenRatio(None, None, 0),
    detectable=Detectable(60, 0.05, 0.8, 0.16, 0.2, 0.25),
    comparisons=1,
)
MORE = TokenRatio(1.3, (1.2, 1.4), 60, 0.001, "sign flips by problem", 0.001)
ALIKE = TokenRatio(0.97, (0.9, 1.05), 60, 0.5, "sign flips by problem", 0.5)
RIGHT = {"interval": (0.02, 0.2), "accuracy_corrected_p": 0.01}
WRONG = {"interval": (-0.2, -0.02), "accuracy_corrected_p": 0.01}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("not shown", "better", "better")),
        ({"interval": (-0.06, 0.2)}, ("not shown", "better", "not shown")),
        (RIGHT, ("better", "better", "better")),
        ({**RIGHT, "tokens": ALIKE}, ("better", "not shown", "better")),
        ({**RIGHT, "tokens": MORE}, ("better", "worse", "mixed")),
        (WRONG, ("worse", "better", "mixed")),
        ({**WRONG, "tokens": ALIKE}, ("worse", "not shown", "worse")),
        ({**WRONG, "tokens": MORE}, ("worse", "worse", "worse")),
        ({"tokens": MORE}, ("not shown", "worse", "not shown")),
        ({"tokens": MORE, "interval": (-0.1, 0.04)}, ("not shown", "worse", "worse")),
        ({"tokens": ALIKE}, ("not shown", "not shown", "not shown")),
        ({"tokens": TokenRatio(None, None, 0), **RIGHT}, ("better", "not shown", "better")),
        ({"interval": None}, ("not shown", "better", "not shown")),
    ],
)
def test_the_verdict_follows_the_intervals_and_the_tests(changes, expected):
    found = verdict(replace(SEEN, **changes))
    assert (found.accuracy, found.tokens, found.overall) == expected


@pytest.mark.parametrize("p", [0.051, 0.9])
def test_an_interval_alone_shows_nothing(p):
    alone = replace(SEEN, interval=(0.02, 0.2), accuracy_corrected_p=p)
    assert verdict(alone).accuracy == "not shown"


def test_the_sentence_can_be_quoted():
    assert verdict(SEEN, {"bci": "Topic", "plain": "Plain"}).sentence == (
        "Topic against Plain at 4,096 tokens: better. On 60 problems, no difference of accuracy "
        "shown (70.0% right against 60.0%, +10.0 points, 95% interval -3.0 to +22.0); 23.0% fewer "
        "output tokens, 95% interval 30.0% fewer to 15.0% fewer. With 60 problems, a change of "
        "accuracy of 16.0 points could have been seen (in 80 of 100 such runs). 2 of 62 problems "
        "have no outcome in one of the two and are left out."
    )


def test_a_saving_with_a_possible_loss_is_told_as_such():
    told = verdict(replace(SEEN, interval=(-0.09, 0.2), comparisons=6)).sentence
    assert "a loss of up to 9.0 points of accuracy is not ruled out" in told
    assert "Each of the two measures is corrected for 6 comparisons" in told


def test_each_claim_is_told_with_its_own_problems():
    few = replace(SEEN, paired=12, unpaired=50, tokens=replace(ALIKE, problems=60))
    told = verdict(few).sentence
    assert "On 12 problems, no difference of accuracy" in told
    assert "; on 60 problems, no difference of output tokens" in told
    assert (
        "With 12 problems, a change of accuracy of 16.0 points, and with 60 problems, a s" in told
    )
    assert told.endswith("are left out of the accuracy.")


def test_samples_are_up_to_so_many_only_where_some_have_fewer():
    own = {"a": [(True, 10), (False, 12)], "b": [(True, 20), (True, 22)]}
    bci, plain = samples("bci", own), samples("plain", own)
    assert "On 2 problems with 2 samples each, " in verdict(pair_figures(bci, plain)).sentence
    plain[-1] = sample("b", number=1, finish="error")
    assert "with up to 2 samples each" in verdict(pair_figures(bci, plain)).sentence


def test_nothing_in_common_is_said_plainly():
    nothing = pair_figures([sample("a", "bci")], [sample("b", "plain")])
    assert verdict(nothing).sentence == (
        "bci against plain: no problem has an outcome in both, so nothing can be compared."
    )


def test_tokens_without_grades_and_few_problems():
    few = samples("bci", {"a": [(None, 10)]}), samples("plain", {"a": [(None, 20)]})
    found = verdict(pair_figures(*few))
    assert found.overall == "not shown"
    assert "answers were not graded" in found.sentence
    assert "too few problems for an interval" in found.sentence
    assert "On 1 problem," in found.sentence


def test_real_figures_that_are_plainly_better_are_called_so():
    plain = {f"p{number}": [(number % 3 > 0, 1000 + number % 7 * 300)] for number in range(90)}
    bci = {
        name: [(right or name.endswith("9"), tokens * 0.6)]
        for name, [(right, tokens)] in plain.items()
    }
    found = verdict(pair_figures(samples("bci", bci), samples("plain", plain)))
    assert (found.tokens, found.overall) == ("better", "better")
    assert "40.0% fewer output tokens" in found.sentence
