"""Evaluations that are kept, the latest first."""

import streamlit as st

from core.store.records import Run
from pages.ui import amounts
from pages.ui.evaluate.logs import draw_import
from pages.ui.jobs import draw_job_state
from pages.ui.kept_runs import one_line, page_of_runs
from pages.ui.markdown import escaped, title_markdown


def draw_kept() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Evaluations", anchor=False, width="stretch")
        draw_import()
    runs, pages = page_of_runs("evaluate")
    if not runs:
        st.caption("What you evaluate is kept here, with every reply.")
    for run, job in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Open", icon=":material/open_in_new:", key=f"evaluate_open_{run.id}"):
                st.query_params["run"] = str(run.id)
                st.rerun()
            arms = ", ".join(arm["label"] for arm in run.params["arms"])
            st.markdown(f"**{run.id}** {title_markdown(one_line(run.title))}", width="stretch")
            if job:
                draw_job_state(job)
            mark = "imported · " if run.params.get("imported") else ""
            of = f"{len(run.problem_ids):,} problems · {_made_with(run)}{escaped(one_line(arms))}"
            st.caption(f"{mark}{of} · {amounts.age(run.created)}")
    if pages > 1:
        st.pagination(pages, key="evaluate_page")


def _made_with(run: Run) -> str:
    """The models and the handbook, where they are known: what tells apart runs on one set."""
    models = dict.fromkeys(arm.get("model") for arm in run.params["arms"])
    handbook = run.params.get("handbook")
    facts = [", ".join(filter(None, models)), handbook["title"] if handbook else ""]
    return "".join(f"{escaped(one_line(fact))} · " for fact in facts if fact)
