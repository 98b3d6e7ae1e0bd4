"""What lies inside an outline drawn on a map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.map.projection import Places

Outline = Sequence[tuple[float, float]]


def inside(places: Places, outline: Outline) -> NDArray[np.bool_]:
    """Which places, shape (n, 2), lie inside a closed outline, by the even-odd rule."""
    within = np.zeros(len(places), np.bool_)
    if len(outline) < 3 or not len(places):
        return within
    x, y = places[:, 0], places[:, 1]
    for (x1, y1), (x2, y2) in zip(outline, [*outline[1:], outline[0]], strict=True):
        crosses = (y1 > y) != (y2 > y)
        with np.errstate(all="ignore"):
            at = (x2 - x1) * (y - y1) / (y2 - y1) + x1
        within ^= crosses & (x < at)
    return within


def as_text(outline: Outline) -> str:
    """For an address: x,y pairs separated by spaces."""
    return " ".join(f"{x:g},{y:g}" for x, y in outline)


def from_text(text: str) -> list[tuple[float, float]]:
    """The outline of an address; none where it cannot be read."""
    try:
        pairs = [pair.split(",") for pair in text.split()]
        outline = [(float(x), float(y)) for x, y in pairs]
    except ValueError:
        return []
    return outline if len(outline) >= 3 and np.isfinite(outline).all() else []
