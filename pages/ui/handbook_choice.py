"""The choice of a handbook, the same on every screen that works on one, and in the address."""

import streamlit as st

from core.handbook import shelf
from core.handbook.shelf import Summary
from pages.ui import services

KEY = "handbook"


def choose_handbook(*, labelled: bool = False, waiting: bool = False) -> Summary:
    """The chosen handbook; where there is none at all, says so and ends the screen.

    Where nobody chose yet, the one with the most accepted behaviors, or with `waiting` the one
    with the most proposals. `labelled` for a choice that stands among others in a form.
    """
    summaries = {s.handbook.slug: s for s in shelf.summaries(services.app().store, archived=True)}
    if not summaries:
        st.caption("There is no handbook yet.")
        st.page_link("pages/build/solve.py", label="Solve a problem", icon=":material/lightbulb:")
        st.page_link("pages/explore/handbook.py", label="Make one", icon=":material/menu_book:")
        st.stop()
    usual = _fullest(list(summaries.values()), waiting)
    if st.session_state.get(KEY) not in summaries and KEY not in st.query_params:
        # Not the choice's default, which would not stand in the address.
        st.session_state[KEY] = usual.handbook.slug
    slug = st.selectbox(
        "Handbook",
        list(summaries),
        index=None,
        key=KEY,
        bind="query-params",
        label_visibility="visible" if labelled else "collapsed",
        width="stretch" if labelled else 300,
    )
    return summaries[slug] if slug else usual


def _fullest(summaries: list[Summary], waiting: bool) -> Summary:
    def rank(one: Summary) -> tuple[bool, int, int]:
        proposed = one.proposed if waiting else 0
        return not one.handbook.archived, proposed, one.accepted

    return max(summaries, key=rank)


def open_handbook(slug: str) -> None:
    """Chosen when the screen is drawn next; to be called before the choice is drawn."""
    st.session_state[KEY] = slug
