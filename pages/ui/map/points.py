"""What stands on the map: read once for each state of the handbook, then kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.figures.map import NONE, hover
from core.handbook import shelf, versions
from core.map import comparing, reading
from core.map.area import Outline, inside
from core.map.reading import Map
from core.retrieval.vectors import Vectors, embedded_text
from core.store import behaviors as rows
from core.store.records import Handbook, now
from pages.ui import services, similar
from pages.ui.map.view import View

COLUMNS = tuple("id handbook_id name instruction topic status source_model created".split())


@dataclass(frozen=True)
class Points:
    """`frame` has a row for each point that has a place; `without` counts those that have none."""

    frame: pd.DataFrame
    map: Map
    without: int
    stamp: str


def selected(
    points: Points, outline: Outline, picked: Sequence[int], lit: frozenset[int] | None
) -> list[int]:
    """The ids inside the outline, as far as a search finds them, and those picked by clicks."""
    frame = points.frame
    within = inside(frame[["x", "y"]].to_numpy(), outline)
    if lit is not None:
        within &= frame["id"].isin(lit).to_numpy()
    known = set(frame["id"])
    found = [*frame["id"][within], *(number for number in picked if number in known)]
    return list(dict.fromkeys(int(number) for number in found))


def points_of(book: Handbook, view: View) -> Points:
    app = services.app()
    assert app.vectors is not None  # noqa: S101  the screen has looked
    stamp = similar.stamp(book.id)
    if view.other and view.other.startswith("handbook "):
        other = shelf.find(app.store, view.other.removeprefix("handbook "))
        stamp += f" {similar.stamp(other.id)}"
    laid_out = reading.stamp(app.store, app.vectors, book.id, view.dimensions)
    what = (view.statuses, view.dimensions, view.other, view.beside)
    kept = _kept_points(stamp, laid_out, book.slug, *what)
    # What had no vector may have one by now.
    return _points(stamp, laid_out, book.slug, *what) if kept.without else kept


def _points(
    stamp: str,
    laid_out: str,
    slug: str,
    statuses: tuple[str, ...],
    dimensions: int,
    other: str | None,
    beside: bool,
) -> Points:
    app = services.app()
    handbook_id = int(stamp.split("@")[0])
    if other:
        found = _compared_with(stamp, slug, other, beside)
    else:
        found = _own(stamp, handbook_id, statuses)
    pairs = zip(found["name"], found["instruction"], strict=True)
    texts = [embedded_text(*pair) for pair in pairs]
    drawn = reading.read(app.store, _vectors(), handbook_id, dimensions, texts)
    there = np.flatnonzero(drawn.there)
    frame = found.iloc[there].copy()
    places = np.zeros((len(found), 3))
    places[:, :dimensions] = drawn.places
    frame[["x", "y", "z"]] = places[there]
    frame["label"] = drawn.labels[there]
    names = {cluster.number: cluster.name for cluster in drawn.clusters}
    frame["cluster"] = frame["label"].map(names).fillna(NONE)
    key = f"{stamp} {laid_out} {len(there)} {drawn.layout is None}"
    return Points(frame, drawn, len(found) - len(there), key)


_kept_points = st.cache_resource(max_entries=4, show_spinner=False)(_points)


def _vectors() -> Vectors:
    vectors, _indexes = services.app().sources.needed()
    return vectors


@st.cache_resource(max_entries=4, show_spinner=False)
def _own(stamp: str, handbook_id: int, statuses: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG001
    """The handbook's behaviors. Not to be changed: all sessions share it."""
    with services.app().store.read() as session:
        found = rows.values(handbook_id, COLUMNS, statuses, session=session)
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    frame["half"] = 1
    frame["kind"] = "same"
    frame["hover"] = _hovers(frame)
    return frame


@st.cache_resource(max_entries=4, show_spinner=False)
def _compared_with(stamp: str, slug: str, other: str, beside: bool) -> pd.DataFrame:  # noqa: ARG001
    """Both states; the first one is the other."""
    store = services.app().store
    kind, _, name = other.partition(" ")
    if kind == "handbook":
        first = versions.state(store, name)
    else:
        first = versions.state(store, slug, versions.step_of(store, slug, name))
    found = comparing.shown(first, versions.state(store, slug), beside=beside)
    columns = {name: [getattr(one.behavior, name) for one in found] for name in COLUMNS}
    frame = pd.DataFrame(columns)
    frame["half"] = [one.half for one in found]
    frame["kind"] = [one.kind for one in found]
    frame["hover"] = _hovers(frame)
    return frame


def _hovers(frame: pd.DataFrame) -> list[str]:
    columns = (frame[name] for name in ("name", "instruction", "topic", "status"))
    return [hover(*values) for values in zip(*columns, strict=True)]


def ages(frame: pd.DataFrame) -> pd.Series:
    """Days since each was created."""
    today = pd.Timestamp(now())
    return (today - pd.to_datetime(frame["created"], utc=True)).dt.total_seconds() / 86_400
