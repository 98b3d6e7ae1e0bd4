"""The form of the Compare screen: problem, handbook, arms, model, sampling."""

from dataclasses import dataclass

import streamlit as st

from core.errors import BadInput
from core.evaluation import problems
from core.evaluation.problems import NewProblem
from core.llm.chat import Sampling
from core.pipeline.arms import KINDS, Arm, ArmKind, arm
from core.pipeline.comparison import OFFERED_FROM, Comparison
from core.store import problem_sets
from core.store.records import Handbook
from pages.ui import services
from pages.ui.arm_choice import choose_arms
from pages.ui.compare.blind import go_blind
from pages.ui.compare.problem import draw_problem
from pages.ui.errors import shown_errors
from pages.ui.handbook_choice import choose_handbook
from pages.ui.no_model import draw_no_model
from pages.ui.retrieval import draw_retrieval
from pages.ui.sampling import draw_k, draw_sampling
from pages.ui.state import curator

USUAL: list[ArmKind] = ["plain", "bci-embedding"]
PASTE = "Paste"
FOUND = "found by nearness"
NONE = "none"
# Within reach of the small model, and there is a behavior for it; which arm does better is open.
EXAMPLE = "What is the remainder when $7^{100}$ is divided by $5$?"
EXAMPLE_GOLD = "1"


@dataclass(frozen=True)
class Asked:
    """What the model and its settings are, before the arms make a plan of it."""

    model: str
    second: str | None
    sampling: Sampling
    samples: int
    k: int | None
    topic: str
    offered_from: float

    @property
    def models(self) -> list[str]:
        return [self.model, *([self.second] if self.second else [])]


def draw_form() -> None:
    names = services.app().models.ready_names()
    if not names:
        draw_no_model("compare")
        return
    left, right = st.columns([3, 2], gap="large")
    with right:
        book = choose_handbook(labelled=True).handbook
        asked = _draw_settings(book, names)
    with left:
        with st.container():  # what comes and goes in it leaves Start the same button
            sets = _sets()
            source = _choose_source(sets)
            problem = _choose_problem(source, sets)
            kinds = choose_arms("compare", 2, KINDS, USUAL, asked.models)
            fixed = _draw_fixed(book, problem, asked.model) if "bci-fixed" in kinds else ()
        # Above the preview: what was pasted is taken in while Start is pressed, and a button that
        # moves away under the mouse is not clicked.
        with st.container(horizontal=True, vertical_alignment="center"):
            started = st.button(
                "Start",
                type="primary",
                icon=":material/play_arrow:",
                shortcut="Ctrl+Enter",
                key="compare_start",
            )
            if source == PASTE and not st.session_state["compare_text"].strip():
                st.button(
                    "Use an example", icon=":material/draw:", key="compare_ex", on_click=_fill_in
                )
            blind = st.toggle(
                "Judge blind",
                key="compare_judge_blind",
                persist_state="session",
                help="Replies are shown when all have come, without names and figures, until you "
                "have voted or ask for the names.",
            )
        if problem:
            draw_problem(problem.text, problem.gold)
        if started:
            _start(book, problem, _plan(asked, kinds, fixed), blind)


def _choose_source(sets: list[str]) -> str:
    if not sets:
        return PASTE
    return st.segmented_control(
        "Where the problem comes from",
        [PASTE, "From a set"],
        default=PASTE,
        required=True,
        key="compare_source",
        persist_state="session",
        label_visibility="collapsed",
    )


def _choose_problem(source: str, sets: list[str]) -> NewProblem | None:
    with shown_errors():
        return _read_paste() if source == PASTE else _choose_of_set(sets)
    return None


def _read_paste() -> NewProblem | None:
    text = st.text_area(
        "Problem",
        height=150,
        key="compare_text",
        placeholder="Paste a problem, LaTeX welcome",
        persist_state="session",
    )
    gold = st.text_input(
        "Right answer, if you know it",
        key="compare_gold",
        placeholder="The replies are then graded",
        persist_state="session",
    )
    if not text.strip():
        return None
    found = problems.from_paste(text, gold.strip() or None)
    if len(found) > 1:
        raise BadInput("A comparison takes one problem. Take out the lines of dashes.")
    return found[0]


