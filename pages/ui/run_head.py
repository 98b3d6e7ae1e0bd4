"""The head of a run on the screen of its kind: what it is, how it stands, what to do with it."""

import streamlit as st

from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.jobs import draw_job_buttons, draw_job_state


def load_run(run_id: int) -> tuple[Run, Job | None]:
    """With its job, as it stands now; one that was imported has none."""
    app = services.app()
    app.jobs.sweep()
    with app.store.read() as session:
        jobs = job_rows.jobs(run_id=run_id, session=session)
        return run_rows.run(run_id, session=session), jobs[0] if jobs else None


def draw_run_head(run: Run, job: Job | None, what: str) -> None:
    """`what` it is, as "comparison"."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"{what.capitalize()} {run.id}", anchor=False, width="content")
        if job:
            draw_job_state(job)
            draw_job_buttons(job, key=run.kind)
        st.space("stretch")
        if not job and run.params.get("imported"):
            _draw_delete(run)
        if st.button(f"New {what}", icon=":material/add:", key=f"{run.kind}_new"):
            st.query_params.clear()
            st.rerun()


def _draw_delete(run: Run) -> None:
    """A run of our own is deleted with its job, on the Runs screen; an imported one has none."""
    with st.popover("Delete", icon=":material/delete:", key=f"{run.kind}_delete"):
        st.caption("What was imported goes, with what was found of it. Its file stays.")
        if st.button("Delete it", type="primary", key=f"{run.kind}_delete_sure"):
            with services.app().store.write() as session:
                run_rows.delete_run(run.id, session=session)
            st.query_params.clear()
            st.rerun()
