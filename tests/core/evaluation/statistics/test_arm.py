"""The figures of an arm, and its curve."""

import pytest

from core.evaluation.statistics.arm import arm_figures, figures_by_arm
from core.evaluation.statistics.curve import curve
from tests.core.evaluation.statistics.made_up import sample, samples


def test_accuracy_weighs_problems_alike_and_says_what_it_left_out():
    own = [
        *samples("plain", {"a": [(True, 10)], "b": [(False, 30), (False, 50), (True, 40)]}),
        sample("a", number=1, finish="error", tokens=None),
        sample("b", number=3, finish="cancelled", tokens=5),
        sample("c", correct=None, tokens=20),
    ]
    found = arm_figures(own)
    assert found.accuracy == pytest.approx((1 + 1 / 3) / 2)
    assert (found.problems, found.samples, found.answered, found.graded) == (3, 7, 5, 4)
    assert (found.ungraded, found.errors, found.cancelled, found.right) == (1, 1, 1, 2)
    assert found.output_tokens.mean == pytest.approx((10 + 40 + 20) / 3)
    assert found.output_tokens.median == 30
    assert found.output_tokens.total == 150


def test_cut_off_answers_are_wrong_and_counted():
    own = samples("plain", {"a": [(True, 3000)], "b": [(True, 1000)], "c": [(False, 9000)]})
    found = arm_figures(own, 2048)
    assert (found.cut_off, found.cut_off_rate) == (2, pytest.approx(2 / 3))
    assert found.accuracy == pytest.approx(1 / 3)
    assert found.output_tokens.mean == pytest.approx((2048 + 1000 + 2048) / 3)
    assert found.output_tokens.interval[1] <= 2048
    assert (found.seconds.known, found.seconds.unknown) == (1, 2)


def test_unknown_counts_are_null_and_told():
    own = [sample("a", tokens=None), sample("b", tokens=None)]
    found = arm_figures(own, 2048)
    assert found.output_tokens.mean is None
    assert (found.output_tokens.unknown, found.cut_unknown, found.ungraded) == (2, 2, 2)
    assert found.accuracy is None and found.accuracy_interval is None
    assert found.price.mean is None and found.price.unknown == 2


def test_time_and_price_have_figures_only_where_all_are_known():
    """What a smaller budget cuts off has neither, and these are the long ones."""
    own = [sample("a", tokens=100, price=0.1), sample("b", tokens=900, price=0.9)]
    assert arm_figures(own).price.mean == pytest.approx(0.5)
    cut = arm_figures(own, 500)
    for amount in (cut.price, cut.seconds):
        assert (amount.known, amount.unknown) == (1, 1)
        assert (amount.mean, amount.interval, amount.median, amount.total) == (None,) * 4


def test_samples_of_one_problem_are_no_more_problems():
    one = {str(number): [(number % 2 == 0, 100)] for number in range(20)}
    once = arm_figures(samples("plain", one))
    often = arm_figures(samples("plain", {name: own * 8 for name, own in one.items()}))
    assert often.accuracy_interval == pytest.approx(once.accuracy_interval, abs=0.01)


def test_pass_at_k_goes_as_far_as_the_samples():
    own = {"a": [(True, 1), (False, 1), (False, 1), (False, 1)], "b": [(True, 1), (False, 1)]}
    passing = arm_figures(samples("plain", own)).pass_at
    assert [(one.k, one.problems) for one in passing] == [(1, 2), (2, 2), (4, 1)]
    assert passing[0].share == pytest.approx((1 / 4 + 1 / 2) / 2)
    assert passing[2].share == 1.0


def test_an_arm_in_which_everything_failed_is_shown():
    found = arm_figures([sample(finish="error", tokens=None)])
    assert (found.errors, found.answered, found.cut_off_rate) == (1, 0, None)
    assert found.pass_at == ()


def test_figures_are_of_one_arm():
    with pytest.raises(ValueError, match="one arm"):
        arm_figures([])
    with pytest.raises(ValueError, match="one arm"):
        arm_figures([sample(arm="plain"), sample(arm="bci")])


def test_a_curve_has_a_point_for_each_arm_and_budget():
    own = [
        *samples("plain", {"a": [(True, 3000)], "b": [(True, 1000)]}),
        *samples("bci", {"a": [(True, 1500)], "b": [(True, 900)]}),
    ]
    points = curve(figures_by_arm(own, budgets=[4096, 2048]))
    assert list(points) == ["plain", "bci"]
    plain = points["plain"]
    assert [point.budget for point in plain] == [2048, 4096]
    assert [point.accuracy for point in plain] == [0.5, 1.0]
    assert [point.output_tokens for point in plain] == [1524, 2000]
    assert all(point.accuracy_interval for point in plain)
