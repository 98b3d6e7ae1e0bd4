"""The parts of a behavior's file: text, sources, changes, neighbours, where it is named."""

from typing import Any

import streamlit as st

from core.handbook import curation, merging
from core.handbook.likeness import Neighbour
from core.handbook.origins import Origin, origins, stretch
from core.handbook.rules import MARKS
from core.store import behaviors as rows
from core.store import history
from core.store import runs as run_rows
from core.store.records import Behavior, Handbook, Operation, Step
from pages.ui import amounts, services
from pages.ui.cards import decision_button
from pages.ui.diffs import diff_markdown
from pages.ui.edit_drawer import plan_edit
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped, model_markdown
from pages.ui.merge_view import plan_merge
from pages.ui.review.card import SOURCE, STATUS
from pages.ui.run_link import draw_run_link
from pages.ui.state import curator
from pages.ui.worth import draw_consequences

NAMED_SHOWN = 20
SHOWN_ORIGINS = 5


def draw_text(behavior: Behavior, handbook: Handbook, into: Behavior | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"`{behavior.name}`", anchor=False, width="stretch")
        icon, color = STATUS[behavior.status]
        st.badge(f"{behavior.status} by {escaped(behavior.by)}", icon=icon, color=color)
    with st.container(border=True):
        st.markdown(model_markdown(behavior.instruction), anchors=False)
        if behavior.avoid_when:
            st.markdown(f"**Avoid when:** {model_markdown(behavior.avoid_when)}", anchors=False)
        facts = [f"in {escaped(handbook.title)}", escaped(behavior.topic or "no topic")]
        facts += [escaped(tag) for tag in behavior.tags]
        facts.append(f"number {behavior.id}, version {behavior.version}")
        facts.append(f"by {escaped(behavior.source_model)}" if behavior.source_model else "by hand")
        facts.append(amounts.age(behavior.created))
        st.caption(" · ".join(facts))
        for mark, reason in sorted(behavior.marks.items()):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(mark, icon=":material/flag:", color="orange", help=MARKS.get(mark))
                st.caption(escaped(reason), width="stretch")
    if into:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"It was merged into `{into.name}`.", width="content")
            _draw_go(into.id, "Its file")


def draw_actions(behavior: Behavior) -> None:
    with st.container(horizontal=True):
        if behavior.status in ("proposed", "rejected"):
            decision_button(behavior, "Accept", "check", curation.accept)
        if behavior.status in ("proposed", "accepted"):
            decision_button(behavior, "Reject", "close", curation.reject)
        if behavior.status in merging.MERGEABLE:
            st.button(
                "Edit",
                icon=":material/edit:",
                key="file_edit",
                on_click=plan_edit,
                args=(behavior.id, behavior.version),
            )
            st.button(
                "Merge …",
                icon=":material/merge:",
                key="file_merge",
                on_click=plan_merge,
                args=((behavior.id,),),
            )
        _draw_split(behavior)
    if behavior.status == "accepted":
        draw_consequences([behavior.id], "reject")
    if refused := st.session_state.pop(f"refused_{behavior.id}", None):
        st.error(escaped(refused), icon=":material/error:")


def _draw_split(behavior: Behavior) -> None:
    with services.app().store.read() as session:
        inside = rows.merged_into([behavior.id], session=session)
    label = "Take it out again" if behavior.merged_into else f"Split off {len(inside)}"
    if (inside or behavior.merged_into) and st.button(
        label, icon=":material/call_split:", key="file_split"
    ):
        with shown_errors():
            merging.split(services.app().store, [behavior.id], by=curator())
            st.rerun()


def draw_sources(behavior: Behavior) -> None:
    st.subheader("Sources", anchor=False)
    with services.app().store.read() as session:
        found = origins(behavior.id, session)
        members = {b.id: b for b in merging.family(behavior.id, session)}
    if not found:
        st.caption("It has no trace: it was written or imported, or its run was deleted.")
    for place, origin in enumerate(found[:SHOWN_ORIGINS]):
        _draw_origin(behavior, members.get(origin.source.behavior_id, behavior), origin, place)
    if len(found) > SHOWN_ORIGINS:
        st.caption(f"and {len(found) - SHOWN_ORIGINS} more")


