"""Figures of an evaluation, from the rows of its report.

Rows are mappings with the report's names. `arms` are all arms of the run in their order: an arm has
the same color and symbol in every figure, on the screen and on the exported page. Texts are
escaped, because plotly reads some HTML in them.
"""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.marks import COLORS, MARK, sizes_of

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "hourglass", "cross")
GREY = "#8a8a8a"
HEIGHT, ROW_HEIGHT, FRAME = 410, 26, 70  # without what stands over the plot
# In pixels: plotly's buttons, titles of panels, a row of the legend, what stands beside a name in
# it, a letter of the name, and how wide a plot is on the narrowest screen.
TOOLBAR, TITLES, LEGEND_ROW, LEGEND_MARK, LETTER, NARROWEST = 34, 44, 20, 45, 6, 400
KEY = {
    "title": {"text": "budget", "side": "left"},
    "orientation": "h",
    "xref": "container",
    "x": 0,
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
}

Row = Mapping[str, Any]
Ends = Sequence[float] | None


def curve_figure(
    points: Sequence[Row], arms: Sequence[str], paper: Sequence[Row] = ()
) -> go.Figure:
    """Accuracy against mean output tokens with intervals both ways; a point for each budget.

    The size of a point says its budget, and the legend which size is which: where arms are alike,
    words beside their points would lie on each other. `customdata` of a point is its arm and
    budget. The paper's points have no intervals.
    """
    known = [one for one in points if None not in (one["accuracy"], one["output_tokens"])]
    sizes = sizes_of({_budget(one) for one in known})
    figure = go.Figure()
    for arm in _present(known, arms):
        own = [one for one in known if one["arm"] == arm]
        # The large ones first: of points in one place the small ones are seen on them.
        figure.add_trace(_curve(sorted(own, key=_budget, reverse=True), arm, arms, sizes))
    if len(sizes) > 1:
        figure.add_traces([_key(budget, size) for budget, size in sizes.items()])
        figure.update_layout(legend2=KEY)
    for key in dict.fromkeys((one["model"], one["arm"]) for one in paper):
        own = [one for one in paper if (one["model"], one["arm"]) == key]
        figure.add_trace(_curve_of_paper(sorted(own, key=_budget), *key))
    figure.update_layout(height=HEIGHT, showlegend=True)  # of one arm too
    figure.update_xaxes(title="mean output tokens", rangemode=_from([*known, *paper]))
    figure.update_yaxes(title="right", tickformat=".0%")
    return laid_out(figure)


def pairs_figure(pairs: Sequence[Row], arms: Sequence[str]) -> go.Figure:
    """Every arm and budget against the baseline: points of accuracy, and the ratio of tokens."""
    figure = make_subplots(
        1,
        2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=("points of<br>accuracy gained", "output tokens,<br>times the baseline's"),
    )
    panels = (("accuracy_difference", "interval", 100), ("token_ratio", "token_ratio_interval", 1))
    for column, (value, interval, scale) in enumerate(panels, start=1):
        for arm in _present(pairs, arms):
            own = [one for one in pairs if one["arm"] == arm and one[value] is not None]
            if own:
                figure.add_trace(_forest(own, arm, arms, (value, interval, scale)), 1, column)
        figure.add_vline(x=column - 1, line={"color": GREY, "dash": "dash"}, row=1, col=column)
    labels = [_named(one) for one in pairs]
    figure.update_yaxes(categoryorder="array", categoryarray=labels[::-1], automargin=True)
    # Each row names its arm; a legend would lie over the titles.
    figure.update_layout(height=FRAME + ROW_HEIGHT * len(labels), showlegend=False)
    return laid_out(figure)


def groups_figure(rows: Sequence[Row], arms: Sequence[str], by: str = "topic") -> go.Figure:
    """Accuracy of each arm in each topic, or each level."""
    known = [one for one in rows if one["by"] == by and one["accuracy"] is not None]
    figure = go.Figure()
    for arm in _present(known, arms):
        own = [one for one in known if one["arm"] == arm]
        figure.add_trace(
            go.Scatter(
                x=[one["accuracy"] for one in own],
                y=[html.escape(one["group"]) for one in own],
                mode="markers",
                orientation="h",
                name=html.escape(arm),
                # A point, and no bar: of none right nothing would be seen.
                marker={"size": MARK, "symbol": _symbol(arm, arms), "color": color_of(arm, arms)},
                error_x=bars(own, "accuracy", "accuracy_interval"),
                customdata=[[one["n_graded"]] for one in own],
                hovertemplate="%{y}: %{x:.1%} of %{customdata[0]} problems",
            )
        )
    groups = list(dict.fromkeys(html.escape(one["group"]) for one in known))
    figure.update_layout(
        scattermode="group", height=FRAME + ROW_HEIGHT * max(3, len(known)), showlegend=True
    )
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=groups[::-1], automargin=True
    )
    figure.update_xaxes(title="right", tickformat=".0%", range=[-0.03, 1.03], zeroline=False)
    return laid_out(figure)


