"""A comparison on the screen: live while it goes on; afterwards a recording, and what it shows.

Only rows are read here. One fragment polls while the run is active.
"""

from typing import Any

import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.document import assembled, document, take
from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.compare.figures import draw_figures
from pages.ui.compare.kept import draw_saving
from pages.ui.compare.player import draw_player, stopped_arm
from pages.ui.compare.problem import draw_problem
from pages.ui.compare.prompts import draw_prompts
from pages.ui.compare.steps import draw_steps
from pages.ui.compare.vote import blind_pair, draw_vote
from pages.ui.markdown import escaped, told
from pages.ui.run_head import draw_run_head, load_run
from pages.ui.run_link import draw_elsewhere

LOOK_SECONDS = 0.15
# Drawing takes processor time from a model that runs on the same machine, and it is slower anyway.
LOOK_SECONDS_EMBEDDED = 0.3


def draw_run(run_id: int) -> None:
    run, job = load_run(run_id)
    if run.kind != "compare":
        draw_elsewhere(run)
        return
    _draw_head(run, job)
    key = f"compare_{run.id}"
    if job and job.active:
        _watch(run, job, key)
        return
    made = document(services.app().store, run.id)
    pair = blind_pair(made)
    if pair:
        draw_vote(made, pair)
        draw_player(made, key=f"{key}_blind", hide=pair)
        return
    _draw_verdict(made)
    draw_player(made, key=key)
    draw_figures(made)
    draw_steps(made)
    draw_prompts(made)
    draw_vote(made, ())
    if any(made["arms"].values()):
        draw_saving(made)


def _draw_head(run: Run, job: Job | None) -> None:
    params = run.params
    draw_run_head(run, job, "comparison")
    models = list(dict.fromkeys(arm["model"] for arm in params["arms"]))
    budget = params["sampling"]["max_tokens"]
    allowed = "unknown" if budget is None else f"{budget:,} tokens"
    facts = [escaped(" and ".join(models)), f"budget {allowed}"]
    facts += [f"handbook {escaped(params['handbook']['title'])}"] if params["handbook"] else []
    facts += [f"by {escaped(run.by)}", f"{run.created:%d %b %Y, %H:%M} UTC"]
    st.caption(" · ".join(facts))
    _draw_problem(run)
    if not params.get("together"):
        st.caption(
            "The endpoint takes fewer requests at a time than there are arms: they run in turn, in "
            "an order drawn anew for each sample, so that no arm always gains by a warm-up or a "
            "cache."
        )
    if job and job.status == "failed":
        st.error(told(job.note), icon=":material/error:")


def _draw_problem(run: Run) -> None:
    with services.app().store.read() as session:
        problem = run_rows.problems(run.problem_ids, session=session)[run.problem_ids[0]]
    draw_problem(problem.text, problem.gold, problem.topic)


def _watch(run: Run, job: Job, key: str) -> None:
    """Live. What can be clicked is in the player itself, so no click is lost to a refresh."""

    def stop() -> None:
        if arm := stopped_arm(key):
            services.app().jobs.stop_part(job.id, arm)

    def draw() -> None:
        _run, now = load_run(run.id)
        if now is None or not now.active:
            st.rerun()
            return
        made = _live(run)
        if not any(made["arms"].values()):
            st.caption(f":material/progress_activity: {escaped(now.note or 'starting')} …")
        draw_player(made, key=key, on_stop=stop)

    models = [services.app().models.endpoint(arm["model"]) for arm in run.params["arms"]]
    embedded = any(endpoint.embedded for endpoint in models)
    st.fragment(draw, run_every=LOOK_SECONDS_EMBEDDED if embedded else LOOK_SECONDS)()


def _live(run: Run) -> dict[str, Any]:
    """The document now. What has ended does not change any more and is read once."""
    with services.app().store.read() as session:
        outline = run_rows.arm_outline(run.id, session=session)
        takes = []
        for trace_id, arm, _sample, ended in latest_of(outline):
            if ended:
                takes.append((arm, _ended_take(trace_id)))
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
def _ended_take(trace_id: int) -> dict[str, Any]:
    """Read only: the same object for every visitor."""
    with services.app().store.read() as session:
        trace = run_rows.trace(trace_id, session=session)
        verdicts = run_rows.verdicts([trace_id], session=session)
    return {**take(trace, verdicts.get(trace_id)), "chunks": []}


def _draw_verdict(made: dict[str, Any]) -> None:
    """First what the behaviors did; the controls, which tell whether it was they, on demand."""
    kinds = {one["arm"]: one["kind"] for one in made["asked"]}
    found = sorted(made["verdicts"], key=lambda one: not kinds[one["arm"]].startswith("bci"))
    for verdict in found[:1]:
        st.markdown(f":material/balance: {escaped(verdict['sentence'])}")
    if found[1:]:
        baselines = {titles(made["asked"])[one["baseline"]] for one in found}
        beside = baselines.pop() if len(baselines) == 1 else "their baselines"
        with st.expander(f"The other arms beside {escaped(beside)}"):
            for verdict in found[1:]:
                st.markdown(escaped(verdict["sentence"]))
