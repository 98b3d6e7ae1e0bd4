"""What stands on a run's screen where its address names a run that is not there: the way out."""

import streamlit as st

from core.store import runs as run_rows
from pages.ui import services


def is_there(run_id: int) -> bool:
    with services.app().store.read() as session:
        return bool(run_rows.runs([run_id], session=session))


def draw_no_run(run_id: int, what: str) -> None:
    """`what` the screen shows, as "comparison"."""
    st.error(
        f"There is no run number {run_id}. It was deleted, or the address is not right.",
        icon=":material/error:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"New {what}", type="primary", icon=":material/add:", key="no_run_new"):
            st.query_params.clear()
            st.rerun()
        st.page_link("pages/work/runs.py", label="All runs", icon=":material/play_circle:")
