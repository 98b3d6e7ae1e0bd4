"""The filter of the review desk. It lives in the address, so that a queue can be shared."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import get_args

import streamlit as st

from core.errors import NotFound
from core.handbook.queue import waiting, wanted_words
from core.handbook.rules import MARKS
from core.store import Session, filters, selections
from core.store.filters import UNMARKED, Filter, Order
from core.store.records import now
from pages.ui import services, similar
from pages.ui.review import state
from pages.ui.state import number_in_url

STATUSES = ("proposed", "accepted", "rejected", "merged")
NO_TOPIC, NO_MODEL = "without a topic", "by hand or imported"
LIKENESS = {"any": 0.0, "from 60%": 0.6, "from 75%": 0.75, "from 90%": 0.9}
AGES = {"any": None, "1 hour": 1, "1 day": 24, "7 days": 168, "30 days": 720}
MOST_ALIKE = "most alike"
ORDERS = (*get_args(Order), MOST_ALIKE)
SELECTION = "review_selection"
KEYS = (
    *("review_status", "review_topic", "review_model", "review_source", "review_mark"),
    *("review_tag", "review_words", "review_like", "review_age", "review_order"),
)


@dataclass(frozen=True)
class Choice:
    """The filter, and what the database cannot do of it."""

    filter: Filter
    at_least: float
    most_alike_first: bool

    def ids(self, session: Session) -> list[int]:
        alike = None
        if self.at_least or self.most_alike_first:
            book = self.filter.handbook_id
            alike = similar.likeness_of_waiting(
                similar.stamp_with_vectors(book), book, self.filter.statuses
            )
        return waiting(
            self.filter,
            state.skipped(),
            alike,
            session,
            at_least=self.at_least,
            most_alike_first=self.most_alike_first,
        )

    def seen(self, session: Session) -> dict[int, int]:
        """Id -> version of everything it asks for, not only of what is on the screen."""
        narrowed = replace(self.filter, ids=tuple(self.ids(session)))
        return filters.versions(narrowed, session=session)


def draw_filter(handbook_id: int) -> Choice:
    chosen = [key for key in KEYS if _is_set(key)] + ([SELECTION] if _selection() else [])
    label = f"Filter ({len(chosen)})" if chosen else "Filter"
    words = st.text_input(
        "Search",
        key="review_words",
        bind="query-params",
        placeholder="Words in the name, text, topic or tags",
        icon=":material/search:",
        label_visibility="collapsed",
        width=300,
    )
    with st.popover(label, icon=":material/filter_list:", width="content"):
        return _draw_choices(handbook_id, words)


def clear_filter() -> None:
    st.query_params.pop(SELECTION, None)
    for key in KEYS:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def _draw_choices(handbook_id: int, words: str) -> Choice:
    with services.app().store.read() as session:
        topics = filters.choices(handbook_id, "topic", session=session)
        models = filters.choices(handbook_id, "source_model", session=session)
        tags = filters.tags(handbook_id, session=session)
    left, right = st.columns(2, width=560)
    with left:
        status = _several("Status", STATUSES, "review_status", default=["proposed"])
        topic = _several("Topic", [value or NO_TOPIC for value in topics], "review_topic")
        mark = _several("Mark", [UNMARKED, *MARKS], "review_mark")
        tag = _several("Tag", tags, "review_tag") if tags else []
        order = _one("Order", ORDERS, "review_order")
    with right:
        model = _several("Source model", [value or NO_MODEL for value in models], "review_model")
        source = _several("The source was", tuple(filters.SOURCES), "review_source")
        like = _one("Like an accepted one", tuple(LIKENESS), "review_like")
        age = _one("At most this old", tuple(AGES), "review_age")
        picked = _draw_selection(handbook_id)
        st.space("small")
        st.button("Clear the filter", icon=":material/filter_list_off:", on_click=clear_filter)
    hours = AGES[age]
    chosen = Filter(
        handbook_id,
        statuses=tuple(status),
        topics=tuple("" if value == NO_TOPIC else value for value in topic),
        models=tuple("" if value == NO_MODEL else value for value in model),
        sources=tuple(source),
        marks=tuple(mark),
        tags=tuple(tag),
        words=wanted_words(words),
        since=now() - timedelta(hours=hours) if hours else None,
        ids=picked,
        order="oldest" if order == MOST_ALIKE else order,
    )
    return Choice(chosen, LIKENESS[like], order == MOST_ALIKE)


def _selection() -> int | None:
    return number_in_url(SELECTION)


def _draw_selection(handbook_id: int) -> tuple[int, ...] | None:
    """The behaviors another screen, such as the map, picked out; None where there are none."""
    number = _selection()
    if number is None:
        return None
    try:
        with services.app().store.read() as session:
            picked = selections.selection(number, handbook_id, session=session)
    except NotFound as error:
        st.caption(str(error))
        return None
    st.caption(f"Only the {len(picked):,} that were picked out on the map.")
    return picked


def _several(
    label: str, options: tuple[str, ...] | list[str], key: str, default: list[str] | None = None
) -> list[str]:
    return st.multiselect(
        label, options, default=default, key=key, bind="query-params", placeholder="any"
    )


def _one(label: str, options: tuple[str, ...], key: str) -> str:
    return st.selectbox(label, options, key=key, bind="query-params")


def _is_set(key: str) -> bool:
    value = st.session_state.get(key)
    defaults = {"review_status": ["proposed"], "review_order": ORDERS[0]}
    return bool(value) and value != "any" and value != defaults.get(key)
