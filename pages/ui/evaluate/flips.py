"""Flips: problems that one arm gets right and another wrong, one click from their traces."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.evaluation.report.amounts import listed
from pages.ui.evaluate.traces import problem_facts, show_traces
from pages.ui.markdown import model_markdown

SHOWN = 40
DIRECTIONS = {
    "wrong_to_right": (":material/trending_up:", "became right"),
    "right_to_wrong": (":material/trending_down:", "became wrong"),
}


def draw_flips(made: Mapping[str, Any]) -> None:
    if not made["flips"]:
        st.caption("No problem changed between right and wrong.")
        return
    pairs = list(
        dict.fromkeys((one["arm"], one["budget"], one["baseline"]) for one in made["flips"])
    )
    chosen = st.selectbox(
        "Arm and budget",
        pairs,
        format_func=lambda pair: f"{pair[0]} at {pair[1]:,} tokens, beside {pair[2]}",
        key="evaluate_flips_of",
    )
    found = [one for one in made["flips"] if (one["arm"], one["budget"], one["baseline"]) == chosen]
    for one in found[:SHOWN]:
        _draw_flip(made, one)
    if len(found) > SHOWN:
        st.caption(f"and {len(found) - SHOWN:,} more: the report's files have all.")


def _draw_flip(made: Mapping[str, Any], flip: Mapping[str, Any]) -> None:
    problem = made["texts"][str(flip["problem_id"])]
    icon, word = DIRECTIONS[flip["direction"]]
    with st.container(border=True):
        st.caption(f"{icon} {word}{problem_facts(problem)}")
        st.markdown(model_markdown(problem["text"][:1000]), anchors=False)
        key = f"evaluate_flip_{flip['arm']}_{flip['budget']}_{flip['problem_id']}"
        if st.button("Read both replies", icon=":material/view_column_2:", key=key):
            show_traces(flip, problem, forced=bool(made["settings"].get("forced")))


def draw_failed(made: Mapping[str, Any]) -> None:
    if not made["failed"]:
        st.caption("No reply failed.")
        return
    again = "" if made["imported"] else " Resume asks for them again."
    st.caption(f"They have no outcome and are in no figure of these budgets.{again}")
    rows = [
        {
            "Arm": one["arm"],
            "Sample": one["sample"] + 1,
            "Budgets": listed(one["budgets"]),
            "Problem": " ".join(made["texts"][str(one["problem_id"])]["text"].split())[:160],
            "Kind": one["kind"],
            "What happened": one["error"],
        }
        for one in made["failed"]
    ]
    st.dataframe(rows, hide_index=True, key="evaluate_failed", alt="Replies that failed")
