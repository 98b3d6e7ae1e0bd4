"""Review: proposals one after the other, one key each; every decision can be taken back."""

import streamlit as st

from core.handbook.queue import progress, window
from core.store import behaviors as rows
from pages.ui import services, similar
from pages.ui.handbook_choice import choose_handbook
from pages.ui.markdown import escaped
from pages.ui.review import actions, state
from pages.ui.review.card import draw_focus
from pages.ui.review.desk import keep_desk, stay_at_desk
from pages.ui.review.dialogs import draw_planned_dialog
from pages.ui.review.filter import draw_filter
from pages.ui.review.keys import draw_arrows, draw_keys, draw_undo
from pages.ui.review.many import plan_many
from pages.ui.review.side import draw_coming, draw_decisions, draw_picked, draw_progress
from pages.ui.state import curator
from pages.ui.worth import draw_retirements

COMING = 6

app = services.app()
me = curator()

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Review", anchor=False, width="stretch")
    book = choose_handbook(waiting=True).handbook
    choice = draw_filter(book.id)
    st.button("All of them …", icon=":material/done_all:", key="review_many", on_click=plan_many)
if choice.filter.ids is None:
    draw_progress(progress(app.store, book.id, me), me)

with app.store.read() as session:
    ids = choice.ids(session)
    focus, coming = window(ids, state.focus_among(ids), COMING)
    found = rows.behaviors_by_id([n for n in (focus, *coming) if n], session=session)
if choice.filter.ids is not None:
    draw_picked(len(ids), len(choice.filter.ids))
state.set_focus(focus)
actions.drop_old_question(focus)
behavior = found.get(focus) if focus else None
others = {number: found[number] for number in coming if number in found}

elsewhere = keep_desk(focus, found)
spot = actions.spot_of(behavior, ids) if behavior else None
state.set_following(spot.following if spot else None)
with st.container():
    if said := state.take_said():
        st.warning(escaped(said), icon=":material/info:")
if behavior and spot:
    near = similar.neighbours(behavior)
    draw_keys(behavior, spot, [behavior.id, *(n.behavior_id for n in near[:1])])
grid = st.grid(3, min_column_width=220, gap="medium")
with grid.cell(column_span=2):
    if behavior is None:
        st.markdown("### Nothing waits here" if not choice.filter.words else "### Nothing is found")
        st.caption("Change the filter, take another handbook, or solve problems to get proposals.")
        draw_undo(book.id)
    else:
        draw_focus(behavior, near, elsewhere.get(behavior.id, []))
with grid.cell():
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Next**", width="stretch")
        draw_arrows(spot)
    draw_coming(list(others.values()), elsewhere, len(ids))
    draw_decisions(book.id)
    draw_retirements(book)
stay_at_desk(focus)
draw_planned_dialog(book, choice)
