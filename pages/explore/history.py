"""History: the log of a handbook, its named versions, and what changed between two of them."""

import streamlit as st

from pages.ui.handbook_choice import choose_handbook
from pages.ui.history.compare import draw_compare
from pages.ui.history.log import draw_log
from pages.ui.history.versions import draw_versions
from pages.ui.markdown import escaped
from pages.ui.review import actions, state

VIEWS = {"log": draw_log, "versions": draw_versions, "compare": draw_compare}

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("History", anchor=False, width="stretch")
    book = choose_handbook().handbook
    for label, key, icon, act in (
        ("Undo", "U", "undo", actions.undo_last),
        ("Redo", "Y", "redo", actions.redo_last),
    ):
        st.button(
            label,
            icon=f":material/{icon}:",
            shortcut=key,
            key=f"history_{icon}",
            on_click=act,
            args=(book.id,),
            help=f"{label} your last decision",
        )
if said := state.take_said():
    st.warning(escaped(said), icon=":material/info:")
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="log",
    required=True,
    key="history_view",
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view](book)
