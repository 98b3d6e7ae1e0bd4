"""Aligned steps: which stretch of one reply does what of the other, and what it took."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.document import baseline_of
from pages.ui.beside import draw_steps_beside, draw_words_beside


def draw_steps(made: Mapping[str, Any]) -> None:
    arms = [one["arm"] for one in made["asked"] if _with_text(made["arms"][one["arm"]])]
    if len(arms) < 2:
        return
    place = st.expander(
        "Steps side by side",
        icon=":material/view_column_2:",
        key="compare_steps",
        on_change="rerun",  # the embedder is loaded for those who want to see it
    )
    if not place.open:
        return
    with place:
        left, right, sample = _choose(made, arms)
        ours, theirs = (_take(made, arm, sample) for arm in (left, right))
        if ours is None or theirs is None:
            st.caption("One of the two has no reply for this sample.")
        elif st.toggle("Word by word", key="compare_words"):
            draw_words_beside(ours["text"], theirs["text"])
        else:
            called = titles(made["asked"])
            key = f"compare_{made['run']}_{sample}_{left}_{right}"
            draw_steps_beside((ours, theirs), (called[left], called[right]), key)


def _choose(made: Mapping[str, Any], arms: list[str]) -> tuple[str, str, int]:
    baseline = baseline_of(made["asked"])
    first, second, third = st.columns(3)
    at = arms.index(baseline) if baseline in arms else 0
    called = titles(made["asked"]).get
    left = first.selectbox("Left", arms, at, format_func=called, key="compare_left") or arms[0]
    others = [arm for arm in arms if arm != left]
    right = second.selectbox("Right", others, 0, format_func=called, key="compare_right")
    samples = [take["sample"] for take in made["arms"][left]]
    sample = 0
    if len(samples) > 1:
        sample = third.selectbox(
            "Sample", samples, format_func=lambda number: str(number + 1), key="compare_step_sample"
        )
    return left, right or others[0], sample or 0


def _take(made: Mapping[str, Any], arm: str, sample: int) -> Mapping[str, Any] | None:
    return next((take for take in made["arms"][arm] if take["sample"] == sample), None)


def _with_text(takes: Sequence[Mapping[str, Any]]) -> bool:
    return any(take["text"] or take["thinking"] for take in takes)
