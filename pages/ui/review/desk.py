"""Several curators at once: what is open on this desk is told, what others have open is known."""

from collections.abc import Collection

import streamlit as st

from core.store.desks import open_at, put_on_desk
from pages.ui import services
from pages.ui.state import curator

HEARTBEAT_SECONDS = 15


def keep_desk(focus: int | None, shown: Collection[int]) -> dict[int, list[str]]:
    """Puts the focus on this desk; gives who else has which of the shown ones open."""
    me = curator()
    with services.app().store.write() as session:
        if focus:
            put_on_desk(focus, by=me, session=session)
        desks = open_at(shown, session=session)
    others = {number: [by for by in people if by != me] for number, people in desks.items()}
    return {number: people for number, people in others.items() if people}


def stay_at_desk(focus: int | None) -> None:
    """The same again and again, as long as the screen is open."""
    st.fragment(keep_desk, run_every=HEARTBEAT_SECONDS)(focus, ())
