"""The behaviors of a handbook, as cards to read or as a table to scan."""

from collections.abc import Sequence

import streamlit as st

from core.store.records import Behavior
from pages.ui.cards import draw_marks
from pages.ui.markdown import escaped, model_markdown

PAGE_LENGTH = 20


def draw_cards(behaviors: Sequence[Behavior], key: str) -> None:
    """A page of cards at a time, under a heading for each topic."""
    pages = max(1, -(-len(behaviors) // PAGE_LENGTH))
    page = min(st.session_state.get(key, 1), pages)
    topic = None
    for behavior in behaviors[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH]:
        if behavior.topic != topic:
            topic = behavior.topic
            st.subheader(escaped(topic or "Without a topic"), anchor=False)
        _draw_card(behavior)
    if pages > 1:
        st.pagination(pages, key=key)


def draw_table(behaviors: Sequence[Behavior]) -> None:
    st.dataframe(
        {
            "Topic": [behavior.topic for behavior in behaviors],
            "Name": [behavior.name for behavior in behaviors],
            "Instruction": [behavior.instruction for behavior in behaviors],
            "Avoid when": [behavior.avoid_when or "" for behavior in behaviors],
            "Tags": [behavior.tags for behavior in behaviors],
        },
        column_config={
            "Topic": st.column_config.TextColumn(width="small"),
            "Name": st.column_config.TextColumn(width="medium"),
            "Instruction": st.column_config.TextColumn(width="large"),
            "Avoid when": st.column_config.TextColumn(width="medium"),
            "Tags": st.column_config.MultiselectColumn(width="small"),
        },
        hide_index=True,
        height=620,
        row_height=72,
        alt="The behaviors of this handbook",
    )


def _draw_card(behavior: Behavior) -> None:
    with st.container(border=True, key=f"behavior_{behavior.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"`{behavior.name}`", width="stretch")
            for tag in behavior.tags:
                st.badge(escaped(tag), color="gray")
        st.markdown(model_markdown(behavior.instruction), anchors=False)
        if behavior.avoid_when:
            st.caption(f"**Avoid when:** {model_markdown(behavior.avoid_when)}")
        draw_marks(behavior)
