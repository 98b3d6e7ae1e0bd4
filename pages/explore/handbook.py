"""Handbook: browse what has been accepted and what waits."""

import streamlit as st

from core.handbook import shelf
from core.handbook.search import matching
from pages.ui import services
from pages.ui.handbook_head import draw_head, new_handbook_dialog
from pages.ui.handbook_list import draw_cards, draw_table
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
    width=360,
)
summary = summaries[slug]
draw_head(summary.handbook)

counts = {
    "accepted": summary.accepted,
    "proposed": summary.proposed,
    "rejected": summary.rejected,
}
with st.container(horizontal=True, vertical_alignment="bottom"):
    status = st.segmented_control(
        "Status",
        list(counts),
        default="accepted",
        required=True,
        format_func=lambda status: f"{counts[status]:,} {status}",
        key="handbook_status",
        label_visibility="collapsed",
    )
    st.space("stretch")
    view = st.segmented_control(
        "View",
        ["cards", "table"],
        default="cards",
        required=True,
        key="handbook_view",
        label_visibility="collapsed",
    )
words = st.text_input(
    "Search",
    key="handbook_words",
    bind="query-params",
    placeholder="Search words in the name, instruction, topic or tags",
    icon=":material/search:",
    label_visibility="collapsed",
)
found = shelf.behaviors(app.store, summary.handbook, (status or "accepted",))
topics = sorted({behavior.topic for behavior in found if behavior.topic})
chosen = []
if len(topics) > 1:
    chosen = st.pills(
        "Topics",
        topics,
        selection_mode="multi",
        key=f"handbook_topics_{slug}",
        label_visibility="collapsed",
    )
shown = matching(found, words, chosen)

st.caption(f"{len(shown):,} of {len(found):,} {escaped(status or 'accepted')} behaviors")
if view == "table":
    draw_table(shown)
else:
    draw_cards(shown, key=f"handbook_page_{slug}")
