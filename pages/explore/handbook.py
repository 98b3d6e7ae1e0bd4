"""Handbook: browse, search, edit in place, look at the whole, import and export."""

import streamlit as st

from core.handbook import shelf
from core.store import behaviors as rows
from core.store import filters
from pages.ui import services
from pages.ui.drawers import draw_planned_drawer
from pages.ui.handbook.cards import draw_cards
from pages.ui.handbook.head import draw_buttons, draw_head
from pages.ui.handbook.search import draw_search, draw_status
from pages.ui.handbook.summary import draw_summary
from pages.ui.handbook.table import draw_table
from pages.ui.handbook_choice import choose_handbook
from pages.ui.markdown import escaped

PAGE_LENGTHS = {"cards": 20, "table": 100}

app = services.app()
title = st.container(horizontal=True, vertical_alignment="center")
with title:
    st.header("Handbook", anchor=False, width="stretch")
if not shelf.summaries(app.store, archived=True):
    with title:
        draw_buttons(None)
    st.caption("There is no handbook yet. Make one, import one, or solve a problem.")
    st.stop()
with title:
    summary = choose_handbook()
    draw_buttons(summary.handbook)
if said := st.session_state.pop("handbook_said", None):
    st.success(escaped(said), icon=":material/check:")
draw_head(summary.handbook)

with st.container(horizontal=True, vertical_alignment="bottom"):
    status = draw_status(summary)
    if summary.proposed:
        st.page_link("pages/build/review.py", label="Review them", icon=":material/rule:")
    st.space("stretch")
    view = st.segmented_control(
        "View",
        ["cards", "table", "summary"],
        default="cards",
        required=True,
        key="handbook_view",
        label_visibility="collapsed",
    )
if view == "summary":
    draw_summary(summary.handbook)
    st.stop()

chosen = draw_search(summary.handbook.id, status)
length = PAGE_LENGTHS[view]
with app.store.read() as session:
    total = filters.count(chosen, session=session)
    pages = max(1, -(-total // length))
    page = min(st.session_state.get("handbook_page", 1), pages)
    if chosen.ids is None:
        shown = filters.page(chosen, (page - 1) * length, length, session=session)
    else:
        allowed = set(filters.ids(chosen, session=session))
        nearest = [number for number in chosen.ids if number in allowed]
        wanted = nearest[(page - 1) * length : page * length]
        shown = list(rows.behaviors_by_id(wanted, session=session).values())

st.caption(f"{total:,} of {getattr(summary, status):,} {status} behaviors")
if view == "table":
    draw_table(summary.handbook, shown, f"{summary.handbook.slug}_{page}_{hash(chosen)}")
else:
    draw_cards(shown, by_topic=chosen.order == "topic" and chosen.ids is None)
if pages > 1:
    st.pagination(pages, key="handbook_page")
draw_planned_drawer()
