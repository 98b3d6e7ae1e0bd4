"""The form of the Evaluate screen: problems, handbook, arms, model, budgets; what it would take."""

from dataclasses import replace

import streamlit as st

from core import planning
from core.llm.chat import Sampling
from core.pipeline.arms import arm, asked_of_each
from core.pipeline.evaluation import LEAST_BUDGET, Evaluation
from core.store.records import Handbook
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.evaluate.budgets import read_budgets
from pages.ui.evaluate.estimate import draw_estimate
from pages.ui.evaluate.problems import Chosen, choose_problems
from pages.ui.evaluate.questions import HELP, WORTH, Question, choose_question
from pages.ui.evaluate.worth import draw_size
from pages.ui.handbook_choice import choose_handbook
from pages.ui.no_model import draw_no_model
from pages.ui.sampling import draw_k, draw_sampling
from pages.ui.state import curator

SAMPLES = "evaluate_samples"
NONE = "none"


def draw_form() -> None:
    names = services.app().models.ready_names()
    if not names:
        draw_no_model("evaluate")
        return
    left, right = st.columns([3, 2], gap="large")
    with right:
        book = choose_handbook(labelled=True).handbook
        settings = _draw_settings(names)
    with left:
        above = st.container()
        question = choose_question(book, [one.model for one in settings.arms])
        with above:  # chosen by what the arms draw on
            arms = [arm(text, settings.arms[0].model) for text in question.arms]
            chosen = choose_problems(planning.books_of(book.slug, arms))
    if chosen is None:
        return
    if not question.arms:
        if question.name == HELP:
            st.caption("Choose an arm, at best two: plain, and one with behaviors.")
        return
    if question.lacks_behaviors:
        return
    with shown_errors():
        plan = _plan(settings, question, chosen)
        alone = question.name == WORTH and plan.samples < 2
        with st.container():  # whatever it tells, Start stays in its place
            draw_estimate(book, plan, chosen.problems)
            if question.name == WORTH:
                draw_size(book, chosen.problems, plan, SAMPLES)
        if st.button(
            "Start",
            type="primary",
            icon=":material/play_arrow:",
            key="evaluate_start",
            disabled=not chosen.problems or alone or not plan.budgets,
            help="It takes two samples of each problem at least: one with a behavior, one without."
            if alone
            else None,
        ):
            _start(book, plan, question, chosen)


def _draw_settings(names: list[str]) -> Evaluation:
    """Everything but arms and problems; an arm stands for each model, the main one first."""
    model = st.selectbox("Model", names, key="evaluate_model", persist_state="session") or names[0]
    budgets = read_budgets(
        st.text_input(
            "Budgets, output tokens",
            "1024",
            key="evaluate_budgets",
            persist_state="session",
            placeholder="One, or several: 512, 1024, 2048",
            help="A reply is asked for once, with the largest; smaller ones take it as cut there.",
        )
    )
    samples = st.number_input(
        "Samples of each problem", 1, 64, 1, key=SAMPLES, persist_state="session"
    )
    plan = Evaluation(
        arms=(arm("plain", model),),
        sampling=Sampling(max_tokens=budgets[-1] if budgets else LEAST_BUDGET),
        samples=int(samples),
        at_least=services.app().unrelated,
        budgets=tuple(budgets),
    )
    with st.expander("More settings", icon=":material/tune:"):
        return _draw_more(plan, model, names)


def _draw_more(plan: Evaluation, model: str, names: list[str]) -> Evaluation:
    row = st.container(horizontal=True)
    k = draw_k(row, "evaluate", model)
    limit = row.number_input(
        "Spend at most",
        0.0,
        None,
        None,
        format="%g",
        key="evaluate_limit",
        persist_state="session",
        placeholder="no limit",
        help="In the currency of the model's prices; the run stops there and can go on.",
    )
    sampling = draw_sampling(row, "evaluate", plan.sampling.max_tokens, seed=0)
    judge = st.selectbox(
        "A judge for answers found wrong",
        [NONE, *names],
        key="evaluate_judge",
        persist_state="session",
        help="Rules decide first; a model looks again at what they found wrong.",
    )
    forced = st.checkbox(
        "Make cut-off replies answer",
        key="evaluate_forced",
        persist_state="session",
        help="At the budget the model is asked for its answer in a few more tokens, counted.",
    )
    return replace(
        plan,
        arms=asked_of_each(["plain"], [model, *_choose_beside(model, names)]),
        sampling=sampling,
        k=k or services.app().usual_k(model),
        k_of_topic=k,
        forced=forced,
        judge=judge if judge in names else "",
        spend_at_most=limit,
    )


def _choose_beside(model: str, names: list[str]) -> list[str]:
    others = [name for name in names if name != model]
    if not others:
        return []
    return st.multiselect(
        "More models beside it",
        others,
        key="evaluate_beside",
        persist_state="session",
        placeholder="none",
        help="All arms are asked of each model; the main one's are told first.",
    )


def _plan(settings: Evaluation, question: Question, chosen: Chosen) -> Evaluation:
    models = [one.model for one in settings.arms]
    return replace(
        settings,
        arms=asked_of_each(question.arms, models),
        fixed=question.fixed,
        parts=question.name == WORTH,
        problems=chosen.told,
    )


def _start(book: Handbook, plan: Evaluation, question: Question, chosen: Chosen) -> None:
    app = services.app()
    if question.curation:
        planning.make_curation(app, book.slug, question.curation, by=curator())
    ids = [problem.id for problem in chosen.problems]
    title_of_run = str(chosen.told["set"])
    job = planning.add_evaluation(app, ids, book.slug, plan, title=title_of_run, by=curator())
    app.jobs.start(job.id)
    st.query_params["run"] = str(job.run_id)
    st.rerun()
