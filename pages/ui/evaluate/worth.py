"""How large an experiment on the worth of behaviors has to be on the chosen problems."""

from collections.abc import Sequence

import streamlit as st

from core import planning
from core.evaluation.worth.planning import USUAL, Planned
from core.pipeline.evaluation import Evaluation
from core.store.records import Handbook, Problem
from pages.ui import services, similar
from pages.ui.evaluate.vectors import draw_missing_vectors
from pages.ui.markdown import escaped


def draw_size(book: Handbook, problems: Sequence[Problem], plan: Evaluation, samples: str) -> None:
    """`samples` is the key of the field that says how many there are of each problem."""
    if lacking := planning.without_vectors(services.app(), book.slug, plan):
        what = "How large it has to be is known when all behaviors have their vectors."
        draw_missing_vectors(lacking, what, "evaluate_worth_embed")
        return
    arm = plan.arms[-1]
    how = (arm.kind, plan.k, plan.k_of_topic, plan.at_least)
    asked = plan.samples if plan.samples > 1 else USUAL
    made = _size(book.slug, tuple(problems), asked, plan, f"{similar.stamp(book.id)} {how}")
    st.caption(f":material/science: {escaped(made.sentence)}")
    needed = made.samples_here or max(plan.samples, USUAL)
    if needed != plan.samples:
        st.button(
            f"Take {needed} samples of each",
            icon=":material/done:",
            key="evaluate_enough",
            on_click=_take,
            args=(samples, needed),
        )


def _take(samples: str, number: int) -> None:
    st.session_state[samples] = number


@st.cache_resource(
    max_entries=8,
    show_spinner="Retrieving for every problem …",
    hash_funcs={Problem: lambda problem: problem.id},
)
def _size(
    slug: str,
    problems: tuple[Problem, ...],
    samples: int,
    _plan: Evaluation,
    state: str,  # noqa: ARG001  kept under it
) -> Planned:
    return planning.worth_size(services.app(), slug, problems, samples, _plan)
