"""States of the past: found again to the byte, named, exported and gone back to."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, Conflict, NotFound
from core.handbook import checking, curation, files, merging, shelf, undo, versions
from core.handbook.curation import Draft
from core.handbook.versions import State
from core.store import Store, history
from core.store.records import Behavior
from tests.core.handbook.curators import FIELDS, Action, Curator, Seen, actions, memory_store

DAYS = hypothesis.settings(max_examples=15, suppress_health_check=list(hypothesis.HealthCheck))


def _exported(state: State) -> dict[str, str]:
    return files.contents("folder", versions.handbook_of(state), versions.accepted(state))


def _fields(state: State) -> dict[int, dict[str, object]]:
    return {
        number: {name: getattr(behavior, name) for name in FIELDS}
        for number, behavior in state.behaviors.items()
    }


def _work(curator: Curator, day: list[Action]) -> dict[int, Seen]:
    """Step number -> how the handbook looked after it."""
    curator.start()
    looks = {curator.number(): curator.look()}
    for action in day:
        if action.kind not in ("undo", "redo"):
            curator.act(action)
        else:
            try:
                getattr(curator, action.kind)()
            except (BadInput, Conflict):
                pass
        looks[curator.number()] = curator.look()
    return looks


@DAYS
@given(actions("undo", "redo"))
def test_every_moment_is_found_again(day: list[Action]) -> None:
    with memory_store() as store:
        ann = Curator(store)
        for number, look in _work(ann, day).items():
            found = versions.state(store, ann.slug, number)
            assert _exported(found) == look.export
            assert _fields(found) == look.behaviors
        assert versions.state(store, ann.slug, 0).behaviors == {}
        assert versions.state(store, ann.slug) == versions.state(store, ann.slug, ann.number())


@DAYS
@given(actions("undo", "redo"), st.data())
def test_any_moment_is_restored_and_one_undo_brings_the_present_back(
    day: list[Action], data: st.DataObject
) -> None:
    with memory_store() as store:
        ann = Curator(store)
        looks = _work(ann, day)
        number = data.draw(st.sampled_from(sorted(looks)))
        then, present = looks[number], ann.look()
        step = versions.restore(store, ann.slug, str(number), by="bob")
        restored = ann.look()
        assert restored.export == then.export
        assert step or present.export == then.export
        assert checking.check(store, ann.slug) == []
        for behavior_id, was in present.behaviors.items():
            old = then.behaviors.get(behavior_id, {"status": "withdrawn"})
            if was["status"] == "accepted" != old["status"]:
                assert restored.behaviors[behavior_id]["status"] == old["status"]
            elif "accepted" not in (was["status"], old["status"]):
                assert restored.behaviors[behavior_id] == was
        if step:
            assert (step.kind, step.by) == ("restore", "bob")
            undo.undo(store, ann.id, by="bob")
            assert ann.look() == present
            undo.redo(store, ann.id, by="bob")
            assert ann.look() == restored


# With a small handbook


@pytest.fixture
def book(store: Store) -> Curator:
    """Three accepted behaviors at step 3, the first of them reworded at step 4."""
    ann = Curator(store)
    made = [
        curation.write(store, ann.id, Draft(f"behavior_{name}", f"Do {name}."), by="ann")
        for name in "abc"
    ]
    changes = {"instruction": "Do a twice."}
    curation.edit(store, made[0].id, changes, version=1, by="ann")
    return ann


def _named(store: Store, name: str) -> Behavior:
    return next(b for b in versions.state(store, "book").behaviors.values() if b.name == name)


def test_a_state_is_named_and_exported(store: Store, book: Curator, tmp_path: Path) -> None:
    named = versions.name_version(store, "book", " before the talk ", step=3, by="ann", why="Talk.")
    assert (named.name, named.step, named.why, named.by) == ("before the talk", 3, "Talk.", "ann")
    assert versions.name_version(store, "book", "v2", by="bob").step == 4
    assert [version.name for version in versions.versions(store, "book")] == [
        "v2",
        "before the talk",
    ]
    assert versions.step_of(store, "book", "before the talk") == 3
    assert versions.step_of(store, "book", "2") == 2
    old = versions.state(store, "book", 3)
    assert versions.write(old, tmp_path / "old.json") == 3
    shelf.export(store, "book", tmp_path / "new.json")
    assert "Do a." in (tmp_path / "old.json").read_text()
    assert "Do a twice." in (tmp_path / "new.json").read_text()


@pytest.mark.parametrize("name", ["", "  ", "17", "٣", "a\nb", "x" * 65, "\ud800", "9" * 5000])
def test_a_bad_name_is_refused(name: str, store: Store, book: Curator) -> None:
    with pytest.raises(BadInput, match="cannot name a version"):
        versions.name_version(store, "book", name, by="ann")
    assert versions.versions(store, "book") == []


def test_a_name_is_given_once_in_a_handbook(store: Store, book: Curator) -> None:
    versions.name_version(store, "book", "x" * 64, step=2, by="ann")
    with pytest.raises(Conflict, match=r"already \(step 2\)"):
        versions.name_version(store, "book", "x" * 64, by="bob")
    shelf.create(store, "other", by="ann")
    assert versions.name_version(store, "other", "x" * 64, by="bob").step == 0


@pytest.mark.parametrize("as_of", ["v9", "5", "-1", "", "9" * 5000, "1.0"])
def test_what_is_no_version_is_answered_with_what_there_is(
    as_of: str, store: Store, book: Curator
) -> None:
    versions.name_version(store, "book", "spring", by="ann")
    with pytest.raises(NotFound, match=r"spring.*0 to 4|Its steps are 0 to 4"):
        versions.step_of(store, "book", as_of)
    with pytest.raises(NotFound):
        versions.restore(store, "book", as_of, by="ann")
    assert book.number() == 4


def test_a_state_that_is_not_there(store: Store, book: Curator) -> None:
    for number in (-1, 5):
        with pytest.raises(NotFound, match=f"book has no step {number}. Its steps are 0 to 4"):
            versions.state(store, "book", number)
        with pytest.raises(NotFound):
            versions.name_version(store, "book", "new", step=number, by="ann")
    with pytest.raises(NotFound, match="There are: book"):
        versions.state(store, "nobodys")


def test_restoring_the_present_changes_nothing(store: Store, book: Curator) -> None:
    assert versions.restore(store, "book", "4", by="ann") is None
    assert book.number() == 4


def test_a_restore_forgets_no_rejection(store: Store, book: Curator) -> None:
    proposal = Draft("behavior_x", "Do x.")
    with store.write() as session:
        (made,) = curation.propose(book.id, [proposal], by="a-model", session=session)
    curation.reject(store, made.id, version=1, by="ann", why="wrong")
    late = curation.write(store, book.id, Draft("behavior_late", "Do late."), by="ann")
    step = versions.restore(store, "book", "5", by="bob", why="The talk.")
    assert step
    assert step.why == "as of 5: The talk."
    statuses = {b.name: b.status for b in versions.state(store, "book").behaviors.values()}
    assert (statuses["behavior_x"], statuses["behavior_late"]) == ("rejected", "withdrawn")
    assert curation.look_up(store, late.id).by == "bob"


def test_names_given_away_since_are_given_back(store: Store, book: Curator) -> None:
    a, b = _named(store, "behavior_a"), _named(store, "behavior_b")
    edits = {a.id: (a.version, {"name": b.name}), b.id: (b.version, {"name": a.name})}
    curation.edit_many(store, book.id, edits, by="ann")
    curation.reject(store, a.id, version=a.version + 1, by="ann")
    curation.write(store, book.id, Draft("behavior_b", "Another b."), by="ann")
    versions.restore(store, "book", "4", by="ann")
    texts = {b.name: b.instruction for b in versions.accepted(versions.state(store, "book"))}
    assert texts == {
        "behavior_a": "Do a twice.",
        "behavior_b": "Do b.",
        "behavior_c": "Do c.",
    }


def test_merges_are_restored_without_a_circle(store: Store, book: Curator) -> None:
    """Then: c in b, which was rejected. Now: c accepted, and b merged into it."""
    b, c = _named(store, "behavior_b"), _named(store, "behavior_c")
    merging.merge(store, {b.id: 1, c.id: 1}, into=b.id, text={}, by="ann")
    b = curation.look_up(store, b.id)
    curation.reject(store, b.id, version=b.version, by="ann")
    then, number = book.look(), book.number()
    merging.split(store, [c.id], by="ann")
    seen = {
        b.id: curation.look_up(store, b.id).version,
        c.id: curation.look_up(store, c.id).version,
    }
    merging.merge(store, seen, into=c.id, text={}, by="ann")
    present = book.look()
    versions.restore(store, "book", str(number), by="ann")
    assert checking.check(store, "book") == []
    assert book.look().export == then.export
    undo.undo(store, book.id, by="ann")
    assert book.look() == present


def test_the_head_is_restored_but_not_the_place_on_the_shelf(store: Store, book: Curator) -> None:
    shelf.describe(store, "book", {"title": "New", "authors": ["Eve"], "slug": "novel"}, by="ann")
    shelf.archive(store, "novel", by="ann")
    step = versions.restore(store, "novel", "4", by="ann")
    assert step
    assert step.size == 1
    handbook = shelf.find(store, "novel")
    assert (handbook.title, handbook.authors, handbook.archived) == ("Book", ["ann"], True)
    with store.read() as session:
        (operation,) = history.operations([step.id], session=session)[step.id]
    assert operation.before == {"title": "New", "authors": ["Eve"]}
