"""One decision on everything the filter asks for: a count and a look first, one undo after."""

from collections.abc import Sequence

import streamlit as st

from core.handbook import curation
from core.handbook.curation import OPEN_TO, Decision, Outcome
from core.handbook.queue import REASONS
from core.store import behaviors as rows
from core.store import filters
from core.store.filters import Filter
from core.store.records import Behavior, Handbook
from pages.ui import services
from pages.ui.edit_drawer import close_drawer
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped
from pages.ui.review import state
from pages.ui.state import EDITING, curator
from pages.ui.typed import typed_list, typed_text
from pages.ui.worth import draw_consequences

PREVIEWED = 8
ACTS: dict[str, Decision] = {
    "Accept": "accept",
    "Reject": "reject",
    "Reopen": "restore",
    "Set the topic": "retopic",
    "Add tags": "tag",
}


def plan_many() -> None:
    st.session_state[EDITING] = ("many",)


@st.dialog(
    "Decide on all of them", width="large", icon=":material/done_all:", on_dismiss=close_drawer
)
def many_view(
    handbook: Handbook, seen: dict[int, int], described: str, first: str = "Reject"
) -> None:
    """`seen` holds ids and versions of everything the filter asks for, on every page of it; `first`
    is the act chosen when it opens.
    """
    with services.app().store.read() as session:
        looked_at = rows.behaviors_by_id(list(seen)[:PREVIEWED], session=session)
    st.markdown(f"**{len(seen):,} behaviors** of *{escaped(handbook.title)}*: {escaped(described)}")
    _draw_preview(list(looked_at.values()), len(seen))
    # A default, and no state set before: the browser loses that if it is quickly asked again.
    label = (
        st.segmented_control(
            "What to do", list(ACTS), default=first, key=f"many_act_{first}", required=True
        )
        or first
    )
    act = ACTS[label]
    why, topic, tags = _draw_details(handbook, act)
    st.caption(
        f"Those that are {' or '.join(OPEN_TO[act])} are changed; others are left and counted. One "
        "undo takes all of it back."
    )
    with services.app().store.read() as session:
        open_to_it = filters.count(
            Filter(handbook.id, statuses=tuple(OPEN_TO[act]), ids=tuple(seen)), session=session
        )
        given = Filter(handbook.id, statuses=("accepted",), ids=tuple(seen))
        in_sets = filters.ids(given, session=session) if act == "reject" else []
    draw_consequences(in_sets, "reject")
    ready = bool(open_to_it) and (act != "tag" or bool(tags)) and (act != "retopic" or bool(topic))
    # A key for each act: a click does what its button said, or nothing.
    if st.button(
        f"{label} {open_to_it:,}",
        type="primary",
        key=f"many_do_{act}",
        disabled=not ready,
        icon=":material/done_all:",
    ):
        with shown_errors():
            done = curation.decide_many(
                services.app().store,
                handbook.id,
                act,
                seen,
                by=curator(),
                why=why,
                topic=topic,
                tags=tags,
            )
            state.say(_told(label, done))
            close_drawer()
            st.rerun()


def _draw_preview(first: Sequence[Behavior], total: int) -> None:
    with st.container(border=True, gap="small"):
        for behavior in first:
            marks = ", ".join(sorted(behavior.marks))
            flag = f" :orange[{escaped(marks)}]" if marks else ""
            st.markdown(f"`{behavior.name}` {escaped(behavior.instruction)}{flag}")
        if total > len(first):
            st.caption(f"and {total - len(first):,} more")


def _draw_details(handbook: Handbook, act: Decision) -> tuple[str, str, list[str]]:
    """What a decision needs to know: a reason, a topic, tags."""
    why, topic, tags = "", "", []
    with services.app().store.read() as session:
        topics = [t for t in filters.choices(handbook.id, "topic", session=session) if t]
        known = filters.tags(handbook.id, session=session)
    if act == "reject":
        why = typed_text("Why", "", REASONS, "many_why", length=200)
    elif act == "retopic":
        topic = typed_text("Topic", "", topics, "many_topic", length=80)
    elif act == "tag":
        tags = typed_list("Tags", [], known, "many_tags")
    return why, topic, tags


def _told(label: str, done: Outcome) -> str:
    left = ", ".join(f"{len(ids):,} left: {reason}" for reason, ids in done.left.items())
    changed = f"{label}: {len(done.changed):,} changed."
    return f"{changed} {left}." if left else changed
