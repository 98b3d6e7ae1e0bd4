"""Undo and redo: any day's work is taken back and done again, to the byte."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import given

from core.errors import BadInput, Conflict, NotFound
from core.handbook import checking, curation, files, importing, shelf, undo
from core.handbook.curation import Draft
from core.store import Store, history
from core.store.records import Behavior, Step
from tests.core.handbook.curators import Action, Curator, actions, memory_store

DAYS = hypothesis.settings(max_examples=25, suppress_health_check=list(hypothesis.HealthCheck))


@DAYS
@given(actions())
def test_a_days_work_is_undone_and_done_again_to_the_byte(day: list[Action]) -> None:
    with memory_store() as store:
        ann = Curator(store, by="bob")
        ann.start()
        ann.by = "ann"
        looks = [ann.look()]
        for action in day:
            if ann.act(action):
                looks.append(ann.look())
            else:  # proposals may have come
                looks[-1] = ann.look()
        assert checking.check(store, ann.slug) == []
        last = looks[-1]
        for before in reversed(looks[:-1]):
            ann.undo()
            assert ann.look() == ann.back_at(before)
        with pytest.raises(BadInput, match="nothing of ann to undo"):
            ann.undo()
        for after in looks[1:]:
            ann.redo()
            assert ann.look() == ann.back_at(after)
        assert ann.look() == last
        with pytest.raises(BadInput, match="nothing that ann undid last"):
            ann.redo()
        assert checking.check(store, ann.slug) == []


@DAYS
@given(actions("undo", "undo", "undo", "redo", "redo"))
def test_undo_and_redo_may_come_at_any_time(day: list[Action]) -> None:
    """Against a model: a stack of moments to go back to, and one of moments to come again."""
    with memory_store() as store:
        ann = Curator(store, by="bob")
        ann.start()
        ann.by = "ann"
        back, again = [ann.look()], []
        for action in day:
            if action.kind == "undo":
                if len(back) > 1:
                    ann.undo()
                    again.append(back.pop())
            elif action.kind == "redo":
                if again:
                    ann.redo()
                    back.append(again.pop())
            elif ann.act(action):
                back.append(ann.look())
                again = []
            else:
                back[-1] = ann.look()
            assert ann.look() == ann.back_at(back[-1])
        assert checking.check(store, ann.slug) == []


# With a small handbook


@pytest.fixture
def ann(store: Store) -> Curator:
    return Curator(store)


def _propose(ann: Curator, *names: str) -> list[Behavior]:
    drafts = [Draft(f"behavior_{name}", f"Do {name}.") for name in names]
    with ann.store.write() as session:
        return curation.propose(ann.id, drafts, by="a-model", session=session)


def _step(ann: Curator, number: int) -> Step:
    with ann.store.read() as session:
        return history.step(ann.id, number, session=session)


def _refused(ann: Curator, number: int | None, sentence: str, by: str = "ann") -> None:
    """An undo that is refused with this sentence, and writes nothing."""
    before, last = ann.look(), ann.number()
    with pytest.raises(Conflict, match=sentence):
        if number is None:
            undo.undo(ann.store, ann.id, by=by)
        else:
            undo.undo_step(ann.store, ann.id, number, by=by)
    assert (ann.look(), ann.number()) == (before, last)


def test_500_rejected_at_once_come_back_with_one_undo(ann: Curator, tmp_path: Path) -> None:
    made = _propose(ann, *(f"x{index}" for index in range(500)))
    for one in made[::2]:
        curation.accept(ann.store, one.id, version=1, by="bob")
    before = ann.look()
    seen = {one.id: one.version for one in ann.all()}
    done = curation.decide_many(ann.store, ann.id, "reject", seen, by="ann", why="no")
    assert (len(done.changed), done.left) == (500, {})
    assert {one.status for one in ann.all()} == {"rejected"}
    assert undo.undo(ann.store, ann.id, by="ann").size == 500
    assert ann.look() == before
    assert len(before.export[files.ROWS_FILE].splitlines()) == 250
    undo.redo(ann.store, ann.id, by="ann")
    assert {one.status for one in ann.all()} == {"rejected"}


def test_sixty_steps_are_undone_and_done_again(ann: Curator) -> None:
    (one,) = _propose(ann, "a")
    for version in range(1, 61):
        curation.edit(ann.store, one.id, {"topic": str(version)}, version=version, by="ann")
    for _ in range(60):
        undo.undo(ann.store, ann.id, by="ann")
    assert curation.look_up(ann.store, one.id).topic == ""
    for _ in range(60):
        undo.redo(ann.store, ann.id, by="ann")
    assert curation.look_up(ann.store, one.id).topic == "60"


def test_undo_never_crosses_to_another_curators_steps(ann: Curator) -> None:
    a, b = _propose(ann, "a", "b")
    curation.accept(ann.store, a.id, version=1, by="ann")
    curation.accept(ann.store, b.id, version=1, by="bob")
    assert undo.undo(ann.store, ann.id, by="ann").number == 2
    with pytest.raises(BadInput, match="nothing of ann to undo in this handbook"):
        undo.undo(ann.store, ann.id, by="ann")
    with pytest.raises(BadInput, match="nothing of a-model to undo"):
        undo.undo(ann.store, ann.id, by="a-model")
    with pytest.raises(BadInput, match="nothing that bob undid last"):
        undo.redo(ann.store, ann.id, by="bob")
    statuses = [curation.look_up(ann.store, one.id).status for one in (a, b)]
    assert statuses == ["proposed", "accepted"]
    with pytest.raises(BadInput, match=r"nothing of eve to undo\."):
        undo.undo(ann.store, None, by="eve")


def test_after_something_new_there_is_nothing_to_redo(ann: Curator) -> None:
    a, b = _propose(ann, "a", "b")
    curation.accept(ann.store, a.id, version=1, by="ann")
    undo.undo(ann.store, ann.id, by="ann")
    curation.reject(ann.store, b.id, version=1, by="ann")
    with pytest.raises(BadInput, match="nothing that ann undid last"):
        undo.redo(ann.store, ann.id, by="ann")


def test_an_older_step_is_undone_where_nothing_it_touched_changed(ann: Curator) -> None:
    a, b = _propose(ann, "a", "b")
    curation.decide_many(ann.store, ann.id, "tag", {a.id: 1, b.id: 1}, by="ann", tags=["x"])
    curation.accept(ann.store, a.id, version=2, by="bob")
    curation.edit(ann.store, b.id, {"instruction": "Do b well."}, version=2, by="bob")
    reverse = undo.undo_step(ann.store, ann.id, 2, by="eve", why="No tags.")
    assert (reverse.kind, reverse.undoes, reverse.by, reverse.why) == ("undo", 2, "eve", "No tags.")
    a, b = (curation.look_up(ann.store, one.id) for one in (a, b))
    assert (a.status, a.tags, b.instruction, b.tags) == ("accepted", [], "Do b well.", [])
    with pytest.raises(BadInput, match=r"Step 2 \(tag\) was undone already"):
        undo.undo_step(ann.store, ann.id, 2, by="eve")
    with pytest.raises(NotFound, match="no step 99"):
        undo.undo_step(ann.store, ann.id, 99, by="eve")


def test_an_older_step_is_refused_where_something_did(ann: Curator) -> None:
    a, b = _propose(ann, "a", "b")
    curation.decide_many(ann.store, ann.id, "accept", {a.id: 1, b.id: 1}, by="ann")
    curation.reject(ann.store, b.id, version=2, by="bob")
    sentence = "bob has changed the status of behavior_b since. Undo that first, or edit it"
    _refused(ann, 2, sentence)
    _refused(ann, None, sentence)
    curation.reopen(ann.store, b.id, version=3, by="bob")
    curation.accept(ann.store, b.id, version=4, by="bob")
    undo.undo(ann.store, ann.id, by="ann")
    assert {one.status for one in ann.all()} == {"proposed"}


def test_a_name_that_is_taken_meanwhile_stops_the_undo(ann: Curator) -> None:
    made = curation.write(ann.store, ann.id, Draft("behavior_a", "Do a."), by="ann")
    curation.reject(ann.store, made.id, version=1, by="ann")
    curation.write(ann.store, ann.id, Draft("behavior_a", "Do a anew."), by="bob")
    _refused(ann, None, r"accepted behavior called behavior_a already \(number 2\)")


def test_the_handbooks_own_fields_are_taken_back(ann: Curator) -> None:
    store = ann.store
    shelf.describe(store, "book", {"title": "One", "slug": "one"}, by="ann")
    shelf.describe(store, "one", {"title": "Two"}, by="bob")
    _refused(ann, 1, "the title of the handbook was changed since. Undo that first")
    undo.undo(store, ann.id, by="bob")
    shelf.create(store, "book", by="bob")
    _refused(ann, 1, "'book' is another handbook now")
    shelf.describe(store, "book", {"slug": "elsewhere"}, by="bob")
    undo.undo(store, ann.id, by="ann")
    assert (ann.book.slug, ann.book.title) == ("book", "Book")
    undo.redo(store, ann.id, by="ann")
    assert (ann.book.slug, ann.book.title) == ("one", "One")
    shelf.archive(store, "one", by="ann")
    undo.undo(store, ann.id, by="ann")
    assert not ann.book.archived


def test_an_arrival_of_proposals_is_undone_by_its_number_only(ann: Curator) -> None:
    (one,) = _propose(ann, "a")
    curation.edit(ann.store, one.id, {"topic": "Sums"}, version=1, by="ann")
    _refused(ann, 1, "ann has changed the topic of behavior_a since")
    undo.undo(ann.store, ann.id, by="ann")
    withdrawing = undo.undo_step(ann.store, ann.id, 1, by="ann")
    gone = curation.look_up(ann.store, one.id)
    assert gone.status == "withdrawn"
    for act in (curation.accept, curation.reject, curation.reopen):
        with pytest.raises(Conflict, match="was undone"):
            act(ann.store, one.id, version=gone.version, by="ann")
    with pytest.raises(Conflict, match="was undone"):
        curation.edit(ann.store, one.id, {"topic": "x"}, version=gone.version, by="ann")
    undo.undo_step(ann.store, ann.id, withdrawing.number, by="bob")
    assert curation.look_up(ann.store, one.id).status == "proposed"


def test_undoing_a_redo_undoes_what_was_done_again(ann: Curator) -> None:
    (one,) = _propose(ann, "a")
    curation.accept(ann.store, one.id, version=1, by="ann")
    undo.undo(ann.store, ann.id, by="ann")
    undo.redo(ann.store, ann.id, by="ann")
    undo.undo_step(ann.store, ann.id, 4, by="ann")
    assert curation.look_up(ann.store, one.id).status == "proposed"
    assert _step(ann, 2).undone
    undo.redo(ann.store, ann.id, by="ann")
    assert curation.look_up(ann.store, one.id).status == "accepted"
    undo.undo(ann.store, ann.id, by="ann")
    with pytest.raises(BadInput, match="nothing of ann"):
        undo.undo(ann.store, ann.id, by="ann")
    assert checking.check(ann.store, "book") == []


# Imports


def _import(store: Store, slug: str = "new", **texts: str) -> importing.Imported:
    rows = [files.Row(name=f"behavior_{name}", instruction=text) for name, text in texts.items()]
    read = files.HandbookFile(files.Head(), rows, [])
    return importing.import_read(
        store, slug, read, by="ann", why="some.jsonl", replace=["behavior_a"]
    )


def test_an_import_is_withdrawn_and_brought_back(store: Store) -> None:
    done = _import(store, a="Do a.", b="Do b.")
    exported = shelf.behaviors(store, done.handbook)
    undo.undo(store, done.handbook.id, by="ann")
    assert shelf.behaviors(store, done.handbook) == []
    undo.redo(store, done.handbook.id, by="ann")
    again = shelf.behaviors(store, done.handbook)
    assert [(b.id, b.name, b.instruction) for b in again] == [
        (b.id, b.name, b.instruction) for b in exported
    ]


def test_an_undone_import_may_come_again(store: Store) -> None:
    book = _import(store, a="Do a.", b="Do b.").handbook
    undo.undo(store, book.id, by="ann")
    again = _import(store, a="Do a.", b="Do b.")
    assert again.added == ["behavior_a", "behavior_b"]
    with pytest.raises(Conflict, match="already"):
        undo.undo_step(store, book.id, 2, by="ann")
    undo.undo(store, book.id, by="ann")
    undo.undo_step(store, book.id, 2, by="ann")
    assert [b.id for b in shelf.behaviors(store, book)] == [1, 2]
    assert checking.check(store, "new") == []


def test_what_an_import_replaced_has_its_text_again(store: Store) -> None:
    book = _import(store, a="Do a.", b="Do b.").handbook
    done = _import(store, a="Count to ten.", b="Do b well.", c="Do c.")
    assert (done.replaced, done.clashing, done.added) == (
        ["behavior_a"],
        ["behavior_b"],
        ["behavior_c"],
    )
    assert _texts(store) == ["Count to ten.", "Do b.", "Do c."]
    undo.undo(store, book.id, by="ann")
    assert _texts(store) == ["Do a.", "Do b."]
    undo.redo(store, book.id, by="ann")
    assert _texts(store) == ["Count to ten.", "Do b.", "Do c."]


def _texts(store: Store) -> list[str]:
    return [b.instruction for b in shelf.behaviors(store, shelf.find(store, "new"))]