def _draw_origin(behavior: Behavior, member: Behavior, origin: Origin, place: int) -> None:
    correct = origin.verdict.correct if origin.verdict else None
    text, color, icon = SOURCE[correct]
    problem = " ".join(origin.problem.text.split())
    with st.expander(f"Run {origin.trace.run_id}: {escaped(problem[:90])}", expanded=place == 0):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(text, icon=icon, color=color)
            st.caption(f"by {escaped(origin.trace.model)}", width="content")
            if member.id != behavior.id:
                st.caption(f"by way of `{member.name}`, merged into it", width="content")
            st.page_link(
                "pages/build/solve.py",
                label="Open the run",
                icon=":material/open_in_new:",
                query_params={"run": str(origin.trace.run_id), "spot": str(member.id)},
            )
        st.markdown(model_markdown(origin.problem.text), anchors=False)
        piece = stretch(origin, member.name)
        st.caption(f"The stretch of the {escaped(piece.stage)} trace")
        marked = f":orange-background[{escaped(piece.found)}]" if piece.found else ""
        st.markdown(f"{escaped(piece.before)}{marked}{escaped(piece.after)}", anchors=False)


def draw_history(behavior: Behavior) -> None:
    st.subheader("History", anchor=False)
    with services.app().store.read() as session:
        lines = history.history_of_behavior(behavior.id, session=session)
    for step, operation in reversed(lines):
        _draw_line(step, operation)


def _draw_line(step: Step, operation: Operation) -> None:
    kind = operation.kind if step.kind == operation.kind else f"{operation.kind} ({step.kind})"
    why = f" · {escaped(step.why)}" if step.why else ""
    with st.container(border=True, gap="small"):
        st.markdown(
            f"**{escaped(kind)}** by {escaped(step.by)}, {step.at:%d %b %Y %H:%M} UTC"
            f" · step {step.number}{why}"
        )
        if operation.before:
            for name, old in operation.before.items():
                st.markdown(f"{escaped(name)}: {_change(old, operation.after.get(name))}")


def _change(old: Any, new: Any) -> str:
    return diff_markdown(_shown(old), _shown(new))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def draw_neighbours(found: list[Neighbour]) -> None:
    how = f", by {found[0].by}" if found else ""
    st.subheader(f"Nearest accepted{how}", anchor=False)
    if not found:
        st.caption("There is nothing else accepted in this handbook.")
    for neighbour in found:
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"`{neighbour.name}`", width="stretch")
                st.badge(f"{neighbour.similarity:.0%}", color="gray")
                _draw_go(neighbour.behavior_id, "Open")
            st.caption(model_markdown(neighbour.instruction))


def _draw_go(behavior_id: int, label: str) -> None:
    """A page link leads nowhere when it leads to the same screen, so this sets the address."""
    st.button(
        label,
        icon=":material/article:",
        key=f"file_go_{behavior_id}",
        type="tertiary",
        on_click=_go,
        args=(behavior_id,),
    )


def _go(behavior_id: int) -> None:
    st.query_params["b"] = str(behavior_id)


def draw_uses(behavior: Behavior) -> None:
    """Where it is named in traces."""
    st.subheader("Named in traces", anchor=False)
    with services.app().store.read() as session:
        named = run_rows.traces_naming(behavior.name, NAMED_SHOWN + 1, session=session)
        runs = run_rows.runs({run_id for _, run_id, *_ in named}, session=session)
    if not named:
        st.caption("No trace names it yet.")
    for _, run_id, arm, stage, model in named[:NAMED_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            what = stage if arm == "strategist" else f"{arm}, {stage}"
            st.markdown(f"{escaped(what)} by {escaped(model)}", width="stretch")
            draw_run_link(runs[run_id])
    if len(named) > NAMED_SHOWN:
        st.caption("and more")
