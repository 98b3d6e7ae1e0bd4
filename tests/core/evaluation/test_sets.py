"""Problem sets: kept under a name, replaced whole, in their order."""

from typing import Any

import pytest

from core.errors import BadInput, NotFound
from core.evaluation import sets
from core.evaluation.problems import NewProblem
from core.store import Store, problem_sets
from core.store.records import ProblemSet

ONE = NewProblem("What is 1 + 1?", "2", "Algebra", {"level": 1})
TWO = NewProblem("How many cases?", "3", "Counting")
THREE = NewProblem("Why?")


def keep(store: Store, *problems: NewProblem, name: str = "dev", split: str = "") -> ProblemSet:
    return sets.import_set(store, name, problems, split=split, by="ann")


def texts(store: Store, name: str = "dev") -> list[str]:
    return [problem.text for problem in sets.problems_of(store, name)]


def sizes(store: Store) -> dict[str, int]:
    with store.read() as session:
        found = problem_sets.problem_sets(session=session)
    return {one.name: number for one, number in found.items()}


def test_a_set_keeps_its_problems_in_their_order(store: Store) -> None:
    keep(store, TWO, ONE, name="before")
    made = keep(store, THREE, ONE, TWO, split="test")
    assert (made.name, made.split, made.by) == ("dev", "test", "ann")
    found = sets.problems_of(store, "dev")
    assert [(p.text, p.gold, p.topic) for p in found] == [
        ("Why?", None, ""),
        ("What is 1 + 1?", "2", "Algebra"),
        ("How many cases?", "3", "Counting"),
    ]
    assert found[1].extra == {"level": 1}
    assert texts(store, "before") == [TWO.text, ONE.text]


def test_many_keep_their_order(store: Store) -> None:
    problems = [NewProblem(f"What is {7919 * n % 2500}?") for n in range(2500)]
    keep(store, *problems[:1200][::-1], name="backwards")
    keep(store, *problems)
    assert texts(store) == [problem.text for problem in problems]


def test_sets_share_problems(store: Store) -> None:
    keep(store, ONE, TWO, name="a")
    keep(store, TWO, THREE, name="b")
    (_, in_a), (in_b, _) = (sets.problems_of(store, name) for name in "ab")
    assert in_a.id == in_b.id


def test_the_same_name_gets_other_problems(store: Store) -> None:
    first = keep(store, ONE, TWO, split="train")
    second = keep(store, THREE, split="test")
    assert (second.id, second.split) == (first.id, "test")
    assert second.digest != first.digest
    assert texts(store) == ["Why?"]
    assert sizes(store) == {"dev": 1}


def test_an_import_again_is_the_same_set(store: Store) -> None:
    first, second = keep(store, ONE, TWO), keep(store, ONE, TWO)
    assert (first.id, first.digest) == (second.id, second.digest)
    assert texts(store) == [ONE.text, TWO.text]


def test_what_an_import_would_replace_is_known_before(store: Store) -> None:
    assert sets.replaced_by(store, "dev", [ONE]) == 0
    keep(store, ONE, TWO)
    assert sets.replaced_by(store, " dev ", [THREE]) == 2
    assert sets.replaced_by(store, "dev", [ONE, TWO, ONE]) == 0
    assert sets.replaced_by(store, "other", [THREE]) == 0


def test_a_problem_that_is_repeated_is_kept_once(store: Store) -> None:
    keep(store, TWO, ONE, TWO, THREE, ONE)
    assert texts(store) == [TWO.text, ONE.text, THREE.text]


def test_one_text_with_other_answers_is_two_problems(store: Store) -> None:
    keep(store, ONE, NewProblem(ONE.text, "3", "Algebra"), NewProblem(ONE.text, "2", "Sums"))
    assert texts(store) == [ONE.text] * 3


