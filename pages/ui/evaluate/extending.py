"""More of an evaluation: samples, arms or budgets are added, and nothing is asked twice."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import planning
from core.errors import VademecumError
from core.evaluation.comparison.board import title
from core.evaluation.leaks import Leaks
from core.evaluation.selection import FEW, leaking
from core.pipeline.arms import KINDS, ArmKind, asked_of_each
from core.pipeline.evaluation import Evaluation
from core.store.records import Job, Run
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.evaluate.budgets import read_budgets
from pages.ui.evaluate.estimate import draw_rest
from pages.ui.evaluate.problems import leak_state, vector_state


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
        wanted = _wanted(plan, size)
        leaks = None if unchanged else _draw_what_comes(run, wanted)
        keep = leaks is not None and _draw_leaks(run, leaks)
        if st.button(
            "Extend",
            icon=":material/play_arrow:",
            key="evaluate_extend",
            disabled=unchanged,
            help="Choose something more first." if unchanged else None,
        ):
            with shown_errors():
                extended = planning.extend_evaluation(
                    services.app(), run.id, leaks=leaks, keep_leaks=keep, **wanted
                )
                services.app().jobs.start(extended.id)
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


def _wanted(plan: Evaluation, size: _Size) -> dict[str, Any]:
    models = list(dict.fromkeys(one.model for one in plan.arms))
    return {
        "arms": plan.arms + asked_of_each(size.kinds, models),
        "samples": size.samples,
        "budgets": size.budgets,
        "spend_at_most": size.spend_at_most,
    }


def _draw_what_comes(run: Run, wanted: dict[str, Any]) -> Leaks | None:
    """What it takes; gives the leaks to what is added. What cannot be is told by Extend itself."""
    with suppress(VademecumError):
        plan = planning.extended_plan(run, **wanted)
        draw_rest(run, plan)
        slugs = planning.books_of(planning.book_of(services.app(), run), plan.arms)
        return _leaks(run.id, f"{plan.arms} {leak_state(slugs)} {vector_state()}", run, plan)
    return None


@st.cache_resource(max_entries=8, show_spinner="Looking for leaks …")
def _leaks(number: int, state: str, _run: Run, _plan: Evaluation) -> Leaks | None:  # noqa: ARG001
    """Kept under the number of the run and the state."""
    return planning.leaks_of_more(services.app(), _run, _plan, FEW)


def _draw_leaks(run: Run, leaks: Leaks) -> bool:
    """Whether problems are kept that would have been left out."""
    told = run.params["problems"]
    number = len(leaking(told, run.problem_ids, leaks))
    if not number:
        return False
    return st.checkbox(
        f"Keep {number:,} of the {len(run.problem_ids):,} problems that leak to what is added",
        key=f"evaluate_keep_leaks_{run.id}",
        help="They are ones that a handbook of these arms was made from, or that its behaviors "
        "carry. The report will tell. A new evaluation with all these arms leaves them out.",
    )
