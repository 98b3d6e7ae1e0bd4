"""The queue of the review desk: its order, what is skipped, how the work goes on."""

from hypothesis import given
from hypothesis import strategies as st

from core.handbook import curation, queue
from core.handbook.curation import Draft
from core.handbook.undo import undo
from core.store import Store
from core.store.filters import Filter
from tests.core.samples import add_handbook


def _proposed(store: Store, number: int) -> tuple[int, list[int]]:
    drafts = [Draft(f"behavior_n{n}", f"When it is number {n}, do it.") for n in range(number)]
    with store.write() as session:
        book = add_handbook(session)
        found = curation.propose(book.id, drafts, by="a-model", session=session)
    return book.id, [behavior.id for behavior in found]


def test_what_was_skipped_comes_last_in_the_order_of_skipping(store: Store) -> None:
    book, ids = _proposed(store, 5)
    with store.read() as session:
        waiting = queue.waiting(Filter(book), [ids[3], ids[0], 999], None, session)
    assert waiting == [ids[1], ids[2], ids[4], ids[3], ids[0]]


def test_a_queue_narrowed_and_ordered_by_likeness(store: Store) -> None:
    book, ids = _proposed(store, 4)
    alike = {ids[0]: 0.5, ids[1]: 0.9, ids[2]: 0.7}  # the last one has nothing to be like
    with store.read() as session:
        narrowed = queue.waiting(Filter(book), [], alike, session, at_least=0.6)
        ordered = queue.waiting(Filter(book), [], alike, session, most_alike_first=True)
    assert narrowed == [ids[1], ids[2]]
    assert ordered == [ids[1], ids[2], ids[0], ids[3]]


@given(
    ids=st.lists(st.integers(1, 30), unique=True),
    focus=st.none() | st.integers(1, 40),
    length=st.integers(0, 5),
)
def test_the_window_begins_with_the_focus(ids: list[int], focus: int | None, length: int) -> None:
    seen, coming = queue.window(ids, focus, length)
    if not ids:
        assert (seen, coming) == (None, [])
        return
    assert seen == (focus if focus in ids else ids[0])
    place = ids.index(seen)
    assert coming == ids[place + 1 : place + 1 + length]


def test_progress_counts_behaviors_by_curator_and_not_what_was_undone(store: Store) -> None:
    book, ids = _proposed(store, 6)
    assert queue.progress(store, book, "ann") == queue.Progress({}, 6, None)
    curation.accept(store, ids[0], version=1, by="ann")
    curation.decide_many(store, book, "reject", {ids[1]: 1, ids[2]: 1}, by="bob")
    curation.edit(store, ids[3], {"topic": "Algebra"}, version=1, by="ann")
    seen = queue.progress(store, book, "ann")
    assert (seen.decided, seen.left) == ({"ann": 1, "bob": 2}, 3)
    undo(store, book, by="bob")
    seen = queue.progress(store, book, "ann")
    assert (seen.decided, seen.left) == ({"ann": 1}, 5)


def test_words_are_looked_for_without_case_accents_and_marks() -> None:
    assert queue.wanted_words("  Ärger, IST-da ") == ("arger", "ist", "da")
    assert queue.wanted_words(" ") == ()
