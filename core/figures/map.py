"""The map of a handbook as a figure: points, clusters' names, problems, what differs.

The figure depends on nothing a selection changes: what is selected is told to the plot apart from
it. Texts are escaped, because plotly reads some HTML in them.
"""

import html
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import qualitative

from core.figures.map_words import add_labels, add_titles

PALETTE = [
    *("#3b6fb6", "#d9822b", "#3f9c75", "#b5508c", "#7b68c4", "#8a7a3d", "#4aa3b8", "#c2554d"),
    *qualitative.Safe,
    *qualitative.Vivid,
]
GREY = "#9a9a9a"
NONE = "none"  # the category of what has none
SCALE = "Viridis"
STATUS_COLORS = {"accepted": "#3f9c75", "proposed": "#d9822b", "rejected": "#c2554d"}
DIFFERENCE_COLORS = {
    "same": "#9a9a9a",
    "reworded": "#7b68c4",
    "only in the first": "#c2554d",
    "only in the second": "#3f9c75",
}
WORTH_COLORS = {
    "helps": "#3f9c75",
    "harms": "#c2554d",
    "helps and harms": "#d9822b",
    "no effect shown": "#7f9bc4",
}
UNKNOWN = "unknown"
PROBLEMS: dict[str, dict[str, Any]] = {
    "problems": {"symbol": "x", "size": 6, "color": "rgba(110,110,110,0.75)"},
    "problems far from any": {"symbol": "x", "size": 9, "color": "#d62728"},
    "your problem": {"symbol": "star", "size": 15, "color": "#d62728"},
}
FAINT = 0.13  # the opacity of what a search does not find
EYE = {"x": 1.5, "y": 1.5, "z": 1.0}
MOST_IN_LEGEND = 16
WIDTH = 58  # characters of a line of hover text
# Across a point, in pixels: of a hundred points, of thousands, and of the largest where size tells.
WIDEST, NARROWEST, LARGEST = 9.0, 3.5, 22.0


def map_figure(
    points: pd.DataFrame,
    *,
    dimensions: int,
    colored_by: str,
    labels: pd.DataFrame | None = None,
    problems: pd.DataFrame | None = None,
    lines: Sequence[tuple[int, int]] = (),
    density: bool = False,
    halves: bool = False,
    titles: tuple[str, str] | None = None,
) -> go.Figure:
    """`points` has id, x, y, z, hover, color (words, or numbers with NaN for what is unknown),
    weight (0 to 1) or none, lit (whether a search finds it) and half (0 or 1).

    `labels` has x, y, z and text; `problems` x, y, z, hover and kind (of PROBLEMS); a line goes
    from a row of `problems` to a row of `points`. With `halves` the two halves stand side by side,
    else one over the other, half 0 as diamonds; `titles` say what the halves are.
    """
    figure = go.Figure(layout=_layout(dimensions, halves))
    if density and dimensions == 2:
        figure.add_trace(_density(points))
    if pd.api.types.is_numeric_dtype(points["color"]):
        _add_numbers(figure, points, dimensions, colored_by, halves)
    else:
        _add_categories(figure, points, dimensions, halves, titles)
    if problems is not None and len(problems):
        if lines:
            figure.add_trace(_lines(points, problems, lines, dimensions))
        for kind in PROBLEMS:
            if len(some := problems[problems["kind"] == kind]):
                figure.add_trace(_problems(some, dimensions, kind))
    if titles:
        figure.update_layout(legend={"orientation": "h", "y": 0, "yanchor": "top"})
    if titles and halves:
        add_titles(figure, titles)
    if labels is not None and len(labels):
        add_labels(figure, labels, dimensions)
    return figure


@lru_cache(maxsize=1 << 17)  # a map of ten thousand is drawn again after every decision
def hover(name: str, instruction: str, *facts: str) -> str:
    """What stands beside the pointer."""
    lines = [f"<b>{html.escape(name)}</b>", *map(html.escape, textwrap.wrap(instruction, WIDTH))]
    return "<br>".join([*lines, *(html.escape(fact) for fact in facts if fact)])


