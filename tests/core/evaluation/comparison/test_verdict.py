"""What is said of an arm: right in its numbers, and never more than was seen."""

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.evaluation.comparison.outcome import (
    Outcome,
    figures,
    mean_interval,
    tokens_per_second,
)
from core.evaluation.comparison.verdict import Verdict, verdict

TITLES = {"bci": "BCI", "plain": "Plain"}
# Student's t of one and two degrees of freedom has quantiles in closed form.
T1 = math.tan(math.pi * 0.475)
T2 = 0.95 / math.sqrt(2 * 0.975 * 0.025)


def arm(label: str, *tokens: int | None, **fields: object) -> list[Outcome]:
    """An outcome for each count, right and ended by itself, with 300 input tokens."""
    first = Outcome(label, 0, None, 300, 220, True, "stop")
    return [
        replace(first, **{"sample": sample, "output_tokens": count, **fields})
        for sample, count in enumerate(tokens)
    ]


def judged(*outcomes: list[Outcome]) -> Verdict:
    return verdict([one for ones in outcomes for one in ones], "bci", "plain", TITLES)


def test_an_arm_in_numbers() -> None:
    own = arm("bci", 100, 200, 300)
    own += [replace(own[0], sample=3, output_tokens=None, correct=False)]
    own += [replace(own[0], sample=4, output_tokens=600, correct=None, finish_reason="length")]
    own += [
        replace(own[0], sample=5 + place, finish_reason=reason, correct=None)
        for place, reason in enumerate(["error", "cancelled", "cancelled", None])
    ]
    found = figures([*own, *arm("plain", 7)], "bci")
    assert (found.n, found.counted, found.mean, found.unknown) == (9, 4, 300, 1)
    assert (found.right, found.graded) == (3, 4)
    assert (found.cut_off, found.failed, found.stopped, found.arriving) == (1, 1, 2, 1)
    nobody = figures(own, "nobody")
    assert (nobody.n, nobody.mean, nobody.interval, nobody.graded) == (0, None, None, 0)


def test_the_interval_by_hand() -> None:
    assert mean_interval([]) is mean_interval([5]) is None
    assert mean_interval([10, 20]) == pytest.approx((15 - T1 * 5, 15 + T1 * 5))
    half = T2 * 10 / math.sqrt(3)
    assert mean_interval([10, 20, 30]) == pytest.approx((20 - half, 20 + half))
    assert mean_interval([4, 4]) is None
    values = [0.3, 0.1, 0.4, 0.15, 0.9]
    by_scipy = stats.t.interval(0.95, 4, loc=sum(values) / 5, scale=stats.sem(values))
    assert mean_interval(values) == pytest.approx(by_scipy)


def test_the_ratio_by_hand() -> None:
    found = judged(arm("bci", 50, 25), arm("plain", 100, 100))
    assert found.ratio == pytest.approx(2**-1.5)
    half = T1 * math.log(2) / 2
    assert found.interval == pytest.approx((2**-1.5 * math.exp(-half), 2**-1.5 * math.exp(half)))
    assert (found.pairs, found.samples, found.shown) == (2, 2, False)
    doubled = judged(arm("bci", 50, 200), arm("plain", 100, 100))
    assert doubled.ratio == pytest.approx(1), "half as many and twice as many weigh the same"


def test_a_difference_that_is_shown() -> None:
    found = judged(
        arm("bci", 690, 700, 650, 800, input_tokens=512, cached_tokens=400),
        arm("plain", 1000, 1100, 900, 1200),
    )
    assert found.shown
    assert (found.extra_input, found.extra_cached) == (212, 180)
    assert found.sentence == (
        "BCI used 32% fewer output tokens than Plain on this problem (4 of 4 samples compared; 95% "
        "interval 26% to 38% fewer); both right in each of 4 samples; with 212 more input tokens a "
        "sample, 180 of them cached."
    )
    more = judged(arm("bci", 150, 152, 151), arm("plain", 100, 100, 100)).sentence
    assert "BCI used 51% more output tokens than Plain" in more
    assert "95% interval 49% to 54% more" in more
    many = judged(arm("bci", 300, 310, 320), arm("plain", 100, 101, 100)).sentence
    assert "used 3.1 times as many output tokens as Plain" in many
    assert "interval 2.8 times as many to 3.4 times as many" in many


