"""Rows of maps: replaced in one piece, places kept once, everything gone with its handbook."""

from typing import Any

import pytest
from sqlmodel import select

from core.errors import NotFound
from core.store import Session, Store, layouts, selections
from core.store.layouts import Place
from core.store.records import Handbook, Layout
from core.store.tables import ClusterRow, HandbookRow, LayoutRow, PlaceRow, SelectionRow
from tests.core.samples import add_handbook

PLACES: dict[str, Place] = {"a": (1.5, -2.0, 0.0, 0), "b": (0.1, 1 / 3, 10.0, -1)}
CLUSTERS = [(1, "second", ["second", "words"]), (0, "first", ["first"])]
TABLES = (LayoutRow, PlaceRow, ClusterRow, SelectionRow)


@pytest.fixture
def book(store: Store) -> Handbook:
    with store.write() as session:
        return add_handbook(session, "book")


def _put_in(session: Session, book: Handbook, **changes: Any) -> Layout:
    known: dict[str, Any] = {
        "embedder": "e",
        "dimensions": 2,
        "places": PLACES,
        "clusters": CLUSTERS,
        "method": "UMAP",
        "seed": 5,
        "by": "ann",
    }
    return layouts.put_layout(book.id, session=session, **{**known, **changes})


def _put(store: Store, book: Handbook, **changes: Any) -> Layout:
    with store.write() as session:
        return _put_in(session, book, **changes)


def _there(store: Store, book: Handbook, embedder: str = "e", dimensions: int = 2) -> Layout | None:
    with store.read() as session:
        return layouts.layout(book.id, embedder, dimensions, session=session)


def _places(store: Store, layout: Layout) -> dict[str, Place]:
    with store.read() as session:
        return layouts.places(layout.id, session=session)


def _names(store: Store, layout: Layout) -> list[tuple[int, str, list[str], str]]:
    with store.read() as session:
        found = layouts.clusters(layout.id, session=session)
    return [(one.number, one.name, one.words, one.by) for one in found]


def _counts(store: Store) -> list[int]:
    with store.read() as session:
        return [len(session.exec(select(table)).all()) for table in TABLES]


def test_a_layout_comes_back_as_it_was_put(store: Store, book: Handbook) -> None:
    layout = _put(store, book)
    assert _there(store, book) == layout
    assert (layout.handbook_id, layout.size, layout.method) == (book.id, 2, "UMAP")
    assert (layout.seed, layout.by, layout.dimensions) == (5, "ann", 2)
    assert _places(store, layout) == PLACES
    assert _names(store, layout) == [
        (0, "first", ["first"], ""),
        (1, "second", ["second", "words"], ""),
    ]


def test_an_empty_layout(store: Store, book: Handbook) -> None:
    layout = _put(store, book, places={}, clusters=[])
    assert (layout.size, _places(store, layout), _names(store, layout)) == (0, {}, [])


def test_layouts_go_by_handbook_embedder_and_dimensions(store: Store, book: Handbook) -> None:
    with store.write() as session:
        other = add_handbook(session, "other")
    assert _there(store, book) is None
    layout = _put(store, book)
    for absent in (
        _there(store, other),
        _there(store, book, "other"),
        _there(store, book, dimensions=3),
    ):
        assert absent is None
    more = [
        _put(store, other, places={"x": (1.0, 1.0, 1.0, -1)}, clusters=[]),
        _put(store, book, embedder="other", clusters=[]),
        _put(store, book, dimensions=3, clusters=[]),
    ]
    assert len({one.id for one in [layout, *more]}) == 4
    assert _there(store, book) == layout
    assert _places(store, layout) == PLACES


def test_a_new_layout_takes_the_place_of_the_old_one(store: Store, book: Handbook) -> None:
    solid = _put(store, book, dimensions=3)
    _put(store, book)
    new = _put(store, book, places={"c": (0.0, 0.0, 0.0, 0)}, clusters=[(0, "new", [])], seed=6)
    assert _there(store, book) == new
    assert _places(store, new) == {"c": (0.0, 0.0, 0.0, 0)}
    assert _names(store, new) == [(0, "new", [], "")]
    assert _places(store, solid) == PLACES
    assert _counts(store) == [2, 1 + 2, 1 + 2, 0]


def test_a_layout_that_fails_half_way_leaves_the_old_one(store: Store, book: Handbook) -> None:
    old = _put(store, book)
    with pytest.raises(ZeroDivisionError), store.write() as session:
        _put_in(session, book, places={"c": (0.0, 0.0, 0.0, 0)}, clusters=[])
        raise ZeroDivisionError
    assert _there(store, book) == old
    assert _places(store, old) == PLACES
    assert len(_names(store, old)) == 2


def test_whoever_reads_meanwhile_sees_the_old_one_whole(store: Store, book: Handbook) -> None:
    old = _put(store, book)
    with store.write() as session:
        _put_in(session, book, places={"c": (0.0, 0.0, 0.0, 0)}, clusters=[], seed=6)
        assert _there(store, book) == old
        assert _places(store, old) == PLACES
    seen = _there(store, book)
    assert seen is not None
    assert seen.seed == 6


def test_the_first_place_stays(store: Store, book: Handbook) -> None:
    layout = _put(store, book)
    later: dict[str, Place] = {"a": (9.0, 9.0, 9.0, 1), "c": (4.0, 4.0, 4.0, 1)}
    for _ in range(2):
        with store.write() as session:
            layouts.put_places(layout.id, later, later=True, session=session)
            layouts.put_places(layout.id, {}, later=True, session=session)
    assert _places(store, layout) == {**PLACES, "c": (4.0, 4.0, 4.0, 1)}
    with store.read() as session:
        rows = session.exec(select(PlaceRow).where(PlaceRow.layout_id == layout.id)).all()
    assert {row.digest: row.later for row in rows} == {"a": False, "b": False, "c": True}


def test_many_places(store: Store, book: Handbook) -> None:
    many: dict[str, Place] = {str(n): (n / 7, -n / 3, 0.0, n % 5) for n in range(12_000)}
    assert _places(store, _put(store, book, places=many)) == many


def test_a_cluster_is_named(store: Store, book: Handbook) -> None:
    layout = _put(store, book)
    with store.write() as session:
        layouts.name_cluster(layout.id, 1, "Circles", by="bob", session=session)
    assert _names(store, layout)[1] == (1, "Circles", ["second", "words"], "bob")
    assert _names(store, layout)[0][1] == "first"
    for absent in ((layout.id, 7), (layout.id + 1, 0)):
        with pytest.raises(NotFound, match="laid out anew"), store.write() as session:
            layouts.name_cluster(*absent, "x", by="bob", session=session)


def test_a_deleted_handbook_takes_its_maps_and_selections_along(
    store: Store, book: Handbook
) -> None:
    with store.write() as session:
        other = add_handbook(session, "other")
        for one in (book, other):
            selections.add_selection(one.id, [1, 2], by="ann", session=session)
    for dimensions in (2, 3):
        _put(store, book, dimensions=dimensions)
    kept = _put(store, other)
    assert _counts(store) == [3, 6, 6, 2]
    with store.write() as session:
        session.delete(session.get(HandbookRow, book.id))
    assert _counts(store) == [1, 2, 2, 1]
    assert _there(store, other) == kept
    assert _places(store, kept) == PLACES
