"""The behaviors of a page as cards to read, under a heading for each topic."""

from collections.abc import Sequence

import streamlit as st

from core.store.records import Behavior
from pages.ui.behavior_link import draw_link
from pages.ui.cards import draw_marks
from pages.ui.edit_drawer import plan_edit
from pages.ui.markdown import escaped, model_markdown


def draw_cards(behaviors: Sequence[Behavior], by_topic: bool) -> None:
    topic = None
    for behavior in behaviors:
        if by_topic and behavior.topic != topic:
            topic = behavior.topic
            st.subheader(escaped(topic or "Without a topic"), anchor=False)
        _draw_card(behavior)


def _draw_card(behavior: Behavior) -> None:
    with st.container(border=True, key=f"behavior_{behavior.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"`{behavior.name}`", width="stretch")
            for tag in behavior.tags:
                st.badge(escaped(tag), color="gray")
            st.button(
                "",
                icon=":material/edit:",
                key=f"card_edit_{behavior.id}",
                help="Edit",
                type="tertiary",
                on_click=plan_edit,
                args=(behavior.id, behavior.version),
            )
            draw_link(behavior.id, "Open")
        st.markdown(model_markdown(behavior.instruction), anchors=False)
        if behavior.avoid_when:
            st.caption(f"**Avoid when:** {model_markdown(behavior.avoid_when)}")
        draw_marks(behavior)
