"""From vectors to places: PCA, the frame a layout fits into, and placing new among old."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.map.projection import EXTENT, NEIGHBOURS, WARMTH, fitted, pca, place, spread
from tests.core.map.clustered import unit_rows

numbers = st.floats(-1, 1, width=32)


def matrices(least: int = 0, most: int = 12, width: int = 6) -> st.SearchStrategy:
    """Rows of unit length, also some that are the same."""
    shapes = st.tuples(st.integers(least, most), st.just(width))
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=numbers)).map(unit_rows)


def _random(count: int, width: int = 8, seed: int = 0) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, width)))


# PCA


@given(rows=matrices(), dimensions=st.sampled_from([2, 3]))
def test_pca_of_anything_has_its_shape_and_fits(rows: NDArray[np.float32], dimensions: int) -> None:
    places = pca(rows, dimensions)
    assert places.shape == (len(rows), dimensions)
    assert np.isfinite(places).all()
    assert np.abs(places).max(initial=0) <= EXTENT * (1 + 1e-12)
    assert (places == pca(rows.copy(), dimensions)).all()


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("count", [0, 1])
def test_pca_of_none_or_one_is_the_middle(count: int, dimensions: int) -> None:
    places = pca(_random(count), dimensions)
    assert places.shape == (count, dimensions)
    assert not places.any()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_of_two_uses_the_whole_extent_of_one_axis(dimensions: int) -> None:
    places = pca(_random(2), dimensions)
    assert sorted(places[:, 0]) == pytest.approx([-EXTENT, EXTENT])
    assert places[:, 1:] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_of_rows_that_are_all_the_same_is_the_middle(dimensions: int) -> None:
    assert not pca(np.repeat(_random(1, 384), 40, axis=0), dimensions).any()


def test_pca_beyond_the_rank_adds_nothing() -> None:
    flat = np.zeros((20, 8), np.float32)
    angles = np.linspace(0.1, 1.2, 20)
    flat[:, 0], flat[:, 1] = np.cos(angles), np.sin(angles)
    places = pca(flat, 3)
    assert np.ptp(places[:, :2], axis=0).min() > 0.1
    assert places[:, 2] == pytest.approx(0, abs=1e-5)


def test_pca_of_vectors_with_fewer_numbers_than_dimensions() -> None:
    places = pca(_random(9, width=2), 3)
    assert places.shape == (9, 3)
    assert not places[:, 2].any()


def test_pca_keeps_the_axes_that_singular_values_give() -> None:
    rows = _random(30)
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    left, sizes, _axes = np.linalg.svd(centred, full_matrices=False)
    expected = (left * sizes)[:, :3]
    places = pca(rows, 3)
    for axis in range(3):
        alike = np.corrcoef(places[:, axis], expected[:, axis])[0, 1]
        assert abs(alike) == pytest.approx(1, abs=1e-6)
    assert np.ptp(places, axis=0) == pytest.approx(
        np.ptp(expected, axis=0) * (np.ptp(places[:, 0]) / np.ptp(expected[:, 0]))
    )


@given(seed=st.integers(0, 10_000))
def test_pca_has_one_sign(seed: int) -> None:
    """The strongest number of each axis is positive, so a sketch never turns over."""
    rows = _random(12, seed=seed)
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    along = centred.T @ pca(rows, 2)
    strongest = np.abs(along).argmax(axis=0)
    assert (along[strongest, [0, 1]] > 0).all()


# The frame


@given(places=arrays(np.float64, st.tuples(st.integers(0, 9), st.just(2)), elements=numbers))
def test_fitted_is_centred_and_as_large_as_can_be(places: NDArray[np.float64]) -> None:
    found = fitted(places)
    assert found.shape == places.shape
    if len(places) and np.ptp(places, axis=0).max() > 1e-9:
        assert np.abs(found).max() == pytest.approx(EXTENT)
        assert found.max(axis=0) + found.min(axis=0) == pytest.approx([0, 0], abs=1e-9)
        scale = np.ptp(found, axis=0).max() / np.ptp(places, axis=0).max()
        assert np.ptp(found, axis=0) == pytest.approx(np.ptp(places, axis=0) * scale)
    else:
        assert found == pytest.approx(np.zeros_like(places), abs=EXTENT * 1.001)


def test_whether_there_is_anything_to_lay_out() -> None:
    one = _random(1)
    assert not spread(_random(0))
    assert not spread(one)
    assert not spread(np.repeat(one, 50, axis=0))
    assert spread(_random(2))


# Placing


@given(data=st.data(), dimensions=st.sampled_from([2, 3]))
def test_new_ones_stand_at_the_weighted_mean_of_their_nearest(
    data: st.DataObject, dimensions: int
) -> None:
    rows, new = data.draw(matrices(1, 9)), data.draw(matrices(0, 4))
    shape = (len(rows), dimensions)
    places = data.draw(arrays(np.float64, shape, elements=st.floats(-10, 10)))
    found, nearest = place(new, rows, places)
    assert found.shape == (len(new), dimensions)
    assert nearest.shape == (len(new), min(NEIGHBOURS, len(rows)))
    assert np.isfinite(found).all()
    for at, vector in enumerate(new.astype(np.float64)):
        likeness = rows.astype(np.float64) @ vector
        near = likeness[nearest[at]]
        assert (np.diff(near) <= 1e-6).all()
        assert near[-1] >= np.delete(likeness, nearest[at]).max(initial=-2) - 1e-6
        weights = np.exp(near / WARMTH)
        mean = (places[nearest[at]] * weights[:, None]).sum(axis=0) / weights.sum()
        assert found[at] == pytest.approx(mean, abs=1e-3)
        among = places[nearest[at]]
        assert (found[at] >= among.min(axis=0) - 1e-9).all()
        assert (found[at] <= among.max(axis=0) + 1e-9).all()


def test_a_copy_stands_with_its_original() -> None:
    rows = np.eye(8, dtype=np.float32)
    places = np.random.default_rng(3).uniform(-10, 10, (8, 2))
    found, nearest = place(rows, rows, places)
    assert nearest[:, 0].tolist() == list(range(8))
    assert np.linalg.norm(found - places, axis=1).max() < 1e-3


def test_a_copy_among_near_ones_stands_nearer_to_its_original_than_to_the_others() -> None:
    rows = unit_rows(np.eye(6) + 0.15)
    places = np.random.default_rng(4).uniform(-10, 10, (6, 2))
    found, _nearest = place(rows[:1], rows, places)
    away = np.linalg.norm(places - found[0], axis=1)
    assert away.argmin() == 0


@pytest.mark.parametrize("count", range(1, NEIGHBOURS + 1))
def test_fewer_old_ones_than_neighbours_all_count(count: int) -> None:
    rows = np.repeat(_random(1), count, axis=0)
    places = np.arange(2.0 * count).reshape(count, 2)
    found, nearest = place(rows[:1], rows, places)
    assert sorted(nearest[0].tolist()) == list(range(count))
    assert found[0] == pytest.approx(places.mean(axis=0))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_without_old_ones_everything_stands_in_the_middle(dimensions: int) -> None:
    found, nearest = place(_random(4), _random(0), np.zeros((0, dimensions)))
    assert found.shape == (4, dimensions)
    assert not found.any()
    assert nearest.shape == (4, 0)
