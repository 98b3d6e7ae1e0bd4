"""The way from the map to the review desk: behaviors picked out become a queue there."""

from collections.abc import Collection, Sequence

import streamlit as st

from core.store import selections
from core.store.records import Handbook
from pages.ui import services
from pages.ui.state import curator


def draw_send(book: Handbook, ids: Sequence[int], key: str, *, statuses: Collection[str]) -> None:
    """`statuses` are those of the behaviors: what is decided differently leaves the queue."""
    if not st.button("Send to Review", icon=":material/rule:", key=key, disabled=not ids):
        return
    with services.app().store.write() as session:
        number = selections.add_selection(book.id, ids, by=curator(), session=session)
    st.switch_page(
        "pages/build/review.py",
        query_params={
            "review_selection": str(number),
            "review_status": sorted(statuses),
        },
    )
