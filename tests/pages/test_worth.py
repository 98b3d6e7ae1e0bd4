"""The worth of behaviors on the screens: of an experiment, and of one behavior."""

from streamlit.testing.v1 import AppTest

from core.evaluation.worth.experiment import as_document, experiments_of
from core.store import Store
from core.store.records import Behavior, Run
from tests.core.evaluation.worth.runs_on_a_book import Book
from tests.pages.conftest import Screen


def given_to_answers(store: Store, parts: bool) -> tuple[Run, Behavior]:
    """A run in which a behavior was given to one of two answers: too few to tell anything."""
    book = Book(store)
    (count,) = book.write("count_all")
    run = book.run(parts=parts, samples=2)
    book.choose(run, [count])
    book.answer(run, given=[count], correct=True)
    book.answer(run, sample=1, correct=True)
    return run, count


def seen(screen: Screen, behavior: Behavior) -> str:
    at = screen("explore/behavior", b=str(behavior.id))
    assert not at.exception
    (caption,) = [one.value for one in at.caption if "no proof" in one.value]
    return caption


def test_a_behavior_no_experiment_has_is_sent_to_one(store: Store, screen: Screen) -> None:
    _run, count = given_to_answers(store, parts=False)
    told = seen(screen, count)
    assert told.startswith("On 1 problem in 1 run.")
    assert told.endswith("Evaluate, “What is each behavior worth?”.")


def test_a_behavior_that_an_experiment_has_is_not(store: Store, screen: Screen) -> None:
    _run, count = given_to_answers(store, parts=True)
    assert seen(screen, count).endswith("harder problems get other behaviors.")


def _effects(made: dict[str, object]) -> None:
    from pages.ui.evaluate.effects import draw_effects

    draw_effects(made)


def test_an_experiment_that_tells_nothing_draws_no_chart(store: Store) -> None:
    run, _count = given_to_answers(store, parts=True)
    made = {"worth": [as_document(one) for one in experiments_of(store, run)]}
    at = AppTest.from_function(_effects, args=(made,), default_timeout=20).run()
    assert not at.exception
    assert not at.get("plotly_chart")
    assert list(at.dataframe[0].value["It"]) == ["not measurable"]


IF_REJECTED = "If rejected, evaluated problems that would get another set: "


def test_before_one_is_rejected_its_file_tells_what_that_changes(
    store: Store, screen: Screen
) -> None:
    _run, count = given_to_answers(store, parts=False)
    at = screen("explore/behavior", b=str(count.id))
    assert f"{IF_REJECTED}1" in [one.label for one in at.expander]
    at.button(key=f"reject_{count.id}").click().run()
    assert not at.exception
    assert not [one for one in at.expander if one.label.startswith(IF_REJECTED)]


def test_before_many_are_rejected_it_is_told_what_that_changes(
    store: Store, screen: Screen
) -> None:
    given_to_answers(store, parts=False)
    at = screen("build/review", handbook="book", review_status="accepted")
    at.button(key="review_many").click().run()
    assert not at.exception
    assert f"{IF_REJECTED}1" in [one.label for one in at.expander]
    at.segmented_control(key="many_act_Reject").set_value("Set the topic").run()
    assert not [one for one in at.expander if one.label.startswith(IF_REJECTED)]


def _consequences(ids: list[int]) -> None:
    from pages.ui.worth import draw_consequences

    draw_consequences(ids, "reject")


def test_of_very_many_the_first_are_looked_at_and_that_is_said(
    store: Store, screen: Screen
) -> None:
    _run, count = given_to_answers(store, parts=False)
    screen("explore/behavior", b=str(count.id))
    ids = [count.id, *range(count.id + 1, count.id + 250)]
    at = AppTest.from_function(_consequences, args=(ids,), default_timeout=20).run()
    assert not at.exception
    assert f"{IF_REJECTED}at least 1" in [one.label for one in at.expander]
    assert "Looked at the first 200 of 250 behaviors." in [one.value for one in at.caption]
