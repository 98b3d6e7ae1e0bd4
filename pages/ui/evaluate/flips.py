"""Flips: problems that one arm gets right and another wrong, one click from their traces."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.store import runs as run_rows
from pages.ui import services
from pages.ui.markdown import answer_markdown, escaped, model_markdown

SHOWN = 40
DIRECTIONS = {
    "wrong_to_right": (":material/trending_up:", "became right"),
    "right_to_wrong": (":material/trending_down:", "became wrong"),
}


def draw_flips(made: Mapping[str, Any]) -> None:
    if not made["flips"]:
        st.caption("No problem changed between right and wrong.")
        return
    pairs = list(dict.fromkeys((one["arm"], one["budget"]) for one in made["flips"]))
    chosen = st.selectbox(
        "Arm and budget",
        pairs,
        format_func=lambda pair: f"{pair[0]} at {pair[1]:,} tokens, beside {made['baseline']}",
        key="evaluate_flips_of",
    )
    found = [one for one in made["flips"] if (one["arm"], one["budget"]) == chosen]
    for one in found[:SHOWN]:
        _draw_flip(made, one)
    if len(found) > SHOWN:
        st.caption(f"and {len(found) - SHOWN:,} more: the report's files have all.")


def _draw_flip(made: Mapping[str, Any], flip: Mapping[str, Any]) -> None:
    problem = made["texts"][str(flip["problem_id"])]
    icon, word = DIRECTIONS[flip["direction"]]
    with st.container(border=True):
        st.caption(f"{icon} {word}{_facts(problem)}")
        st.markdown(model_markdown(problem["text"][:1000]), anchors=False)
        with st.container(horizontal=True):
            for arm, traces in flip["traces"].items():
                for number, trace in enumerate(traces, 1):
                    label = arm if len(traces) == 1 else f"{arm}, sample {number}"
                    key = f"evaluate_trace_{flip['arm']}_{flip['budget']}_{trace}"
                    if st.button(label, icon=":material/article:", key=key):
                        show_trace(trace, label, problem)


def _facts(problem: Mapping[str, Any]) -> str:
    facts = [escaped(str(problem[name])) for name in ("topic", "level") if problem[name]]
    facts += [f"answer {answer_markdown(problem['gold'])}"] if problem["gold"] else []
    return "".join(f" · {fact}" for fact in facts)


@st.dialog("Trace", width="large", icon=":material/article:")
def show_trace(trace_id: int, label: str, problem: Mapping[str, Any]) -> None:
    with services.app().store.read() as session:
        trace = run_rows.trace(trace_id, session=session)
        verdict = run_rows.verdicts([trace_id], session=session).get(trace_id)
    tokens = "tokens unknown" if trace.output_tokens is None else f"{trace.output_tokens:,} tokens"
    facts = [escaped(label), escaped(trace.model), tokens, str(trace.finish_reason)]
    if verdict:
        right = {True: "right", False: "wrong", None: "not graded"}[verdict.correct]
        answer = answer_markdown(verdict.extracted) if verdict.extracted else "none found"
        facts += [f"answer {answer}: {right} ({escaped(verdict.grader)})"]
    with st.container(border=True):
        st.markdown(model_markdown(problem["text"]), anchors=False)
        st.caption(f"The problem{_facts(problem)}")
    st.caption(" · ".join(facts))
    if trace.error:
        st.error(escaped(trace.error))
    if trace.thinking:
        with st.expander("Thinking"):
            st.markdown(model_markdown(trace.thinking), anchors=False)
    st.markdown(model_markdown(trace.text), anchors=False)
    if trace.given:
        with st.expander(f"{len(trace.given)} behaviors were given"):
            for one in trace.given:
                st.markdown(f"**{escaped(one['name'])}**: {escaped(one['instruction'])}")


def draw_failed(made: Mapping[str, Any]) -> None:
    if not made["failed"]:
        st.caption("No reply failed.")
        return
    again = "" if made["imported"] else " Resume asks for them again."
    st.caption(f"They have no outcome and are in no figure.{again}")
    rows = [
        {
            "Arm": one["arm"],
            "Sample": one["sample"] + 1,
            "Problem": " ".join(made["texts"][str(one["problem_id"])]["text"].split())[:160],
            "Kind": one["kind"],
            "What happened": one["error"],
        }
        for one in made["failed"]
    ]
    st.dataframe(rows, hide_index=True, key="evaluate_failed", alt="Replies that failed")
