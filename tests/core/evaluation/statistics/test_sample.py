"""Samples under smaller budgets."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.evaluation.statistics.sample import BudgetNotMeasured, at_budget, means_by_problem
from tests.core.evaluation.statistics.made_up import sample


def test_a_reply_longer_than_the_budget_is_cut_is_wrong_and_costs_the_budget():
    long = sample(tokens=5000, reasoning=4500, price=0.1)
    cut = at_budget(long, 2048)
    assert (cut.right, cut.output_tokens, cut.reasoning_tokens) == (False, 2048, 2048)
    assert (cut.finish, cut.seconds, cut.price) == ("length", None, None)
    assert cut.input_tokens == 50


@pytest.mark.parametrize("tokens", [100, 2048])
def test_a_reply_within_the_budget_stays_as_it_is(tokens):
    short = at_budget(sample(tokens=tokens, price=0.1), 2048)
    assert (short.right, short.output_tokens, short.price) == (True, tokens, 0.1)


def test_a_cut_off_reply_is_wrong_even_where_it_was_graded_right():
    assert sample(finish="length").right is False


@pytest.mark.parametrize("finish", ["error", "cancelled"])
def test_what_failed_has_no_outcome_under_any_budget(finish):
    failed = sample(finish=finish, tokens=9000)
    assert at_budget(failed, 10) is failed
    assert failed.right is None


def test_without_a_count_nobody_says_whether_a_right_answer_was_cut():
    unknown = at_budget(sample(tokens=None), 2048)
    assert (unknown.right, unknown.output_tokens, unknown.cut_unknown) == (None, None, True)
    wrong = at_budget(sample(tokens=None, correct=False), 2048)
    assert wrong.right is False, "cut or not, it is wrong"


def test_without_a_count_the_budget_it_was_drawn_under_is_enough():
    drawn = sample(tokens=None, budget=2048)
    assert at_budget(drawn, 2048) == drawn
    cut = at_budget(sample(tokens=None, budget=4096, finish="length"), 2048)
    assert (cut.right, cut.output_tokens) == (False, 2048)


def test_what_was_cut_off_by_a_smaller_budget_tells_nothing_of_a_larger():
    with pytest.raises(BudgetNotMeasured, match="cut off at 2,048"):
        at_budget(sample(tokens=2048, budget=2048, finish="length"), 4096)


def test_what_the_context_cut_off_before_the_budget_costs_the_budget():
    cut = at_budget(sample(tokens=300, budget=4096, finish="length", price=0.1), 2048)
    assert (cut.right, cut.output_tokens, cut.price) == (False, 2048, 0.1)
    assert (cut.written, cut.cut_at, cut.cut_early) == (300, 300, True)
    under = at_budget(cut, 200)
    assert (under.output_tokens, under.cut_early, under.price) == (200, False, None)


def test_what_a_tokenizer_counts_a_little_short_was_cut_at_the_budget():
    cut = at_budget(sample(tokens=2040, budget=2048, finish="length"), 2048)
    assert (cut.output_tokens, cut.cut_early) == (2048, False)


def test_where_nobody_knows_the_budget_a_cut_reply_costs_what_it_came_with():
    assert at_budget(sample(tokens=300, finish="length"), 2048).output_tokens == 300


@given(
    tokens=some.integers(1, 400),
    finish=some.sampled_from(["stop", "length", "error", "cancelled"]),
    correct=some.sampled_from([True, False, None]),
    budgets=some.tuples(some.integers(1, 300), some.integers(1, 300)),
    drawn_under=some.sampled_from([None, 400]),
)
def test_one_cut_after_another_is_the_smaller_cut(tokens, finish, correct, budgets, drawn_under):
    small, large = sorted(budgets)
    whole = sample(tokens=tokens, finish=finish, correct=correct, budget=drawn_under)
    assert at_budget(at_budget(whole, large), small) == at_budget(whole, small)
    assert not at_budget(whole, small).right or at_budget(whole, large).right


def test_means_leave_out_the_unknown_and_the_failed():
    own = [
        sample("b", tokens=100),
        sample("b", number=1, tokens=300),
        sample("b", number=2, tokens=None),
        sample("a", tokens=7, finish="error"),
    ]
    assert means_by_problem(own, lambda one: one.output_tokens) == {"b": 200.0}
