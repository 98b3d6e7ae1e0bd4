"""A problem that is pasted onto the map: where it stands, and the behaviors it would get."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.map.problems import stands
from core.retrieval.vectors import embedded_text
from core.store.records import Handbook
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.map.points import Points
from pages.ui.retrieval import draw_retrieval

KEY = "map_problem"
LONGEST = 2_000  # characters: it stands in the address


@dataclass(frozen=True)
class Asked:
    """A problem, its place (x, y, z) and the behaviors it retrieves."""

    text: str
    place: tuple[float, float, float]
    ids: tuple[int, ...]


def draw_own_problem(book: Handbook, points: Points) -> Asked | None:
    text = st.text_area(
        "Drop a problem onto the map",
        key=KEY,
        bind="query-params",
        height=100,
        max_chars=LONGEST,
        placeholder="Paste a problem, then press Ctrl+Enter",
    ).strip()
    if not text:
        return None
    found = draw_retrieval(book, text, KEY)
    if found is None:
        return None
    with shown_errors():
        ids = tuple(hit.behavior.id for hit in found.hits)
        return Asked(text, _place(text, points), ids)
    return None


def _place(text: str, points: Points) -> tuple[float, float, float]:
    """Among the behaviors that are drawn."""
    vectors, _indexes = services.app().sources.needed()
    frame = points.frame
    pairs = zip(frame["name"], frame["instruction"], strict=True)
    rows, _known = vectors.known([embedded_text(*pair) for pair in pairs])
    x, y, z = stands(vectors.of([text]), rows, np.asarray(frame[["x", "y", "z"]]))[0].tolist()
    return x, y, z
