"""The dialogs of the review desk. They are planned, so that no key decides behind them."""

import streamlit as st

from core.store.records import Handbook
from pages.ui import services
from pages.ui.drawers import draw_planned_drawer
from pages.ui.review.card import trace_dialog
from pages.ui.review.filter import Choice
from pages.ui.review.keys import keys_dialog
from pages.ui.review.many import many_view
from pages.ui.state import EDITING


def draw_planned_dialog(book: Handbook, choice: Choice) -> None:
    match st.session_state.get(EDITING):
        case ("keys",):
            keys_dialog()
        case ("trace", behavior_id):
            trace_dialog(behavior_id)
        case ("many",):
            with services.app().store.read() as session:
                seen = choice.seen(session)
            many_view(book, seen, "found by the filter")
        case _:
            draw_planned_drawer()