def standalone(figure: go.Figure, title: str) -> str:
    """A page that opens anywhere, without the app and without a network."""
    shown = go.Figure(figure)
    shown.update_layout(title=html.escape(title), template="plotly_white", margin={"t": 60})
    page: str = shown.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})
    return page


def _layout(dimensions: int, halves: bool) -> dict[str, Any]:
    axis = {"visible": False, "showgrid": False, "zeroline": False}
    layout: dict[str, Any] = {
        "margin": {"l": 0, "r": 0, "t": 34, "b": 0},
        "legend": {"itemsizing": "constant", "font": {"size": 11}},
        "hoverlabel": {"align": "left"},
        "dragmode": "lasso" if dimensions == 2 else "orbit",
    }
    if dimensions == 3:
        scene: dict[str, Any] = dict.fromkeys(("xaxis", "yaxis", "zaxis"), axis)
        return {**layout, "scene": {**scene, "aspectmode": "cube", "camera": {"eye": EYE}}}
    layout |= {"xaxis": {**axis}, "yaxis": {**axis}}
    if halves:
        layout["xaxis"]["domain"] = [0, 0.495]
        layout["xaxis2"] = {**axis, "domain": [0.505, 1], "matches": "x"}
        layout["yaxis2"] = {**axis, "anchor": "x2", "matches": "y"}
    return layout


