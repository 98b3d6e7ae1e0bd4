"""Two states on one map: what is the same, what differs, and how it stands there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.handbook import curation, merging, shelf, versions
from core.handbook.curation import Draft
from core.handbook.diff import WORDING
from core.handbook.versions import State, accepted, state
from core.map.comparing import Shown, shown
from core.store import Store
from core.store.records import Behavior
from tests.core.handbook.curators import Action, Curator, actions, memory_store

Told = set[tuple[str, int, str]]


def _told(found: list[Shown]) -> Told:
    """(name, half, kind) of each."""
    return {(one.behavior.name.removeprefix("behavior_"), one.half, one.kind) for one in found}


def _write(store: Store, book_id: int, name: str, text: str = "") -> Behavior:
    draft = Draft(f"behavior_{name}", text or f"Do {name}.")
    return curation.write(store, book_id, draft, by="ann")


def _states(store: Store) -> tuple[State, State]:
    """A handbook before and after: one reworded, one retopiced, one gone, one merged, one new."""
    book = shelf.create(store, "book", by="ann")
    names = ("same", "reworded", "retopiced", "gone", "inner", "outer")
    some = {name: _write(store, book.id, name) for name in names}
    before = state(store, "book")
    text = {"instruction": "Do it in other words."}
    curation.edit(store, some["reworded"].id, text, version=1, by="ann")
    curation.edit(store, some["retopiced"].id, {"topic": "Other"}, version=1, by="ann")
    curation.reject(store, some["gone"].id, version=1, by="ann")
    seen = {some["inner"].id: 1, some["outer"].id: 1}
    merging.merge(store, seen, into=some["outer"].id, text={}, by="ann")
    _write(store, book.id, "new")
    return before, state(store, "book")


SECOND: Told = {
    ("same", 1, "same"),
    ("retopiced", 1, "same"),
    ("outer", 1, "same"),
    ("reworded", 1, "reworded"),
    ("new", 1, "only in the second"),
}
DIFFERING: Told = {
    ("reworded", 0, "reworded"),
    ("gone", 0, "only in the first"),
    ("inner", 0, "only in the first"),
}


def test_over_each_other_what_is_the_same_stands_once(store: Store) -> None:
    assert _told(shown(*_states(store), beside=False)) == SECOND | DIFFERING


def test_beside_each_other_both_are_whole(store: Store) -> None:
    first, second = _states(store)
    found = shown(first, second, beside=True)
    whole: Told = {(name, 0, "same") for name in ("same", "retopiced", "outer")}
    assert _told(found) == SECOND | DIFFERING | whole
    assert len(found) == len(accepted(first)) + len(accepted(second))


def test_each_half_shows_the_words_of_its_state(store: Store) -> None:
    found = shown(*_states(store), beside=False)
    texts = {one.half: one.behavior.instruction for one in found if one.kind == "reworded"}
    assert texts == {0: "Do reworded.", 1: "Do it in other words."}
    topics = [one.behavior.topic for one in found if one.behavior.name == "behavior_retopiced"]
    assert topics == ["Other"]


def test_the_other_way_round_what_was_new_is_gone(store: Store) -> None:
    first, second = _states(store)
    told = _told(shown(second, first, beside=False))
    assert ("new", 0, "only in the first") in told
    assert ("gone", 1, "only in the second") in told
    assert ("inner", 1, "only in the second") in told


def test_a_state_and_itself_are_the_same(store: Store) -> None:
    _before, now = _states(store)
    assert {kind for _name, _half, kind in _told(shown(now, now, beside=True))} == {"same"}
    assert len(shown(now, now, beside=False)) == len(accepted(now))


def test_two_handbooks_are_matched_by_name_then_by_words(store: Store) -> None:
    one, two = (shelf.create(store, slug, by="ann") for slug in ("one", "two"))
    for book, texts in (
        (one, {"both": "Do both.", "worded": "As one.", "old_name": "Do this.", "mine": "Mine."}),
        (two, {"both": "Do both.", "worded": "As two.", "new_name": "Do this.", "theirs": "Else."}),
    ):
        for name, text in texts.items():
            _write(store, book.id, name, text)
    assert _told(shown(state(store, "one"), state(store, "two"), beside=False)) == {
        ("both", 1, "same"),
        ("worded", 0, "reworded"),
        ("worded", 1, "reworded"),
        ("old_name", 0, "reworded"),
        ("new_name", 1, "reworded"),
        ("mine", 0, "only in the first"),
        ("theirs", 1, "only in the second"),
    }


def test_empty_states(store: Store) -> None:
    shelf.create(store, "empty", by="ann")
    empty = state(store, "empty")
    _before, now = _states(store)
    assert shown(empty, empty, beside=True) == []
    assert {one.kind for one in shown(empty, now, beside=False)} == {"only in the second"}
    assert {one.kind for one in shown(now, empty, beside=False)} == {"only in the first"}


@given(day=actions("undo"), beside=st.booleans())
@settings(max_examples=25)
def test_whatever_was_done_each_accepted_one_stands_there(day: list[Action], beside: bool) -> None:
    with memory_store() as store:
        curator = Curator(store)
        curator.start()
        first = state(store, "book")
        for action in day:
            if action.kind == "undo":
                curator.undo()
            elif action.kind != "move":
                curator.act(action)
        second = versions.state(store, curator.slug)
    found = shown(first, second, beside=beside)
    halves = {half: {o.behavior.id: o for o in found if o.half == half} for half in (0, 1)}
    old = {one.id: one for one in accepted(first)}
    new = {one.id: one for one in accepted(second)}
    assert set(halves[1]) == set(new)
    assert set(halves[0]) == {n for n in old if beside or n not in new or _differ(old[n], new[n])}
    assert len(found) == sum(map(len, halves.values()))
    for half, others in ((0, new), (1, old)):
        for number, one in halves[half].items():
            if number not in others:
                assert one.kind == f"only in the {('first', 'second')[half]}"
            else:
                differ = _differ(old[number], new[number])
                assert one.kind == ("reworded" if differ else "same")


def _differ(one: Behavior, other: Behavior) -> bool:
    return any((getattr(one, name) or None) != (getattr(other, name) or None) for name in WORDING)
