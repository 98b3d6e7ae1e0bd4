"""Figures of one handbook: what is in it, and how it grew."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import plotly.graph_objects as go

HEIGHT = 320
ROW_HEIGHT = 26
STATUS_COLORS = {
    "accepted": "#3f9c75",
    "proposed": "#d9822b",
    "rejected": "#c2554d",
    "merged": "#7b68c4",
}


def by_group(counts: Mapping[str, Mapping[str, int]], title: str) -> go.Figure:
    """Stacked bars: group -> status -> number of behaviors; the largest group on top."""
    groups = sorted(counts, key=lambda group: sum(counts[group].values()))
    figure = go.Figure(
        [
            go.Bar(
                y=groups,
                x=[counts[group].get(status, 0) for group in groups],
                name=status,
                orientation="h",
                marker_color=color,
                hovertemplate="%{y}: %{x} " + status + "<extra></extra>",
            )
            for status, color in STATUS_COLORS.items()
            if any(counts[group].get(status) for group in groups)
        ]
    )
    figure.update_layout(barmode="stack", height=max(HEIGHT, 110 + ROW_HEIGHT * len(groups)))
    figure.update_yaxes(automargin=True)
    return _laid_out(figure, title, "behaviors")


def growth(points: Sequence[tuple[datetime, int, int, int]], by_traces: bool) -> go.Figure:
    """Points in time: (when, accepted, extracted, traces read), each counted from the beginning.

    Over the traces read one sees whether new traces still bring anything new.
    """
    times, accepted, extracted, traces = zip(*points, strict=True) if points else ((),) * 4
    across = traces if by_traces else times
    figure = go.Figure(
        [
            go.Scatter(
                x=across,
                y=values,
                name=name,
                mode="lines",
                line={"color": color, "shape": "hv"},
            )
            for name, values, color in (
                ("accepted", accepted, STATUS_COLORS["accepted"]),
                ("proposed in all", extracted, STATUS_COLORS["proposed"]),
            )
        ]
    )
    figure.update_layout(height=HEIGHT)
    figure.update_yaxes(title="behaviors", rangemode="tozero")
    return _laid_out(figure, "Growth", "traces read" if by_traces else "time")


def _laid_out(figure: go.Figure, title: str, across: str) -> go.Figure:
    figure.update_layout(
        title={"text": title, "font": {"size": 15}},
        margin={"l": 10, "r": 10, "t": 60, "b": 40},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    figure.update_xaxes(title=across)
    return figure
