"""The prompt inspector: what each arm was sent, part by part, and what of it a cache served."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.reading import parts_read, together


def draw_prompts(made: Mapping[str, Any]) -> None:
    place = st.expander(
        "The prompts", icon=":material/chat:", key="compare_prompts", on_change="rerun"
    )
    if not place.open:
        return
    with place:
        arms = [one["arm"] for one in made["asked"] if made["arms"][one["arm"]]]
        if not arms:
            st.caption("Nothing was sent.")
            return
        arm = st.segmented_control(
            "Arm",
            arms,
            default=arms[0],
            required=True,
            format_func=titles(made["asked"]).get,
            key="compare_prompt_arm",
        )
        takes = made["arms"][arm or arms[0]]
        take = takes[0]
        if len(takes) > 1:
            number = st.segmented_control(
                "Sample",
                range(len(takes)),
                default=0,
                required=True,
                format_func=lambda at: f"Sample {takes[at]['sample'] + 1}",
                key="compare_prompt_sample",
            )
            take = takes[number or 0]
        _draw_parts(take)
        _draw_requests(take)


def _draw_parts(take: Mapping[str, Any]) -> None:
    rows = [
        {
            "Part": part.name,
            "Tokens": "unknown" if part.tokens is None else f"{part.tokens:,}",
            "From the cache, about": "unknown" if part.cached is None else f"{part.cached:,}",
        }
        for part in together(parts_read(take))
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key="compare_parts", alt="Parts of the prompt"
    )
    st.caption(
        "Tokens of each part by the model's tokenizer; the chat template's own are what is left of "
        "the input. A cache serves the beginning of a prompt, so its tokens are counted from there."
    )


def _draw_requests(take: Mapping[str, Any]) -> None:
    """All that was sent: one request, or several where behaviors were offered on the way."""
    requests = take["requests"] or [take]
    for number, request in enumerate(requests, 1):
        if len(requests) > 1:
            tokens = request["input_tokens"]
            read = "unknown" if tokens is None else f"{tokens:,}"
            cached = request["cached_tokens"]
            served = "" if cached is None else f", {cached:,} of them cached"
            st.markdown(f"**Request {number} of {len(requests)}**: {read} tokens read{served}")
        for message in request["messages"]:
            st.caption(message["role"])
            st.code(message.get("content") or str(message), language=None, wrap_lines=True)
