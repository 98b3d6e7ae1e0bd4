"""Figures of an evaluation, from the rows of its report.

Rows are mappings with the report's names. `arms` are all arms of the run in their order: an arm has
the same color and symbol in every figure, on the screen and on the exported page. Texts are
escaped, because plotly reads some HTML in them.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

# Of Okabe and Ito (2008), told apart also by those who see no red or no green.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#b0548a", "#c98a00", "#3f9bcf")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "line-ns", "cross")
GREY = "#8a8a8a"
HEIGHT, ROW_HEIGHT, FRAME = 440, 26, 130
CLOSE = 0.03  # of an axis: labels nearer than that lie on each other

Row = Mapping[str, Any]
Ends = Sequence[float] | None


def curve_figure(
    points: Sequence[Row], arms: Sequence[str], paper: Sequence[Row] = ()
) -> go.Figure:
    """Accuracy against mean output tokens with intervals both ways; a point for each budget.

    `customdata` of a point is its arm and budget. The paper's points have no intervals.
    """
    known = [one for one in points if None not in (one["accuracy"], one["output_tokens"])]
    figure = go.Figure()
    for arm in _present(known, arms):
        own = sorted((one for one in known if one["arm"] == arm), key=_budget)
        labels = (
            _labels(own, known) if len({_budget(one) for one in known}) > 1 else [""] * len(own)
        )
        figure.add_trace(_curve(own, arm, arms, labels))
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
        subplot_titles=("points of accuracy gained", "output tokens, times the baseline's"),
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
                marker={"size": 9, "symbol": _symbol(arm, arms), "color": color_of(arm, arms)},
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


def _labels(own: Sequence[Row], known: Sequence[Row]) -> list[str]:
    """The budgets of an arm's points. Where several lie on each other the last says of them all."""
    reach = [_reach(known, "output_tokens"), _reach(known, "accuracy")]
    labels = [f"{one['budget']:,}" for one in own]
    first = 0
    for at in range(1, len(own)):
        apart = [
            abs(own[at][name] - own[first][name]) > CLOSE * wide
            for name, wide in zip(("output_tokens", "accuracy"), reach, strict=True)
        ]
        if any(apart):
            first = at
        else:
            labels[at] = f"{own[first]['budget']:,} to {own[at]['budget']:,}"
            labels[at - 1] = ""
    return labels


def _reach(known: Sequence[Row], name: str) -> float:
    """How far all points and their intervals reach on an axis."""
    ends = [end for one in known for end in one.get(f"{name}_interval") or (one[name],)]
    return float(max(ends) - min(ends))


def _curve(own: Sequence[Row], arm: str, arms: Sequence[str], labels: Sequence[str]) -> go.Scatter:
    place = "top center" if arms.index(arm) % 2 == 0 else "bottom center"
    return go.Scatter(
        x=[one["output_tokens"] for one in own],
        y=[one["accuracy"] for one in own],
        error_x=bars(own, "output_tokens", "output_tokens_interval"),
        error_y=bars(own, "accuracy", "accuracy_interval"),
        mode="lines+markers+text",
        text=labels,
        textposition=place,
        textfont={"size": 11},
        name=html.escape(arm),
        line={"color": color_of(arm, arms)},
        marker={"size": 9, "symbol": _symbol(arm, arms)},
        customdata=[[arm, one["budget"]] for one in own],
        hovertemplate="at %{customdata[1]:,}: %{y:.1%} right, %{x:,.0f} tokens",
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
        marker={"size": 9, "symbol": _symbol(arm, arms), "color": color_of(arm, arms)},
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
    figure.update_layout(
        margin={"l": 10, "r": 10, "t": 60, "b": 40},
        legend={"orientation": "h", "y": 1.06, "yanchor": "bottom", "x": 0, "xanchor": "left"},
    )
    return figure