def _fill_in() -> None:
    st.session_state["compare_text"] = EXAMPLE
    st.session_state["compare_gold"] = EXAMPLE_GOLD


def _choose_of_set(sets: list[str]) -> NewProblem | None:
    name = st.selectbox("Problem set", sets, key="compare_set", persist_state="session")
    with services.app().store.read() as session:
        found = problem_sets.problem_set(name or sets[0], session=session)
        rows = problem_sets.problems_of(found.id, session=session)
    chosen = st.selectbox(
        "Problem",
        range(len(rows)),
        format_func=lambda at: f"{at + 1}. {' '.join(rows[at].text.split())[:140]}",
        key="compare_problem",
        persist_state="session",
    )
    row = rows[chosen or 0]
    return NewProblem(row.text, row.gold, row.topic, row.extra)


def _draw_fixed(book: Handbook, problem: NewProblem | None, model: str) -> tuple[int, ...]:
    """What is retrieved, less what is dropped, with what is pinned, is what is given."""
    if problem is None:
        st.caption("Write the problem first; then choose the behaviors that are given by hand.")
        return ()
    with st.container(border=True):
        st.markdown("**Behaviors given by hand**: drop what should not be there.")
        found = draw_retrieval(book, problem.text, "compare_fixed", model_of_form=model)
    return tuple(hit.behavior.id for hit in found.hits) if found else ()


def _draw_settings(book: Handbook, names: list[str]) -> Asked:
    model = st.selectbox("Model", names, key="compare_model", persist_state="session") or names[0]
    left, right = st.columns(2)
    samples = left.number_input(
        "Samples of each arm", 1, 64, 1, key="compare_samples", persist_state="session"
    )
    budget = right.number_input(
        "Budget, output tokens",
        64,
        131_072,
        2048,
        256,
        key="compare_budget",
        persist_state="session",
    )
    others = [NONE, *(name for name in names if name != model)]
    with st.expander("More settings", icon=":material/tune:"):
        second = st.selectbox(
            "A second model beside it",
            others,
            key="compare_second",
            persist_state="session",
            help="The arms are asked of both: strategist and student need not be the same.",
        )
        topics = services.app().sources.topics(book.id)
        topic = st.selectbox(
            "Topic", [FOUND, *topics], key="compare_topic", persist_state="session"
        )
        # Not columns: on a narrow screen these stand below each other, with whole labels.
        row = st.container(horizontal=True)
        k = draw_k(row, "compare", model)
        offered = row.number_input(
            "Offered on the way from",
            0.0,
            1.0,
            OFFERED_FROM,
            0.05,
            key="compare_offered",
            persist_state="session",
        )
        sampling = draw_sampling(row, "compare", int(budget))
    return Asked(
        model=model,
        second=None if second == NONE else second,
        sampling=sampling,
        samples=int(samples),
        k=k,
        topic="" if topic == FOUND else topic,
        offered_from=offered,
    )


def _plan(asked: Asked, kinds: list[str], fixed: tuple[int, ...]) -> Comparison:
    app = services.app()
    return Comparison(
        arms=tuple(_arms(asked, kinds)),
        sampling=asked.sampling,
        samples=asked.samples,
        k=asked.k or app.usual_k(asked.model),
        k_of_topic=asked.k,
        topic=asked.topic,
        at_least=app.unrelated,
        fixed=fixed,
        offered_from=asked.offered_from,
    )


def _arms(asked: Asked, kinds: list[str]) -> list[Arm]:
    return [
        arm(kind if model == asked.model else f"{kind}@{model}", asked.model)
        for model in asked.models
        for kind in kinds
    ]


def _start(book: Handbook, problem: NewProblem | None, plan: Comparison, blind: bool) -> None:
    app = services.app()
    with shown_errors():
        if problem is None:
            raise BadInput("There is no problem yet: paste one, or take one from a set.")
        job = app.add_compare(problem, book.slug, plan, by=curator())
        app.jobs.start(job.id)
        st.query_params["run"] = str(job.run_id)
        if blind:
            go_blind()
        st.rerun()


def _sets() -> list[str]:
    with services.app().store.read() as session:
        return [one.name for one in problem_sets.problem_sets(session=session)]
