"""The figures of an evaluation: the curve, the arms, the pairs, the groups."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.report.amounts import (
    UNKNOWN,
    between,
    of_all,
    percent,
    points,
    price,
    probability,
    problems_of,
    seconds,
    times,
    tokens,
    with_interval,
)
from core.figures import evaluation as figures
from pages.ui.figure_table import draw_figure_table
from pages.ui.markdown import escaped

# Of the arms' figures, those that need no column where they are the same nothing for every arm.
DISPENSABLE = ("Not graded", "Median", "Reasoning", "Input tokens", "Cached", "Time", "Cost")


def draw_curve(made: Mapping[str, Any]) -> None:
    """Accuracy against tokens: up and to the left is better."""
    if not any(point["accuracy"] is not None for own in made["curve"].values() for point in own):
        st.caption("Nothing was graded, so there is no curve of accuracy.")
        return
    paper = made["paper"] if _shows_paper(made) else []
    st.plotly_chart(
        figures.curve_figure(made["arms"], labels(made), paper),
        key="evaluate_curve",
    )


def _shows_paper(made: Mapping[str, Any]) -> bool:
    return bool(made["paper"]) and st.toggle(
        "The paper's figures beside",
        key="evaluate_paper",
        help="Of the whole set and of other, larger models.",
    )


def draw_arms(made: Mapping[str, Any]) -> None:
    frame = pd.DataFrame([_arm(one) for one in made["arms"]])
    if all(one["f1"] is None for one in made["arms"]):  # no questions: it has no meaning here
        frame = frame.drop(columns="Token F1")
    empty = _empty(frame)
    draw_figure_table(frame.drop(columns=list(empty)), "evaluate_arms_table", "Figures of each arm")
    left_out = [f"{name}: {nothing} for every arm." for name, nothing in empty.items()]
    st.caption(" ".join(["In brackets: 95% intervals.", *left_out]))
    if made["settings"]["samples"] > 1:
        rows = [
            {
                "Arm": one["arm"],
                "Budget": one["budget"],
                **{f"pass@{at['k']}": percent(at["share"]) for at in one["pass_at"]},
            }
            for one in made["arms"]
        ]
        draw_figure_table(pd.DataFrame(rows), "evaluate_pass", "pass@k")


def _empty(frame: pd.DataFrame) -> dict[str, str]:
    """The columns that need not stand there, each with the nothing that is in all its rows."""
    found = {name: set(map(str, frame.get(name, ()))) for name in DISPENSABLE}
    return {name: values.pop() for name, values in found.items() if values in ({"0"}, {UNKNOWN})}


def _arm(one: Mapping[str, Any]) -> dict[str, Any]:
    """What matters comes first: a screen may be too narrow for all of it."""
    return {
        "Arm": one["arm"],
        "Budget": one["budget"],
        "Problems": problems_of(one),
        "Accuracy": with_interval(one["accuracy"], one["accuracy_interval"], percent),
        "Token F1": with_interval(one["f1"], one["f1_interval"], percent),
        "Output tokens": with_interval(one["output_tokens"], one["output_tokens_interval"], tokens),
        "Cut off": percent(one["cut_off_rate"]),
        "Failed": one["errors"],
        "Not graded": one["ungraded"],
        "Median": tokens(one["output_tokens_median"]),
        "Reasoning": tokens(one["reasoning_tokens"]),
        "Input tokens": tokens(one["input_tokens"]),
        "Cached": tokens(one["cached_tokens"]),
        "Time": of_all(seconds, one, "seconds"),
        "Cost": of_all(price, one, "price"),
    }


def draw_pairs(made: Mapping[str, Any]) -> None:
    if not made["pairs"]:
        st.caption("There is nothing to compare with: the run has one arm.")
        return
    st.plotly_chart(figures.pairs_figure(made["pairs"], labels(made)), key="evaluate_pairs_figure")
    _draw_pairs(made["pairs"], "evaluate_pairs", "Arms and their baselines")
    if made["contrasts"]:
        st.markdown("**Beside other behaviors**")
        _draw_pairs(made["contrasts"], "evaluate_contrasts", "Arms beside each other")
    with st.expander("In words"):
        for one in [*made["verdicts"], *made["contrast_verdicts"]]:
            st.markdown(escaped(one["sentence"]))


def _draw_pairs(pairs: Sequence[Mapping[str, Any]], key: str, alt: str) -> None:
    frame = pd.DataFrame([_pair(one) for one in pairs])
    draw_figure_table(frame, key, alt, words=["against"])


def _pair(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Arm": one["arm"],
        "against": one["baseline"],
        "Budget": one["budget"],
        "Problems": one["paired"],
        "Accuracy, points": points(one["accuracy_difference"]),
        "95% interval": between(one["interval"], points),
        "p": probability(one["accuracy_p"]),
        "corrected": probability(one["accuracy_corrected_p"]),
        "McNemar p": probability(one["mcnemar_p"]),
        "Tokens, ratio": times(one["token_ratio"]),
        "Ratio's 95% interval": between(one["token_ratio_interval"], times),
        "Tokens' p": probability(one["token_p"]),
        "Tokens' corrected": probability(one["token_corrected_p"]),
        "Ratio where both are right": times(one["both_right_ratio"]),
        "Flips": f"+{len(one['wrong_to_right'])} −{len(one['right_to_wrong'])}",
    }


def draw_groups(made: Mapping[str, Any]) -> None:
    if not made["groups"]:
        st.caption("The problems of this set have no topic and no level.")
        return
    kinds = list(dict.fromkeys(row["by"] for row in made["groups"]))
    by = st.segmented_control(
        "By",
        kinds,
        default=kinds[0],
        required=True,
        key="evaluate_by",
        label_visibility="collapsed",
    )
    rows = [row for row in made["groups"] if row["by"] == by]
    st.plotly_chart(figures.groups_figure(rows, labels(made), str(by)), key=f"evaluate_groups_{by}")
    frame = pd.DataFrame(
        [
            {
                str(by).capitalize(): row["group"],
                "Arm": row["arm"],
                "Problems": problems_of(row),
                "Accuracy": percent(row.get("accuracy")),
                "95% interval": between(row.get("accuracy_interval"), percent),
                "Output tokens": tokens(row.get("output_tokens")),
            }
            for row in rows
        ]
    )
    draw_figure_table(frame, "evaluate_groups", f"Figures by {by}", words=["Arm"])
    st.caption("Of few problems each, so the intervals are wide and not corrected.")


def labels(made: Mapping[str, Any]) -> list[str]:
    """Of the arms in their order: each has its color by its place."""
    return [one["arm"] for one in made["asked"]]
