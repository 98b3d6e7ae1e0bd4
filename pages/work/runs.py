"""Runs: every job and run, with what it has cost; open, stop, resume, delete."""

import streamlit as st

from core.store import jobs as job_rows
from core.store import runs as run_rows
from pages.ui import services
from pages.ui.run_rows import draw_row

PAGE_LENGTH = 15
LOOK_SECONDS = 1.0

app = services.app()

st.header("Runs", anchor=False)


def draw_list(shown: list[str]) -> None:
    app.jobs.sweep()
    with app.store.read() as session:
        jobs = job_rows.jobs(session=session)
        pages = max(1, -(-len(jobs) // PAGE_LENGTH))
        page = min(st.session_state.get("runs_page", 1), pages)
        rows = jobs[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH]
        run_ids = {job.run_id for job in rows if job.run_id}
        runs = run_rows.runs(run_ids, session=session)
        totals = run_rows.totals(run_ids, session=session)
    if [job.status for job in jobs] != shown:
        st.rerun()
    for job in rows:
        run = runs.get(job.run_id) if job.run_id else None
        draw_row(job, run, totals.get(job.run_id or 0, {}))


app.jobs.sweep()
with app.store.read() as session:
    statuses = [job.status for job in job_rows.jobs(session=session)]
if not statuses:
    st.caption("Nothing has run yet. What you start on the Solve screen is listed here.")
    st.page_link("pages/build/solve.py", label="Solve a problem", icon=":material/lightbulb:")
else:
    active = any(status in ("queued", "running") for status in statuses)
    st.fragment(draw_list, run_every=LOOK_SECONDS if active else None)(statuses)
    if len(statuses) > PAGE_LENGTH:
        st.pagination(-(-len(statuses) // PAGE_LENGTH), key="runs_page")
