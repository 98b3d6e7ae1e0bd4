"""Rows of problem sets: named, in an order, replaced as a whole."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import NotFound
from core.store import Store, problem_sets, runs

anything = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _problems(store: Store, *texts: str, topic: str = "") -> list[int]:
    with store.write() as session:
        return [runs.keep_problem(text, None, topic, {}, session=session) for text in texts]


def _put(store: Store, name: str, ids: list[int], digest: str = "d", by: str = "ann") -> int:
    with store.write() as session:
        return problem_sets.put_set(name, "test", digest, ids, by=by, session=session).id


def _texts(store: Store, set_id: int) -> list[str]:
    with store.read() as session:
        return [problem.text for problem in problem_sets.problems_of(set_id, session=session)]


@anything
@given(order=st.lists(st.integers(0, 5), max_size=8))
def test_problems_come_in_the_order_of_the_set(store: Store, order: list[int]) -> None:
    """Also one that is in it twice."""
    ids = _problems(store, *"abcdef")
    number = _put(store, "mixed", [ids[at] for at in order])
    assert _texts(store, number) == ["abcdef"[at] for at in order]


def test_a_set_of_the_same_name_is_replaced(store: Store) -> None:
    a, b, c = _problems(store, *"abc")
    number = _put(store, "mine", [c, a, b], "first")
    other = _put(store, "other", [b])
    assert _put(store, "mine", [b, c], "second", by="bob") == number
    assert _texts(store, number) == ["b", "c"]
    assert _texts(store, other) == ["b"]
    with store.read() as session:
        found = problem_sets.problem_set("mine", session=session)
        sizes = {one.name: size for one, size in problem_sets.problem_sets(session=session).items()}
    assert (found.digest, found.by, found.split) == ("second", "bob", "test")
    assert sizes == {"mine": 2, "other": 1}


def test_sets_are_listed_by_name_also_empty_ones(store: Store) -> None:
    ids = _problems(store, *"ab")
    for name, members in (("z", ids), ("a", []), ("m", ids[:1])):
        _put(store, name, members)
    with store.read() as session:
        found = problem_sets.problem_sets(session=session)
    assert [(one.name, size) for one, size in found.items()] == [("a", 0), ("m", 1), ("z", 2)]


def test_a_set_that_is_not_there_is_told_with_those_there_are(store: Store) -> None:
    with store.read() as session, pytest.raises(NotFound) as told:
        problem_sets.problem_set("math", session=session)
    assert str(told.value) == "There is no problem set 'math'. There are: none yet."
    for name in ("gsm8k", "aime"):
        _put(store, name, [])
    with store.read() as session, pytest.raises(NotFound, match="gsm8k") as told:
        problem_sets.problem_set("math", session=session)
    assert "aime" in str(told.value)


def test_a_deleted_set_leaves_its_problems(store: Store) -> None:
    ids = _problems(store, *"ab")
    number, other = _put(store, "mine", ids), _put(store, "other", ids)
    with store.write() as session:
        problem_sets.delete_set(number, session=session)
        problem_sets.delete_set(999, session=session)
    assert (_texts(store, number), _texts(store, other)) == ([], ["a", "b"])
    with store.read() as session:
        assert set(runs.problems(ids, session=session)) == set(ids)
        assert [one.name for one in problem_sets.problem_sets(session=session)] == ["other"]


def test_a_set_that_fails_half_way_stays_as_it_was(store: Store) -> None:
    ids = _problems(store, *"ab")
    number = _put(store, "mine", ids)
    with pytest.raises(ZeroDivisionError), store.write() as session:
        problem_sets.put_set("mine", "test", "new", ids[:1], by="bob", session=session)
        raise ZeroDivisionError
    assert _texts(store, number) == ["a", "b"]


def test_texts_are_those_with_a_topic_or_in_a_set(store: Store) -> None:
    in_a_set, _in_none = _problems(store, "in a set", "in none")
    (labelled,) = _problems(store, "labelled", topic="Algebra")
    _problems(store, "labelled", topic="Geometry")
    _put(store, "mine", [in_a_set, labelled])
    with store.read() as session:
        assert sorted(problem_sets.texts(session=session)) == ["in a set", "labelled"]
        assert problem_sets.labelled(session=session) == [("labelled", "Algebra")]


def test_the_stamp_grows_with_every_problem(store: Store) -> None:
    def stamp() -> int:
        with store.read() as session:
            return problem_sets.labelled_stamp(session=session)

    assert stamp() == 0
    _problems(store, "a")
    before = stamp()
    _problems(store, "a")
    assert stamp() == before
    _problems(store, "b", topic="Algebra")
    assert stamp() > before
