"""What was drawn around or clicked, and what can be done with it."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.handbook import files
from core.handbook.files import KINDS
from core.store import behaviors as rows
from core.store.records import Handbook
from pages.ui import services, similar
from pages.ui.behavior_link import draw_link
from pages.ui.cards import draw_card
from pages.ui.map.points import Points
from pages.ui.map.sending import draw_send
from pages.ui.map.view import keep_area
from pages.ui.markdown import escaped
from pages.ui.merge_view import plan_merge
from pages.ui.state import EDITING

ACTS = (
    ("Accept", "Accept", "check"),
    ("Reject", "Reject", "close"),
    ("Topic", "Set the topic", "label"),
    ("Tag", "Add tags", "sell"),
)
MERGED_AT_MOST = 12
SINGLE = ("jsonl", "json", "csv", "markdown", "page")


def draw_selection(book: Handbook, points: Points, ids: Sequence[int]) -> None:
    """What is of another handbook is shown, and left alone."""
    frame = points.frame[points.frame["id"].isin(ids)].drop_duplicates("id", keep="last")
    others = int((frame["handbook_id"] != book.id).sum())
    ids = frame["id"][frame["handbook_id"] == book.id].tolist()
    with st.container(horizontal=True, vertical_alignment="center"):
        beside = f", {others:,} of the other handbook" if others else ""
        st.markdown(f"**{len(ids):,} selected{beside}**", width="stretch")
        st.button(
            "Clear",
            icon=":material/close:",
            type="tertiary",
            key="map_clear",
            on_click=keep_area,
            args=(None,),
        )
    st.caption(_counted(frame))
    with st.container(horizontal=True, gap="xsmall"):
        for label, act, icon in ACTS:
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"map_act_{label}",
                on_click=_plan,
                args=(act, ids),
            )
        st.button(
            "Merge",
            icon=":material/merge:",
            key="map_merge",
            disabled=not 2 <= len(ids) <= MERGED_AT_MOST,
            help=f"Two to {MERGED_AT_MOST} at a time",
            on_click=plan_merge,
            args=(ids,),
        )
        draw_send(book, ids, "map_review", statuses=set(frame["status"]))
        _draw_export(book, ids)
    st.dataframe(
        frame[["name", "topic", "status", "instruction"]].rename(columns=str.capitalize),
        hide_index=True,
        height=min(420, 38 + 35 * len(frame)),
        alt="The selected behaviors",
    )


def draw_clicked(book: Handbook, behavior_id: int) -> None:
    """The card of one behavior, and its neighbours."""
    with services.app().store.read() as session:
        found = rows.behaviors_by_id([behavior_id], session=session).get(behavior_id)
    if found is None:
        st.caption("This behavior is gone.")
        return
    draw_card(found)
    draw_link(found.id)
    if found.handbook_id != book.id:
        st.caption("It is of the other handbook.")
    st.markdown("**Neighbours**")
    for near in similar.neighbours(found, 5):
        st.markdown(f"`{near.name}` {near.similarity:.0%} by {near.by}")
        st.caption(escaped(near.instruction))


def _counted(frame: pd.DataFrame) -> str:
    facts = [f"{number:,} {status}" for status, number in Counter(frame["status"]).items()]
    topics = Counter(frame["topic"].replace("", "no topic")).most_common()
    facts += [f"{number:,} {escaped(topic)}" for topic, number in topics[:4]]
    if len(topics) > 4:
        facts.append(f"{len(topics) - 4:,} more topics")
    return " · ".join(facts)


def _plan(act: str, ids: Sequence[int]) -> None:
    """Opens the view in which one decides on many, with this decision chosen."""
    st.session_state[EDITING] = ("picked", act, *ids)


def _draw_export(book: Handbook, ids: Sequence[int]) -> None:
    with st.popover("Export", icon=":material/download:"):
        for kind in SINGLE:
            st.download_button(
                KINDS[kind].label,
                data=lambda kind=kind: _exported(kind, book, ids),
                file_name=f"{book.slug}-selection{KINDS[kind].suffix}",
                key=f"map_export_{kind}",
                type="tertiary",
                on_click="ignore",
            )


def _exported(kind: str, book: Handbook, ids: Sequence[int]) -> str:
    with services.app().store.read() as session:
        found = rows.behaviors_by_id(ids, session=session)
    (text,) = files.contents(kind, book, found.values()).values()
    return text
