"""Duplicates: near copies in groups, the largest first; each is merged, kept apart or postponed."""

import streamlit as st

from core.handbook import duplicates, shelf
from pages.ui import services, similar
from pages.ui.drawers import draw_planned_drawer
from pages.ui.duplicate_groups import POSTPONED, draw_counts, draw_group, draw_how
from pages.ui.handbook_choice import choose_handbook
from pages.ui.markdown import escaped
from pages.ui.review import actions, state

PAGE_LENGTH = 6
DEFAULT = 0.85

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Duplicates", anchor=False, width="stretch")
    book = choose_handbook().handbook
    st.button(
        "Undo",
        icon=":material/undo:",
        shortcut="U",
        key="duplicates_undo",
        on_click=actions.undo_last,
        args=(book.id,),
    )
if said := state.take_said():
    st.info(escaped(said), icon=":material/info:")


@st.cache_resource(max_entries=3, show_spinner="Looking for near copies …")
def pairs_of(stamp: str, slug: str) -> duplicates.Pairs:  # noqa: ARG001  part of the cache's key
    store = services.app().store
    return duplicates.of_handbook(store, shelf.find(store, slug), similar.known_vectors())


pairs = pairs_of(similar.stamp_with_vectors(book.id), book.slug)
draw_how(book, pairs)
threshold = st.slider(
    "Alike from",
    duplicates.FLOOR,
    1.0,
    DEFAULT,
    0.01,
    key="duplicates_threshold",
    help="The lower, the more groups, and the more of them are not duplicates.",
)
draw_counts(pairs, threshold)
found = duplicates.groups(pairs, threshold)
later = st.session_state.get(POSTPONED, [])
waiting = [group for group in found if group.key not in later]
postponed = [group for group in found if group.key in later]
ordered = waiting + postponed
if not ordered:
    st.markdown("### No near copies")
    st.caption("Nothing is this much alike. Move the slider to the left to look wider.")
pages = max(1, -(-len(ordered) // PAGE_LENGTH))
page = min(st.session_state.get("duplicates_page", 1), pages)
for group in ordered[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH]:
    draw_group(group, postponed=group.key in later)
if pages > 1:
    st.pagination(pages, key="duplicates_page")
draw_planned_drawer()
