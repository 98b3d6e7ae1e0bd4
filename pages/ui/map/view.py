"""How the map is to be seen. All of it lives in the address, so that a view can be shared."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.evaluation import sets
from core.evaluation.problems import from_rows, guess_mapping, read_rows
from core.handbook import shelf, versions
from core.map.area import Outline, as_text, from_text
from core.store import problem_sets
from core.store.records import Handbook
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.problem_import import draw_replaced
from pages.ui.state import curator

COUNTS = ("times retrieved", "times named in traces", "times given", "times cited")
EXPERIMENTS, DIFFERENCE = "what experiments show", "tokens beside plain"
COLORS = (
    *("topic", "cluster", "status", "source model", "age in days"),
    *(*COUNTS, DIFFERENCE, EXPERIMENTS),
)
SIZES = ("all the same", *COUNTS)
STATUSES = ("accepted", "proposed", "rejected")
WAYS = ("words", "meaning")
SIDES = ("over each other", "side by side")
AREA, PICKED, CLICKED, CAMERA = "area", "picked", "b", "camera"
MAPPED = "map_of"  # the handbook that was on the map last
SET_MADE = "map_set_made"  # a set that was just imported
MOST_PICKED = 200  # ids that fit into an address


@dataclass(frozen=True)
class View:
    color: str
    size: str
    dimensions: int
    statuses: tuple[str, ...]
    density: bool
    labels: bool
    words: str
    by_meaning: bool
    other: str | None
    beside: bool
    problem_set: str | None

    @property
    def lasting(self) -> bool:
        """Whether what is shown changes only with the handbook: not with time, runs or traces."""
        changing = {"age in days", *COUNTS, DIFFERENCE, EXPERIMENTS}
        return not {self.color, self.size} & changing


def draw_view(book: Handbook) -> View:
    words = st.text_input(
        "Search",
        key="map_words",
        bind="query-params",
        placeholder="Search",
        icon=":material/search:",
        label_visibility="collapsed",
        width=160,
    )
    with st.popover("View", icon=":material/tune:", width="content"):
        look = _draw_look()
    with st.popover("Compare", icon=":material/compare:", width="content"):
        other, beside = _draw_compare(book)
    with st.popover("Problems", icon=":material/quiz:", width="content"):
        problem_set = _draw_problem_sets()
    if other:
        look["dimensions"] = 2  # two states are compared on the flat map
    return View(**look, words=words.strip(), other=other, beside=beside, problem_set=problem_set)


def _draw_look() -> dict[str, Any]:
    """Those fields of the view that say how points look."""
    color = _one("Colour by", COLORS, "map_color")
    size = _one("Size by", SIZES, "map_size")
    statuses = st.multiselect(
        "Status",
        STATUSES,
        default=["accepted", "proposed"],
        key="map_status",
        bind="query-params",
    )
    way = _one("Search by", WAYS, "map_way")
    with st.container(horizontal=True):
        solid = st.toggle("3-D", key="map_3d", bind="query-params")
        density = st.toggle("Density", key="map_density", bind="query-params", disabled=solid)
        labels = st.toggle("Cluster names", value=True, key="map_labels", bind="query-params")
    return {
        "color": color,
        "size": size,
        "dimensions": 3 if solid else 2,
        "statuses": tuple(statuses) or STATUSES,
        "density": density,
        "labels": labels,
        "by_meaning": way == "meaning",
    }


def _draw_compare(book: Handbook) -> tuple[str | None, bool]:
    """What the handbook is compared with, and whether they stand side by side."""
    other = st.selectbox(
        "With",
        _others(book),
        index=None,
        key="map_other",
        bind="query-params",
        placeholder="a version, or another handbook",
    )
    sides = _one("They stand", SIDES, "map_sides")
    st.caption("What is accepted in each, coloured by what differs.")
    return other, sides == "side by side"


def _draw_problem_sets() -> str | None:
    with services.app().store.read() as session:
        names = [one.name for one in problem_sets.problem_sets(session=session)]
    if made := st.session_state.pop(SET_MADE, None):
        st.session_state["map_set"] = made
    chosen = st.selectbox(
        "Problem set",
        names,
        index=None,
        key="map_set",
        bind="query-params",
        placeholder="none on the map",
    )
    _draw_import()
    return chosen


def _draw_import() -> None:
    """Another set, from a file."""
    uploaded = st.file_uploader(
        "Import a set", type=["jsonl", "json", "csv", "parquet"], key="map_upload"
    )
    if uploaded is None:
        return
    with shown_errors():
        found = read_rows(uploaded.name, uploaded.getvalue())
        name = uploaded.name.rpartition(".")[0][:64] or "problems"
        mapping = guess_mapping(found, uploaded.name)
        problems = from_rows(found, mapping.columns(found), mapping)
        draw_replaced(name, problems)
        if st.button("Import it", key="map_import", icon=":material/upload:"):
            made = sets.import_set(services.app().store, name, problems, by=curator())
            st.session_state[SET_MADE] = made.name
            st.rerun()


def leave_other_handbook(book: Handbook) -> None:
    """What was drawn, clicked or compared belongs to the handbook it was done on."""
    if st.session_state.get(MAPPED, book.id) != book.id:
        for name in (AREA, PICKED, CLICKED, CAMERA):
            st.query_params.pop(name, None)
        st.session_state["map_other"] = None
    st.session_state[MAPPED] = book.id


def drawn_around() -> Outline:
    return from_text(st.query_params.get(AREA, ""))


def keep_area(outline: Outline | None) -> None:
    """A new outline, or none any more; what was picked by single clicks goes with it."""
    st.query_params.pop(PICKED, None)
    if outline:
        st.query_params[AREA] = as_text(outline)
    else:
        st.query_params.pop(AREA, None)


def picked() -> list[int]:
    parts = st.query_params.get(PICKED, "").split(",")
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 16]


def keep_picked(ids: list[int]) -> None:
    st.query_params.pop(PICKED, None)
    if ids:
        st.query_params[PICKED] = ",".join(map(str, ids[:MOST_PICKED]))


def _one(label: str, options: tuple[str, ...], key: str) -> str:
    return st.selectbox(label, options, key=key, bind="query-params")


def _others(book: Handbook) -> list[str]:
    """Versions of the handbook, then the other handbooks, as they stand in the address."""
    store = services.app().store
    named = [f"version {version.name}" for version in versions.versions(store, book.slug)]
    slugs = [summary.handbook.slug for summary in shelf.summaries(store)]
    return [*named, *(f"handbook {slug}" for slug in slugs if slug != book.slug)]
