"""A comparison while it goes on: its arms side by side, or only how far it is where it is blind.

Only rows are read here. One fragment polls while the run is active.
"""

from datetime import datetime
from typing import Any

import streamlit as st

from core.evaluation.comparison.document import assembled, take
from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.compare.player import draw_player, stopped_arm
from pages.ui.jobs import POLL_SECONDS
from pages.ui.markdown import escaped
from pages.ui.run_head import load_run

LOOK_SECONDS = 0.15
# Drawing takes processor time from a model that runs on the same machine, and it is slower anyway.
LOOK_SECONDS_EMBEDDED = 0.3


def watch(run: Run, job: Job, key: str) -> None:
    """What can be clicked is in the player itself, so no click is lost to a refresh."""

    def stop() -> None:
        if arm := stopped_arm(key):
            services.app().jobs.stop_part(job.id, arm)

    def draw() -> None:
        _run, now = load_run(run.id)
        if now is None or not now.active:
            st.rerun()
            return
        made = document_now(run)
        if not any(made["arms"].values()):
            st.caption(f":material/progress_activity: {escaped(now.note or 'starting')} …")
        draw_player(made, key=key, on_stop=stop)

    models = [services.app().models.endpoint(arm["model"]) for arm in run.params["arms"]]
    embedded = any(endpoint.embedded for endpoint in models)
    st.fragment(draw, run_every=LOOK_SECONDS_EMBEDDED if embedded else LOOK_SECONDS)()


@st.fragment(run_every=POLL_SECONDS)
def watch_blind(run_id: int) -> None:
    """No name, no column and no order in which replies end: each would tell which arm is which."""
    _run, job = load_run(run_id)
    if job is None or not job.active:
        st.rerun()
        return
    come = f"{job.done} of {job.total} replies have come" if job.total else "Starting"
    st.progress(min(job.done / job.total, 1.0) if job.total else 0.0, text=come)
    st.caption("They are shown without names when all have come.")


def document_now(run: Run) -> dict[str, Any]:
    """The document of a run that goes on. What has ended does not change any more and is read
    once.
    """
    with services.app().store.read() as session:
        outline = run_rows.arm_outline(run.id, session=session)
        takes = []
        for trace_id, arm, _sample, ended in latest_of(outline):
            if ended:
                takes.append((arm, _ended_take(trace_id, run.created)))
            else:
                takes.append((arm, take(run_rows.trace(trace_id, session=session), None)))
        return assembled(run, takes, session)


def latest_of(
    outline: list[tuple[int, str, int, bool]],
) -> list[tuple[int, str, int, bool]]:
    """The last attempt of each arm and sample, by sample."""
    last = {(sample, arm): (number, arm, sample, ended) for number, arm, sample, ended in outline}
    return [last[key] for key in sorted(last)]


@st.cache_resource(max_entries=256, show_spinner=False)
def _ended_take(trace_id: int, run_created: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Read only: the same object for every visitor. When its run was made is part of the key: the
    ids of a deleted run are given again.
    """
    with services.app().store.read() as session:
        trace = run_rows.trace(trace_id, session=session)
        verdicts = run_rows.verdicts([trace_id], session=session)
    return {**take(trace, verdicts.get(trace_id)), "chunks": []}
