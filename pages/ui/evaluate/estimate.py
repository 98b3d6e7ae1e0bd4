"""What an evaluation would take, before it is begun."""

import streamlit as st

from core import planning
from core.evaluation.estimate import Estimate
from core.pipeline.evaluation import Evaluation
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped

MEASURED = "evaluate_measured"


def draw_estimate(plan: Evaluation, problems: int) -> None:
    if not plan.budgets or not problems:
        return
    key = f"{MEASURED}_{plan.arms[0].model}"
    made = planning.estimate_evaluation(
        services.app(), problems, plan, tokens_a_second=st.session_state.get(key)
    )
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.metric("Replies", f"{made.replies:,}", width="content")
            st.metric("Output tokens, about", f"{made.output_tokens:,}", width="content")
            st.metric("Input tokens, about", f"{made.input_tokens:,}", width="content")
            st.metric("Cost, about", _price(made.price), width="content")
            st.metric("Time, about", _hours(made.hours), width="content")
            st.space("stretch")
            if st.button("Measure the speed", icon=":material/speed:", key="evaluate_measure"):
                with shown_errors(), st.spinner("Asking for a short reply …"):
                    st.session_state[key] = planning.measured_speed(
                        services.app(), plan.arms[0].model
                    )
                    st.rerun()
        st.caption(" ".join(_sentences(made, st.session_state.get(key))))


def _sentences(made: Estimate, measured: float | None) -> list[str]:
    seen = made.detectable
    told = []
    if seen.points is not None:
        told.append(
            f"With {seen.problems:,} problems a change of accuracy of about "
            f"{seen.points * 100:.0f} points could be seen"
            + (f", and of tokens of about {seen.saving * 100:.0f}%." if seen.saving else ".")
        )
    else:
        told.append(f"With {seen.problems:,} problems no change of accuracy could be seen.")
    if made.comparisons > 1:
        told.append(f"That is corrected for {made.comparisons} comparisons.")
    if made.supposed:
        arms = escaped(", ".join(made.supposed))
        told.append(f"Nothing is kept of this model yet: {arms} are supposed to use half a budget.")
    if made.uncounted:
        told.append(f"On top come {escaped(' and '.join(made.uncounted))}.")
    if made.hours is None:
        told.append("The speed is unknown until it is measured.")
    elif measured:
        told.append(f"{measured:.1f} tokens a second, measured just now.")
    return told


def _price(price: float | None) -> str:
    return "unknown" if price is None else f"${price:,.2f}"


def _hours(hours: float | None) -> str:
    if hours is None:
        return "unknown"
    return f"{hours:.1f} h" if hours >= 1 else f"{max(1, round(hours * 60))} min"