def test_a_digest_tells_problems_and_their_order(store: Store) -> None:
    digests = [
        keep(store, *some, name=f"set {number}").digest
        for number, some in enumerate([(ONE, TWO), (TWO, ONE), (ONE,), (ONE, THREE)])
    ]
    assert len(set(digests)) == 4
    assert keep(store, ONE, TWO, name="again").digest == digests[0]


@pytest.mark.parametrize("name", ["a", "MATH-500", "AIME 2022+25", "v1.2_x", "数学", "x" * 64])
def test_good_names(store: Store, name: str) -> None:
    keep(store, ONE, name=f"  {name} ")
    assert sizes(store) == {name: 1}
    assert texts(store, name) == [ONE.text]


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "../x", "a/b", "-a", ".a", "a\nb", "a\0"])
def test_bad_names_are_refused(store: Store, name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a problem set"):
        keep(store, ONE, name=name)
    assert sizes(store) == {}


def test_an_empty_set_is_refused_and_replaces_nothing(store: Store) -> None:
    keep(store, ONE)
    with pytest.raises(BadInput, match="no problem"):
        keep(store)
    assert texts(store) == [ONE.text]


def test_sets_are_listed_by_name(store: Store) -> None:
    assert sizes(store) == {}
    keep(store, ONE, name="b")
    keep(store, ONE, TWO, name="a")
    assert list(sizes(store).items()) == [("a", 2), ("b", 1)]


def test_a_set_is_removed_and_its_problems_stay(store: Store) -> None:
    made = keep(store, ONE, TWO)
    keep(store, TWO, name="other")
    with store.write() as session:
        problem_sets.delete_set(made.id, session=session)
    assert sizes(store) == {"other": 1}
    assert texts(store, "other") == [TWO.text]
    with pytest.raises(NotFound):
        sets.problems_of(store, "dev")
    with store.read() as session:
        assert problem_sets.labelled(session=session) == [
            (ONE.text, "Algebra"),
            (TWO.text, "Counting"),
        ]
    keep(store, THREE)
    assert texts(store) == [THREE.text]


def test_a_set_that_is_not_there_names_those_that_are(store: Store) -> None:
    with pytest.raises(NotFound, match=r"'dev'.*none yet"):
        sets.problems_of(store, "dev")
    keep(store, ONE, name="train")
    with pytest.raises(NotFound, match=r"'dev'.*train"):
        sets.problems_of(store, "dev")


def test_topics_are_counted_most_first(store: Store) -> None:
    keep(store, ONE, THREE, TWO, NewProblem("More?", topic="Counting"))
    found = sets.topics_of(sets.problems_of(store, "dev"))
    assert next(iter(found.items())) == ("Counting", 2)
    assert found == {"Counting": 2, "Algebra": 1, "": 1}


def test_a_subset_is_drawn_by_its_seed_in_the_order_of_the_set(store: Store) -> None:
    keep(store, *(NewProblem(f"What is {n}?") for n in range(50)))
    found = sets.problems_of(store, "dev")
    drawn = sets.subset(found, 10, seed=3)
    assert drawn == sets.subset(found, 10, seed=3)
    assert drawn == sorted(drawn, key=found.index)
    assert len(set(map(found.index, drawn))) == 10
    assert drawn != sets.subset(found, 10, seed=4)
    assert sets.subset(found, 50) == sets.subset(found, 1000) == found
    with pytest.raises(BadInput, match="0 problems cannot be drawn"):
        sets.subset(found, 0)


def test_problems_are_counted_by_level_and_task(store: Store) -> None:
    extras: list[dict[str, Any]] = [{"level": 5, "task": "math"}, {"level": 2}, {"level": 5}, {}]
    keep(store, *(NewProblem(f"{n}?", extra=extra) for n, extra in enumerate(extras)))
    found = sets.problems_of(store, "dev")
    assert sets.levels_of(found) == {"": 1, "2": 1, "5": 2}
    assert sets.tasks_of(found) == {"": 3, "math": 1}
