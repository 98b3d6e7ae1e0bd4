"""Every figure of a comparison as a table: a line for each sample, and the means."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.document import outcomes
from core.evaluation.comparison.outcome import figures
from core.evaluation.report.amounts import UNKNOWN, price
from pages.ui.figure_table import draw_figure_table

RIGHT = {True: "right", False: "wrong", None: "not graded"}
ENDED = {
    "stop": "ended by itself",
    "length": "cut off by the budget",
    "cancelled": "stopped",
    "error": "failed",
}
# Columns of a reply that hold no figure.
WORDS = ("Answer", "Right", "End", "Cited", "Invented", "Counted by", "Error")
COUNTED = {"endpoint": "the endpoint", "tokenizer": "its tokenizer", None: "nobody"}


def draw_figures(made: Mapping[str, Any]) -> None:
    st.subheader("Figures", anchor=False)
    called = titles(made["asked"])
    frame = pd.DataFrame(
        [
            _line(made, called, one["arm"], take)
            for one in made["asked"]
            for take in made["arms"][one["arm"]]
        ]
    )
    if frame.empty:
        st.caption("No reply has come.")
        return
    draw_figure_table(frame, "compare_figures", "Figures of every reply", words=WORDS)
    if made["settings"]["samples"] > 1:
        _draw_means(made, called)


def _line(
    made: Mapping[str, Any], called: Mapping[str, str], arm: str, take: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "Arm": called[arm],
        "Sample": take["sample"] + 1,
        "Answer": take["answer"] or "none found",
        "Right": RIGHT[take["correct"]] + _flip(made, called, arm, take["sample"]),
        "Output tokens": _count(take["output_tokens"]),
        "of them reasoning": _count(take["reasoning_tokens"]),
        "Input tokens": _count(take["input_tokens"]),
        "of them cached": _count(take["cached_tokens"]),
        "of them read again": _count(take["read_again_tokens"]),
        "of these cached": _count(take["read_again_cached_tokens"]),
        "Price": price(take["price"]),
        "First token": _seconds(take["first_token_seconds"]),
        "Time": _seconds(take["seconds"]),
        "Tokens a second": _speed(take["tokens_per_second"]),
        "End": ENDED.get(take["finish_reason"], "broken off"),
        "Cited": ", ".join(take["cited"]),
        "Invented": ", ".join(take["invented"]),
        "Counted by": COUNTED[take["counted_by"]],
        "Error": take["error"] or "",
    }


def _flip(made: Mapping[str, Any], called: Mapping[str, str], arm: str, sample: int) -> str:
    """Marks where this arm was right and the baseline wrong on the same sample, or the reverse."""
    for verdict in made["verdicts"]:
        if verdict["arm"] == arm and sample in verdict["wrong_to_right"]:
            return f" ({called[verdict['baseline']]} was wrong)"
        if verdict["arm"] == arm and sample in verdict["right_to_wrong"]:
            return f" ({called[verdict['baseline']]} was right)"
    return ""


def _draw_means(made: Mapping[str, Any], called: Mapping[str, str]) -> None:
    found = outcomes(made)
    rows = []
    for one in made["asked"]:
        of_arm = figures(found, one["arm"])
        interval = of_arm.interval
        rows.append(
            {
                "Arm": called[one["arm"]],
                "Samples": of_arm.n,
                "Mean output tokens": UNKNOWN if of_arm.mean is None else f"{of_arm.mean:,.0f}",
                "95% interval": f"{interval[0]:,.0f} to {interval[1]:,.0f}" if interval else "–",
                "Right": f"{of_arm.right} of {of_arm.graded}" if of_arm.graded else RIGHT[None],
                "Cut off": of_arm.cut_off,
                "Failed": of_arm.failed,
            }
        )
    draw_figure_table(pd.DataFrame(rows), "compare_means", "Means of each arm")
    st.caption(
        "Intervals of the mean by Student's t over the samples of this one problem. They say "
        "nothing about other problems."
    )


def _count(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s"


def _speed(speed: float | None) -> str:
    """After the first token."""
    return "–" if speed is None else f"{speed:.1f}"
