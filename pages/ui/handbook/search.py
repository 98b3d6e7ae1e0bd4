"""What the Handbook screen shows: status, words or meaning, topics, order, in the address."""

from typing import get_args

import streamlit as st

from core.handbook.queue import wanted_words
from core.handbook.shelf import Summary
from core.store import filters
from core.store.filters import Filter, Order
from pages.ui import services, similar

STATUSES = ("accepted", "proposed", "rejected", "merged")
ORDERS: tuple[Order, ...] = ("topic", *(order for order in get_args(Order) if order != "topic"))
BY_MEANING = 40
NO_TOPIC = "without a topic"


def draw_status(summary: Summary) -> str:
    return st.segmented_control(
        "Status",
        STATUSES,
        default="accepted",
        required=True,
        format_func=lambda status: f"{getattr(summary, status):,} {status}",
        key="handbook_status",
        label_visibility="collapsed",
    )


def draw_search(handbook_id: int, status: str) -> Filter:
    """The filter that the controls describe; by meaning it holds the ids of the nearest."""
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.text_input(
            "Search",
            key="handbook_words",
            bind="query-params",
            placeholder="Search the name, instruction, topic or tags",
            icon=":material/search:",
            label_visibility="collapsed",
        )
        how = st.segmented_control(
            "Search by",
            ["words", "meaning"],
            default="words",
            required=True,
            key="handbook_how",
            label_visibility="collapsed",
        )
        with services.app().store.read() as session:
            found = filters.choices(handbook_id, "topic", session=session, statuses=(status,))
        topics = st.multiselect(
            "Topics",
            [topic or NO_TOPIC for topic in found],
            key="handbook_topic",
            bind="query-params",
            placeholder="All topics",
            label_visibility="collapsed",
            width=260,
        )
        order = st.selectbox(
            "Order", ORDERS, key="handbook_order", label_visibility="collapsed", width=130
        )
    chosen = tuple("" if topic == NO_TOPIC else topic for topic in topics)
    by_words = how == "words" or not words.strip()
    ids = None if by_words else _nearest_ids(handbook_id, status, words)
    return Filter(
        handbook_id,
        statuses=(status,),
        topics=chosen,
        words=wanted_words(words) if ids is None else (),
        ids=ids,
        order=order,
    )


def _nearest_ids(handbook_id: int, status: str, words: str) -> tuple[int, ...] | None:
    """The behaviors nearest to the words in meaning, best first; None where that cannot be told."""
    texts = similar.texts(handbook_id, (status,))
    with st.spinner("Looking by meaning; the first time the embedder is loaded …"):
        found = similar.by_meaning(words, texts, BY_MEANING)
    if found is None:
        st.info(
            "Search by meaning needs an embedder, and vectors of this handbook. Get the embedder "
            "on the Models screen; the vectors are made in the background. Until then the words "
            "are looked for.",
            icon=":material/info:",
        )
        st.page_link("pages/work/models.py", label="Models", icon=":material/memory:")
    return found
