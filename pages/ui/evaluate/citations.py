"""Citations: which behaviors the replies of each arm name, and which names they made up."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.report.amounts import percent, tokens
from core.evaluation.report.citations import sentence, share
from pages.ui.markdown import escaped


def draw_citations(made: Mapping[str, Any]) -> None:
    if not made["citations"]:
        st.caption("Without a handbook, and replies that ended, no behaviors are looked for.")
        return
    for one in made["citations"]:
        st.markdown(escaped(sentence(one)))
    naming = [one for one in made["citations"] if one["behaviors"] or one["invented"]]
    if not naming:
        return
    arms = [one["arm"] for one in naming]
    arm = st.segmented_control(
        "Arm", arms, default=arms[0], required=True, key="evaluate_citations_of"
    )
    one = next(one for one in naming if one["arm"] == arm)
    if one["behaviors"]:
        frame = pd.DataFrame([_row(behavior) for behavior in one["behaviors"]])
        st.dataframe(frame, hide_index=True, key="evaluate_citations", alt="Behaviors named")
        st.caption(
            "Beside the other replies of the arm, which are on other problems: what a behavior "
            "does cannot be read from that."
        )
    if one["invented"]:
        st.markdown(f"**Not in the handbook** · {one['invented_names']:,} names")
        rows = [{"Name": row["name"], "Replies": row["replies"]} for row in one["invented"]]
        st.dataframe(rows, hide_index=True, key="evaluate_invented", alt="Names made up")


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Behavior": one["name"],
        "Replies": one["replies"],
        "Right": percent(share(one)),
        "Right without it": percent(share(one, "_beside")),
        "Output tokens": tokens(one["output_tokens"]),
        "Tokens without it": tokens(one["output_tokens_beside"]),
    }
