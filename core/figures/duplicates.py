"""Figures of near copies."""

from collections.abc import Sequence

import plotly.graph_objects as go

HEIGHT = 220


def groups_by_threshold(
    counts: Sequence[tuple[float, int, int, int]], threshold: float
) -> go.Figure:
    """How many groups each threshold gives: (threshold, groups, behaviors in them, largest)."""
    thresholds, groups, behaviors, _ = zip(*counts, strict=True)
    figure = go.Figure(
        [
            go.Scatter(x=thresholds, y=groups, name="groups", line={"color": "#3b6fb6"}),
            go.Scatter(
                x=thresholds,
                y=behaviors,
                name="behaviors in them",
                line={"color": "#d9822b", "dash": "dot"},
            ),
        ]
    )
    figure.add_vline(x=threshold, line={"color": "#8a8a8a", "dash": "dash"})
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 10, "b": 40},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    figure.update_xaxes(title="alike from", tickformat=".0%")
    figure.update_yaxes(rangemode="tozero")
    return figure
