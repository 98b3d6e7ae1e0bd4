"""The experiment on a run's records: its rows, what it finds, and what is said of it."""

import json
import math
from collections.abc import Sequence

import numpy as np
import pytest

from core.errors import BadInput
from core.evaluation.worth.experiment import (
    as_document,
    experiment,
    experiments,
    experiments_of,
)
from core.store.records import Behavior, Run
from tests.core.evaluation.worth.runs_on_a_book import ARMS, BCI, PLAIN, Book, arm

PROBLEMS, SAMPLES = 30, 4


def draw(
    book: Book,
    behaviors: Sequence[Behavior],
    doing: Sequence[float],
    seed: int = 0,
    finish: str = "stop",
) -> Run:
    """A run in which each behavior, where it is given, does this to the log of tokens.

    In two of the four samples of a problem each is given; right is who was given the last.
    """
    random = np.random.default_rng(seed)
    run = book.run(PROBLEMS, parts=True, samples=SAMPLES)
    for place in range(PROBLEMS):
        book.choose(run, behaviors, place=place)
        halves = [random.permutation([True, True, False, False]) for _ in behaviors]
        for sample in range(SAMPLES):
            given = [one for one, half in zip(behaviors, halves, strict=True) if half[sample]]
            log = 6 + 0.1 * random.standard_normal()
            log += sum(effect for one, effect in zip(behaviors, doing, strict=True) if one in given)
            book.answer(
                run,
                given=given,
                place=place,
                sample=sample,
                correct=behaviors[-1] in given,
                output_tokens=round(math.exp(log)),
                finish_reason=finish,
                params={"max_tokens": 2000, "prompt": "condition"},
            )
    return run


def test_it_finds_what_is_there(book: Book) -> None:
    shorter, longer, righter = behaviors = book.write("shorter", "longer", "righter")
    run = draw(book, behaviors, (-0.5, 0.4, 0.0))
    found = experiment(book.store, run.id)
    assert (found.run_id, found.arm, found.model) == (run.id, "bci-embedding", "small")
    assert (found.asked, found.worths.rows) == (120, 120)
    assert found.behaviors.keys() == {one.id for one in behaviors}
    worths = {number: one.worth for number, one in found.behaviors.items()}
    assert worths[shorter.id].tokens.size == pytest.approx(math.expm1(-0.5), abs=0.05)
    assert worths[longer.id].tokens.size == pytest.approx(math.expm1(0.4), abs=0.08)
    assert worths[shorter.id].tokens.shown and worths[longer.id].tokens.shown
    assert worths[righter.id].right.size > 0.95
    assert (worths[shorter.id].given, worths[shorter.id].left_out) == (60, 60)
    tested = found.behaviors[shorter.id]
    assert (tested.id, tested.name, tested.instruction) == (
        *(shorter.id, "behavior_shorter", "Do shorter."),
    )
    said = " ".join(found.sentences)
    assert "120 answers to 30 problems by bci-embedding (small)" in said
    assert "1 is shown to save tokens, 1 to cost tokens." in said
    assert "missing" not in said and "without a count" not in said


def test_it_stands_in_the_report(book: Book) -> None:
    shorter, longer, righter = behaviors = book.write("shorter", "longer", "righter")
    run = draw(book, behaviors, (-0.5, 0.4, 0.0))
    (found,) = map(as_document, experiments_of(book.store, run))
    assert (found["arm"], found["answers"], found["problems"]) == ("bci-embedding", 120, 30)
    standings = {one["id"]: one["standing"] for one in found["behaviors"]}
    assert standings == {shorter.id: "helps", longer.id: "harms", righter.id: "helps"}
    assert json.loads(json.dumps(found))["sentences"] == found["sentences"]
    assert experiments_of(book.store, book.run(2)) == []


def few(book: Book, **params: object) -> tuple[Run, list[Behavior]]:
    """A run in which two behaviors were chosen and nothing has been answered."""
    behaviors = book.write("count_all", "halve_it")
    run = book.run(2, **{"parts": True, "samples": 2, **params})
    book.choose(run, behaviors)
    return run, behaviors


def test_what_lacks_a_count_or_a_grade_is_told(book: Book) -> None:
    run, (count, halve) = few(book)
    book.answer(run, given=[halve], output_tokens=None, correct=True)
    book.answer(run, given=[count], sample=1, correct=None)
    found = experiment(book.store, run.id)
    (one, two) = found.worths.behaviors
    assert (one.given, one.left_out, two.given, two.left_out) == (1, 1, 1, 1)
    assert (found.worths.without_tokens, found.worths.without_grade) == (1, 1)
    assert "2 answers of 4 are still missing." in found.sentences
    assert any("1 without a count" in sentence for sentence in found.sentences)
    assert "On tokens nothing can be told of any behavior." in found.sentences
    assert all(sentence.endswith(".") for sentence in found.sentences)


