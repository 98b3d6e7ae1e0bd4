"""Figures of retrieval."""

from collections.abc import Sequence

import plotly.graph_objects as go

HEIGHT = 240


def effect_of_k(similarities: Sequence[float], k: int, at_least: float) -> go.Figure:
    """Similarity by rank, with lines at K and at the smallest similarity that is sent."""
    ranks = list(range(1, len(similarities) + 1))
    figure = go.Figure(
        go.Scatter(
            x=ranks,
            y=list(similarities),
            mode="lines+markers",
            marker={"size": 4},
            line={"color": "#3b6fb6"},
            hovertemplate="rank %{x}: %{y:.2f}<extra></extra>",
        )
    )
    figure.add_vline(x=k + 0.5, line={"color": "#8a8a8a", "dash": "dash"})
    if at_least:
        figure.add_hline(y=at_least, line={"color": "#8a8a8a", "dash": "dash"})
    figure.update_layout(height=HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 40})
    figure.update_xaxes(title="rank")
    figure.update_yaxes(title="similarity", rangemode="tozero")
    return figure
