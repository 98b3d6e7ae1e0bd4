"""One stage of a run on the screen: its state, its counts, its thinking folded, its text."""

from typing import Literal

import streamlit as st

from core.store.records import Stage, Trace, Verdict, now
from pages.ui import amounts
from pages.ui.markdown import answer_markdown, escaped, model_markdown, settled

TITLES: dict[Stage, str] = {"solve": "Solve", "reflect": "Reflect", "extract": "Extract"}
TASKS: dict[Stage, str] = {
    "solve": "works the problem out, step by step",
    "reflect": "reviews the solution: correctness, missing and new behaviors",
    "extract": "turns the review into named behaviors",
}
GLIMPSE = 90
LONG_TEXT, LONG_LINES, LONG_HEIGHT = 900, 14, 380


def draw_waiting(stage: Stage) -> None:
    """A stage that has not begun."""
    with st.container(border=True):
        st.markdown(f":gray[:material/circle: **{TITLES[stage]}** · {TASKS[stage]}]")


def draw_stage(trace: Trace, verdict: Verdict | None) -> None:
    """A stage with a trace, arriving or ended."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{_icon(trace)} **{TITLES[trace.stage]}**", width="content")
            st.caption(_facts(trace), width="stretch")
            if verdict:
                _draw_verdict(verdict)
        if trace.thinking:
            _draw_thinking(trace)
        _draw_text(trace)
        if trace.finish_reason == "length" and not trace.text:
            st.warning(
                "The whole budget went into thinking, and no answer was written. Start a run with "
                "a larger budget.",
                icon=":material/content_cut:",
            )
        if trace.error:
            st.error(escaped(trace.error), icon=":material/error:")


def _icon(trace: Trace) -> str:
    match trace.finish_reason:
        case None:
            return ":orange[:material/pending:]"
        case "stop":
            return ":green[:material/check_circle:]"
        case "length":
            return ":orange[:material/content_cut:]"
        case "cancelled":
            return ":gray[:material/stop_circle:]"
    return ":red[:material/error:]"


def _facts(trace: Trace) -> str:
    """The line of counts. A running trace counts up; unknown counts are said to be unknown."""
    facts = [escaped(trace.endpoint)]
    if trace.attempt > 1:
        facts.append(f"attempt {trace.attempt}")
    if trace.finish_reason is None and trace.note:
        waited = (now() - trace.created).total_seconds()
        return " · ".join([*facts, escaped(trace.note), amounts.seconds(waited)])
    facts.append(amounts.tokens(trace.output_tokens))
    if trace.reasoning_tokens:
        facts.append(f"{trace.reasoning_tokens:,} of them thinking")
    if speed := amounts.speed(trace):
        facts.append(speed)
    if trace.seconds is not None:
        facts.append(amounts.seconds(trace.seconds))
    if trace.input_tokens is not None:
        cached = f" ({trace.cached_tokens:,} cached)" if trace.cached_tokens else ""
        facts.append(f"{trace.input_tokens:,} in{cached}")
    if trace.price:
        facts.append(amounts.money(trace.price).replace("$", r"\$"))
    if trace.finish_reason == "length":
        facts.append("cut off by the budget")
    if trace.finish_reason == "cancelled":
        facts.append("stopped")
    return " · ".join(facts)


def _draw_verdict(verdict: Verdict) -> None:
    answer = verdict.extracted or "no answer found"
    shown = answer_markdown(answer) if len(answer) <= 60 else escaped(answer[:60] + "…")
    match verdict.correct:
        case True:
            st.badge(f"right: {shown}", icon=":material/check:", color="green")
        case False:
            st.badge(f"wrong: {shown}", icon=":material/close:", color="red")
        case None:
            st.badge(f"answer: {shown}", color="gray", help="There is no gold answer.")


def _draw_thinking(trace: Trace) -> None:
    """Folded; while it goes on, the label shows its last words, so that one sees it is alive."""
    alive = trace.finish_reason is None and not trace.text
    if alive:
        glimpse = " ".join(trace.thinking[-2 * GLIMPSE :].split())[-GLIMPSE:]
        st.caption(f":material/psychology: … {escaped(glimpse)}")
    with st.expander("Thinking", icon=":material/psychology:"):
        st.markdown(model_markdown(trace.thinking), anchors=False)


def _draw_text(trace: Trace) -> None:
    if trace.finish_reason is None and trace.text:
        done, arriving = settled(trace.text)
        with st.container(height=_height(trace.text), border=False, autoscroll=True):
            if done:
                st.markdown(model_markdown(done), anchors=False)
            if arriving:
                st.text(arriving)
    elif trace.stage == "extract":
        # JSON, which becomes the cards below.
        with st.expander("The reply as it came", icon=":material/data_object:"):
            st.code(trace.text, language="json", wrap_lines=True)
    elif trace.text:
        with st.container(height=_height(trace.text), border=False):
            st.markdown(model_markdown(trace.text), anchors=False)


def _height(text: str) -> int | Literal["content"]:
    """Long texts scroll inside their stage, so that all three and the cards stay within reach."""
    return LONG_HEIGHT if len(text) > LONG_TEXT or text.count("\n") > LONG_LINES else "content"
