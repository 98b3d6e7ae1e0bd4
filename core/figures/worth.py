"""Figures of what behaviors are worth: the effect of each, and when a handbook has paid for itself.

Rows are mappings with the report's names, as in `core.figures.evaluation`.
"""

import html
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.evaluation import (
    FRAME,
    GREY,
    HEIGHT,
    ROW_HEIGHT,
    Row,
    bars,
    color_of,
    laid_out,
)
from core.figures.marks import COLORS

BETTER, WORSE = COLORS[0], COLORS[1]
ALPHA = 0.05
MOST_BEHAVIORS = 40


def effects_figure(worths: Sequence[Row], most: int = MOST_BEHAVIORS) -> go.Figure:
    """What behaviors do to tokens and to being right, with intervals; who saves most is on top.

    Each has `behavior`, `tokens` and `right`: None, or size, interval and corrected_p. Where there
    are more than `most`, those with the largest effects on tokens. Grey ones
    are not told from none.
    """
    known = [one for one in worths if one["tokens"] or one["right"]]
    told = sorted(known, key=lambda one: -abs(_size(one, "tokens")))[:most]
    told.sort(key=lambda one: (_size(one, "tokens"), -_size(one, "right")))
    figure = make_subplots(
        1,
        2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=("output tokens, %", "points of accuracy"),
    )
    for column, (what, good) in enumerate((("tokens", -1), ("right", 1)), start=1):
        own = [one for one in told if one[what]]
        if own:
            figure.add_trace(_effects(own, what, good), 1, column)
        figure.add_vline(x=0, line={"color": GREY, "dash": "dash"}, row=1, col=column)
    names = [html.escape(one["behavior"]) for one in told]
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], automargin=True)
    figure.update_layout(height=FRAME + ROW_HEIGHT * len(names), showlegend=False)
    return laid_out(figure)


def ledger_figure(ledger: Row, arms: Sequence[str], in_tokens: bool = False) -> go.Figure:
    """The balance after so many problems: it begins with what an arm's handbook took to make, for
    those who use one.

    An arm is drawn where its balance is known; in money, or with every token counted alike.
    """
    in_money = ("net_price", "problems_to_pay", "making_price")
    counted = ("net_tokens", "problems_to_pay_in_tokens", "making_tokens")
    net, after, making = counted if in_tokens else in_money
    known = [
        one
        for one in ledger["entries"]
        if one[net] is not None and not (one["uses_handbook"] and one[making] is None)
    ]
    farthest = 2 * max([one[after] or 0 for one in known], default=0) or 1000
    figure = go.Figure(
        [
            go.Scatter(
                x=[0, farthest],
                y=[begun - _own(one, making) for begun in (0, farthest * one[net])],
                mode="lines",
                name=html.escape(one["arm"]),
                line={"color": color_of(one["arm"], arms)},
            )
            for one in known
        ]
    )
    figure.add_hline(y=0, line={"color": GREY, "dash": "dash"})
    figure.update_layout(height=HEIGHT, showlegend=True)
    figure.update_xaxes(title="problems", rangemode="tozero")
    figure.update_yaxes(title="tokens saved in all" if in_tokens else "money saved in all")
    return laid_out(figure)


def _effects(own: Sequence[Row], what: str, good: int) -> go.Scatter:
    scaled = [one[what] for one in own]
    return go.Scatter(
        x=[one["size"] * 100 for one in scaled],
        y=[html.escape(one["behavior"]) for one in own],
        error_x={**bars(scaled, "size", "interval", 100), "color": GREY},
        mode="markers",
        marker={"size": 9, "color": [_of_effect(one, good) for one in scaled]},
        customdata=[[one["behavior"]] for one in own],
        hovertemplate="%{y}: %{x:+.1f}<extra></extra>",
    )


def _of_effect(effect: Row, good: int) -> str:
    if effect["corrected_p"] > ALPHA:
        return GREY
    return BETTER if effect["size"] * good > 0 else WORSE


def _size(one: Row, what: str) -> float:
    return float(one[what]["size"]) if one[what] else 0.0


def _own(one: Row, making: str) -> float:
    """What its handbook took to make."""
    return float(one[making]) if one["uses_handbook"] else 0.0
