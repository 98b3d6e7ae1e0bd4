"""The map's figure as the plot gets it: built from what a selection does not change, and kept."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.figures.map import NONE, hover, map_figure
from core.map.use import times_named
from core.retrieval.keywords import STOPWORDS
from core.store.records import Handbook
from pages.ui import services, similar, worth
from pages.ui.map import plot
from pages.ui.map.own_problem import Asked
from pages.ui.map.points import Points, ages
from pages.ui.map.problem_set import OnMap
from pages.ui.map.view import (
    CLICKED,
    COUNTS,
    DIFFERENCE,
    EXPERIMENTS,
    View,
    drawn_around,
    keep_area,
    keep_picked,
    picked,
)

HEIGHT = 640
MEANT = 60  # so many of a search by meaning stay lit


def lit_ids(points: Points, view: View) -> frozenset[int] | None:
    """What the search finds; None where nothing is searched for."""
    if not view.words:
        return None
    frame = points.frame
    if view.by_meaning:
        texts = list(zip(frame["id"], frame["name"], frame["instruction"], strict=True))
        at_least = services.app().unrelated
        return frozenset(similar.by_meaning(view.words, texts, MEANT, at_least) or ())
    asked = view.words.casefold().split()
    wanted = [word for word in asked if word not in STOPWORDS] or asked
    text = (
        frame["name"].str.replace("_", " ") + " " + frame["instruction"] + " " + frame["topic"]
    ).str.casefold()
    found = np.logical_and.reduce([text.str.contains(word, regex=False) for word in wanted])
    return frozenset(frame["id"][found])


def figure_of(
    book: Handbook,
    points: Points,
    view: View,
    lit: frozenset[int] | None,
    problems: OnMap | None,
    asked: Asked | None,
) -> go.Figure:
    frame = points.frame.copy()
    frame["lit"] = frame["id"].isin(lit) if lit is not None else True
    frame["color"] = _values(book, frame, "difference" if view.other else view.color, problems)
    frame["weight"] = _weights(book, frame, view.size, problems)
    shown, lines = None, []
    if problems:
        shown = problems.frame(points)
    if asked:
        x, y, z = asked.place
        told = hover("Your problem", asked.text[:300])
        row = pd.DataFrame([{"x": x, "y": y, "z": z, "hover": told, "kind": "your problem"}])
        shown = row if shown is None else pd.concat([shown, row])
        places = {number: at for at, number in enumerate(frame["id"])}
        lines = [(len(shown) - 1, places[number]) for number in asked.ids if number in places]
    return map_figure(
        frame,
        dimensions=view.dimensions,
        colored_by=view.color,
        labels=_labels(frame) if view.labels and not view.other else None,
        problems=shown,
        lines=lines,
        density=view.density,
        halves=bool(view.other) and view.beside,
        titles=(_title(view.other), f"{book.slug}, now") if view.other else None,
    )


def text_of(stamp: str, view: View, make: Callable[[], go.Figure]) -> str:
    """The figure as plotly's JSON, kept: for what depends on the handbook and the view alone."""
    return _text_of(stamp, repr(view), make)


@st.cache_resource(max_entries=6, show_spinner=False)
def _text_of(stamp: str, view: str, _make: Callable[[], go.Figure]) -> str:  # noqa: ARG001
    return as_text(_make())


def as_text(figure: go.Figure) -> str:
    text: str = figure.to_json()
    return text


def draw_map(
    book: Handbook, figure: str, ids: Sequence[int], view: View, lit: frozenset[int] | None
) -> None:
    if "times retrieved" in (view.color, view.size) and not view.problem_set:
        st.caption("Retrieved by what? Choose a problem set under Problems.")
    if view.color in (DIFFERENCE, EXPERIMENTS) or "times given" in (view.color, view.size):
        _draw_where_from(book, view)
    if lit is not None:
        st.caption(f"The search finds {len(lit):,}; the rest is grey.")
    key = f"map_plot_{book.id}"  # another handbook's map begins with a camera of its own
    plot.draw_plot(
        figure,
        selected=ids,
        area=(drawn_around() or None) if view.dimensions == 2 else None,
        key=key,
        height=HEIGHT,
        alt="The map of the handbook",
        on_area=partial(_take_area, key),
        on_click=partial(_take_click, key),
    )


def _draw_where_from(book: Handbook, view: View) -> None:
    """What a colour goes by, and what to do where nothing is known."""
    if view.color == EXPERIMENTS and not worth.standings(book.id):
        st.caption("No experiment has been made yet: Evaluate, “What is each behavior worth?”.")
    elif not worth.uses_of(book.id):
        st.caption("No evaluation and no comparison has given these behaviors to a model yet.")
    elif view.color == DIFFERENCE:
        st.caption(
            "Output tokens of answers that cite it, less those of the plain answer to the same. "
            "What was seen is no proof; an experiment is."
        )


def _take_area(key: str) -> None:
    st.query_params.pop(CLICKED, None)
    keep_area(plot.drawn_area(key))


def _take_click(key: str) -> None:
    """A click shows one behavior; with Shift it adds to the selection, or takes from it."""
    click = plot.clicked(key)
    if click is None:
        return
    if click.shift:
        keep_picked(
            [n for n in picked() if n != click.id]
            if click.id in picked()
            else [*picked(), click.id]
        )
    else:
        keep_area(None)
        st.query_params[CLICKED] = str(click.id)


def _values(book: Handbook, frame: pd.DataFrame, by: str, problems: OnMap | None) -> pd.Series:
    match by:
        case "difference":
            return frame["kind"]
        case "topic":
            return frame["topic"].replace("", "no topic")
        case "cluster":
            return frame["cluster"]
        case "status":
            return frame["status"]
        case "source model":
            return frame["source_model"].replace("", "by hand or imported")
        case "age in days":
            return ages(frame)
        case "what experiments show":
            shown = worth.standings(book.id)
            return frame["id"].map(lambda number: shown.get(number, NONE))
        case "tokens beside plain":
            seen = {number: use.token_difference for number, use in worth.uses_of(book.id).items()}
            return frame["id"].map(seen).astype(float)
        case _:
            return frame["id"].map(_counts(book, by, problems)).fillna(0).astype(float)


def _weights(book: Handbook, frame: pd.DataFrame, by: str, problems: OnMap | None) -> pd.Series:
    """From 0 to 1; none where all are to be the same."""
    if by not in COUNTS:
        return pd.Series(np.nan, index=frame.index)
    counts = frame["id"].map(_counts(book, by, problems)).fillna(0)
    return counts / max(float(counts.max()), 1.0)


def _counts(book: Handbook, by: str, problems: OnMap | None) -> dict[int, int]:
    match by:
        case "times retrieved":
            return dict(problems.served.times) if problems else {}
        case "times given":
            return {number: use.given for number, use in worth.uses_of(book.id).items()}
        case "times cited":
            return {number: use.cited for number, use in worth.uses_of(book.id).items()}
        case _:
            return times_named(services.app().store, book.id)


def _title(other: str) -> str:
    return other.removeprefix("handbook ").removeprefix("version ")


def _labels(frame: pd.DataFrame) -> pd.DataFrame:
    """The clusters' names at their middles, the largest first."""
    inside = frame[frame["label"] >= 0]
    middles = inside.groupby("label")[["x", "y", "z"]].median()
    middles["text"] = inside.groupby("label")["cluster"].first()
    return middles.sort_index()
