"""The worth of behaviors: the experiment on simulated models finds what is there."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.statistics.worth.effects import Row, effects
from core.evaluation.statistics.worth.size import recommended_size
from tests.core.evaluation.statistics.made_up import (
    BEHAVIORS,
    REAL,
    Doing,
    drawn,
    findings,
    worth_rows,
)


@pytest.mark.parametrize("seed", [1, 2])
def test_at_its_own_size_it_finds_all_six_and_at_most_two_false_ones(seed):
    size = recommended_size(len(BEHAVIORS), set_size=9, samples=8, points=0.15)
    hits, false = findings(effects(worth_rows(size.problems, size.samples, seed)))
    assert hits == set(REAL)
    assert false <= 2


def test_intervals_cover_and_nothing_is_found_where_nothing_is():
    none: dict[str, Doing] = {}
    covered, shown = [], 0
    for seed in range(6):
        for worth in effects(worth_rows(60, 4, seed, none)).behaviors:
            for effect in (worth.tokens, worth.right):
                covered.append(effect.interval[0] <= 0 <= effect.interval[1])
                shown += effect.shown
    assert 0.93 <= np.mean(covered) <= 0.985
    assert shown <= 2


@pytest.mark.parametrize("seed", [1, 2])
def test_the_wording_that_goes_with_behaviors_is_not_taken_for_theirs(seed):
    """Of sets of one to three many a sample is given nothing: it has the wording all the same."""
    none: dict[str, Doing] = {}
    rows = worth_rows(1200, 4, seed, none, sizes=(1, 3))
    assert sum(not row.given for row in rows) > 1000
    worths = effects(rows)
    assert all(worth.tokens and worth.right for worth in worths.behaviors)
    assert findings(worths) == (set(), 0)


def test_sizes_are_told_in_shares():
    worths = effects(worth_rows(400, 8, seed=3))
    by_name = {worth.behavior: worth for worth in worths.behaviors}
    shorter, righter = by_name[BEHAVIORS[0]], by_name[BEHAVIORS[2]]
    assert shorter.tokens.interval[0] < -0.2 < shorter.tokens.interval[1]
    assert righter.right.interval[0] < 0.15 < righter.right.interval[1]
    assert worths.token_spread == pytest.approx(0.5, abs=0.02)
    assert abs(shorter.given - shorter.left_out) == 0


def test_one_sample_a_problem_is_told_and_the_plain_trace_sharpens_it():
    random = np.random.default_rng(4)
    lengths = {f"p{number}": 7 + random.standard_normal() for number in range(150)}
    rows = [
        Row(
            problem,
            one.given,
            one.left_out,
            math.exp(length - 0.4 * ("good" in one.given)),
            None,
            plain_tokens=math.exp(length + 0.1 * random.standard_normal()),
        )
        for problem, length in lengths.items()
        for one in drawn(problem, ["good", "idle"], 1, seed=5)
    ]
    beside = effects(rows)
    assert any("one row each" in note for note in beside.notes)
    good, idle = beside.behaviors
    assert good.tokens.shown and not idle.tokens.shown
    assert good.tokens.size == pytest.approx(math.expm1(-0.4), abs=0.05)
    assert good.right is None and beside.without_grade == 150
    alone = effects([replace(row, plain_tokens=None) for row in rows]).behaviors[0].tokens
    wide, narrow = (one.interval[1] - one.interval[0] for one in (alone, good.tokens))
    assert wide > 3 * narrow


def test_what_always_comes_together_is_told_and_not_guessed():
    random = np.random.default_rng(6)
    rows = [
        Row(f"p{number // 2}", *((names, ()) if number % 2 else ((), names)), 100 + size, True)
        for number, size in enumerate(random.integers(1, 100, 60).tolist())
        for names in [("a", "b")]
    ]
    worths = effects(rows)
    assert all(worth.tokens is None for worth in worths.behaviors)
    assert worths.notes == (
        "On tokens and on being right: 2 behaviors (a, b) cannot be told apart, as which of them "
        "an answer had follows from what else is known of it",
    )


def test_rare_behaviors_are_told_and_not_guessed():
    rows = worth_rows(30, 4, seed=7)
    rare = [
        replace(rows[0], given=("rare", *rows[0].given)),
        replace(rows[1], left_out=("rare", *rows[1].left_out)),
        *rows[2:],
    ]
    worths = effects(rare)
    last = worths.behaviors[-1]
    assert (last.behavior, last.problems, last.tokens) == ("rare", 1, None)
    assert worths.notes == (
        "On tokens and on being right: 1 behavior (rare) could be compared on fewer than 4 "
        "problems, which are too few",
    )


def test_too_few_answers_are_given_as_the_cause_and_many_names_are_only_counted():
    worths = effects(worth_rows(8, 4, seed=9, sizes=(18, 18)))
    rare = sum(worth.problems < 4 for worth in worths.behaviors)
    assert all(worth.tokens is None for worth in worths.behaviors)
    of_both = "On tokens and on being right"
    assert worths.notes == (
        f"{of_both}: {len(worths.behaviors) - rare} behaviors cannot be told apart, as 32 answers "
        "to 8 problems are too few for so many behaviors",
        f"{of_both}: {rare} behaviors could be compared on fewer than 4 problems, which are too "
        "few",
    )


def test_two_samples_of_a_pair_are_one_choice():
    """Of 48 answers 36 are free beside the problems' means, but only 24 choices were made."""
    worths = effects(worth_rows(12, 4, seed=9, sizes=(12, 12)))
    assert all(worth.tokens is None for worth in worths.behaviors if worth.problems >= 4)
    assert "48 answers to 12 problems are too few for so many behaviors" in worths.notes[0]


def test_where_all_are_right_that_is_the_cause():
    rows = [replace(row, correct=True) for row in worth_rows(60, 4, seed=10)]
    worths = effects(rows)
    assert all(worth.tokens and worth.right is None for worth in worths.behaviors)
    (note,) = worths.notes
    assert note.startswith("On being right: 36 behaviors cannot be measured, as answers do not")


def test_rows_without_an_outcome_are_counted():
    rows = worth_rows(40, 4, seed=8)
    rows[0] = replace(rows[0], tokens=None, correct=None)
    worths = effects(rows)
    assert (worths.rows, worths.without_tokens, worths.without_grade) == (160, 1, 1)


def test_no_rows_have_no_effects():
    assert effects([]).behaviors == ()
    one = effects([Row("p", ("a",), (), 100, True)])
    assert one.behaviors[0].tokens is None
    assert any("too few" in note for note in one.notes)


def test_where_nothing_was_given_nothing_is_told_and_nothing_breaks() -> None:
    rows = [Row(str(n), (), (), 100.0 + s, True) for n in range(6) for s in range(2)]
    found = effects(rows)
    assert found.behaviors == ()
    assert found.notes == ("On tokens and on being right: no problem was given a behavior",)