@pytest.mark.parametrize(
    ("finish", "tokens", "without"), [("length", None, 0), ("error", 50, 1), ("stop", None, 1)]
)
def test_what_was_cut_off_costs_its_budget(
    book: Book, finish: str, tokens: int | None, without: int
) -> None:
    run, (count, _halve) = few(book)
    book.answer(run, given=[count], finish_reason=finish, output_tokens=tokens, correct=True)
    assert experiment(book.store, run.id).worths.without_tokens == without


def test_what_the_context_cuts_off_costs_its_budget_too(book: Book) -> None:
    """Else behaviors that fill the context would pass for savings."""
    run = draw(book, book.write("shorter", "longer"), (-0.5, 0.4), finish="length")
    found = experiment(book.store, run.id)
    assert found.worths.rows == 120
    assert not any(one.tokens and one.tokens.shown for one in found.worths.behaviors)


def test_an_empty_part_that_had_the_plain_prompt_is_left_out(book: Book) -> None:
    """As runs of before have it: the wording's doing would be told of the behaviors."""
    run, both = few(book)
    for sample, given in enumerate([both, []]):
        params = {"max_tokens": 500, "prompt": "condition" if given else "solve"}
        book.answer(run, given=given, sample=sample, correct=True, params=params)
    book.answer(run, place=1, correct=True, params={"max_tokens": 500, "prompt": "condition"})
    book.choose(run, both, place=1)
    found = experiment(book.store, run.id)
    assert found.worths.rows == 2
    assert [(one.given, one.left_out) for one in found.worths.behaviors] == [(1, 1), (1, 1)]
    assert "1 answer of 4 is still missing." in found.sentences
    assert found.sentences[1].startswith("1 answer with an empty part had the plain prompt")


def test_before_anything_was_answered(book: Book) -> None:
    run, _ = few(book)
    found = experiment(book.store, run.id)
    assert (found.worths.rows, found.behaviors) == (0, {})
    assert "4 answers of 4 are still missing." in found.sentences


def test_a_name_that_passed_to_another_behavior(book: Book) -> None:
    run, (count, halve) = few(book)
    book.edit(count, name="behavior_old")
    named = book.edit(halve, name="behavior_count_all")
    book.choose(run, [named], place=1)
    book.answer(run, given=[count])
    book.answer(run, given=[named], place=1)
    found = experiment(book.store, run.id)
    assert {number: one.worth.given for number, one in found.behaviors.items()} == {
        count.id: 1,
        halve.id: 1,
    }


def test_one_sample_each_is_compared_beside_the_plain_ones(book: Book) -> None:
    (count,) = book.write("count_all")
    run = book.run(12, parts=True)
    for place in range(12):
        book.choose(run, [count], place=place)
        length = 100 * (place + 1)
        book.answer(run, "plain", place=place, output_tokens=length)
        given = place % 2 == 0
        book.answer(
            run,
            given=[count] * given,
            place=place,
            output_tokens=length // (1 + given) + place % 5,
        )
    found = experiment(book.store, run.id)
    assert (found.worths.rows, found.asked) == (12, 12)
    worth = found.behaviors[count.id].worth
    assert worth.tokens.shown
    assert worth.tokens.size == pytest.approx(-0.5, abs=0.05)


def test_each_arm_is_read_alone(book: Book) -> None:
    arms = [PLAIN, BCI, arm("bci-topic", "topical", "large"), arm("bci-fixed")]
    run, (count, halve) = few(book, arms=arms)
    book.choose(run, [halve], "topical")
    book.answer(run, given=[count])
    book.answer(run, "topical", given=[halve])
    found = experiment(book.store, run.id, "topical")
    assert (found.arm, found.model, found.behaviors.keys()) == ("topical", "large", {halve.id})
    with pytest.raises(BadInput, match=r"gave random parts in bci-embedding, topical only"):
        experiment(book.store, run.id, "bci-fixed")


def test_a_run_without_parts_tells_nothing(book: Book) -> None:
    for run in (book.run(), book.run(kind="compare", parts=True)):
        with pytest.raises(BadInput, match=f"Run {run.id} gave no random parts"):
            experiment(book.store, run.id)


def test_all_experiments_of_a_handbook_newest_first(book: Book) -> None:
    other = Book(book.store, "raw")
    drawn = arm("bci-topic", handbook="raw")
    runs = [book.run(parts=True), book.run(), book.run(parts=True, arms=[*ARMS, drawn])]

    def found(one: Book) -> list[tuple[int, str]]:
        return [(each.run_id, each.arm) for each in experiments(book.store, one.id)]

    assert found(book) == [(runs[2].id, "bci-embedding"), (runs[0].id, "bci-embedding")]
    assert found(other) == [(runs[2].id, "bci-topic")]
