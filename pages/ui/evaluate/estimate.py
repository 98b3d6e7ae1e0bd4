"""What an evaluation would take, before it is begun or extended."""

from collections.abc import Sequence

import streamlit as st

from core import planning
from core.evaluation.estimate import in_one_line, price_in_words, sentences, time_in_words
from core.pipeline.ahead import LOOKED_AT, Sampler
from core.pipeline.evaluation import Evaluation
from core.store.records import Handbook, Problem, Run
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.evaluate.problems import leak_state, vector_state
from pages.ui.markdown import escaped

MEASURED = "evaluate_measured"


def draw_estimate(book: Handbook, plan: Evaluation, problems: Sequence[Problem]) -> None:
    if not plan.budgets or not problems:
        return
    models = list(dict.fromkeys(one.model for one in plan.arms))
    measured = _measured(models)
    made = planning.estimate_evaluation(
        services.app(),
        len(problems),
        plan,
        _added(book, plan, problems[:LOOKED_AT]),
        tokens_a_second=measured,
    )
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.metric("Replies", f"{made.replies:,}", width="content")
            st.metric("Output tokens, about", f"{made.output_tokens:,}", width="content")
            st.metric("Input tokens, about", f"{made.input_tokens:,}", width="content")
            st.metric("Cost, about", price_in_words(made.price), width="content")
            st.metric("Time, about", time_in_words(made.hours), width="content")
            st.space("stretch")
            if st.button("Measure the speed", icon=":material/speed:", key="evaluate_measure"):
                with shown_errors(), st.spinner("Asking for a short reply …"):
                    _measure(models)
                    st.rerun()
        st.caption(escaped(" ".join(sentences(made, measured))))


def _measured(models: Sequence[str]) -> dict[str, float]:
    """Those that were measured on this screen, in tokens a second."""
    found = {model: st.session_state.get(f"{MEASURED}_{model}") for model in models}
    return {model: speed for model, speed in found.items() if speed is not None}


def _measure(models: Sequence[str]) -> None:
    for model in models:
        found = planning.measured_speed(services.app(), model)
        st.session_state[f"{MEASURED}_{model}"] = found


def draw_rest(run: Run, plan: Evaluation) -> None:
    """What it takes to go on with a run by this plan."""
    made = planning.estimate_run(services.app(), run, plan)
    st.caption(escaped(" ".join([in_one_line(made), *(sentences(made) if made.replies else [])])))


def _added(
    book: Handbook, plan: Evaluation, problems: Sequence[Problem]
) -> dict[str, float | None]:
    """As `Sampler.added`; looked up again only where something that decides it has changed."""
    arms = [(one.label, one.kind, one.handbook) for one in plan.arms]
    how = (plan.k, plan.k_of_topic, plan.at_least, plan.fixed, plan.parts)
    state = leak_state(planning.books_of(book.slug, plan.arms))
    ids = [problem.id for problem in problems]
    sampler = Sampler(services.app().store, services.app().sources, plan, book.slug, problems)
    return _kept(f"{arms} {how} {ids} {state} {vector_state()}", sampler)


@st.cache_resource(max_entries=16, show_spinner="Looking at a few problems …")
def _kept(state: str, _sampler: Sampler) -> dict[str, float | None]:  # noqa: ARG001  kept under it
    return _sampler.added()
