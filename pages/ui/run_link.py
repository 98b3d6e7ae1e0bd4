"""The way to a run, on the screen that shows its kind."""

import streamlit as st

from core.store.records import Run

SCREENS = {
    "solve": "pages/build/solve.py",
    "compare": "pages/prove/compare.py",
    "evaluate": "pages/prove/evaluate.py",
}


def draw_run_link(run: Run, label: str = "") -> None:
    st.page_link(
        SCREENS[run.kind],
        label=label or f"Run {run.id}",
        icon=":material/open_in_new:",
        query_params={"run": str(run.id)},
    )


def draw_elsewhere(run: Run) -> None:
    """What stands here for a run of another kind than this screen shows."""
    st.caption("This run is shown on another screen.")
    draw_run_link(run)
