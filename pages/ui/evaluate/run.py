"""An evaluation on the screen: its figures so far while it goes on; afterwards its report."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.evidence import evidence
from core.evaluation.report.amounts import against
from core.evaluation.report.document import report
from core.evaluation.report.making import made_by
from core.store import outcomes as outcome_rows
from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.evaluate.citations import draw_citations
from pages.ui.evaluate.effects import draw_effects
from pages.ui.evaluate.extending import draw_extending
from pages.ui.evaluate.flips import draw_failed, draw_flips
from pages.ui.evaluate.ledger import draw_ledger
from pages.ui.evaluate.problems import leak_sentence
from pages.ui.evaluate.saving import draw_saving
from pages.ui.evaluate.tables import draw_arms, draw_curve, draw_groups, draw_pairs
from pages.ui.figure_table import draw_figure_table
from pages.ui.markdown import escaped
from pages.ui.run_head import draw_run_head, load_run
from pages.ui.run_link import draw_elsewhere

LOOK_SECONDS = 2.0
ICONS = {
    "better": "trending_up",
    "worse": "trending_down",
    "mixed": "swap_vert",
    "not shown": "balance",
}


def draw_run(run_id: int) -> None:
    run, job = load_run(run_id)
    if run.kind != "evaluate":
        draw_elsewhere(run)
        return
    _draw_head(run, job)
    if job and job.active:
        _watch(run.id)
        return
    made = _report(run.id, _state(run, job))
    if not made["arms"]:
        st.caption("No reply has come to an outcome.")
        draw_failed(made)
        return
    if made["incomplete"]:
        st.caption(f":material/hourglass_bottom: So far. {escaped(made['incomplete'])}")
    _draw_verdicts(made)
    draw_curve(made)
    parts = _parts(made)
    for tab, draw in zip(st.tabs(list(parts)), parts.values(), strict=True):
        with tab:
            draw(made)
    draw_extending(run, job)
    draw_saving(made)


def _parts(made: dict[str, Any]) -> dict[str, Callable[[dict[str, Any]], None]]:
    """The name of each part of the report, and what draws it."""
    worth = {"Worth of behaviors": draw_effects} if made["worth"] else {}
    return {
        "Figures": draw_arms,
        "Pairs": draw_pairs,
        **worth,
        f"Flips · {len(made['flips'])}": draw_flips,
        "By topic and level": draw_groups,
        "Citations": draw_citations,
        "Ledger": draw_ledger,
        f"Failed · {len(made['failed'])}": draw_failed,
        "How it was made": _draw_how,
    }


def _state(run: Run, job: Job | None) -> str:
    """Changes whenever a trace comes to the run, or to one that made a handbook it draws on (the
    ledger counts these, too): what its report is kept under.
    """
    with services.app().store.read() as session:
        made = {one.id for by in made_by(run, session).values() for one in by.runs}
        totals = run_rows.totals([run.id, *made], session=session)
    traces = [one["traces"] for _run, one in sorted(totals.items())]
    return f"{traces} {job.status if job else ''} {job.finished if job else ''}"


@st.cache_resource(max_entries=16, show_spinner="Computing figures and intervals …")
def _report(run_id: int, state: str) -> dict[str, Any]:  # noqa: ARG001  kept under it
    """Read only: the same object for every visitor."""
    return report(services.app().store, run_id)


def _draw_head(run: Run, job: Job | None) -> None:
    params = run.params
    draw_run_head(run, job, "evaluation")
    models = list(dict.fromkeys(arm["model"] for arm in params["arms"]))
    facts = [
        f"{len(run.problem_ids):,} problems of {escaped(run.title)}",
        escaped(", ".join(filter(None, models))),
        f"handbook {escaped(params['handbook']['title'])}" if params["handbook"] else "",
        "imported" if params.get("imported") else leak_sentence(params["problems"]),
        f"by {escaped(run.by)}",
        f"{run.created:%d %b %Y, %H:%M} UTC",
    ]
    st.caption(" · ".join(filter(None, facts)))
    if job and job.note and not job.active:
        st.caption(f":material/info: {escaped(job.note)}")


@st.fragment(run_every=LOOK_SECONDS)
def _watch(run_id: int) -> None:
    run, job = load_run(run_id)
    if job is None or not job.active:
        st.rerun()
        return
    share = job.done / job.total if job.total else 0.0
    so_far = [f"{job.done:,} of {job.total:,} replies"] if job.total else []
    st.progress(min(1.0, share), " · ".join([*so_far, *([escaped(job.note)] if job.note else [])]))
    frame = _so_far(run)
    if not frame.empty:
        draw_figure_table(frame, "evaluate_live", "Figures so far")
        st.caption("So far, as they come in; intervals and comparisons follow at the end.")


def _so_far(run: Run) -> pd.DataFrame:
    labels = [arm["label"] for arm in run.params["arms"]]
    with services.app().store.read() as session:
        known = evidence(outcome_rows.outcomes(run.id, session=session), labels)
    replies = known.under(max(run.params["budgets"]))
    rows = []
    for label in labels:
        own = [one for key, one in replies.items() if key[1] == label]
        ended = [one for one in own if one.finish_reason in ("stop", "length")]
        tokens = [one.output_tokens for one in ended if one.output_tokens is not None]
        prices = [one.price for one in ended]
        rows.append(
            {
                "Arm": label,
                "Replies": len(own),
                "Right": sum(one.correct is True and one.finish_reason == "stop" for one in ended),
                "Cut off": sum(one.finish_reason == "length" for one in ended),
                "Failed": len(own) - len(ended),
                "Mean output tokens": f"{sum(tokens) / len(tokens):,.0f}" if tokens else "unknown",
                "Cost": "unknown" if None in prices else f"${sum(filter(None, prices)):.4f}",
            }
        )
    return pd.DataFrame(rows)


def _draw_verdicts(made: dict[str, Any]) -> None:
    """At the largest budget: what answers the question of the run; the others to be opened."""
    kinds = {one["arm"]: one["kind"] for one in made["asked"]}
    found, contrasts = (_at_largest(made[name]) for name in ("verdicts", "contrast_verdicts"))
    of_behaviors = [one for one in found if kinds[one["arm"]].startswith("bci")] or found
    controls = [one for one in found if one not in of_behaviors]
    asks_whether_curation_pays = contrasts and any(one["handbook"] for one in made["asked"])
    if asks_whether_curation_pays:
        _draw_sentences(contrasts)
        _draw_folded(f"Beside {against(made)}", of_behaviors)
    else:
        _draw_sentences(of_behaviors)
        _draw_folded("Beside random behaviors", contrasts)
    _draw_folded(f"Controls beside {against(made)}", controls)


def _draw_folded(title: str, verdicts: list[dict[str, Any]]) -> None:
    if verdicts:
        told = ", ".join(f"{one['arm']}: {one['overall']}" for one in verdicts)
        with st.expander(escaped(f"{title}. {told}")):
            _draw_sentences(verdicts)


def _at_largest(verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = max((one["budget"] for one in verdicts), default=None)
    return [one for one in verdicts if one["budget"] == last]


def _draw_sentences(verdicts: list[dict[str, Any]]) -> None:
    for one in verdicts:
        st.markdown(f":material/{ICONS[one['overall']]}: {escaped(one['sentence'])}")


def _draw_how(made: dict[str, Any]) -> None:
    st.markdown("**Method**")
    for sentence in made["method"]:
        st.markdown(f"- {escaped(sentence)}")
    if made["limits"]:
        st.markdown("**Limits**")
        for sentence in made["limits"]:
            st.markdown(f"- {escaped(sentence)}")
