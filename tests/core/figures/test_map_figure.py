"""The figure of a map: its points, what stands around them, and texts that nobody may trust."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.map import (
    DIFFERENCE_COLORS,
    FAINT,
    GREY,
    LARGEST,
    NARROWEST,
    NONE,
    PALETTE,
    STATUS_COLORS,
    WIDEST,
    WIDTH,
    hover,
    map_figure,
    standalone,
)
from core.figures.map_words import MOST_LABELS

HOSTILE = "<script>alert(1)</script><b>bold</b> & <img src=x onerror=alert(2)>"


def _points(count: int, **columns: Any) -> pd.DataFrame:
    """Points with ids from 100, at places of their own, as the screen gives them."""
    numbers = np.arange(count)
    known = {
        "id": numbers + 100,
        "x": numbers * 1.0,
        "y": numbers * -2.0,
        "z": numbers * 3.0,
        "hover": [f"point {n}" for n in numbers],
        "color": pd.Series(["one"] * count, dtype=object),
        "weight": np.full(count, np.nan),
        "lit": np.full(count, True),
        "half": np.full(count, 1),
    }
    return pd.DataFrame({**known, **columns})


def _figure(points: pd.DataFrame, dimensions: int = 2, **more: Any) -> go.Figure:
    figure = map_figure(points, dimensions=dimensions, colored_by="topic", **more)
    assert figure.to_json()
    return figure


def _markers(figure: go.Figure) -> list[Any]:
    """The traces of behaviors: those with ids."""
    return [trace for trace in figure.data if trace.customdata is not None]


def _drawn(figure: go.Figure) -> dict[int, tuple[Any, ...]]:
    """Id -> place and hover text."""
    found: dict[int, tuple[Any, ...]] = {}
    for trace in _markers(figure):
        third = trace.z if trace.type == "scatter3d" else [None] * len(trace.x)
        for number, *where in zip(
            trace.customdata, trace.x, trace.y, third, trace.text, strict=True
        ):
            assert int(number) not in found
            found[int(number)] = tuple(where)
    return found


# Points


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("count", [0, 1, 3, 200])
@pytest.mark.parametrize("colors", ["categories", "numbers", "all none"])
def test_every_point_is_drawn_under_its_id(count: int, dimensions: int, colors: str) -> None:
    color: Any = {
        "categories": pd.Series([f"t{n % 3}" for n in range(count)], dtype=object),
        "numbers": np.arange(count) * 0.5,
        "all none": pd.Series([NONE] * count, dtype=object),
    }[colors]
    figure = _figure(_points(count, color=color), dimensions, density=True)
    assert _drawn(figure) == {
        n + 100: (n, -2 * n, 3 * n if dimensions == 3 else None, f"point {n}") for n in range(count)
    }
    kind = "scatter3d" if dimensions == 3 else "scattergl"
    assert {trace.type for trace in _markers(figure)} <= {kind}


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", NONE, "accepted"]), st.integers(0, 1), st.booleans()),
        max_size=20,
    ),
    dimensions=st.sampled_from([2, 3]),
    halves=st.booleans(),
)
def test_a_point_is_drawn_once_in_its_category(
    rows: list[tuple[str, int, bool]], dimensions: int, halves: bool
) -> None:
    colors, sides, lit = ([row[n] for row in rows] for n in range(3))
    points = _points(
        len(rows), color=pd.Series(colors, dtype=object), half=sides, lit=np.array(lit, bool)
    )
    figure = map_figure(points, dimensions=dimensions, colored_by="topic", halves=halves)
    drawn: dict[int, tuple[str, Any]] = {}
    for trace in _markers(figure):
        name, size = re.fullmatch(r"(.*) \(([\d,]+)\)", trace.name).groups()
        assert int(size) == len(trace.x)
        for number in trace.customdata:
            drawn[int(number)] = (name, trace.marker.symbol)
    assert set(drawn) == set(points["id"])
    for number, (name, symbol) in drawn.items():
        assert name == colors[number - 100]
        diamond = sides[number - 100] == 0 and not halves
        assert symbol == ("diamond" if diamond else "circle")


def test_the_largest_category_comes_first_and_what_has_none_is_grey_below() -> None:
    colors = ["few", NONE, "many", "many", "many", "few", NONE, NONE, NONE]
    figure = _figure(_points(9, color=colors))
    names = [trace.name for trace in figure.data]
    assert names == ["none (4)", "many (3)", "few (2)"]
    assert [trace.marker.color for trace in figure.data] == [GREY, *PALETTE[:2]]


@pytest.mark.parametrize("known", [STATUS_COLORS, DIFFERENCE_COLORS])
def test_statuses_and_differences_have_their_own_colors(known: dict[str, str]) -> None:
    figure = _figure(_points(len(known), color=list(known)))
    assert {t.name.split(" (")[0]: t.marker.color for t in figure.data} == known


def test_more_categories_than_colors() -> None:
    count = 3 * len(PALETTE) + 1
    figure = _figure(_points(count, color=[f"topic {n}" for n in range(count)]))
    assert len(figure.data) == count
    assert {trace.marker.color for trace in figure.data} == set(PALETTE)


def test_what_a_search_does_not_find_is_faint() -> None:
    figure = _figure(_points(3, lit=np.array([True, False, True])))
    assert [(len(t.x), float(t.marker.opacity), t.showlegend) for t in figure.data] == [
        (1, FAINT, False),
        (2, 0.85, True),  # on top of it, and in the legend
    ]
    solid = _figure(_points(3, lit=np.array([True, False, True])), 3)
    faint, bright = (trace.marker.size for trace in solid.data)
    assert max(faint) < min(bright)


def test_the_more_points_the_smaller_within_bounds() -> None:
    sizes = [_figure(_points(n)).data[0].marker.size for n in (1, 100, 1_000, 20_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (WIDEST, NARROWEST)


def test_where_size_tells_the_area_grows_with_the_weight() -> None:
    sizes = _figure(_points(4, weight=[0.0, 0.25, 1.0, np.nan])).data[0].marker.size
    assert sizes[0] == sizes[3] < sizes[1] < sizes[2] == LARGEST
    assert sizes[1] - sizes[0] == pytest.approx((sizes[2] - sizes[0]) / 2)


# Numbers


def _bars(figure: go.Figure) -> list[Any]:
    return [trace.marker.colorbar for trace in _markers(figure) if trace.marker.showscale]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_numbers_have_one_scale_that_is_shown(dimensions: int) -> None:
    """On the map of one handbook every point is of half 1."""
    figure = _figure(_points(3, color=[1.0, 5.0, 3.0]), dimensions)
    (trace,) = _markers(figure)
    assert trace.marker.color.tolist() == [1, 5, 3]
    assert (trace.marker.cmin, trace.marker.cmax) == (1, 5)
    (bar,) = _bars(figure)
    assert bar.title.text == "topic"


def test_what_has_no_number_is_grey_and_off_the_scale() -> None:
    points = _points(4, color=[np.nan, -5.0, 3.0, np.nan])
    unknown, known = _markers(_figure(points))
    assert (unknown.name, unknown.marker.color) == ("unknown", GREY)
    assert unknown.customdata.tolist() == [100, 103]
    assert (known.marker.cmin, known.marker.cmax) == (-5, 3)
    (only,) = _markers(_figure(_points(2, color=[np.nan, np.nan])))
    assert only.name == "unknown"


def test_two_halves_share_one_scale() -> None:
    points = _points(4, color=[1.0, 9.0, 2.0, 3.0], half=[0, 0, 1, 1])
    figure = _figure(points, halves=True)
    assert [(t.marker.cmin, t.marker.cmax) for t in _markers(figure)] == [(1, 9)] * 2
    assert len(_bars(figure)) == 1


@pytest.mark.parametrize("value", [0.0, 7.0, -3.5])
def test_numbers_that_are_all_equal_have_a_scale_of_some_length(value: float) -> None:
    (trace,) = _markers(_figure(_points(3, color=[value] * 3)))
    assert trace.marker.cmin < trace.marker.cmax


# Around the points


def test_halves_stand_side_by_side_on_one_scale() -> None:
    figure = _figure(_points(4, half=[0, 0, 1, 1]), halves=True, titles=("v1", "book, now"))
    places = {trace.xaxis or "x": trace.customdata.tolist() for trace in _markers(figure)}
    assert places == {"x": [100, 101], "x2": [102, 103]}
    assert figure.layout.xaxis2.matches == "x"
    assert figure.layout.yaxis2.matches == "y"
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    assert [note.text for note in figure.layout.annotations] == ["v1", "book, now"]
    assert [trace.name for trace in _markers(figure)] == ["one, v1 (2)", "one, book, now (2)"]


def test_over_each_other_titles_stand_in_the_legend_only() -> None:
    figure = _figure(_points(4, half=[0, 0, 1, 1]), titles=("v1", "now"))
    assert [trace.marker.symbol for trace in _markers(figure)] == ["diamond", "circle"]
    assert [trace.name for trace in _markers(figure)] == ["one, v1 (2)", "one, now (2)"]
    assert not figure.layout.annotations


def _labels(count: int, text: str = "label") -> pd.DataFrame:
    numbers = np.arange(count)
    return pd.DataFrame(
        {"x": numbers, "y": numbers, "z": numbers, "text": [f"{text} {n}" for n in numbers]}
    )


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_first_labels_are_notes(dimensions: int) -> None:
    figure = _figure(_points(3), dimensions, labels=_labels(MOST_LABELS + 5))
    notes = figure.layout.scene.annotations if dimensions == 3 else figure.layout.annotations
    assert [note.text for note in notes] == [f"label {n}" for n in range(MOST_LABELS)]
    assert [(note.x, note.y) for note in notes] == [(n, n) for n in range(MOST_LABELS)]
    if dimensions == 3:
        assert [note.z for note in notes] == list(range(MOST_LABELS))


@pytest.mark.parametrize("halves", [True, False])
def test_titles_and_labels_get_along(halves: bool) -> None:
    points = _points(4, half=[0, 0, 1, 1])
    figure = _figure(points, halves=halves, titles=("v1", "now"), labels=_labels(2))
    told = {note.text for note in figure.layout.annotations}
    assert {"label 0", "label 1"} <= told
    assert ({"v1", "now"} <= told) == halves


def test_density_lies_under_a_flat_map_only() -> None:
    assert _figure(_points(3), density=True).data[0].type == "histogram2dcontour"
    assert [trace.type for trace in _figure(_points(3), 3, density=True).data] == ["scatter3d"]
    assert [trace.type for trace in _figure(_points(3)).data] == ["scattergl"]


def _problems(*kinds: str) -> pd.DataFrame:
    numbers = np.arange(len(kinds))
    return pd.DataFrame(
        {
            "x": numbers + 0.5,
            "y": numbers + 0.25,
            "z": numbers + 0.75,
            "hover": [f"problem {n}" for n in numbers],
            "kind": kinds,
        }
    )


@pytest.mark.parametrize("dimensions", [2, 3])
def test_problems_are_drawn_by_kind_and_cannot_be_picked(dimensions: int) -> None:
    problems = _problems("problems far from any", "problems", "your problem", "problems")
    figure = _figure(_points(3), dimensions, problems=problems)
    drawn = {t.name: list(t.text) for t in figure.data if t.customdata is None}
    assert drawn == {
        "problems (2)": ["problem 1", "problem 3"],
        "problems far from any (1)": ["problem 0"],
        "your problem (1)": ["problem 2"],
    }


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_line_goes_from_a_problem_to_a_behavior(dimensions: int) -> None:
    points = _points(4)[::-1]  # rows count, not labels
    problems = pd.concat([_problems("problems"), _problems("your problem")])
    lines = [(1, 0), (1, 2)]
    figure = _figure(points, dimensions, problems=problems, lines=lines)
    (trace,) = [trace for trace in figure.data if trace.mode == "lines"]
    assert list(trace.x) == [0.5, 3, None, 0.5, 1, None]
    assert list(trace.y) == [0.25, -6, None, 0.25, -2, None]
    if dimensions == 3:
        assert list(trace.z) == [0.75, 9, None, 0.75, 3, None]


def test_without_problems_there_are_no_lines() -> None:
    for problems in (None, _problems()):
        figure = _figure(_points(2), problems=problems, lines=[(0, 0)])
        assert len(figure.data) == 1


def test_the_points_are_left_as_they_were() -> None:
    points = _points(5, color=["b", "a", "b", NONE, "a"])
    before = points.copy(deep=True)
    _figure(points, labels=_labels(2), problems=_problems("problems"), lines=[(0, 1)], density=True)
    pd.testing.assert_frame_equal(points, before)


# Texts


@given(
    name=st.text(max_size=80), text=st.text(max_size=300), fact=st.text("<>&\"'ab ", max_size=40)
)
def test_hover_shows_a_text_and_is_no_html(name: str, text: str, fact: str) -> None:
    shown = hover(name, text, fact)
    first, *lines = shown.split("<br>")
    assert first.startswith("<b>")
    assert first.endswith("</b>")
    bare = [first.removeprefix("<b>").removesuffix("</b>"), *lines]
    assert not any(set("<>\"'") & set(line) for line in bare)
    assert all(re.match(r"&(amp|lt|gt|quot|#x27);", line[at:]) for line in bare
               for at, sign in enumerate(line) if sign == "&")  # fmt: skip
    assert html.unescape(bare[0]) == html.unescape(html.escape(name))
    told = [html.unescape(line) for line in (lines[:-1] if fact else lines)]
    assert all(len(line) <= WIDTH for line in told)
    assert "".join("".join(told).split()) == "".join(html.unescape(html.escape(text)).split())


def test_long_words_are_wrapped_and_empty_facts_left_out() -> None:
    shown = hover("behavior_x", "w" * 200, "", "Algebra", "")
    assert shown.split("<br>")[1:] == ["w" * WIDTH] * 3 + ["w" * (200 - 3 * WIDTH), "Algebra"]
    assert hover("behavior_x", "") == "<b>behavior_x</b>"


def _hostile_figure(dimensions: int, halves: bool) -> go.Figure:
    return map_figure(
        _points(4, half=[0, 0, 1, 1], color=[HOSTILE, "b", HOSTILE, NONE]),
        dimensions=dimensions,
        colored_by=HOSTILE,
        labels=_labels(2, HOSTILE),
        titles=(HOSTILE, HOSTILE),
        halves=halves,
    )


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("halves", [True, False])
def test_names_titles_and_labels_are_escaped(dimensions: int, halves: bool) -> None:
    figure = _hostile_figure(dimensions, halves)
    numbers = map_figure(_points(2, color=[1.0, 2.0], half=0), dimensions=2, colored_by=HOSTILE)
    notes = [*figure.layout.annotations, *(figure.layout.scene.annotations or ())]
    bar = numbers.data[0].marker.colorbar.title.text
    told = [*(trace.name for trace in figure.data), *(note.text for note in notes), bar]
    assert sum(html.escape(HOSTILE) in text for text in told) >= 5
    assert not any("<" in text for text in told)


# A page of its own


class Loaded(HTMLParser):
    """What a browser would load for a page, and the elements of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.elements: list[str] = []
        self.styles: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self._inside = tag
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster"):
                self.addresses.append(value or "")

    def handle_endtag(self, _tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    return standalone(_hostile_figure(2, True), f"Map of {HOSTILE}")


def test_a_page_of_its_own_loads_nothing(page: str) -> None:
    loaded = Loaded()
    loaded.feed(page)
    assert "script" in loaded.elements
    assert loaded.addresses == []
    assert not re.search(r"url\(|@import", " ".join(loaded.styles))
    assert not {"link", "img", "iframe", "b", "base"} & set(loaded.elements)


def test_a_page_of_its_own_holds_plotly_and_the_map(page: str) -> None:
    assert len(page) > 1_000_000
    assert re.search(r"plotly\.js v\d", page)
    assert "Plotly.newPlot(" in page
    assert "alert(1)</script>" not in page
    assert "&lt;script" in page or "\\u0026lt;script" in page


def test_the_page_leaves_the_figure_as_it_was() -> None:
    figure = _figure(_points(2))
    before = figure.to_json()
    standalone(figure, "A title")
    assert figure.to_json() == before
