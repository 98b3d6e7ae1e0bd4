"""Opens the drawer that a key press asked for. To be called once, at the end of a screen."""

import streamlit as st

from core.store import behaviors as rows
from core.store import handbooks as handbook_rows
from pages.ui import services
from pages.ui.edit_drawer import edit_drawer
from pages.ui.merge_view import merge_view
from pages.ui.review.many import many_view
from pages.ui.state import EDITING


def draw_planned_drawer() -> None:
    match st.session_state.get(EDITING):
        case ("edit", behavior_id, version):
            edit_drawer(behavior_id, version)
        case ("merge", *behavior_ids):
            merge_view(behavior_ids)
        case ("picked", act, *behavior_ids):
            with services.app().store.read() as session:
                picked = rows.behaviors_by_id(behavior_ids, session=session)
                if not picked:  # they are gone meanwhile
                    return
                first = next(iter(picked.values()))
                book = handbook_rows.handbook(first.handbook_id, session=session)
            seen = {behavior.id: behavior.version for behavior in picked.values()}
            many_view(book, seen, "picked by hand", act)
