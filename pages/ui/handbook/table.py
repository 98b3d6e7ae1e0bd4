"""A page of behaviors as a table in which topic, tags and avoid_when are edited in place."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.worth.observed import NEVER
from core.handbook import curation
from core.store.records import Behavior, Handbook
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.merge_view import plan_merge
from pages.ui.state import EDITING, curator
from pages.ui.worth import uses_of

NONCE = "handbook_table_nonce"
EDITABLE = {"Topic": "topic", "Tags": "tags", "Avoid when": "avoid_when"}


def draw_table(handbook: Handbook, behaviors: Sequence[Behavior], place: str) -> None:
    """`place` names the page and filter: what was typed on another page is not kept."""
    key = f"handbook_table_{place}_{st.session_state.get(NONCE, 0)}"
    with st.form(f"{key}_form", border=False):
        st.data_editor(
            _frame(behaviors),
            key=key,
            hide_index=True,
            height=620,
            row_height=72,
            disabled=["Name", "Instruction", "Given", "Cited", "Tokens beside plain"],
            column_config=_columns(behaviors),
            alt="The behaviors of this page",
        )
        with st.container(horizontal=True):
            save = st.form_submit_button("Save changes", type="primary", icon=":material/save:")
            merge = st.form_submit_button("Merge the picked", icon=":material/merge:")
            decide = st.form_submit_button("Decide on the picked …", icon=":material/done_all:")
    edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    picked = [behaviors[row] for row, cells in edited.items() if cells.get("Pick")]
    if save:
        _save(handbook, behaviors, edited)
    elif (merge or decide) and not picked:
        st.warning("Pick some behaviors first, in the column on the left.")
    elif merge:
        plan_merge([behavior.id for behavior in picked])
    elif decide:
        st.session_state[EDITING] = ("picked", "Reject", *(behavior.id for behavior in picked))


def _frame(behaviors: Sequence[Behavior]) -> pd.DataFrame:
    known = uses_of(behaviors[0].handbook_id) if behaviors else {}
    used = [known.get(behavior.id, NEVER) for behavior in behaviors]
    return pd.DataFrame(
        {
            "Pick": [False] * len(behaviors),
            "Topic": [behavior.topic for behavior in behaviors],
            "Name": [behavior.name for behavior in behaviors],
            "Instruction": [behavior.instruction for behavior in behaviors],
            "Avoid when": [behavior.avoid_when or "" for behavior in behaviors],
            "Tags": [behavior.tags for behavior in behaviors],
            "Given": [use.given for use in used],
            "Cited": [use.cited for use in used],
            "Tokens beside plain": [use.token_difference for use in used],
        }
    )


def _columns(behaviors: Sequence[Behavior]) -> dict[str, Any]:
    tags = sorted({tag for behavior in behaviors for tag in behavior.tags})
    return {
        "Pick": st.column_config.CheckboxColumn(width=75, pinned=True),
        "Topic": st.column_config.TextColumn(width="small", max_chars=80),
        "Name": st.column_config.TextColumn(width="medium"),
        "Instruction": st.column_config.TextColumn(width="large"),
        "Avoid when": st.column_config.TextColumn(width="medium", max_chars=500),
        "Tags": st.column_config.MultiselectColumn(
            width="small", options=tags, accept_new_options=True
        ),
        "Given": st.column_config.NumberColumn(width="small", help="To a model, in any run."),
        "Cited": st.column_config.NumberColumn(width="small"),
        "Tokens beside plain": st.column_config.NumberColumn(
            width="small",
            format="%+.0f",
            help="Mean output tokens beside the plain reply to the same problem, when cited.",
        ),
    }


def _save(
    handbook: Handbook, behaviors: Sequence[Behavior], edited: dict[int, dict[str, Any]]
) -> None:
    edits = {}
    for row, cells in edited.items():
        behavior = behaviors[row]
        changes = {EDITABLE[name]: _value(name, cells[name]) for name in EDITABLE if name in cells}
        if changes:
            edits[behavior.id] = (behavior.version, changes)
    with shown_errors():
        done = curation.edit_many(services.app().store, handbook.id, edits, by=curator())
        left = ", ".join(f"{len(ids)} left: {why}" for why, ids in done.left.items())
        changed = len(done.changed)
        what = "1 behavior was changed." if changed == 1 else f"{changed} behaviors were changed."
        said = f"{what} {left}".strip()
        st.session_state["handbook_said"] = said
        st.session_state[NONCE] = st.session_state.get(NONCE, 0) + 1
        st.rerun()


def _value(name: str, cell: Any) -> Any:
    if name == "Tags":
        return list(cell or [])
    text = " ".join((cell or "").split())
    return text or None if name == "Avoid when" else text
