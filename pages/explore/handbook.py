"""Handbook: browse what has been accepted and what waits."""

import streamlit as st

from core.handbook import shelf
from core.handbook.search import matching
from pages.ui import services
from pages.ui.handbook_head import draw_head, new_handbook_dialog
from pages.ui.markdown import escaped

app = services.app()
summaries = {summary.handbook.slug: summary for summary in shelf.summaries(app.store)}

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Handbook", anchor=False, width="stretch")
    if st.button("New handbook", icon=":material/add:", key="handbook_new"):
        new_handbook_dialog()

if not summaries:
    st.caption("There is no handbook yet. Make one, or solve a problem and keep what it teaches.")
    st.stop()

slug = st.selectbox(
    "Handbook",
    list(summaries),
    key="handbook_slug",
    bind="query-params",
    label_visibility="collapsed",
)
summary = summaries[slug]
draw_head(summary)

left, right = st.columns([1, 2], vertical_alignment="bottom")
status = left.segmented_control(
    "Status",
    ["accepted", "proposed", "rejected"],
    default="accepted",
    required=True,
    key="handbook_status",
    bind="query-params",
)
words = right.text_input(
    "Search",
    key="handbook_words",
    bind="query-params",
    placeholder="Words in the name, instruction, topic or tags",
    icon=":material/search:",
)
found = shelf.behaviors(app.store, summary.handbook, (status or "accepted",))
topics = sorted({behavior.topic for behavior in found if behavior.topic})
chosen = st.pills("Topics", topics, selection_mode="multi", key=f"handbook_topics_{slug}")
shown = matching(found, words, chosen)

st.caption(f"{len(shown):,} of {len(found):,} {escaped(status or 'accepted')} behaviors")
st.dataframe(
    {
        "Topic": [behavior.topic for behavior in shown],
        "Name": [behavior.name for behavior in shown],
        "Instruction": [behavior.instruction for behavior in shown],
        "Avoid when": [behavior.avoid_when or "" for behavior in shown],
        "Tags": [behavior.tags for behavior in shown],
    },
    column_config={
        "Topic": st.column_config.TextColumn(width="small"),
        "Name": st.column_config.TextColumn(width="medium"),
        "Instruction": st.column_config.TextColumn(width="large"),
        "Avoid when": st.column_config.TextColumn(width="medium"),
        "Tags": st.column_config.MultiselectColumn(width="small"),
    },
    hide_index=True,
    height=560,
    row_height=72,
    alt="The behaviors of this handbook",
)
