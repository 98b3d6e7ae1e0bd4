"""Evaluations that are kept, the latest first."""

import streamlit as st

from core.store import jobs as job_rows
from core.store import runs as run_rows
from pages.ui import amounts, services
from pages.ui.evaluate.logs import draw_import
from pages.ui.jobs import draw_job_state
from pages.ui.markdown import escaped, title_markdown

LATEST = 10


def draw_kept() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Evaluations", anchor=False, width="stretch")
        draw_import()
    with services.app().store.read() as session:
        runs = run_rows.latest_of_kind("evaluate", LATEST, session=session)
        jobs = {run.id: job_rows.jobs(run_id=run.id, session=session) for run in runs}
    if not runs:
        st.caption("What you evaluate is kept here, with every reply.")
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Open", icon=":material/open_in_new:", key=f"evaluate_open_{run.id}"):
                st.query_params["run"] = str(run.id)
                st.rerun()
            arms = ", ".join(arm["label"] for arm in run.params["arms"])
            st.markdown(f"**{run.id}** {title_markdown(run.title)}", width="stretch")
            if jobs[run.id]:
                draw_job_state(jobs[run.id][0])
            mark = "imported · " if run.params.get("imported") else ""
            of = f"{len(run.problem_ids):,} problems · {escaped(arms)}"
            st.caption(f"{mark}{of} · {amounts.age(run.created)}")
