"""Filters: what is asked for is found, counted and paged the same way, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.handbook.steps import add_in_step
from core.store import Store, filters
from core.store.filters import UNMARKED, Filter
from core.store.records import Behavior, now
from tests.core.samples import add_handbook

STATUSES = ("proposed", "accepted", "rejected", "merged", "withdrawn")
MARKS = ("leak", "trivial", "near-copy")
TAGS = ("a", 'x"a"y', "50%", "b_c", "ü")
anywhere = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
counter = iter(range(10_000))

new = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "topic": st.sampled_from(["", "Algebra", "Zahlen & Ähnliches"]),
        "source_model": st.sampled_from(["", "one", "two"]),
        "source_correct": st.sampled_from([True, False, None]),
        "marks": st.dictionaries(st.sampled_from(MARKS), st.sampled_from(['says "leak": so', "x"])),
        "tags": st.lists(st.sampled_from(TAGS), unique=True, max_size=3),
        "instruction": st.sampled_from(["Count the Ärger.", "Halve 50% first.", "Do b_c at once."]),
    }
)
wanted = st.fixed_dictionaries(
    {},
    optional={
        "statuses": st.lists(st.sampled_from(STATUSES), unique=True).map(tuple),
        "topics": st.lists(st.sampled_from(["", "Algebra"]), unique=True).map(tuple),
        "models": st.lists(st.sampled_from(["", "one"]), unique=True).map(tuple),
        "sources": st.lists(st.sampled_from(list(filters.SOURCES)), unique=True).map(tuple),
        "marks": st.lists(st.sampled_from([*MARKS, UNMARKED]), unique=True).map(tuple),
        "tags": st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
        "words": st.lists(st.sampled_from(["arger", "50", "b", "nothing"]), unique=True).map(tuple),
        "order": st.sampled_from(list(filters.ORDERS)),
    },
)


def _fill(store: Store, news: list[dict[str, Any]]) -> int:
    with store.write() as session:
        book = add_handbook(session, f"book-{next(counter)}")
        named = [{**fields, "name": f"behavior_n{n}"} for n, fields in enumerate(news)]
        add_in_step(book.id, "import", named, by="tester", session=session)
    return book.id


def _asked_for(behavior: Behavior, ask: dict[str, Any]) -> bool:
    """The same question, put to a record."""
    words = "arger" if "Ä" in behavior.instruction else behavior.instruction.lower()
    topic = "ahnliches" if "Ä" in behavior.topic else behavior.topic
    text = f"{words} {topic} {behavior.name} {' '.join(behavior.tags)}"
    right = {True: "right", False: "wrong", None: "unknown"}[behavior.source_correct]
    marks = set(behavior.marks) or {UNMARKED}
    return (
        (
            behavior.status in ask["statuses"]
            if ask.get("statuses")
            else behavior.status != "withdrawn"
        )
        and (not ask.get("topics") or behavior.topic in ask["topics"])
        and (not ask.get("models") or behavior.source_model in ask["models"])
        and (not ask.get("sources") or right in ask["sources"])
        and (not ask.get("marks") or bool(marks & set(ask["marks"])))
        and (not ask.get("tags") or bool(set(behavior.tags) & set(ask["tags"])))
        and all(word in text for word in ask.get("words", ()))
    )


@anywhere
@given(news=st.lists(new, max_size=12), ask=wanted)
def test_a_filter_finds_what_it_asks_for(
    store: Store, news: list[dict[str, Any]], ask: dict[str, Any]
) -> None:
    book = _fill(store, news)
    chosen = Filter(book, **ask)
    with store.read() as session:
        everything = filters.page(Filter(book, statuses=STATUSES), 0, 100, session=session)
        found = filters.page(chosen, 0, 100, session=session)
        ids = filters.ids(chosen, session=session)
        assert filters.count(chosen, session=session) == len(ids)
        assert filters.versions(chosen, session=session) == dict.fromkeys(ids, 1)
        pages = [filters.page(chosen, at, 2, session=session) for at in range(0, len(ids), 2)]
    assert [behavior.id for behavior in found] == ids
    assert [behavior for page in pages for behavior in page] == found
    assert {b.id for b in everything if _asked_for(b, ask)} == set(ids)


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("oldest", lambda b: b.id),
        ("newest", lambda b: -b.id),
        ("name", lambda b: (b.name, b.id)),
        ("topic", lambda b: (b.topic, b.name, b.id)),
    ],
)
def test_the_order(store: Store, order: Any, key: Any) -> None:
    book = _fill(
        store,
        [
            {"status": "accepted", "topic": topic, "instruction": "Do it."}
            for topic in ("B", "A", "", "B")
        ],
    )
    with store.read() as session:
        found = filters.page(Filter(book, order=order), 0, 10, session=session)
    assert found == sorted(found, key=key)
    assert len(found) == 4


def test_only_what_came_since(store: Store) -> None:
    book = _fill(store, [{"status": "proposed", "instruction": "Do it."}])
    later, earlier = now() + timedelta(minutes=1), now() - timedelta(minutes=1)
    with store.read() as session:
        assert filters.count(Filter(book, since=earlier), session=session) == 1
        assert filters.count(Filter(book, since=later), session=session) == 0


def test_ids_narrow_and_none_of_them_finds_nothing(store: Store) -> None:
    book = _fill(store, [{"status": "proposed", "instruction": "Do it."}] * 3)
    with store.read() as session:
        first, _, third = filters.ids(Filter(book), session=session)
        assert filters.ids(Filter(book, ids=(third, first)), session=session) == [first, third]
        assert filters.ids(Filter(book, ids=()), session=session) == []
        many = tuple(range(first, first + 50_000))
        assert filters.count(Filter(book, ids=many), session=session) == 3


def test_choices_and_tags_of_one_handbook(store: Store) -> None:
    shared = {"instruction": "Do it.", "source_model": "one"}
    book = _fill(
        store,
        [
            {**shared, "status": "proposed", "topic": "A", "tags": ["x", "y"]},
            {**shared, "status": "accepted", "topic": "A", "tags": ["y"]},
            {**shared, "status": "accepted", "topic": "B"},
        ],
    )
    _fill(store, [{**shared, "status": "accepted", "topic": "C", "tags": ["z"]}])
    with store.read() as session:
        assert filters.choices(book, "topic", session=session) == {"A": 2, "B": 1}
        accepted = filters.choices(book, "topic", session=session, statuses=("accepted",))
        assert accepted == {"A": 1, "B": 1}
        assert filters.tags(book, session=session) == ["x", "y"]


def test_the_stamp_changes_with_the_handbook_only(store: Store) -> None:
    book = _fill(store, [{"status": "proposed", "instruction": "Do it."}])
    with store.read() as session:
        before = filters.stamp(book, session=session)
    other = _fill(store, [{"status": "proposed", "instruction": "Do it."}])
    with store.read() as session:
        assert (
            filters.stamp(book, session=session) == before != filters.stamp(other, session=session)
        )
    with store.write() as session:
        news = [{"name": "behavior_late", "instruction": "Do it.", "status": "proposed"}]
        add_in_step(book, "import", news, by="tester", session=session)
    with store.read() as session:
        assert filters.stamp(book, session=session) != before
