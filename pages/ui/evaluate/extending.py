"""More of an evaluation: samples, arms or budgets are added, and nothing is asked twice."""

from dataclasses import dataclass

import streamlit as st

from core import planning
from core.evaluation.comparison.board import title
from core.pipeline.arms import KINDS, ArmKind, arm
from core.pipeline.evaluation import Evaluation
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.evaluate.budgets import read_budgets


@dataclass(frozen=True)
class _Size:
    """What can grow. `spend_at_most`: in the prices' currency, None without a limit."""

    kinds: tuple[ArmKind, ...]
    samples: int
    budgets: tuple[int, ...]
    spend_at_most: float | None


def draw_extending(run: Run, job: Job | None) -> None:
    if job is None:
        return
    plan = Evaluation.of(run)
    with st.expander("Extend this evaluation", icon=":material/add_circle:"):
        kinds = _choose_arms(run, plan)
        size = _choose_size(run, plan, kinds)
        unchanged = size == _Size((), plan.samples, plan.budgets, plan.spend_at_most)
        if st.button(
            "Extend",
            icon=":material/play_arrow:",
            key="evaluate_extend",
            disabled=unchanged,
            help="Choose something more first." if unchanged else None,
        ):
            with shown_errors():
                _extend(run, plan, size)
                st.rerun()


def _choose_arms(run: Run, plan: Evaluation) -> tuple[ArmKind, ...]:
    known = {one.kind for one in plan.arms}
    chosen: list[ArmKind] = st.pills(
        "More arms",
        [kind for kind in KINDS if kind not in known and kind != "bci-fixed"],
        selection_mode="multi",
        format_func=title,
        key=f"evaluate_more_arms_{run.id}",
        wrap=True,
    )
    return tuple(chosen)


def _choose_size(run: Run, plan: Evaluation, kinds: tuple[ArmKind, ...]) -> _Size:
    left, right, last = st.columns(3)
    samples = left.number_input(
        "Samples of each problem",
        plan.samples,
        64,
        plan.samples,
        key=f"evaluate_more_samples_{run.id}",
    )
    budgets = right.text_input(
        "More budgets",
        key=f"evaluate_more_budgets_{run.id}",
        placeholder="One, or several: 512, 2048",
        help="Smaller ones take the replies as cut there. For a larger one only what was cut off "
        "at the largest so far is asked for again.",
    )
    limit = last.number_input(
        "Spend at most",
        0.0,
        None,
        plan.spend_at_most,
        format="%g",
        key=f"evaluate_more_limit_{run.id}",
        placeholder="no limit" if plan.spend_at_most is None else "as it is",
        help="In all, with what was spent so far.",
    )
    more = read_budgets(budgets, least=0)
    return _Size(
        kinds,
        samples=int(samples),
        budgets=tuple(sorted({*plan.budgets, *more})),
        spend_at_most=plan.spend_at_most if limit is None else limit,
    )


def _extend(run: Run, plan: Evaluation, size: _Size) -> None:
    model = plan.arms[0].model
    extended = planning.extend_evaluation(
        services.app(),
        run.id,
        arms=plan.arms + tuple(arm(kind, model) for kind in size.kinds),
        samples=size.samples,
        budgets=size.budgets,
        spend_at_most=size.spend_at_most,
    )
    services.app().jobs.start(extended.id)
