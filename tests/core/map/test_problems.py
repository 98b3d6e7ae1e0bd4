"""Problems on a map: what each retrieves, which are far from any behavior, which behaviors idle."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app import App
from core.map.problems import Served, served, stands
from core.map.projection import place
from core.store import behaviors as rows
from core.store.records import Handbook
from tests.core.map.clustered import ClusteredEmbedder, fill, texts_of, vectors_of, workbench

PROBLEMS = ["Of group a, one.", "Of group b, one.", "Of group a, another.", "Something else."]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with workbench(tmp_path, ClusteredEmbedder()) as opened:
        yield opened


@pytest.fixture
def book(app: App) -> Handbook:
    return fill(app, "book", [f"behavior_group_{'abc'[n % 3]}_{n}" for n in range(18)])


def _ids(app: App, book: Handbook) -> list[int]:
    with app.store.read() as session:
        return [number for number, *_ in rows.instructions(book.id, session=session)]


@pytest.mark.parametrize("k", [1, 4, 100])
@pytest.mark.parametrize("at_least", [0.0, 0.5, 0.9])
def test_what_is_served_is_what_comparing_with_each_finds(
    app: App, book: Handbook, k: int, at_least: float
) -> None:
    matrix = vectors_of(app).of(PROBLEMS)
    found = served(app.sources, book.id, matrix, k, at_least)
    likeness = matrix.astype(float) @ vectors_of(app).of(texts_of(app, book.id)).astype(float).T
    ids = np.array(_ids(app, book))
    for at, scores in enumerate(likeness):
        best = np.argsort(-scores)[:k]
        expected = [int(ids[n]) for n in best if scores[n] >= at_least]
        assert list(found.ids[at]) == expected
        assert found.nearest[at] == pytest.approx(scores.max(), abs=1e-6)
    assert len(found.ids) == len(PROBLEMS)


def test_only_what_is_accepted_is_served(app: App, book: Handbook) -> None:
    other = fill(app, "waiting", ["behavior_group_a_new"], "proposed")
    matrix = vectors_of(app).of(PROBLEMS)
    assert served(app.sources, other.id, matrix, 5, 0.0).ids == ((), (), (), ())
    assert set(served(app.sources, book.id, matrix, 99, -1.0).times) == set(_ids(app, book))


def test_in_an_empty_handbook_every_problem_is_far(app: App) -> None:
    book = fill(app, "empty", [])
    found = served(app.sources, book.id, vectors_of(app).of(PROBLEMS), 5, 0.0)
    assert found.ids == ((),) * 4
    assert found.nearest.tolist() == [0.0] * 4
    assert found.far(0.3) == [0, 1, 2, 3]
    assert (found.far(0.0), found.never([]), dict(found.times)) == ([], [], {})


def test_without_problems_nothing_is_served(app: App, book: Handbook) -> None:
    found = served(app.sources, book.id, vectors_of(app).of([]), 5, 0.0)
    assert (found.ids, found.nearest.shape, found.far(1.0)) == ((), (0,), [])
    assert found.never(_ids(app, book)) == _ids(app, book)


@given(
    ids=st.lists(st.lists(st.integers(1, 6), unique=True, max_size=4), max_size=6),
    data=st.data(),
    below=st.sampled_from([0.0, 0.3, 0.5, 1.1]),
)
def test_times_far_and_never_count(ids: list[list[int]], data: st.DataObject, below: float) -> None:
    near = data.draw(
        st.lists(st.sampled_from([-0.2, 0.1, 0.3, 0.5, 0.9]), min_size=len(ids), max_size=len(ids))
    )
    found = Served(tuple(map(tuple, ids)), np.array(near))
    for number in range(1, 7):
        assert found.times[number] == sum(number in one for one in ids)
    assert found.never([6, 5, 1]) == [n for n in (6, 5, 1) if not any(n in one for one in ids)]
    expected = sorted((value, at) for at, value in enumerate(near) if value < below)
    assert found.far(below) == [at for _value, at in expected]


def test_a_problem_stands_among_the_behaviors_it_is_like(app: App, book: Handbook) -> None:
    matrix = vectors_of(app).of(texts_of(app, book.id))
    middles = np.array([[0.0, 9.0, 1.0], [9.0, 0.0, 2.0], [-9.0, -9.0, 3.0]])
    places = middles[np.arange(18) % 3]
    asked = vectors_of(app).of(PROBLEMS[:2])
    found = stands(asked, matrix, places)
    assert found == pytest.approx(middles[:2], abs=0.5)
    assert (found == place(asked, matrix, places)[0]).all()
    assert stands(asked, matrix[:0], places[:0]).tolist() == [[0, 0, 0], [0, 0, 0]]
