"""The ledger's sums, checked by hand; what is unknown stays unknown."""

from dataclasses import asdict, replace

import pytest

from core.evaluation.report.ledger import Making, Prices, entry
from core.evaluation.report.paying import ledger_sentences
from core.evaluation.statistics.sample import Sample

PRICES = Prices(input=1.0, cached=0.25, output=4.0)
# 1,000,000 input tokens at 1, and 500,000 output tokens at 4.
NAMED = {"plain": "plain", "bci": "concise"}
MAKING = Making(runs=2, traces=30, input_tokens=1_000_000, output_tokens=500_000, price=3.0)


def sample(
    arm: str, problem: str, output: int | None, read: int | None, cached: int | None
) -> Sample:
    return Sample(
        problem, arm, 0, True, output, None, read, cached, 1.0, None, finish="stop", budget=2048
    )


BY_HAND = [
    # On the first problem 400 output tokens fewer, 300 input tokens more, 200 of them cached.
    sample("plain", "1", 1000, 100, 0),
    sample("bci", "1", 600, 400, 200),
    # On the second 100 more, 500 input tokens more, all of them cached.
    sample("plain", "2", 500, 80, 0),
    sample("bci", "2", 600, 580, 500),
]


def test_the_sums_are_those_made_by_hand() -> None:
    found = entry("bci", "plain", BY_HAND, (PRICES, PRICES), MAKING)
    assert found.problems == 2
    assert found.saved_output == (400 - 100) / 2
    assert found.extra_uncached == (100 + 0) / 2
    assert found.extra_cached == (200 + 500) / 2
    # 150 output tokens at 4 less 50 at 1 and 350 at 0.25, per million.
    assert found.saved_price == pytest.approx(600 / 1e6)
    assert found.behaviors_price == pytest.approx((50 + 87.5) / 1e6)
    assert found.net_price == pytest.approx(462.5 / 1e6)
    assert found.pays is True
    assert found.problems_to_pay == pytest.approx(3.0 / 462.5e-6)
    assert found.net_tokens == 150 - 400
    assert found.problems_to_pay_in_tokens is None  # in tokens it never pays


def test_an_arm_without_behaviors_has_no_handbook_to_pay_for() -> None:
    own = entry(
        "concise",
        "plain",
        [replace(one, arm=NAMED[one.arm]) for one in BY_HAND],
        (PRICES, PRICES),
        None,
    )
    with_handbook = entry("bci", "plain", BY_HAND, (PRICES, PRICES), MAKING)
    assert (own.uses_handbook, with_handbook.uses_handbook) == (False, True)
    assert own.net_price == with_handbook.net_price
    assert (own.problems_to_pay, own.problems_to_pay_in_tokens) == (None, None)
    ledger = {"making": asdict(MAKING), "other_makings": {}, "entries": [asdict(own)]}
    _making, said = ledger_sentences(ledger)
    assert "pay" not in said.replace("it has none to pay for", "")


def test_in_tokens_it_may_pay_without_prices() -> None:
    cheaper = [replace(one, input_tokens=100, cached_tokens=0) for one in BY_HAND]
    found = entry("bci", "plain", cheaper, (Prices(None, None, None),) * 2, MAKING)
    assert found.net_tokens == 150
    assert found.problems_to_pay_in_tokens == 1_500_000 / 150
    assert (found.saved_price, found.behaviors_price, found.net_price) == (None, None, None)
    assert (found.pays, found.problems_to_pay) == (None, None)


@pytest.mark.parametrize(
    ("prices", "saved", "behaviors"),
    [
        (Prices(None, None, 4.0), True, False),
        (Prices(1.0, 0.25, None), False, True),
        (Prices(1.0, 1.0, 4.0), True, True),
    ],
)
def test_a_missing_price_is_unknown_and_not_nothing(
    prices: Prices, saved: bool, behaviors: bool
) -> None:
    found = entry("bci", "plain", BY_HAND, (prices, prices), MAKING)
    assert (found.saved_price is not None) == saved
    assert (found.behaviors_price is not None) == behaviors
    assert (found.net_price is not None) == (saved and behaviors)


def test_without_counts_of_the_cache_a_cheaper_cache_leaves_the_cost_unknown() -> None:
    uncounted = [replace(one, cached_tokens=None) for one in BY_HAND]
    found = entry("bci", "plain", uncounted, (PRICES, PRICES), MAKING)
    assert (found.extra_cached, found.behaviors_price, found.net_price) == (None, None, None)
    same = Prices(1.0, 1.0, 4.0)
    assert entry("bci", "plain", uncounted, (same, same), MAKING).net_price is not None


def test_a_problem_that_failed_in_one_arm_is_in_neither() -> None:
    failed = [*BY_HAND[:3], replace(BY_HAND[3], finish="error", output_tokens=None)]
    found = entry("bci", "plain", failed, (PRICES, PRICES), MAKING)
    assert (found.problems, found.saved_output) == (1, 400)


def test_a_handbook_whose_making_is_not_known_has_no_day_on_which_it_pays() -> None:
    unknown = Making(0, 0, None, None, None)
    found = entry("bci", "plain", BY_HAND, (PRICES, PRICES), unknown)
    assert (found.pays, found.problems_to_pay) == (True, None)


def test_one_that_costs_more_than_it_saves_never_pays() -> None:
    dear = Prices(10.0, 10.0, 4.0)
    found = entry("bci", "plain", BY_HAND, (dear, dear), MAKING)
    assert (found.pays, found.problems_to_pay) == (False, None)


def test_each_side_has_its_own_prices() -> None:
    large = Prices(1.0, 0.25, 40.0)
    found = entry("bci", "plain", BY_HAND, (PRICES, large), MAKING)
    assert found.saved_price == pytest.approx((1500 * 40 - 1200 * 4) / 2 / 1e6)


def test_what_is_unknown_of_some_replies_leaves_the_rest_known() -> None:
    partly = replace(MAKING, traces=31, output_tokens_unknown=1, price_unknown=1)
    found = entry("bci", "plain", BY_HAND, (PRICES, PRICES), partly)
    assert (found.making_price, found.making_tokens) == (3.0, 1_500_000)
    assert (found.at_least, found.at_least_in_tokens) == (True, True)
    assert found.problems_to_pay == pytest.approx(3.0 / 462.5e-6)
    ledger = {"making": asdict(partly), "other_makings": {}, "entries": [asdict(found)]}
    made, said = ledger_sentences(ledger)
    assert "with 1,000,000 input tokens and at least 500,000 output tokens" in made
    assert "at a price of at least $3.00. Unknown: the output of 1 reply, the price of 1 r" in made
    assert "the handbook is paid for after at least 6,487 problems" in said


def test_what_the_context_cut_off_cost_what_was_written() -> None:
    cut = [*BY_HAND[:3], replace(BY_HAND[3], finish="length", output_tokens=2048, cut_at=600)]
    found = entry("bci", "plain", cut, (PRICES, PRICES), MAKING)
    assert found.saved_output == (400 - 100) / 2
    assert found.saved_price == pytest.approx(600 / 1e6)
