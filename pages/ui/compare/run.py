"""A comparison on the screen: live while it goes on; afterwards a recording, and what it shows.

Judged blind, nothing is drawn that tells which reply is whose.
"""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.document import document
from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.compare.blind import draw_show_names, is_blind, shuffled
from pages.ui.compare.figures import draw_figures
from pages.ui.compare.kept import draw_saving
from pages.ui.compare.live import watch, watch_blind
from pages.ui.compare.player import draw_player, shown_sample
from pages.ui.compare.problem import draw_problem
from pages.ui.compare.prompts import draw_prompts
from pages.ui.compare.steps import draw_steps
from pages.ui.compare.vote import draw_blind_vote, draw_vote
from pages.ui.markdown import escaped, told
from pages.ui.run_head import draw_run_head, load_run
from pages.ui.run_link import draw_elsewhere


def draw_run(run_id: int) -> None:
    run, job = load_run(run_id)
    if run.kind != "compare":
        draw_elsewhere(run)
        return
    blind, key = is_blind(), f"compare_{run.id}"
    _draw_head(run, job, blind)
    if job and job.active:
        if blind:
            watch_blind(run.id)
            draw_show_names()
        else:
            watch(run, job, key)
        return
    made = document(services.app().store, run.id)
    if blind:
        _draw_blind(made, f"{key}_blind")
    else:
        _draw_open(made, key)


def _draw_open(made: dict[str, Any], key: str) -> None:
    _draw_verdict(made)
    draw_player(made, key=key)
    draw_figures(made)
    draw_steps(made)
    draw_prompts(made)
    draw_vote(made, shown_sample(key))
    if any(made["arms"].values()):
        draw_saving(made)


def _draw_blind(made: dict[str, Any], key: str) -> None:
    arms = shuffled(made)
    if len(arms) < 2:
        st.caption("Fewer than two arms have written something: there is nothing to judge.")
        draw_show_names()
        return
    draw_blind_vote(made, shown_sample(key), arms)
    draw_player(made, key=key, hide=arms)


def _draw_head(run: Run, job: Job | None, blind: bool) -> None:
    params = run.params
    if job and job.active and blind:
        job = replace(job, note="")  # it names the arm that ended last
    draw_run_head(run, job, "comparison")
    models = list(dict.fromkeys(arm["model"] for arm in params["arms"]))
    budget = params["sampling"]["max_tokens"]
    allowed = "unknown" if budget is None else f"{budget:,} tokens"
    facts = [escaped(" and ".join(models)), f"budget {allowed}"]
    facts += [f"handbook {escaped(params['handbook']['title'])}"] if params["handbook"] else []
    seed = params["sampling"].get("seed")
    facts += [] if seed is None else [f"seed {seed}"]
    facts += [f"by {escaped(run.by)}", f"{run.created:%d %b %Y, %H:%M} UTC"]
    st.caption(" · ".join(facts))
    _draw_problem(run)
    if not params.get("together"):
        st.caption(in_turn(params.get("width") or 1))
    if job and job.status == "failed":
        st.error(told(job.note), icon=":material/error:")


def in_turn(width: int) -> str:
    how = "they run in turn" if width == 1 else f"they run at most {width} at a time"
    return (
        f"The endpoint takes fewer requests at a time than there are arms: {how}, in an order "
        "drawn anew for each sample, so that no arm always gains by a warm-up or a cache."
    )


def _draw_problem(run: Run) -> None:
    with services.app().store.read() as session:
        problem = run_rows.problems(run.problem_ids, session=session)[run.problem_ids[0]]
    draw_problem(problem.text, problem.gold, problem.topic)


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
