"""What two arms wrote on one problem: whole, stretch beside stretch, or word by word."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.evaluation.comparison.board import finished
from core.evaluation.comparison.document import take
from core.evaluation.report.cases import topic_and_level
from core.store import runs as run_rows
from core.store.records import Trace, Verdict
from pages.ui import services
from pages.ui.beside import draw_steps_beside, draw_words_beside
from pages.ui.markdown import answer_markdown, escaped, model_markdown

RIGHT = {True: "right", False: "wrong", None: "not graded"}
WHOLE, STEPS, WORDS = "Whole", "By steps", "Word by word"

Graded = tuple[Trace, Verdict | None]


@st.dialog("Both replies", width="large", icon=":material/view_column_2:")
def show_traces(flip: Mapping[str, Any], problem: Mapping[str, Any], *, forced: bool) -> None:
    """Those of a flip: the baseline's to the left. `forced` says that a reply which the budget cuts
    was made to answer there.
    """
    names = (flip["baseline"], flip["arm"])
    found = [_read(flip["traces"][name]) for name in names]
    key = f"evaluate_traces_{'_'.join(str(one) for own in flip['traces'].values() for one in own)}"
    with st.container(border=True):
        st.markdown(model_markdown(problem["text"]), anchors=False)
        st.caption(f"The problem{problem_facts(problem)}")
    with st.container(horizontal=True):
        sample = _choose_sample(sorted({*found[0], *found[1]}), key)
        view = st.segmented_control(
            "View",
            [WHOLE, STEPS, WORDS],
            default=WHOLE,
            required=True,
            key=f"{key}_view",
            label_visibility="collapsed",
        )
    left, right = (own.get(sample) for own in found)
    for column, name, graded in zip(st.columns(2), names, (left, right), strict=True):
        with column:
            _draw_head(name, graded, flip["budget"], forced)
            if graded and view == WHOLE:
                _draw_reply(graded[0])
    if left and right and view == STEPS:
        draw_steps_beside((take(*left), take(*right)), names, f"{key}_{sample}")
    if left and right and view == WORDS:
        draw_words_beside(left[0].text, right[0].text)


def problem_facts(problem: Mapping[str, Any]) -> str:
    facts = [escaped(one) for one in topic_and_level(problem)]
    facts += [f"answer {answer_markdown(problem['gold'])}"] if problem["gold"] else []
    return "".join(f" · {fact}" for fact in facts)


def _read(trace_ids: list[int]) -> dict[int, Graded]:
    """By sample."""
    with services.app().store.read() as session:
        verdicts = run_rows.verdicts(trace_ids, session=session)
        traces = [run_rows.trace(trace_id, session=session) for trace_id in trace_ids]
    return {trace.sample: (trace, verdicts.get(trace.id)) for trace in traces}


def _choose_sample(samples: list[int], key: str) -> int:
    if len(samples) == 1:
        return samples[0]
    return st.segmented_control(
        "Sample",
        samples,
        default=samples[0],
        required=True,
        format_func=lambda number: f"Sample {number + 1}",
        key=f"{key}_sample",
        label_visibility="collapsed",
    )


def _draw_head(name: str, graded: Graded | None, budget: int, forced: bool) -> None:
    st.markdown(f"**{escaped(name)}**")
    if graded is None:
        st.caption("No reply for this sample.")
        return
    trace, verdict = graded
    tokens = "tokens unknown" if trace.output_tokens is None else f"{trace.output_tokens:,} tokens"
    ended = finished({"finish_reason": trace.finish_reason})
    facts = [escaped(trace.model), tokens, ended]
    if verdict and verdict.extracted:
        answer = answer_markdown(verdict.extracted)
        facts.append(f"answer {answer}: {RIGHT[verdict.correct]} ({escaped(verdict.grader)})")
    elif verdict:
        facts.append(f"no answer found: {RIGHT[verdict.correct]}")
    st.caption(" · ".join(facts))
    written = trace.output_tokens
    if trace.finish_reason == "length" and written is not None and written < budget:
        st.caption(
            f":material/content_cut: Cut off before the budget of {budget:,} tokens: there it "
            "counts as wrong, whatever its answer is."
        )
    elif trace.finish_reason == "length" or (written or 0) > budget:
        counts = (
            "there the answer counts that it was then made to give."
            if forced
            else "there it counts as wrong, whatever its answer is."
        )
        st.caption(f":material/content_cut: Cut at the budget of {budget:,} tokens: {counts}")
    if trace.error:
        st.error(escaped(trace.error))


def _draw_reply(trace: Trace) -> None:
    if trace.given:
        with st.expander(f"{len(trace.given)} behaviors were given"):
            for one in trace.given:
                st.markdown(f"**{escaped(one['name'])}**: {escaped(one['instruction'])}")
    if trace.thinking:
        with st.expander("Thinking"):
            st.markdown(model_markdown(trace.thinking), anchors=False)
    st.markdown(model_markdown(trace.text), anchors=False)
