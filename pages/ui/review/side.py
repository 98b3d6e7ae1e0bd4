"""Beside the behavior in focus: what comes next, the last decisions, the progress."""

from collections.abc import Sequence

import streamlit as st

from core.handbook.queue import Progress
from core.handbook.undo import last_decisions
from core.store import behaviors as rows
from core.store import history
from core.store.records import Behavior, Step
from pages.ui import amounts, services
from pages.ui.markdown import escaped
from pages.ui.review import actions

SHOWN_DECISIONS = 20
LOOKS = {
    "accept": ("check", "green"),
    "reject": ("close", "red"),
    "merge": ("merge", "violet"),
    "edit": ("edit", "blue"),
    "retopic": ("label", "blue"),
    "tag": ("sell", "blue"),
    "restore": ("undo", "gray"),
    "split": ("call_split", "violet"),
    "import": ("upload", "gray"),
    "keep apart": ("compare_arrows", "gray"),
    "write": ("add", "green"),
    "propose": ("lightbulb", "orange"),
    "undo": ("undo", "gray"),
    "redo": ("redo", "gray"),
    "rename": ("badge", "blue"),
}


def draw_progress(progress: Progress, me: str) -> None:
    mine = progress.decided.get(me, 0)
    others = {by: number for by, number in progress.decided.items() if by != me}
    total = sum(progress.decided.values())
    facts = [f"**{mine:,}** by you"]
    facts += [f"{number:,} by {escaped(by)}" for by, number in sorted(others.items())]
    if progress.per_minute is not None:
        facts.append(f"{progress.per_minute:.1f} a minute")
    done = total / (total + progress.left) if total + progress.left else 1.0
    st.progress(done, f"{progress.left:,} left · {total:,} decided: " + ", ".join(facts))


def draw_picked(left: int, total: int) -> None:
    """The progress through behaviors that were picked out on another screen."""
    st.progress((total - left) / max(total, 1), f"{left:,} left of {total:,} picked out on the map")


def draw_coming(coming: Sequence[Behavior], elsewhere: dict[int, list[str]], left: int) -> None:
    if not coming:
        st.caption("This is the last one." if left else "Nothing.")
    with st.container(gap=None):
        for behavior in coming:
            marks = " :orange[:material/flag:]" if behavior.marks else ""
            away = " :blue[:material/visibility:]" if behavior.id in elsewhere else ""
            st.button(
                f"`{behavior.name}`{marks}{away}",
                key=f"review_next_{behavior.id}",
                type="tertiary",
                on_click=actions.move,
                args=(behavior.id,),
                help=escaped(behavior.instruction),
            )


def draw_decisions(handbook_id: int) -> None:
    """The last twenty, of everybody; each can be reversed, and an undone one done again."""
    store = services.app().store
    steps = last_decisions(store, handbook_id, limit=SHOWN_DECISIONS)
    with store.read() as session:
        firsts = history.first_operations([step.id for step in steps], session=session)
        ids = [operation.behavior_id for operation in firsts.values() if operation.behavior_id]
        behaviors = rows.behaviors_by_id(ids, session=session)
    st.markdown("**Last decisions**")
    if not steps:
        st.caption("None yet.")
    with st.container(height=380 if len(steps) > 6 else "content", border=False):
        for step in steps:
            first = firsts.get(step.id)
            _draw_decision(step, behaviors.get(first.behavior_id or 0) if first else None)


def _draw_decision(step: Step, first: Behavior | None) -> None:
    icon, color = LOOKS.get(step.kind, ("history", "gray"))
    what = f"`{first.name}`" if first else "the handbook"
    if step.size > 1 and step.kind != "merge":
        what = f"{step.size:,} behaviors"
    why = f" · {escaped(step.why)}" if step.why else ""
    text = f":{color}[:material/{icon}:] {escaped(step.kind)} {what}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"~~{text}~~" if step.undone else text)
            st.caption(f"{escaped(step.by)} · {amounts.age(step.at)}{why}")
        if not step.undone:
            st.button(
                "",
                icon=":material/undo:",
                key=f"review_undo_{step.number}",
                help="Reverse this decision",
                type="tertiary",
                on_click=actions.undo_step,
                args=(step.handbook_id, step.number),
            )
