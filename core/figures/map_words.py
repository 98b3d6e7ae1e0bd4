"""Words on the map: the names of clusters, and what its two halves are."""

import html

import numpy as np
import pandas as pd
import plotly.graph_objects as go

MOST_LABELS = 20
# About what a map measures on a screen, and a letter on it, in pixels: to see which names collide.
MAP_PIXELS, LETTER_PIXELS, LINE_PIXELS = (640, 560), 6.5, 18


def add_labels(figure: go.Figure, labels: pd.DataFrame, dimensions: int) -> None:
    """The first of `labels` (x, y, z, text) for which there is room.

    As notes, because they alone stand above points that are drawn by the graphics card.
    """
    axes = ["x", "y", "z"][:dimensions]
    notes = [
        {
            **{axis: float(label[axis]) for axis in axes},
            "text": html.escape(label["text"]),
            "showarrow": False,
            "font": {"size": 11},
            "borderpad": 1,
        }
        for _number, label in _apart(labels).head(MOST_LABELS).iterrows()
    ]
    if dimensions == 3:
        figure.update_layout(scene_annotations=notes)
    else:
        figure.update_layout(annotations=[*figure.layout.annotations, *notes])


def _apart(labels: pd.DataFrame) -> pd.DataFrame:
    """Without the names that would lie on those before them."""
    middles = labels[["x", "y"]].to_numpy(np.float64)
    spans = np.maximum(np.ptp(middles, axis=0), 1e-9)
    pixels = middles / spans * np.array(MAP_PIXELS)
    widths = labels["text"].str.len().to_numpy() * LETTER_PIXELS
    kept: list[int] = []
    for at in range(len(labels)):
        near = np.abs(pixels[kept] - pixels[at])
        wide = (widths[kept] + widths[at]) / 2
        if not ((near[:, 0] < wide) & (near[:, 1] < LINE_PIXELS)).any():
            kept.append(at)
    return labels.iloc[kept]


def add_titles(figure: go.Figure, titles: tuple[str, str]) -> None:
    """Over each half what it is."""
    for title, x in zip(titles, (0.0, 0.505), strict=True):
        figure.add_annotation(
            text=html.escape(title),
            x=x,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 13},
        )