def _add_categories(
    figure: go.Figure,
    points: pd.DataFrame,
    dimensions: int,
    halves: bool,
    titles: tuple[str, str] | None,
) -> None:
    """A trace for each category, the largest first, so that the legend can switch it."""
    numbers = points["color"].value_counts()
    order = [category for category in numbers.index if category != NONE]
    colors = dict(zip(order, PALETTE * (1 + len(order) // len(PALETTE)), strict=False))
    colors |= {**STATUS_COLORS, **DIFFERENCE_COLORS, **WORTH_COLORS, NONE: GREY}
    ordered = [*([NONE] if NONE in numbers else []), *order]
    for lit in (False, True):  # what a search finds lies on top, and stands in the legend
        of_these = points[points["lit"] == lit]
        for place, category in enumerate(ordered):
            for half, some in of_these[of_these["color"] == category].groupby("half"):
                name = html.escape(_called(str(category), int(half), titles)) + f" ({len(some):,})"
                look = {"color": colors[category]}
                trace = _points(some, len(points), dimensions, name, look, int(half), halves)
                in_legend = place < MOST_IN_LEGEND and (lit or not points["lit"].any())
                trace.update(legendgroup=f"{category} {half}", showlegend=in_legend)
                figure.add_trace(trace)


def _called(category: str, half: int, titles: tuple[str, str] | None) -> str:
    """A category in the legend: what is compared goes by its name."""
    if titles is None:
        return category
    if category.startswith("only in"):
        return f"only in {titles[half]}"
    return f"{category}, {titles[half]}"


def _add_numbers(
    figure: go.Figure, points: pd.DataFrame, dimensions: int, title: str, halves: bool
) -> None:
    """Those of an unknown value are grey, and lie below the others."""
    total, unknown = len(points), points["color"].isna()
    for half, some in points[unknown].groupby("half"):
        look: dict[str, Any] = {"color": GREY}
        figure.add_trace(_points(some, total, dimensions, UNKNOWN, look, int(half), halves))
    points = points[~unknown]
    low, high = points["color"].min(), points["color"].max()
    bar = {"title": {"text": html.escape(title)}, "thickness": 12, "len": 0.6}
    for half, some in points.groupby("half"):
        look = {
            "color": some["color"].to_numpy(),
            "colorscale": SCALE,
            "cmin": low,
            "cmax": max(high, low + 1e-9),
            "showscale": bool(half == points["half"].min()),
            "colorbar": bar,
        }
        trace = _points(some, total, dimensions, title, look, int(half), halves)
        figure.add_trace(trace.update(showlegend=False))


def _points(
    points: pd.DataFrame,
    total: int,
    dimensions: int,
    name: str,
    look: dict[str, Any],
    half: int,
    halves: bool,
) -> Any:
    opacity = np.where(points["lit"], 0.85, FAINT)
    marker = {
        **look,
        "size": _sizes(points["weight"], total),
        "symbol": "diamond" if half == 0 and not halves else "circle",
    }
    shared: dict[str, Any] = {
        "x": points["x"].to_numpy(np.float32),
        "y": points["y"].to_numpy(np.float32),
        "mode": "markers",
        "name": name,
        "customdata": points["id"].to_numpy(np.int32),
        "text": points["hover"].tolist(),
        "hovertemplate": "%{text}<extra></extra>",
    }
    if dimensions == 3:
        # In three dimensions a trace has one opacity: what is not found gets grey and small.
        marker["size"] = np.where(points["lit"], np.asarray(marker["size"]) * 0.6, 1.5)
        marker["line"] = {"width": 0}
        z = points["z"].to_numpy(np.float32)
        return go.Scatter3d(**shared, z=z, marker={**marker, "opacity": 0.85})
    places = {"xaxis": "x2", "yaxis": "y2"} if half and halves else {}
    faint = {"marker": {"opacity": FAINT}}
    if len(set(opacity)) == 1:
        opacity = opacity[0]
    return go.Scattergl(**shared, marker={**marker, "opacity": opacity}, unselected=faint, **places)


def _sizes(weights: pd.Series, total: int) -> Any:
    """The more points, the smaller. Where size tells something, areas go by the weight."""
    usual = min(WIDEST, max(NARROWEST, WIDEST * (100 / max(total, 1)) ** 0.25))
    if weights.isna().all():
        return usual
    return usual + (LARGEST - usual) * np.sqrt(weights.fillna(0).to_numpy(np.float32))


def _density(points: pd.DataFrame) -> Any:
    bins = int(np.clip(np.sqrt(len(points)), 8, 60))
    return go.Histogram2dContour(
        x=points["x"].to_numpy(np.float32),
        y=points["y"].to_numpy(np.float32),
        nbinsx=bins,
        nbinsy=bins,
        ncontours=12,
        colorscale=[[0, "rgba(120,140,160,0)"], [1, "rgba(120,140,160,0.55)"]],
        line={"width": 0},
        contours={"coloring": "fill"},
        showscale=False,
        hoverinfo="skip",
    )


def _problems(problems: pd.DataFrame, dimensions: int, kind: str) -> Any:
    shared = {
        "x": problems["x"],
        "y": problems["y"],
        "text": problems["hover"],
        "mode": "markers",
        "name": f"{kind} ({len(problems):,})",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": PROBLEMS[kind],
    }
    if dimensions == 3:
        marker = {**PROBLEMS[kind], "symbol": "x"}  # there are no stars in three dimensions
        return go.Scatter3d(**{**shared, "marker": marker}, z=problems["z"])
    return go.Scattergl(**shared)


def _lines(
    points: pd.DataFrame, problems: pd.DataFrame, lines: Sequence[tuple[int, int]], dimensions: int
) -> Any:
    ends: dict[str, list[float | None]] = {}
    for axis in "xyz":
        column = [
            (problems[axis].iloc[start], points[axis].iloc[end], None) for start, end in lines
        ]
        ends[axis] = [value for line in column for value in line]
    shared: dict[str, Any] = {
        "mode": "lines",
        "line": {"width": 1.2, "color": "rgba(140,140,140,0.8)"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    if dimensions == 3:
        return go.Scatter3d(x=ends["x"], y=ends["y"], z=ends["z"], **shared)
    return go.Scattergl(x=ends["x"], y=ends["y"], **shared)
