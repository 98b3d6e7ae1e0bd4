"""More of an evaluation: samples, arms or budgets are added, and nothing is asked twice."""

import streamlit as st

from core import planning
from core.evaluation.comparison.board import title
from core.pipeline.arms import KINDS, arm
from core.pipeline.evaluation import Evaluation
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.errors import shown_errors


def draw_extending(run: Run, job: Job | None) -> None:
    if job is None:
        return
    plan = Evaluation.of(run)
    with st.expander("Extend this evaluation", icon=":material/add_circle:"):
        known = {one.kind for one in plan.arms}
        kinds = st.pills(
            "More arms",
            [kind for kind in KINDS if kind not in known and kind != "bci-fixed"],
            selection_mode="multi",
            format_func=title,
            key=f"evaluate_more_arms_{run.id}",
            wrap=True,
        )
        left, right, last = st.columns(3)
        samples = left.number_input(
            "Samples of each problem",
            plan.samples,
            64,
            plan.samples,
            key=f"evaluate_more_samples_{run.id}",
        )
        budget = right.number_input(
            "A larger budget",
            plan.budgets[-1],
            131_072,
            plan.budgets[-1],
            256,
            key=f"evaluate_more_budget_{run.id}",
            help="Only what was cut off at the largest budget so far is asked for again.",
        )
        limit = last.number_input(
            "Spend at most",
            0.0,
            None,
            plan.spend_at_most,
            format="%g",
            key=f"evaluate_more_limit_{run.id}",
            placeholder="no limit",
            help="In all, with what was spent so far.",
        )
        more = (tuple(kinds), int(samples), int(budget), limit)
        unchanged = more == ((), plan.samples, plan.budgets[-1], plan.spend_at_most)
        if st.button(
            "Extend",
            icon=":material/play_arrow:",
            key="evaluate_extend",
            disabled=unchanged,
            help="Choose something more first." if unchanged else None,
        ):
            with shown_errors():
                model = plan.arms[0].model
                extended = planning.extend_evaluation(
                    services.app(),
                    run.id,
                    arms=plan.arms + tuple(arm(kind, model) for kind in kinds),
                    samples=int(samples),
                    budgets=(int(budget),),
                    spend_at_most=limit,
                )
                services.app().jobs.start(extended.id)
                st.rerun()
