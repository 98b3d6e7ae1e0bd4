"""Groups of near copies on the Duplicates screen, and how they were found."""

import streamlit as st

from core.errors import VademecumError
from core.figures import duplicates as figures
from core.handbook import curation, duplicates
from core.handbook.duplicates import Group, Pairs
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook
from pages.ui import services
from pages.ui.behavior_link import draw_link
from pages.ui.diffs import diff_markdown
from pages.ui.markdown import escaped
from pages.ui.merge_view import plan_merge
from pages.ui.review import state
from pages.ui.state import curator

POSTPONED = "duplicates_postponed"
SHOWN_MEMBERS = 8
SHOWN_REASONS = 3
STEPS = 31


def draw_how(handbook: Handbook, pairs: Pairs) -> None:
    """Says by what they were compared, and offers the vectors where they are missing."""
    app = services.app()
    if pairs.by == "meaning" and not pairs.without_vectors:
        st.caption("Compared by meaning, names and text.")
        return
    lacking = f"{pairs.without_vectors:,} behaviors have no vector yet"
    how = {
        "words": "compared by words instead",
        "nothing": "too many to compare by words: only equal texts and names alike are found",
        "meaning": "those are compared by name and text only",
    }[pairs.by]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{lacking}; {how}.", width="content")
        if app.embedder_name() is None:
            st.page_link(
                "pages/work/models.py", label="Get an embedder", icon=":material/download:"
            )
        elif st.button("Compute the vectors", key="duplicates_embed", icon=":material/bolt:"):
            app.embed(handbook.slug, by=curator())
            st.toast("They are made in the background; the Runs screen shows how far they are.")


def draw_counts(pairs: Pairs, threshold: float) -> None:
    width = (1.0 - duplicates.FLOOR) / (STEPS - 1)
    thresholds = [round(duplicates.FLOOR + place * width, 3) for place in range(STEPS)]
    (here,) = duplicates.counts(pairs, [threshold])
    plural = "" if here.groups == 1 else "s"
    st.markdown(
        f"**{here.groups:,} group{plural}** of {here.behaviors:,} behaviors; the largest has "
        f"{here.largest:,}."
    )
    with st.expander("How many groups each threshold gives"):
        figure = figures.groups_by_threshold(duplicates.counts(pairs, thresholds), threshold)
        st.plotly_chart(figure, key="duplicates_counts", alt="Groups of near copies by threshold")


def draw_group(group: Group, postponed: bool) -> None:
    shown = group.ids[:SHOWN_MEMBERS]
    with services.app().store.read() as session:
        members = list(rows.behaviors_by_id(shown, session=session).values())
    if len(members) < 2:
        return
    with st.container(border=True, key=f"group_{group.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            span = (
                f"{group.lowest:.0%}"
                if group.lowest == group.highest
                else (f"{group.lowest:.0%} to {group.highest:.0%}")
            )
            later = " · postponed" if postponed else ""
            st.markdown(f"**{len(group.ids)} alike**, {span}{later}", width="stretch")
            _draw_buttons(group, members)
        for behavior in members:
            _draw_member(members[0], behavior)
        if len(group.ids) > len(members):
            st.caption(f"and {len(group.ids) - len(members):,} more")
        names = {behavior.id: behavior.name for behavior in members}
        reasons = [
            f"`{names[pair.first]}` and `{names[pair.second]}`: {escaped(pair.why)}"
            for pair in group.pairs[:SHOWN_REASONS]
            if pair.first in names and pair.second in names
        ]
        st.caption("  \n".join(reasons))


def _draw_member(first: Behavior, behavior: Behavior) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            name = f"`{behavior.name}`" if behavior == first else _name(first, behavior)
            st.markdown(
                f"{name} :gray[{behavior.status} · {escaped(behavior.topic or 'no topic')}]"
            )
            st.markdown(diff_markdown(first.instruction, behavior.instruction))
        draw_link(behavior.id, "Open")


def _name(first: Behavior, behavior: Behavior) -> str:
    return diff_markdown(first.name, behavior.name)


def _draw_buttons(group: Group, members: list[Behavior]) -> None:
    st.button(
        "Merge",
        icon=":material/merge:",
        key=f"group_merge_{group.key}",
        on_click=plan_merge,
        args=([behavior.id for behavior in members],),
    )
    st.button(
        "Keep apart",
        icon=":material/compare_arrows:",
        key=f"group_apart_{group.key}",
        help="They are different ones, however alike: this is never asked again.",
        on_click=_keep_apart,
        args=(list(group.ids),),
    )
    st.button(
        "Postpone",
        icon=":material/schedule:",
        key=f"group_later_{group.key}",
        help="It goes to the end of the list until you come back another day.",
        on_click=_postpone,
        args=(group.key,),
    )


def _keep_apart(ids: list[int]) -> None:
    try:
        curation.keep_apart(services.app().store, ids, by=curator())
    except VademecumError as error:
        state.say(str(error))


def _postpone(key: str) -> None:
    st.session_state[POSTPONED] = [*st.session_state.get(POSTPONED, []), key]
