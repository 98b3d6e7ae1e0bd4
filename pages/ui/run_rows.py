"""One job in the list of the Runs screen."""

from datetime import timedelta
from typing import Any

import streamlit as st

from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import amounts, services
from pages.ui.errors import shown_errors
from pages.ui.jobs import draw_job_buttons, draw_job_state
from pages.ui.markdown import escaped, title_markdown
from pages.ui.run_link import draw_run_link

STARTS_WITHIN = timedelta(seconds=2)
UNITS = {"embed": "behaviors", "compare": "replies", "evaluate": "replies"}


def draw_row(job: Job, run: Run | None, totals: dict[str, Any]) -> None:
    with st.container(border=True, key=f"row_{job.id}"):
        what, actions = st.columns([7, 5], vertical_alignment="center")
        with what:
            st.markdown(f"**{title_markdown(_title(job, run))}**")
            st.caption(_facts(job, run, totals))
            if job.active and job.total:
                st.progress(min(1.0, job.done / job.total), _progress(job))
            elif job.note:
                st.caption(escaped(job.note))
        with actions, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if run:
                draw_run_link(run, "Open")
            draw_job_state(job)
            draw_job_buttons(job, key="row")
            if not job.active and st.button(
                "", icon=":material/delete:", key=f"row_delete_{job.id}", help="Delete"
            ):
                confirm_delete(job, run)


@st.dialog("Delete this?", icon=":material/delete:")
def confirm_delete(job: Job, run: Run | None) -> None:
    store = services.app().store
    with store.read() as session:
        left = run_rows.behaviors_of_run(run.id, session=session) if run else 0
    st.write("Its traces, counts and verdicts are deleted for good." if run else "The line goes.")
    if left:
        st.write(f"{left} behaviors came out of it. They stay, but can no longer show their trace.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", icon=":material/delete:", key="delete_yes"):
            with shown_errors():
                services.app().delete(job)
                st.rerun()
        if st.button("Keep", key="delete_no"):
            st.rerun()


def _title(job: Job, run: Run | None) -> str:
    if run and job.params.get("redo"):
        return f"Run {run.id}, {job.params['redo']['stage']} again: {run.title}"
    if run:
        return f"Run {run.id}: {run.title}"
    model = job.params.get("model", "")
    titles = {
        "pull": f"Download {model}",
        "embed": f"Vectors of {job.params.get('handbook', 'problems')}",
        "draft": f"Draft of a merge, by {model}",
        "layout": "Layout of a map",
        "name": f"Names of a map's clusters, by {model}",
    }
    return titles.get(job.kind, job.kind)


def _facts(job: Job, run: Run | None, totals: dict[str, Any]) -> str:
    facts = [f"by {escaped(job.by)}", amounts.age(job.created)]
    if job.started and job.finished and _ran_at_once(job):
        facts.append(amounts.seconds((job.finished - job.started).total_seconds()))
    if run and totals:
        facts.append(f"{totals['traces']} traces")
        facts.append(_cost(totals))
        if totals["errors"]:
            facts.append(f":red[{totals['errors']} failed]")
    return " · ".join(facts)


def _ran_at_once(job: Job) -> bool:
    """Not in pieces, as one that was stopped and resumed, or extended: when it started and finished
    is only known of the last piece. A job starts when it is made.
    """
    return job.started is not None and job.started - job.created < STARTS_WITHIN


def _cost(totals: dict[str, Any]) -> str:
    """Tokens and money; what some traces did not count makes it a lower bound."""
    if totals["output_tokens"] is None:
        return "tokens and cost unknown"
    known = f"{totals['input_tokens'] or 0:,} tokens in, {totals['output_tokens']:,} out"
    money = amounts.money(totals["price"]).replace("$", r"\$")
    return f"at least {known} · {money}" if totals["uncounted"] else f"{known} · {money}"


def _progress(job: Job) -> str:
    if job.kind == "pull":
        return f"{job.done / 1e6:,.0f} of {job.total / 1e6:,.0f} MB"
    unit = UNITS.get(job.kind, "stages")
    return f"{job.done:,} of {job.total:,} {unit}"
