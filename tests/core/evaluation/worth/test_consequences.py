"""Which evaluated problems a decision would touch, and how they had scored."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.evaluation.evidence import as_sample, evidence
from core.evaluation.worth.consequences import WORDS, Scores, consequences
from core.handbook import curation
from core.store import outcomes
from tests.core.evaluation.worth.runs_on_a_book import ARMS, BCI, PLAIN, Book, arm


def test_the_problems_of_one_behavior(book: Book) -> None:
    count, halve = book.write("count_all", "halve_it")
    run = book.run(4, samples=2)
    for place, chosen in enumerate([[count, halve], [halve], [count], []]):
        book.choose(run, chosen, place=place)
    for sample, correct in enumerate([True, False]):
        book.answer(run, "plain", sample=sample, correct=False)
        book.answer(run, given=[count, halve], sample=sample, correct=correct)
    book.answer(run, given=[halve], place=1, correct=True)
    book.answer(run, given=[count], place=2, correct=None)
    found = consequences(book.store, [count.id])
    (one,) = found.arms
    assert (one.run_id, one.arm, one.model, one.title) == (
        *(run.id, "bci-embedding", "small", "A run"),
    )
    assert (one.evaluated, one.outdated) == (4, ())
    first, third = one.changed
    assert (first.problem_id, third.problem_id) == (run.problem_ids[0], run.problem_ids[2])
    assert (first.words, first.behavior_ids) == ("Problem 0?", (count.id,))
    assert (first.scores, first.plain) == (Scores(1, 1), Scores(0, 2))
    assert (third.scores, third.plain) == (Scores(0, 0, 1), Scores())
    assert (one.scores, one.plain) == (Scores(1, 1, 1), Scores(0, 2))
    assert found.problem_ids == (run.problem_ids[0], run.problem_ids[2])
    where = f"bci-embedding (small, evaluation {run.id}): 2 of 4 evaluated problems would get"
    assert found.sentences("reject") == (
        f"{where} another set: without it, and with what comes next in rank, if there is more.",
        "Their answers: 1 right, 1 wrong, 1 unknown; plain, on the same: 0 right, 2 wrong.",
        "How they would be answered then was not measured.",
    )
    assert found.sentences("edit")[0].startswith(f"{where} the new wording")
    assert "What the new wording would be retrieved for besides is not known." in (
        found.sentences("edit")
    )


def test_of_several_behaviors_each_problem_counts_once(book: Book) -> None:
    count, halve, other = book.write("count_all", "halve_it", "other")
    run = book.run(3)
    for place, chosen in enumerate([[halve, count], [other], [halve]]):
        book.choose(run, chosen, place=place)
    found = consequences(book.store, [count.id, halve.id])
    (one,) = found.arms
    assert [changed.behavior_ids for changed in one.changed] == [
        (halve.id, count.id),
        (halve.id,),
    ]
    assert "the merged behavior in place of these" in found.sentences("merge")[0]


def test_a_number_that_begins_another_is_another(book: Book) -> None:
    behaviors = book.write(*(f"sum_{number}" for number in range(13)))
    one, ten = behaviors[0], next(b for b in behaviors if str(b.id).startswith("1") and b.id > 9)
    run = book.run()
    book.choose(run, [ten])
    (arm_,) = consequences(book.store, [one.id]).arms
    assert (one.id, arm_.changed) == (1, ())
    (arm_,) = consequences(book.store, [b.id for b in behaviors]).arms  # many at once
    assert arm_.changed[0].behavior_ids == (ten.id,)


def test_the_latest_evaluation_of_each_arm_and_model_counts(book: Book) -> None:
    (count,) = book.write("count_all")
    old = book.run(arms=[*ARMS, arm("bci-topic"), arm("bci-embedding", "bci-embedding@b", "b")])
    new, unbegun = book.run(), book.run()
    for label in ("bci-embedding", "bci-topic", "bci-embedding@b"):
        book.choose(old, [count], label)
    book.choose(new, [])
    found = consequences(book.store, [count.id])
    assert [(one.arm, one.run_id, len(one.changed)) for one in found.arms] == [
        ("bci-embedding", new.id, 0),
        ("bci-topic", old.id, 1),
        ("bci-embedding@b", old.id, 1),
    ]
    assert unbegun.id not in {one.run_id for one in found.arms}
    assert found.sentences("reject")[0] == (
        f"bci-embedding (small, evaluation {new.id}): none of 1 evaluated problem was to be given "
        "it."
    )


def test_controls_and_comparisons_tell_nothing(book: Book) -> None:
    (count,) = book.write("count_all")
    run = book.run(arms=[PLAIN, arm("random"), arm("names-only"), arm("bci-dynamic")])
    for label in ("random", "names-only", "bci-dynamic"):
        book.choose(run, [count], label)
    book.choose(book.run(kind="compare"), [count])
    found = consequences(book.store, [count.id])
    assert found.arms == ()
    assert found.sentences("edit") == (
        "No evaluation chose behaviors of this handbook yet, so nothing is known of this.",
    )


def test_of_an_experiment_only_answers_that_were_given_it_are_told(book: Book) -> None:
    """One of two is given a behavior there: the others say nothing of how it went with it."""
    count, halve = book.write("count_all", "halve_it")
    run = book.run(2, parts=True, samples=2)
    for place in range(2):
        book.choose(run, [count, halve], place=place)
        book.answer(run, "plain", place=place, correct=True)
        book.answer(run, given=[count], place=place, correct=False)
        book.answer(run, given=[halve], place=place, sample=1, correct=True)
    (arm_,) = consequences(book.store, [count.id]).arms
    assert (arm_.scores, arm_.plain) == (Scores(0, 2), Scores(2, 0))
    assert arm_.changed[0].scores == Scores(0, 1)
    told = consequences(book.store, [count.id]).sentences("reject")
    assert told[1].startswith("Their answers that were given it: 0 right, 2 wrong; plain, on")
    (arm_,) = consequences(book.store, [count.id, halve.id]).arms
    assert arm_.scores == Scores(2, 2)


def test_of_many_that_have_changed_since_a_few_are_named(book: Book) -> None:
    behaviors = book.write(*(f"sum_{number}" for number in range(8)))
    run = book.run()
    book.choose(run, behaviors)
    for one in behaviors:
        book.edit(one, instruction="Count each.")
    *_, last = consequences(book.store, [one.id for one in behaviors]).sentences("reject")
    assert last.endswith("behavior_sum_3, behavior_sum_4 and 3 more.")


def test_without_a_plain_arm_there_is_nothing_beside(book: Book) -> None:
    (count,) = book.write("count_all")
    run = book.run(arms=[arm("plain", "plain@b", "b"), BCI])
    book.choose(run, [count])
    book.answer(run, "plain@b", correct=True)
    found = consequences(book.store, [count.id])
    assert (found.arms[0].changed[0].plain, found.arms[0].plain) == (None, None)
    assert found.sentences("reject")[1] == "Their answers: 0 right, 0 wrong."


def test_what_has_changed_since_is_named(book: Book) -> None:
    count, halve = book.write("count_all", "halve_it")
    other = Book(book.store, "other")
    (theirs,) = other.write("theirs")
    run = book.run(arms=[BCI, arm("bci-topic", handbook="other")])
    book.choose(run, [count, halve])
    book.choose(run, [theirs], "bci-topic")
    book.edit(count, instruction="Count each.")
    (late,) = book.write("late")
    ids = [count.id, halve.id, late.id]
    found = consequences(book.store, [*ids, theirs.id])
    assert [(one.arm, one.outdated) for one in found.arms] == [
        ("bci-embedding", (count.id, late.id)),
        ("bci-topic", ()),
    ]
    assert found.sentences("merge")[-1] == (
        "Changed or accepted since the evaluation: behavior_count_all, behavior_late."
    )
    curation.reject(book.store, theirs.id, version=1, by="ann")
    assert consequences(book.store, [theirs.id]).arms[0].outdated == (theirs.id,)


@pytest.mark.parametrize("ids", [[], [999]])
def test_of_no_behavior_there_is_no_consequence(book: Book, ids: list[int]) -> None:
    assert consequences(book.store, ids).arms == ()


def test_long_problems_show_their_first_words(book: Book) -> None:
    (count,) = book.write("count_all")
    run = book.run(text="How many\n of   them " + "are there " * 20)
    book.choose(run, [count])
    words = consequences(book.store, [count.id]).arms[0].changed[0].words
    assert words.startswith("How many of them are there are")
    assert words.endswith(("are …", "there …"))
    assert WORDS - 10 < len(words) <= WORDS + 2


attempts = st.lists(
    st.tuples(
        st.sampled_from(["plain", "bci-embedding"]),
        st.integers(0, 1),
        st.sampled_from(["stop", "length", "error", "cancelled", None]),
        st.sampled_from([100, 200]),
        st.sampled_from([True, False, None]),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts)
def test_scores_are_those_of_the_report(book: Book, tries: list[Any]) -> None:
    count = book.all[0] if book.all else book.write("count_all")[0]
    run = book.run()
    book.choose(run, [count])
    for number, (label, sample, finish, budget, correct) in enumerate(tries):
        fields = {"finish_reason": finish, "params": {"max_tokens": budget}, "attempt": number + 1}
        book.answer(run, label, sample=sample, correct=correct, **fields)
    (changed,) = consequences(book.store, [count.id]).arms[0].changed
    with book.store.read() as session:
        known = evidence(outcomes.outcomes(run.id, session=session), ["plain", "bci-embedding"])
    for label, scores in (("plain", changed.plain), ("bci-embedding", changed.scores)):
        rights = [as_sample(one).right for key, one in known.counting.items() if key[1] == label]
        assert scores == Scores(rights.count(True), rights.count(False), rights.count(None))
