"""Vectors that are missing: what that means where it matters, and the way to have them."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import services
from pages.ui.state import curator


def draw_missing_vectors(slugs: Sequence[str], what: str, key: str) -> None:
    """Of the handbooks with these slugs, or of the problems."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(what)
        if st.button("Compute them", icon=":material/scatter_plot:", key=key):
            for slug in slugs:
                services.app().embed(slug, by=curator())
            services.app().embed_problems(by=curator())
            st.toast("They are being computed; the Runs screen shows how far it is.")
