"""The overview beside the map when nothing is selected: how it was made, and its clusters."""

import pandas as pd
import streamlit as st

from core.map import naming
from core.store.records import Handbook
from pages.ui import amounts, services
from pages.ui.errors import shown_errors
from pages.ui.jobs import draw_progress, watch
from pages.ui.map.layout import last_job
from pages.ui.map.points import Points
from pages.ui.markdown import escaped
from pages.ui.state import curator


def draw_differences(points: Points, other: str) -> None:
    """The overview while two states are compared."""
    frame = points.frame
    name = escaped(other.removeprefix("handbook ").removeprefix("version "))
    st.markdown(f"**Compared with {name}**")
    told = {"only in the first": f"only in {name}", "only in the second": "only here, now"}
    for kind, some in frame.groupby("kind", sort=False):
        number = some["id"].nunique() if kind == "same" else len(some[some["half"] == _half(kind)])
        st.markdown(f"{number:,} {told.get(kind, kind)}")
    st.caption(
        "Draw around points to decide on those of this handbook; an outline counts on both sides."
    )
    st.page_link("pages/explore/history.py", label="Word by word", icon=":material/difference:")


def _half(kind: str) -> int:
    return 0 if kind == "only in the first" else 1


def draw_overview(book: Handbook, points: Points, dimensions: int) -> None:
    layout = points.map.layout
    if layout is None:
        st.caption(f"{len(points.frame):,} behaviors. A first sketch (PCA), until the map is made.")
        return
    st.markdown(f"**{len(points.frame):,} behaviors**")
    st.caption(
        f"{layout.method} of {layout.size:,} texts, seed {layout.seed}, {layout.embedder}, "
        f"{amounts.age(layout.made)}. Texts that came later stand among them; nothing moved."
    )
    with st.container(horizontal=True):
        with st.popover("New layout", icon=":material/refresh:"):
            st.caption("Everything is laid out anew, and every point moves.")
            seed = st.number_input("Seed", 0, 1_000_000, layout.seed, key="map_seed")
            if st.button("Lay it out anew", type="primary", key="map_layout"):
                app = services.app()
                app.lay_out(book.id, dimensions, seed=int(seed), by=curator())
                st.rerun()
        if points.map.clusters:
            _draw_naming(book, points)
    _draw_clusters(points)


def _draw_naming(book: Handbook, points: Points) -> None:
    layout_id = points.map.clusters[0].layout_id
    with st.popover("Name them", icon=":material/auto_awesome:"):
        st.caption("A model reads a few behaviors of each cluster. Names you gave stay.")
        models = services.app().models.ready_names()
        model = st.selectbox("Model", models, key="map_namer", placeholder="no model is ready")
        if model and st.button("Ask it", type="primary", key="map_name"):
            services.app().name_clusters(book.id, layout_id, model, by=curator())
            st.rerun()
    job = last_job("name", layout_id=layout_id)
    if job and job.active:
        watch(job.id)
    elif job and job.status != "done":
        draw_progress(job)


def _draw_clusters(points: Points) -> None:
    """A table in which names are changed in place; an empty name brings back the words."""
    clusters = points.map.clusters
    if not clusters:
        st.caption("No clusters: there are too few behaviors, or they do not fall into groups.")
        return
    sizes = points.frame["label"].value_counts()
    table = pd.DataFrame(
        {
            "Name": [cluster.name for cluster in clusters],
            "Size": [int(sizes.get(cluster.number, 0)) for cluster in clusters],
            "Words": [", ".join(cluster.words) for cluster in clusters],
        }
    )
    # A changed name comes back from the store; the editor begins anew under another key.
    key = f"map_clusters_{clusters[0].layout_id}_{hash(tuple(c.name for c in clusters))}"
    st.data_editor(
        table,
        key=key,
        hide_index=True,
        disabled=["Size", "Words"],
        height=min(420, 38 + 35 * len(clusters)),
        column_config={"Size": st.column_config.NumberColumn(width=60)},
        alt="The clusters; their names can be changed",
    )
    edited = st.session_state[key]["edited_rows"]
    if edited:
        with shown_errors():
            for row, cells in edited.items():
                name = str(cells.get("Name") or "")
                naming.rename(services.app().store, clusters[row], name, by=curator())
            st.rerun()
