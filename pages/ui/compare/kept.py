"""Comparisons that are kept: all to open again, the latest first; saving one, taking one in."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.evaluation.comparison.exporting import MOST_BYTES, recording, too_large, with_steps
from core.evaluation.comparison.importing import import_comparison
from core.evaluation.comparison.page import page
from pages.ui import amounts, services
from pages.ui.errors import shown_errors
from pages.ui.jobs import draw_job_state
from pages.ui.kept_runs import one_line, page_of_runs
from pages.ui.markdown import escaped, title_markdown
from pages.ui.state import curator


def draw_kept() -> None:
    """Below the form: recordings play without a model and without a network."""
    st.subheader("Recordings", anchor=False)
    runs, pages = page_of_runs("compare")
    if not runs:
        st.caption("What you compare is kept here, and can be played again without a network.")
    for run, job in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Open", icon=":material/play_circle:", key=f"compare_open_{run.id}"):
                st.query_params["run"] = str(run.id)
                st.rerun()
            arms = ", ".join(arm["label"] for arm in run.params["arms"])
            mark = "imported · " if run.params.get("imported") else ""
            st.markdown(f"**{run.id}** {title_markdown(one_line(run.title))}", width="stretch")
            if job and job.status != "done":
                draw_job_state(job)
            st.caption(f"{mark}{escaped(one_line(arms))} · {amounts.age(run.created)}")
    if pages > 1:
        st.pagination(pages, key="compare_page")
    _draw_import()


def _draw_import() -> None:
    with st.expander("Take in a recording", icon=":material/upload:", key="compare_import"):
        file = st.file_uploader(
            "A recording (JSON) that was saved here or elsewhere",
            ["json"],
            max_upload_size=MOST_BYTES // 1_000_000,
        )
        if file and st.button("Import", type="primary", key="compare_take_in"):
            with shown_errors():
                app = services.app()
                run = import_comparison(app.store, file.name, file.getvalue(), by=curator())
                st.query_params["run"] = str(run.id)
                st.rerun()


def draw_saving(made: Mapping[str, Any]) -> None:
    name = f"comparison-{made['run']}"
    vectors = services.app().vectors
    embed = vectors.embedder.embed if vectors else None
    if large := too_large(made):
        st.caption(f":material/warning: {large}")
    with st.container(horizontal=True):
        st.download_button(
            "Save as a page",
            data=lambda: page(made),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/web:",
            key="compare_save_page",
            help="Opens offline in any browser, with the replay in it.",
            on_click="ignore",
        )
        st.download_button(
            "Save the recording",
            data=lambda: recording(with_steps(made, embed)),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/download:",
            key="compare_save_json",
            help="JSON with everything; another Vademecum can take it in.",
            on_click="ignore",
        )
