"""The head of the Handbook screen, and the dialog that makes a new handbook."""

import streamlit as st

from core.handbook import shelf
from core.store.records import Handbook
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped
from pages.ui.state import curator


def draw_head(handbook: Handbook) -> None:
    st.subheader(escaped(handbook.title), anchor=False)
    if handbook.description:
        st.markdown(escaped(handbook.description))
    facts = [escaped(handbook.made)] if handbook.made else []
    facts += [escaped(handbook.licence)] if handbook.licence else []
    facts += [f"by {escaped(', '.join(handbook.authors))}"] if handbook.authors else []
    st.caption(" · ".join(facts))


@st.dialog("New handbook", icon=":material/menu_book:")
def new_handbook_dialog() -> None:
    title = st.text_input("Title", key="handbook_title", max_chars=120)
    if st.button("Make it", type="primary", key="handbook_make", icon=":material/add:"):
        with shown_errors():
            slug = shelf.slug_for(title)
            shelf.create(services.app().store, slug, title.strip(), by=curator())
            st.rerun()
