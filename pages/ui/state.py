"""Names of state that outlives a screen, and typed ways to it."""

import streamlit as st

from pages.ui import services
from pages.ui.markdown import escaped

CURATOR = "curator"
# Which drawer is open, with the ids it is about: drawing a live screen anew would close it.
EDITING = "editing"
SCREEN = "screen"


def curator() -> str:
    """Whom decisions are signed with: the login, the name in the sidebar, or the user's name."""
    login = st.user.get("email") if st.user.get("is_logged_in") else None
    return login or st.session_state.get(CURATOR) or services.app().settings.user


def number_in_url(name: str) -> int | None:
    """A number from the page's address; None where there is none that can be used."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def run_in_url() -> int | None:
    """The run that the page's address names; a link that was cut off on its way is told."""
    number = number_in_url("run")
    if number is None and (text := st.query_params.get("run")):
        st.warning(f"There is no run {escaped(text[:40])}: the address needs a run's number.")
    return number


def leave_drawers(screen: str) -> None:
    """A drawer belongs to the screen it was opened on."""
    if st.session_state.get(SCREEN) != screen:
        st.session_state[SCREEN] = screen
        st.session_state[EDITING] = None
