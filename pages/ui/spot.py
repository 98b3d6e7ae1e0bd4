"""Where a behavior came from: the stretch of the trace, marked, with what led to it."""

import streamlit as st

from core.store import Session
from core.store import behaviors as behavior_rows
from core.store import runs as run_rows
from core.store.records import Source, Trace
from pages.ui import services
from pages.ui.markdown import escaped, model_markdown

OPENED = "spot_opened"


def open_linked_spot(spot: int | None) -> None:
    """Opens the spot that the address names, once a visit."""
    if spot is not None and st.session_state.get(OPENED) != spot:
        st.session_state[OPENED] = spot
        spot_dialog(spot)


@st.dialog("Where it came from", width="large", icon=":material/my_location:")
def spot_dialog(behavior_id: int) -> None:
    draw_spot(behavior_id)


def draw_spot(behavior_id: int) -> None:
    with services.app().store.read() as session:
        behavior = behavior_rows.behavior(behavior_id, session=session)
        source = source_of(behavior_id, session)
        trace = run_rows.trace(source.trace_id, session=session) if source else None
        led = _led_to(trace, session) if trace else []
    st.markdown(f"`{behavior.name}`")
    st.markdown(model_markdown(behavior.instruction), anchors=False)
    if source is None or trace is None:
        st.caption("It has no trace: it was written or imported, or its run was deleted.")
        return
    st.caption(f"Extracted by {escaped(trace.model)} in run {trace.run_id}. Its reply:")
    with st.container(border=True):
        _draw_marked(trace.text, source)
    for earlier in led:
        title = "The review it was drawn from" if earlier.stage == "reflect" else "The solution"
        with st.expander(title, expanded=behavior.name in earlier.text):
            _draw_named(earlier.text, behavior.name)
    st.link_button(
        "Open with an address to share",
        f"solve?run={trace.run_id}&spot={behavior_id}",
        icon=":material/link:",
    )


def source_of(behavior_id: int, session: Session) -> Source | None:
    """The first source that still has its trace."""
    sources = behavior_rows.sources([behavior_id], session=session).get(behavior_id, [])
    return next((source for source in sources if source.trace_id is not None), None)


def _led_to(trace: Trace, session: Session) -> list[Trace]:
    """The traces it read, nearest first."""
    led = []
    while trace.follows is not None:
        trace = run_rows.trace(trace.follows, session=session)
        led.append(trace)
    return led


def _draw_marked(text: str, source: Source) -> None:
    start, end = source.start or 0, source.end or 0
    before, found, after = (escaped(part) for part in (text[:start], text[start:end], text[end:]))
    st.markdown(f"{before}:orange-background[{found}]{after}", anchors=False)


def _draw_named(text: str, name: str) -> None:
    """The text with each mention of the behavior marked, where there is one."""
    if name in text:
        parts = [escaped(part) for part in text.split(name)]
        st.markdown(f":orange-background[{escaped(name)}]".join(parts), anchors=False)
    else:
        st.markdown(model_markdown(text), anchors=False)
