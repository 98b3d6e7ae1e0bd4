"""A job's state and what can be done with it, wherever a job is shown."""

import streamlit as st

from core.store import jobs as job_rows
from core.store.records import Job
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped

POLL_SECONDS = 1.0
LOOKS = {
    "queued": (":material/schedule:", "gray"),
    "running": (":material/progress_activity:", "orange"),
    "done": (":material/check_circle:", "green"),
    "incomplete": (":material/rule:", "orange"),
    "failed": (":material/error:", "red"),
    "stopped": (":material/stop_circle:", "gray"),
    "interrupted": (":material/power_off:", "violet"),
}
MEANINGS = {
    "interrupted": "The program ended while this went on. Resume does what is missing.",
    "stopped": "Resume does what is missing.",
}


def draw_job_state(job: Job) -> None:
    # The note of one that is done tells what it could not do.
    name = "incomplete" if job.status == "done" and job.note else job.status
    icon, color = LOOKS[name]
    st.badge(name, icon=icon, color=color, help=escaped(job.note) or MEANINGS.get(name))


def draw_job_buttons(job: Job, key: str) -> None:
    """Stop what goes on, resume what did not come to its end or had failures.

    To be drawn where what stands to the right of it cannot push it. When the one takes the other's
    place, the browser shows both for a moment; a row that is aligned to the right moves then, and a
    click that was begun on the button ends beside it.
    """
    jobs = services.app().jobs
    if job.active:
        st.button(
            "Stop",
            icon=":material/stop:",
            key=f"{key}_stop_{job.id}",
            on_click=jobs.stop,
            args=(job.id,),
        )
    elif job.status != "done" or job.note:
        # A callback: a run of the script that is overtaken before it comes here loses no click.
        st.button(
            "Resume",
            icon=":material/play_arrow:",
            key=f"{key}_resume_{job.id}",
            on_click=_resume,
            args=(job.id,),
        )


def _resume(job_id: int) -> None:
    with shown_errors():
        services.app().jobs.resume(job_id)


def draw_progress(job: Job) -> None:
    """How far it is, in a line."""
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_job_state(job)
        st.caption(escaped(job.note), width="stretch")
    if job.active and job.total > 1:
        st.progress(min(job.done / job.total, 1.0))


@st.fragment(run_every=POLL_SECONDS)
def watch(job_id: int) -> None:
    """Its progress; the screen is drawn anew once it has ended."""
    with services.app().store.read() as session:
        job = job_rows.job(job_id, session=session)
    draw_progress(job)
    if not job.active:
        st.rerun()
