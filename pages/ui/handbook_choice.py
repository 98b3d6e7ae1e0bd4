"""The choice of a handbook, the same on every screen that works on one, and in the address."""

import streamlit as st

from core.handbook import shelf
from core.handbook.shelf import Summary
from core.store.records import Handbook
from pages.ui import services

KEY = "handbook"


def choose_handbook(*, labelled: bool = False) -> Summary:
    """The chosen handbook; where there is none at all, says so and ends the screen.

    `labelled` for a choice that stands among others in a form.
    """
    summaries = {s.handbook.slug: s for s in shelf.summaries(services.app().store, archived=True)}
    if not summaries:
        st.caption("There is no handbook yet.")
        st.page_link("pages/build/solve.py", label="Solve a problem", icon=":material/lightbulb:")
        st.page_link("pages/explore/handbook.py", label="Make one", icon=":material/menu_book:")
        st.stop()
    if st.session_state.get(KEY) not in summaries and KEY not in st.query_params:
        # Not the choice's default, which would not stand in the address.
        st.session_state[KEY] = next(iter(summaries))
    slug = st.selectbox(
        "Handbook",
        list(summaries),
        index=None,
        key=KEY,
        bind="query-params",
        label_visibility="visible" if labelled else "collapsed",
        width="stretch" if labelled else 300,
    )
    return summaries[slug] if slug else next(iter(summaries.values()))


def choose_fullest() -> Handbook:
    """As `choose_handbook`, but where nobody chose yet, the one with most to give."""
    if KEY not in st.session_state and KEY not in st.query_params:
        found = shelf.summaries(services.app().store)
        if found:
            open_handbook(max(found, key=lambda one: one.accepted).handbook.slug)
    return choose_handbook(labelled=True).handbook


def open_handbook(slug: str) -> None:
    """Chosen when the screen is drawn next; to be called before the choice is drawn."""
    st.session_state[KEY] = slug
