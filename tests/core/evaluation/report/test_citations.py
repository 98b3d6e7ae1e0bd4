"""Which behaviors replies name, in evaluations of our own; those of logs are in test_keeping."""

from collections.abc import Sequence
from typing import Any

from core.evaluation.evidence import evidence
from core.evaluation.report.citations import MOST_INVENTED, cited, section, sentence, share
from core.handbook import shelf
from core.store import Store, outcomes
from core.store.records import Behavior, Run
from tests.core.evaluation.report.documents import document
from tests.core.evaluation.worth.runs_on_a_book import ARMS, Book


def counted(store: Store, run: Run) -> dict[str, dict[str, Any]]:
    labels = [one["label"] for one in run.params["arms"]]
    with store.read() as session:
        known = evidence(outcomes.outcomes(run.id, session=session), labels)
    return {one["arm"]: one for one in cited(store, run, known)}


def names(one: dict[str, Any], which: str = "behaviors") -> dict[str, int]:
    return {row["name"]: row["replies"] for row in one[which]}


def two_names(store: Store) -> tuple[Book, Sequence[Behavior]]:
    book = Book(store)
    return book, book.write("count_twice", "look_again")


def test_each_arm_has_its_own_counts(store: Store) -> None:
    book, (twice, again) = two_names(store)
    run = book.run(problems=3)
    for place in range(3):
        book.answer(run, "plain", place=place, text="x_1 = 2", correct=True)
    book.answer(run, given=[twice], place=0, text="By count_twice.", correct=True)
    book.answer(run, given=[twice], place=1, thinking="behavior_look_again?", correct=False)
    book.answer(run, given=[again], place=2, text="None of them.", correct=None)
    found = counted(store, run)
    plain, bci = found["plain"], found["bci-embedding"]
    assert (plain["replies"], plain["citing"], plain["behaviors"]) == (3, 0, [])
    assert (bci["replies"], bci["citing"]) == (3, 2)
    assert names(bci) == {"behavior_count_twice": 1, "behavior_look_again": 1}
    first, second = bci["behaviors"]
    assert (share(first), share(first, "_beside")) == (1.0, 0.0)
    assert (share(second), second["graded_beside"]) == (0.0, 1)
    assert sentence(bci) == (
        "bci-embedding: 2 of 3 replies name a behavior of the handbook, 2 different ones."
    )


def test_names_are_those_of_the_time_and_of_what_was_given(store: Store) -> None:
    book, (twice, _) = two_names(store)
    run = book.run(problems=1)
    book.edit(twice, name="behavior_renamed_since")
    book.write("written_since")
    text = "behavior_count_twice, behavior_renamed_since, behavior_written_since"
    book.answer(run, text=text)
    one = counted(store, run)["bci-embedding"]
    assert names(one) == {"behavior_count_twice": 1}
    assert set(names(one, "invented")) == {"behavior_renamed_since", "behavior_written_since"}
    elsewhere = Book(store, "elsewhere").write("from_afar")
    other = book.run(problems=1)
    book.answer(other, given=elsewhere, text="behavior_from_afar")
    assert names(counted(store, other)["bci-embedding"]) == {"behavior_from_afar": 1}


def test_the_handbook_may_be_called_otherwise_by_now(store: Store) -> None:
    book, _ = two_names(store)
    run = book.run(problems=1)
    book.answer(run, text="behavior_count_twice")
    shelf.describe(store, "book", {"slug": "another-slug"}, by="ann")
    assert names(counted(store, run)["bci-embedding"]) == {"behavior_count_twice": 1}


def test_only_the_reply_that_counts_is_read(store: Store) -> None:
    book, _ = two_names(store)
    run = book.run(problems=1)
    book.answer(run, text="behavior_look_again", finish_reason="error")
    book.answer(run, text="behavior_count_twice", attempt=2)
    one = counted(store, run)["bci-embedding"]
    assert (one["replies"], names(one)) == (1, {"behavior_count_twice": 1})


def test_a_flood_of_invented_names_is_cut_and_counted(store: Store) -> None:
    book, _ = two_names(store)
    run = book.run(problems=1)
    flood = " ".join(f"behavior_no_{at}" for at in range(MOST_INVENTED + 50))
    flood += f" behavior_{'long' * 50} behavior_{'long' * 60}"
    book.answer(run, text=flood + " behavior_count_twice")
    one = counted(store, run)["bci-embedding"]
    assert (len(one["invented"]), one["inventing"]) == (MOST_INVENTED, 1)
    assert one["invented_names"] == MOST_INVENTED + 51
    assert max(map(len, names(one, "invented"))) <= 100
    made = {**document(arms=[arm["kind"] for arm in ARMS]), "citations": [one]}
    written = "".join(section(made))
    assert "which stand in the exported JSON" in written
    assert len(written) < 20_000