def test_an_interval_with_1_in_it_shows_no_difference() -> None:
    found = judged(arm("bci", 50, 90, 120), arm("plain", 100, 100, 100))
    low, high = found.interval or (0, 0)
    assert low < 1 < high
    assert found.sentence.startswith(
        "No difference shown in output tokens: BCI used 19% fewer output tokens than Plain on this "
        "problem (3 of 3 samples compared; 95% interval 73% fewer to 2.5 times as many); "
    )


def test_one_sample_shows_nothing() -> None:
    found = judged(arm("bci", 69), arm("plain", 100, correct=False))
    assert (found.interval, found.shown, found.wrong_to_right) == (None, False, (0,))
    assert found.sentence == (
        "From one sample, which shows nothing in general: BCI used 31% fewer output tokens than "
        "Plain on this problem; BCI right, Plain wrong; with as many input tokens."
    )
    uncounted = judged(arm("bci", None), arm("plain", 100)).sentence
    assert uncounted.startswith("From one sample, which shows nothing in general: tokens are unk")


def test_samples_that_are_all_the_same_show_no_more_than_one() -> None:
    found = judged(arm("bci", 50, 50, 50), arm("plain", 100, 100, 100))
    assert (found.ratio, found.interval, found.shown) == (pytest.approx(0.5), None, False)
    assert found.sentence.startswith(
        "From 3 samples, all with the same ratio, which shows no more than one sample would: BCI "
        "used 50% fewer "
    )


def test_what_was_not_counted_is_said() -> None:
    found = judged(arm("bci", None, None), arm("plain", 100, 100))
    assert (found.ratio, found.pairs) == (None, 0)
    assert found.sentence.startswith("Tokens are unknown, so nothing can be said on them; both ri")
    assert found.sentence.endswith("with an unknown count of tokens: 2 of BCI.")
    zeros = judged(arm("bci", 0, 0), arm("plain", 0, 5))
    assert zeros.sentence.startswith("Answers without a token cannot be compared in length; ")
    some = judged(arm("bci", 90, None, 80), arm("plain", 100, 100, 100, 100))
    assert (some.pairs, some.samples) == (2, 4)
    assert "(2 of 4 samples compared; " in some.sentence


def test_cut_off_failed_and_stopped_samples_are_said() -> None:
    own = arm("bci", 90, 80, 10, 10)
    ends = ["length", "stop", "error", "cancelled"]
    own = [
        replace(one, finish_reason=end, correct=end == "stop" or None)
        for one, end in zip(own, ends, strict=True)
    ]
    found = judged(own, arm("plain", 100, 100, 100, 100))
    assert (found.pairs, found.ratio) == (2, pytest.approx(math.sqrt(0.72)))
    assert found.sentence.endswith(
        "Cut off by the budget, so longer than counted: 1 of BCI. Failed: 1 of BCI. Stopped: 1 of "
        "BCI."
    )


@pytest.mark.parametrize(
    ("mine", "others", "said"),
    [
        ([True], [True], "; both right; "),
        ([False], [False], "; both wrong; "),
        ([False], [True], "; BCI wrong, Plain right; "),
        ([True, True], [True, True], "; both right in each of 2 samples; "),
        ([False, False], [False, False], "; both wrong in each of 2 samples; "),
        ([True, False], [False, True], "; right 1 of 2 against 1 of 2; "),
        ([True, True, True, False], [True, True, False, False], "; right 3 of 4 against 2 of 4; "),
        ([True, True], [True], "; right 2 of 2 against 1 of 1; "),
        ([None, None], [None, None], "; not graded; "),
        ([True, False], [None, None], "; BCI right 1 of 2, Plain not graded; "),
        ([None], [True], "; Plain right 1 of 1, BCI not graded; "),
    ],
)
def test_right_and_wrong_in_words(
    mine: list[bool | None], others: list[bool | None], said: str
) -> None:
    sides = [
        [replace(arm(label, 5)[0], sample=n, correct=right) for n, right in enumerate(graded)]
        for label, graded in (("bci", mine), ("plain", others))
    ]
    assert said in judged(*sides).sentence


