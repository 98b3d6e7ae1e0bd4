"""What a screen draws: the layout there is or a sketch, clusters of the flat map, what has a place.

Few behaviors, so that the job lays them out by PCA, in no time.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.app import App
from core.handbook import curation
from core.handbook.curation import Draft
from core.map import reading
from core.map.projection import EXTENT, pca
from core.map.reading import Map
from core.store import layouts
from core.store.records import Handbook
from tests.core.map.clustered import (
    ClusteredEmbedder,
    drawn,
    embed,
    fill,
    kept_places,
    lay_out,
    layout_of,
    texts_of,
    vectors_of,
    workbench,
)
from tests.core.samples import add_behavior

NAMES = [f"behavior_group_{'ab'[n % 2]}_{n}" for n in range(24)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with workbench(tmp_path, ClusteredEmbedder(loose=0.05)) as opened:
        yield opened


@pytest.fixture
def book(app: App) -> Handbook:
    return fill(app, "small", NAMES)


def _later(app: App, book: Handbook, name: str = "behavior_group_a_later") -> str:
    """One more behavior, with its vector; gives its text."""
    curation.write(app.store, book.id, Draft(name, "Do later."), by="ann")
    embed(app, book.slug)
    return texts_of(app, book.id)[-1]


# Without a layout


@pytest.mark.parametrize("dimensions", [2, 3])
def test_without_a_layout_there_is_a_sketch(app: App, book: Handbook, dimensions: int) -> None:
    embed(app, book.slug)
    texts = texts_of(app, book.id)
    sketch = drawn(app, book.id, texts, dimensions)
    assert (sketch.layout, sketch.clusters) == (None, ())
    assert sketch.there.all()
    assert set(sketch.labels.tolist()) == {-1}
    assert (sketch.places == pca(vectors_of(app).of(texts), dimensions)).all()
    assert np.abs(sketch.places).max() == pytest.approx(EXTENT)


@pytest.mark.parametrize("has_layout", [False, True])
def test_texts_without_a_vector_are_not_there(app: App, book: Handbook, has_layout: bool) -> None:
    if has_layout:
        lay_out(app, book.id)
    else:
        embed(app, book.slug)
    texts = texts_of(app, book.id)
    mixed = ["never embedded", *texts[:3], "nor this", *texts[3:]]
    found = drawn(app, book.id, mixed)
    assert found.there.tolist() == [text in texts for text in mixed]
    assert found.places.shape == (len(mixed), 2)
    assert not found.places[~found.there].any()
    assert (found.labels[~found.there] == -1).all()
    assert drawn(app, book.id, mixed).places.tobytes() == found.places.tobytes()


@pytest.mark.parametrize("has_layout", [False, True])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_nothing_is_drawn_of_nothing(
    app: App, book: Handbook, has_layout: bool, dimensions: int
) -> None:
    if has_layout:
        lay_out(app, book.id, dimensions)
    found = drawn(app, book.id, [], dimensions)
    assert (found.places.shape, found.there.shape) == ((0, dimensions), (0,))
    assert (found.layout is not None) == has_layout


def test_an_empty_handbook_has_an_empty_layout(app: App) -> None:
    book = fill(app, "empty", [])
    assert lay_out(app, book.id).size == 0
    assert drawn(app, book.id, []).places.shape == (0, 2)
    text = _later(app, book)
    found = drawn(app, book.id, [text])
    assert found.there.all()
    assert found.places.tolist() == [[0, 0]]


# On a layout


def test_a_layout_is_read_in_the_order_that_is_asked_for(app: App, book: Handbook) -> None:
    layout = lay_out(app, book.id)
    texts = texts_of(app, book.id)
    kept = kept_places(app, layout.id)
    found = drawn(app, book.id, [*texts[::-1], texts[0]])
    expected = [kept[vectors_of(app).digest(text)] for text in [*texts[::-1], texts[0]]]
    assert found.layout == layout
    assert found.places.tolist() == [[x, y] for x, y, _z, _label in expected]
    assert found.labels.tolist() == [label for *_place, label in expected]
    assert {cluster.number for cluster in found.clusters} == set(found.labels.tolist()) - {-1}
    assert found.clusters


def test_rejected_and_proposed_ones_stand_on_it_and_merged_ones_do_not(app: App) -> None:
    book = fill(app, "book", NAMES[:12])
    with app.store.write() as session:
        for status in ("proposed", "rejected", "merged", "withdrawn"):
            add_behavior(session, book, name=f"behavior_{status}", status=status)
    assert lay_out(app, book.id).size == 12 + 2


def test_clusters_of_a_solid_map_are_those_of_the_flat_one(app: App, book: Handbook) -> None:
    flat, solid = lay_out(app, book.id, 2), lay_out(app, book.id, 3)
    texts = texts_of(app, book.id)
    first, second = drawn(app, book.id, texts, 2), drawn(app, book.id, texts, 3)
    assert (first.layout, second.layout) == (flat, solid)
    assert second.places.shape == (24, 3)
    assert second.clusters == first.clusters
    assert second.labels.tolist() == first.labels.tolist()
    assert {cluster.layout_id for cluster in second.clusters} == {flat.id}


def test_a_solid_map_without_a_flat_one_has_no_clusters(app: App, book: Handbook) -> None:
    lay_out(app, book.id, 3)
    found = drawn(app, book.id, texts_of(app, book.id), 3)
    assert found.there.all()
    assert found.clusters == ()
    assert set(found.labels.tolist()) == {-1}


def test_a_later_one_has_its_cluster_on_the_solid_map_too(app: App, book: Handbook) -> None:
    lay_out(app, book.id, 2)
    lay_out(app, book.id, 3)
    texts = [*texts_of(app, book.id), _later(app, book)]
    solid = drawn(app, book.id, texts, 3)
    flat = drawn(app, book.id, texts, 2)
    assert flat.labels[-1] >= 0
    assert solid.labels.tolist() == flat.labels.tolist()


def test_texts_of_another_handbook_stand_among_those_of_this_one(app: App, book: Handbook) -> None:
    lay_out(app, book.id)
    own = texts_of(app, book.id)
    before = drawn(app, book.id, own)
    other = fill(app, "other", ["behavior_group_a_foreign", "behavior_group_b_foreign"])
    embed(app, "other")
    foreign = texts_of(app, other.id)
    both = drawn(app, book.id, own + foreign)
    assert both.there.all()
    assert both.places[:24].tobytes() == before.places.tobytes()
    for number in (0, 1):
        away = np.linalg.norm(before.places - both.places[24 + number], axis=1)
        assert away.argmin() % 2 == number
    assert drawn(app, book.id, foreign).places.tolist() == both.places[24:].tolist()


def test_texts_of_another_handbook_alone_stand_where_they_belong(app: App, book: Handbook) -> None:
    lay_out(app, book.id)
    before = drawn(app, book.id, texts_of(app, book.id))
    other = fill(app, "other", ["behavior_group_a_foreign", "behavior_group_b_foreign"])
    embed(app, "other")
    alone = drawn(app, book.id, texts_of(app, other.id))
    for number in (0, 1):
        away = np.linalg.norm(before.places - alone.places[number], axis=1)
        assert away.argmin() % 2 == number


# Laid out anew


def test_laid_out_anew_everything_is_replaced(app: App, book: Handbook) -> None:
    lay_out(app, book.id)
    later = _later(app, book)
    texts = texts_of(app, book.id)
    drawn(app, book.id, texts)
    layout = lay_out(app, book.id)
    assert layout.size == 25
    assert set(kept_places(app, layout.id)) == {vectors_of(app).digest(text) for text in texts}
    assert vectors_of(app).digest(later) in kept_places(app, layout.id)


def test_a_new_layout_has_a_number_of_its_own(app: App, book: Handbook) -> None:
    """What was read of the old one (a cluster to rename, a figure kept by its number) is stale."""
    numbers = [lay_out(app, book.id).id for _ in range(3)]
    assert len(set(numbers)) == 3


def _read_while_another_lays_out(app: App, book: Handbook, old: Map, texts: list[str]) -> Map:
    """A reading that waits for the database while another program replaces the layout."""
    found: list[Map | Exception] = []
    assert old.layout is not None

    def read() -> None:
        try:
            found.append(reading.read(app.store, vectors_of(app), book.id, 2, texts))
        except Exception as error:  # noqa: BLE001  raised again below
            found.append(error)

    thread = threading.Thread(target=read)
    digests = [vectors_of(app).digest(text) for text in texts[:-1]]
    with app.store.write() as session:
        session.connection()  # takes the write lock
        thread.start()
        time.sleep(0.5)
        layouts.put_layout(
            book.id,
            old.layout.embedder,
            2,
            dict.fromkeys(digests, (50.0, 50.0, 0.0, -1)),
            [],
            method="PCA",
            seed=9,
            by="another",
            session=session,
        )
    thread.join(20)
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


@pytest.mark.parametrize("more_layouts", [False, True])
def test_a_reading_gets_along_with_a_layout_that_is_replaced_meanwhile(
    app: App, book: Handbook, more_layouts: bool
) -> None:
    lay_out(app, book.id)
    if more_layouts:
        lay_out(app, book.id, 3)
    old = drawn(app, book.id, texts_of(app, book.id))
    _later(app, book)
    texts = texts_of(app, book.id)
    _read_while_another_lays_out(app, book, old, texts)
    # Whatever that reading gave: by the new layout all stand at one spot, so the later one does.
    again = drawn(app, book.id, texts)
    assert again.layout is not None
    assert again.layout.seed == 9
    assert again.places == pytest.approx(50)
    assert layout_of(app, book.id) == again.layout
