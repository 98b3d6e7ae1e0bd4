"""The layout as a job: begun by itself where there is none, watched until it is there."""

import streamlit as st

from core.store import jobs as job_rows
from core.store.records import Handbook, Job
from pages.ui import services
from pages.ui.jobs import draw_job_buttons, draw_progress, watch
from pages.ui.map.points import Points
from pages.ui.state import curator


def draw_layout_state(book: Handbook, points: Points, dimensions: int) -> None:
    app = services.app()
    job = last_job("layout", handbook_id=book.id, dimensions=dimensions)
    if points.map.layout is None and (job is None or job.status == "done"):
        app.lay_out(book.id, dimensions, by=curator())
        job = last_job("layout", handbook_id=book.id, dimensions=dimensions)
    elif points.without and (waiting := app.embed(book.slug, by=curator())):
        st.caption(f"{points.without:,} behaviors wait for their vector; they come by themselves.")
        watch(waiting)
    if job and job.active:
        watch(job.id)
    elif job and job.status != "done":
        draw_progress(job)
        draw_job_buttons(job, "map")


def last_job(kind: str, **params: int) -> Job | None:
    with services.app().store.read() as session:
        found = job_rows.jobs(kind=kind, session=session)
    return next((job for job in found if job.params.items() >= params.items()), None)