def test_flips_are_listed_by_sample() -> None:
    grades = [(True, False), (False, True), (None, True), (True, False), (True, True)]
    own = [replace(arm("bci", 5)[0], sample=n, correct=a) for n, (a, _) in enumerate(grades)]
    others = [replace(arm("plain", 5)[0], sample=n, correct=b) for n, (_, b) in enumerate(grades)]
    found = judged(own, others)
    assert (found.wrong_to_right, found.right_to_wrong) == ((0, 3), (1,))
    assert "In samples 1, 4 BCI was right and Plain wrong." in found.sentence
    assert "In sample 2 Plain was right and BCI wrong." in found.sentence


@pytest.mark.parametrize(
    ("inputs", "cached", "extra", "extra_cached", "said"),
    [
        (1512, 220, 1212, 0, "with 1,212 more input tokens, 0 of them cached"),
        (400, 420, 100, 100, "with 100 more input tokens, 100 of them cached"),
        (400, None, 100, None, "with 100 more input tokens, how many of them cached is unknown"),
        (300, None, 0, None, "with as many input tokens"),
        (250, 0, -50, 0, "with 50 fewer input tokens"),
        (None, None, None, None, "input tokens are unknown"),
    ],
)
def test_input_tokens_in_words(
    inputs: int | None, cached: int | None, extra: float, extra_cached: float, said: str
) -> None:
    own = arm("bci", 5, input_tokens=inputs, cached_tokens=cached)
    found = judged(own, arm("plain", 5))
    assert (found.extra_input, found.extra_cached) == (extra, extra_cached)
    assert found.sentence.endswith(f"; {said}.")


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([], "BCI and Plain have no answers, so there is nothing to compare."),
        (arm("bci", 5), "Plain has no answers, so there is nothing to compare."),
        (
            [*arm("bci", 5), replace(arm("plain", 5)[0], sample=1)],
            "BCI and Plain answered no sample both, so nothing can be compared.",
        ),
        (
            [*arm("bci", 5, finish_reason="error"), *arm("plain", 5, finish_reason=None)],
            "BCI and Plain have no answers, so there is nothing to compare. Failed: 1 of BCI. "
            "Still arriving: 1 of Plain.",
        ),
    ],
)
def test_where_there_is_nothing_to_compare(outcomes: list[Outcome], said: str) -> None:
    assert verdict(outcomes, "bci", "plain", TITLES).sentence == said


# Without behaviors


def plain(*tokens: int, **fields: object) -> list[Outcome]:
    return arm("plain", *tokens, plain=True, **fields)


def test_plain_beside_plain_claims_nothing() -> None:
    found = judged(arm("bci", 80, 70, given=0, plain=True, correct=False), plain(100, 100))
    assert found.sentence == "BCI was given no behavior here, so both were asked the same."
    assert (found.ratio, found.pairs, found.samples, found.shown) == (None, 0, 2, False)
    assert (found.right_to_wrong, found.extra_input) == ((), None)
    assert found.asked_the_same == (0, 1)


def test_both_may_be_without() -> None:
    both = [arm(label, 80, given=0, plain=True) for label in ("bci", "plain")]
    assert judged(*both).sentence == (
        "BCI and Plain were given no behavior here, so both were asked the same."
    )


def test_samples_without_behaviors_are_left_out_and_counted() -> None:
    own = arm("bci", 50, 50, 900, given=3)
    own[2] = replace(own[2], given=0, plain=True, correct=False)
    found = judged(own, plain(100, 101, 100))
    assert (found.pairs, found.ratio) == (2, pytest.approx(50 / math.sqrt(10100)))
    assert (found.asked_the_same, found.right_to_wrong) == ((2,), ())
    assert "(2 of 3 samples compared; " in found.sentence
    assert "; both right in each of 2 samples; " in found.sentence
    assert found.sentence.endswith(
        "BCI was given no behavior in 1 of 3 samples, so both were asked the same there."
    )


