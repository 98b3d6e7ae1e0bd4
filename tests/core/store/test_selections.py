"""Rows of selections: ids in their order, of one handbook."""

import pytest

from core.errors import NotFound
from core.store import Store, selections
from core.store.records import Handbook
from tests.core.samples import add_behavior, add_handbook


@pytest.fixture
def books(store: Store) -> tuple[Handbook, Handbook]:
    with store.write() as session:
        return add_handbook(session, "one"), add_handbook(session, "two")


def _add(store: Store, book: Handbook, ids: list[int]) -> int:
    with store.write() as session:
        return selections.add_selection(book.id, ids, by="ann", session=session)


@pytest.mark.parametrize("ids", [[], [3], [5, 1, 4], list(range(3_000, 0, -1))])
def test_a_selection_comes_back_in_its_order(
    store: Store, books: tuple[Handbook, Handbook], ids: list[int]
) -> None:
    number = _add(store, books[0], ids)
    with store.read() as session:
        assert selections.selection(number, books[0].id, session=session) == tuple(ids)


def test_of_another_handbooks_selection_there_is_nothing(
    store: Store, books: tuple[Handbook, Handbook]
) -> None:
    number = _add(store, books[0], [1, 2])
    with store.read() as session:
        assert selections.selection(number, books[1].id, session=session) == ()


def test_each_selection_has_its_own_number(store: Store, books: tuple[Handbook, Handbook]) -> None:
    numbers = [_add(store, books[n % 2], [n]) for n in range(4)]
    assert len(set(numbers)) == 4
    with store.read() as session:
        for n, number in enumerate(numbers):
            assert selections.selection(number, books[n % 2].id, session=session) == (n,)


def test_a_selection_that_is_not_there_is_told(
    store: Store, books: tuple[Handbook, Handbook]
) -> None:
    with pytest.raises(NotFound, match=r"no selection 7\. Pick"), store.read() as session:
        selections.selection(7, books[0].id, session=session)


def test_a_selection_may_name_behaviors_that_are_gone(
    store: Store, books: tuple[Handbook, Handbook]
) -> None:
    with store.write() as session:
        behavior = add_behavior(session, books[0])
    number = _add(store, books[0], [behavior.id, 999])
    with store.read() as session:
        found = selections.selection(number, books[0].id, session=session)
    assert found == (behavior.id, 999)
