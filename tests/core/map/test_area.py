"""What lies inside an outline, and outlines in an address."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.map.area import Outline, as_text, from_text, inside

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
coordinates = st.floats(-12, 12, width=32, allow_subnormal=False)
outlines = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12)


@st.composite
def convex(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Corners on an ellipse, counter-clockwise."""
    angles = sorted(draw(st.sets(st.integers(0, 359), min_size=3, max_size=9)))
    wide, high = draw(st.floats(0.5, 10)), draw(st.floats(0.5, 10))
    x, y = draw(coordinates), draw(coordinates)
    return [
        (x + wide * math.cos(math.radians(a)), y + high * math.sin(math.radians(a))) for a in angles
    ]


def _sides(place: NDArray[np.float64], outline: Outline) -> list[float]:
    """For each edge on which side of it the place is; left is positive."""
    edges = zip(outline, [*outline[1:], outline[0]], strict=True)
    return [
        (x2 - x1) * (place[1] - y1) - (y2 - y1) * (place[0] - x1) for (x1, y1), (x2, y2) in edges
    ]


@given(
    outline=convex(),
    places=arrays(np.float64, (20, 2), elements=coordinates),
    turned=st.booleans(),
)
def test_inside_a_convex_outline_is_left_of_every_edge(
    outline: list[tuple[float, float]], places: NDArray[np.float64], turned: bool
) -> None:
    found = inside(places, outline[::-1] if turned else outline)
    for place, within in zip(places, found, strict=True):
        sides = _sides(place, outline)
        if min(map(abs, sides)) > 1e-6:  # on an edge either answer will do
            assert within == all(side > 0 for side in sides)


@given(
    outline=outlines,
    places=arrays(np.float64, (5, 2), elements=coordinates),
    turn=st.integers(0, 11),
)
def test_where_an_outline_begins_changes_nothing(
    outline: list[tuple[float, float]], places: NDArray[np.float64], turn: int
) -> None:
    turned = [*outline[turn % len(outline) :], *outline[: turn % len(outline)]]
    closed = [*outline, outline[0]]
    assert (inside(places, turned) == inside(places, outline)).all()
    assert (inside(places, closed) == inside(places, outline)).all()


def test_what_is_drawn_around_twice_is_outside() -> None:
    inner = [(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)]
    ring = [*SQUARE, SQUARE[0], *inner, inner[0]]
    places = np.array([[0.5, 2], [2, 2], [3.5, 2], [5, 2], [2, 0.5]])
    assert inside(places, ring).tolist() == [True, False, True, False, True]


def test_a_hollow_outline_leaves_its_bay_out() -> None:
    hook = [(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)]
    places = np.array([[0.5, 3], [2, 3], [3.5, 3], [2, 0.5]])
    assert inside(places, hook).tolist() == [True, False, True, True]


@pytest.mark.parametrize("outline", [[], SQUARE[:1], SQUARE[:2]])
def test_fewer_than_three_corners_hold_nothing(outline: Outline) -> None:
    assert inside(np.array([[0.0, 0.0], [2.0, 0.0]]), outline).tolist() == [False, False]


def test_no_places_are_inside_nothing() -> None:
    assert inside(np.zeros((0, 2)), SQUARE).shape == (0,)


# In an address


@given(outline=outlines)
def test_an_outline_comes_back_from_an_address(outline: list[tuple[float, float]]) -> None:
    text = as_text(outline)
    back = from_text(text)
    assert np.array(back) == pytest.approx(np.array(outline), rel=1e-5)
    assert as_text(back) == text
    assert not set(text) - set("0123456789.,-+e ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "0,0 1,1",
        "words and more words",
        "0,0 1,1 nan,2",
        "0,0 1,1 inf,2",
        "0,0 1,1 2,-inf",
        "0,0 1,1 1e999,2",
        "0,0 1,1 2",
        "0,0 1,1 2,2,2",
        "0,0 1,1 2,",
        "0;0 1;1 2;0",
        "<script>,0 1,1 2,2",
    ],
)
def test_what_is_no_outline_gives_none(text: str) -> None:
    assert from_text(text) == []


@given(text=st.text(max_size=40) | st.text("0123456789.,-+ einfa", max_size=40))
def test_any_text_gives_corners_or_none(text: str) -> None:
    outline = from_text(text)
    assert not outline or len(outline) >= 3
    assert np.isfinite(np.array(outline)).all()


@pytest.mark.parametrize("text", ["1e308,0 -1e308,5 0,1e308", "0,1e-310 1,0 4,4"])
def test_an_outline_of_an_address_that_is_far_out_or_tiny_is_no_error(text: str) -> None:
    outline = from_text(text)
    assert inside(np.array([[0.0, 1.0]]), outline).shape == (1,)
