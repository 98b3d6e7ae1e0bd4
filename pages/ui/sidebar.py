"""The sidebar below the list of screens: who is working here."""

import streamlit as st

from pages.ui import services
from pages.ui.state import CURATOR


def draw_sidebar() -> None:
    with st.sidebar:
        st.text_input(
            "Your name",
            value=services.app().settings.user,
            max_chars=60,
            key=CURATOR,
            help="Runs and decisions are signed with it.",
            icon=":material/person:",
            persist_state="session",
        )
