"""The layout as a job: begun by itself where there is none, watched until it is there."""

import streamlit as st

from core.store import jobs as job_rows
from core.store.records import Handbook, Job
from pages.ui import services
from pages.ui.jobs import draw_job_buttons, draw_job_state
from pages.ui.map.points import Points
from pages.ui.markdown import escaped
from pages.ui.state import curator

POLL_SECONDS = 1.0


def draw_layout_state(book: Handbook, points: Points, dimensions: int) -> None:
    app = services.app()
    job = last_job("layout", handbook_id=book.id, dimensions=dimensions)
    if points.map.layout is None and job is None:
        app.lay_out(book.id, dimensions, by=curator())
        job = last_job("layout", handbook_id=book.id, dimensions=dimensions)
    elif points.without and (waiting := app.embed(book.slug, by=curator())):
        st.caption(f"{points.without:,} behaviors wait for their vector; they come by themselves.")
        watch(waiting)
    if job and job.active:
        watch(job.id)
    elif job and job.status != "done":
        _draw_state(job)
        draw_job_buttons(job, "map")


def last_job(kind: str, **params: int) -> Job | None:
    with services.app().store.read() as session:
        found = job_rows.jobs(kind=kind, session=session)
    return next((job for job in found if job.params.items() >= params.items()), None)


def draw_progress(job: Job) -> None:
    _draw_state(job)
    if job.active and job.total > 1:
        st.progress(job.done / job.total)


def _draw_state(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_job_state(job)
        st.caption(escaped(job.note), width="stretch")


@st.fragment(run_every=POLL_SECONDS)
def watch(job_id: int) -> None:
    with services.app().store.read() as session:
        job = job_rows.job(job_id, session=session)
    draw_progress(job)
    if not job.active:
        st.rerun()