def test_what_failed_is_told_all_the_same() -> None:
    found = judged(arm("bci", 9, given=0, plain=True, finish_reason="error"), plain(100))
    assert found.asked_the_same == ()
    assert found.sentence.endswith("Failed: 1 of BCI.")


def test_beside_another_prompt_it_is_said_what_was_sent() -> None:
    others = arm("plain", 100, 101)  # as of an arm that is asked to be brief
    told = judged(arm("bci", 80, 81, given=0, plain=True), others).sentence
    assert "fewer output tokens" in told
    assert told.endswith("BCI was given no behavior, so it was sent the plain prompt.")
    own = arm("bci", 80, 81, given=0)
    assert judged(own, plain(100, 101)).sentence.endswith("BCI was offered no behavior.")
    own[1] = replace(own[1], given=2)
    told = judged(own, plain(100, 101)).sentence
    assert told.endswith("BCI was offered no behavior in 1 of 2 samples.")


def test_two_plain_arms_of_two_models_are_compared() -> None:
    both = [arm(label, count, plain=True) for label, count in (("bci", 50), ("plain", 100))]
    assert judged(*both).ratio == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("counts", "speed"),
    [
        ((101, 2.0, 12.0), 10),
        ((101, None, 10.0), 10),
        ((1, 0.5, 0.5), None),
        ((9, 2.0, 2.0), None),
        ((None, 1.0, 2.0), None),
        ((9, 1.0, None), None),
    ],
)
def test_tokens_a_second_are_those_after_the_first(
    counts: tuple[int | None, float | None, float | None], speed: float | None
) -> None:
    assert tokens_per_second(*counts) == speed


def test_arms_without_a_title_are_called_by_their_labels() -> None:
    both = [*arm("bci", 5, 6), *arm("plain", 10, 10)]
    assert verdict(both, "bci", "plain", {}).sentence.count("bci") == 1
    assert verdict(both, "plain", "plain", {}).ratio == 1


counts = st.none() | st.integers(0, 10**12) | st.just(0)
some_outcomes = st.lists(
    st.builds(
        Outcome,
        st.sampled_from(["bci", "plain", "other"]),
        st.integers(0, 5),
        counts,
        counts,
        counts,
        st.none() | st.booleans(),
        st.sampled_from(["stop", "length", "error", "cancelled", None]),
        st.none() | st.integers(0, 2),
        st.booleans(),
    ),
    unique_by=lambda outcome: (outcome.arm, outcome.sample),
)


@given(some_outcomes, st.randoms())
def test_any_outcomes_have_a_verdict_and_their_order_does_not_matter(
    outcomes: list[Outcome], chance: Random
) -> None:
    found = verdict(outcomes, "bci", "plain", TITLES)
    mixed = list(outcomes)
    chance.shuffle(mixed)
    assert verdict(mixed, "bci", "plain", TITLES) == found
    assert found.sentence.endswith(".")
    assert found.pairs <= found.samples
    assert not (found.shown and (found.pairs < 2 or "o difference" in found.sentence))
    if found.pairs == 1:
        assert found.sentence.startswith("From one sample, which shows nothing in general: ")
    if found.interval and found.ratio:
        assert found.interval[0] <= found.ratio <= found.interval[1]
    for sample in (*found.right_to_wrong, *found.wrong_to_right):
        assert f"{sample + 1}" in found.sentence or found.samples == 1


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 5000)), min_size=1, max_size=5))
def test_the_other_way_round_everything_is_inverted(pairs: list[tuple[int, int]]) -> None:
    both = [*arm("bci", *(a for a, _ in pairs)), *arm("plain", *(b for _, b in pairs))]
    one, other = (verdict(both, *order, TITLES) for order in (("bci", "plain"), ("plain", "bci")))
    assert one.ratio * other.ratio == pytest.approx(1)  # type: ignore[operator]
    assert one.shown == other.shown
    if one.interval and other.interval:
        assert one.interval[0] * other.interval[1] == pytest.approx(1)