def _curve(
    own: Sequence[Row], arm: str, arms: Sequence[str], sizes: Mapping[int, float]
) -> go.Scatter:
    return go.Scatter(
        x=[one["output_tokens"] for one in own],
        y=[one["accuracy"] for one in own],
        error_x=bars(own, "output_tokens", "output_tokens_interval"),
        error_y=bars(own, "accuracy", "accuracy_interval"),
        mode="lines+markers",
        name=html.escape(arm),
        line={"color": color_of(arm, arms)},
        marker={
            "size": [sizes[_budget(one)] for one in own],
            "symbol": _symbol(arm, arms),
            "opacity": 1,
            "line": {"color": "rgba(255, 255, 255, 0.6)", "width": 1},
        },
        customdata=[[arm, one["budget"]] for one in own],
        hovertemplate="at %{customdata[1]:,}: %{y:.1%} right, %{x:,.0f} tokens",
    )


def _key(budget: int, size: float) -> go.Scatter:
    """Draws nothing: it stands in the legend."""
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        name=f"{budget:,}",
        marker={"size": size, "color": GREY},
        legend="legend2",
    )


def _curve_of_paper(own: Sequence[Row], model: str, arm: str) -> go.Scatter:
    return go.Scatter(
        x=[one["output_tokens"] for one in own],
        y=[one["accuracy"] for one in own],
        mode="lines+markers",
        text=[f"{one['budget']:,}" for one in own],
        name=html.escape(f"the paper: {model}, {arm}"),
        line={"color": GREY, "dash": "dot" if arm == "plain" else "dash", "width": 1},
        marker={"size": 7, "symbol": "circle-open" if arm == "plain" else "square-open"},
        hovertemplate="at %{text}: %{y:.1%} right, %{x:,.0f} tokens",
    )


def _forest(
    own: Sequence[Row],
    arm: str,
    arms: Sequence[str],
    fields: tuple[str, str, float],
) -> go.Scatter:
    value, interval, scale = fields
    return go.Scatter(
        x=[one[value] * scale for one in own],
        y=[_named(one) for one in own],
        error_x=bars(own, value, interval, scale),
        mode="markers",
        name=html.escape(arm),
        marker={"size": MARK, "symbol": _symbol(arm, arms), "color": color_of(arm, arms)},
        customdata=[[one["arm"], one["budget"]] for one in own],
        hovertemplate="%{y}: %{x:+.1f}" if scale > 1 else "%{y}: %{x:.2f}",
    )


def bars(own: Sequence[Row], value: str, interval: str, scale: float = 1.0) -> dict[str, Any]:
    """Plotly wants how far an interval reaches from the value; never less than nothing."""

    def reaching(end: int, sign: int) -> list[float | None]:
        ends: list[tuple[float, Ends]] = [(one[value], one.get(interval)) for one in own]
        return [max(0.0, sign * (it[end] - at)) * scale if it else None for at, it in ends]

    return {
        "type": "data",
        "symmetric": False,
        "array": reaching(1, 1),
        "arrayminus": reaching(0, -1),
        "thickness": 1.2,
        "width": 0,
    }


def _present(rows: Sequence[Row], arms: Sequence[str]) -> list[str]:
    there = {one["arm"] for one in rows}
    return [arm for arm in arms if arm in there]


def _named(one: Row) -> str:
    return html.escape(f"{one['arm']} at {one['budget']:,}")


def color_of(arm: str, arms: Sequence[str]) -> str:
    return COLORS[arms.index(arm) % len(COLORS)]


def _symbol(arm: str, arms: Sequence[str]) -> str:
    return SYMBOLS[arms.index(arm) % len(SYMBOLS)]


def _budget(one: Row) -> int:
    return int(one["budget"])


def _from(points: Sequence[Row]) -> str:
    """From 0 where that wastes little."""
    counts = [one["output_tokens"] for one in points]
    return "tozero" if counts and min(counts) < 0.4 * max(counts) else "normal"


def laid_out(figure: go.Figure) -> go.Figure:
    """The legend under plotly's buttons and over the plot, which keeps its height whatever that
    takes.
    """
    titles = TITLES if figure.layout.annotations else 0
    above = TOOLBAR + titles + LEGEND_ROW * _legend_rows(figure)
    height = figure.layout.height + above
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": TOOLBAR + titles, "b": 40},
        legend={
            "orientation": "h",
            "xref": "container",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 1 - TOOLBAR / height,
            "yanchor": "top",
        },
    )
    figure.update_annotations(font={"size": 13})
    return figure


def _legend_rows(figure: go.Figure) -> int:
    """On the narrowest screen, where plotly gives every name as much place as the longest."""
    if not figure.layout.showlegend or not figure.data:
        return 0
    names = [html.unescape(trace.name) for trace in figure.data if trace.legend is None]
    each = LEGEND_MARK + LETTER * max(map(len, names))
    return math.ceil(len(names) / max(1, NARROWEST // each))
