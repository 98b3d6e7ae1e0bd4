"""A proposal as a card: read it, see its marks and where it came from, decide."""

from collections.abc import Callable

import streamlit as st

from core.errors import VademecumError
from core.handbook import curation
from core.handbook.rules import MARKS
from core.store.records import Behavior
from pages.ui import services
from pages.ui.edit_drawer import open_edit_drawer
from pages.ui.markdown import escaped, model_markdown
from pages.ui.spot import spot_dialog
from pages.ui.state import curator

Decision = Callable[..., Behavior]
STATUS = {
    "accepted": (":material/check:", "green"),
    "rejected": (":material/close:", "red"),
    "merged": (":material/merge:", "violet"),
}


def draw_card(behavior: Behavior) -> None:
    with st.container(border=True, key=f"card_{behavior.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"`{behavior.name}`", width="stretch")
            if behavior.status in STATUS:
                icon, color = STATUS[behavior.status]
                st.badge(f"{behavior.status} by {escaped(behavior.by)}", icon=icon, color=color)
        st.markdown(model_markdown(behavior.instruction), anchors=False)
        if behavior.avoid_when:
            st.caption(f"Avoid when: {model_markdown(behavior.avoid_when)}")
        draw_marks(behavior)
        _draw_actions(behavior)


def draw_marks(behavior: Behavior) -> None:
    """Each mark with its reason in words, for those who wonder."""
    if not behavior.marks:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for mark, reason in sorted(behavior.marks.items()):
            st.badge(mark, icon=":material/flag:", color="orange", help=MARKS.get(mark))
            st.caption(escaped(reason), width="content")


def _draw_actions(behavior: Behavior) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if behavior.status == "proposed":
            decision_button(behavior, "Accept", "check", curation.accept)
            if st.button("Edit", key=f"edit_{behavior.id}", icon=":material/edit:"):
                open_edit_drawer(behavior.id, behavior.version)
            decision_button(behavior, "Reject", "close", curation.reject)
        else:
            decision_button(behavior, "Take back", "undo", curation.reopen)
        if st.button("Show in trace", key=f"spot_{behavior.id}", icon=":material/my_location:"):
            spot_dialog(behavior.id)
    if refused := st.session_state.pop(f"refused_{behavior.id}", None):
        st.error(escaped(refused), icon=":material/error:")


def decision_button(behavior: Behavior, label: str, icon: str, decide: Decision) -> None:
    st.button(
        label,
        key=f"{decide.__name__}_{behavior.id}",
        icon=f":material/{icon}:",
        on_click=_decide,
        args=(decide, behavior.id, behavior.version),
    )


def _decide(decide: Decision, behavior_id: int, version: int) -> None:
    """Runs before the card is drawn again; `version` is what the person saw when clicking."""
    try:
        decide(services.app().store, behavior_id, version=version, by=curator())
    except VademecumError as error:
        st.session_state[f"refused_{behavior_id}"] = str(error)
