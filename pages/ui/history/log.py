"""The log of a handbook: every step, what it changed word by word, and its reverse."""

from typing import Any

import streamlit as st

from core.store import behaviors as rows
from core.store import history
from core.store.records import Behavior, Handbook, Operation, Step
from pages.ui import amounts, services
from pages.ui.diffs import diff_markdown
from pages.ui.history.versions import name_dialog
from pages.ui.markdown import escaped
from pages.ui.review import actions
from pages.ui.review.side import LOOKS

PAGE_LENGTH = 20
SHOWN_OPERATIONS = 12


def draw_log(handbook: Handbook) -> None:
    with services.app().store.read() as session:
        counts = history.count_steps(handbook.id, session=session)
        named = {v.step: v.name for v in history.versions(handbook.id, session=session)}
    people = sorted({by for by, _ in counts})
    kinds = sorted({kind for _, kind in counts})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.multiselect("By", people, key="history_by", bind="query-params", width=300)
        kind = st.multiselect("Kind", kinds, key="history_kind", bind="query-params", width=300)
    total = sum(
        number
        for (who, what), number in counts.items()
        if (not by or who in by) and (not kind or what in kind)
    )
    pages = max(1, -(-total // PAGE_LENGTH))
    page = min(st.session_state.get("history_page", 1), pages)
    with services.app().store.read() as session:
        steps = history.steps(
            handbook.id,
            by=by,
            kinds=kind,
            limit=PAGE_LENGTH,
            offset=(page - 1) * PAGE_LENGTH,
            session=session,
        )
        firsts = history.first_operations([step.id for step in steps], session=session)
        ids = [operation.behavior_id for operation in firsts.values() if operation.behavior_id]
        behaviors = rows.behaviors_by_id(ids, session=session)
    st.caption(f"{total:,} step{'s' * (total != 1)}")
    for step in steps:
        first = firsts.get(step.id)
        behavior = behaviors.get(first.behavior_id or 0) if first else None
        _draw_step(step, behavior, named.get(step.number))
    if pages > 1:
        st.pagination(pages, key="history_page")


def _draw_step(step: Step, behavior: Behavior | None, version: str | None) -> None:
    icon, color = LOOKS.get(step.kind, ("history", "gray"))
    what = f"`{behavior.name}`" if behavior else "the handbook"
    if step.size > 1:
        more = step.size - 1
        what += f" and {more:,} more {'change' if more == 1 else 'changes'}"
    if step.undoes is not None:
        what = f"step {step.undoes}: {what}"
    line = f":{color}[:material/{icon}:] **{escaped(step.kind)}** {what}"
    with st.container(border=True, key=f"step_{step.number}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"~~{line}~~" if step.undone else line)
                why = f" · {escaped(step.why)}" if step.why else ""
                when = f"{step.at:%d %b %Y %H:%M} UTC, {amounts.age(step.at)}"
                st.caption(f"step {step.number} · {escaped(step.by)} · {when}{why}")
            if version:
                st.badge(escaped(version), icon=":material/bookmark:", color="blue")
            opened = st.toggle("What changed", key=f"step_open_{step.number}")
            _draw_buttons(step)
        if opened:
            _draw_operations(step)


def _draw_buttons(step: Step) -> None:
    if not step.undone:
        st.button(
            "Do again" if step.kind == "undo" else "Undo",
            icon=":material/redo:" if step.kind == "undo" else ":material/undo:",
            key=f"step_undo_{step.number}",
            type="tertiary",
            on_click=actions.undo_step,
            args=(step.handbook_id, step.number),
        )
    if st.button(
        "", icon=":material/bookmark_add:", key=f"step_name_{step.number}", type="tertiary",
        help="Give the state after this step a name",
    ):  # fmt: skip
        name_dialog(step.handbook_id, step.number)


def _draw_operations(step: Step) -> None:
    with services.app().store.read() as session:
        done = history.operations([step.id], session=session, limit=SHOWN_OPERATIONS)[step.id]
        ids = [operation.behavior_id for operation in done if operation.behavior_id]
        behaviors = rows.behaviors_by_id(ids, session=session)
    for operation in done:
        behavior = behaviors.get(operation.behavior_id or 0)
        st.markdown(f"{escaped(operation.kind)} " + (f"`{behavior.name}`" if behavior else ""))
        _draw_changes(operation)
    if step.size > len(done):
        st.caption(f"and {step.size - len(done):,} more")


def _draw_changes(operation: Operation) -> None:
    if not operation.before:
        st.caption(escaped(str(operation.after.get("instruction", ""))))
    for name, old in operation.before.items():
        new = operation.after.get(name)
        st.caption(f"{escaped(name)}: {diff_markdown(as_text(old), as_text(new))}")


def as_text(value: Any) -> str:
    """A field's value as a person reads it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
