"""The form of the Solve screen: problems, handbook, models, sampling, budget."""

from typing import Any

import streamlit as st

from core.errors import BadInput, VademecumError
from core.evaluation import problems
from core.evaluation.problems import Columns, Mapping, NewProblem
from core.handbook import shelf
from core.pipeline.plan import Plan
from core.store.records import STAGES
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.markdown import answer_markdown, escaped, model_markdown
from pages.ui.no_model import draw_no_model
from pages.ui.sampling import draw_sampling
from pages.ui.state import curator

TOPICS = (
    "Algebra",
    "Counting & Probability",
    "Geometry",
    "Intermediate Algebra",
    "Number Theory",
    "Prealgebra",
    "Precalculus",
)
EXAMPLE = (
    "A theater has 20 rows. The first row has 15 seats, and each row after it has 2 more seats "
    "than the row before. How many seats does the theater have?"
)
EXAMPLE_GOLD = "680"
PREVIEWED = 3
SAME = "the same"
# A newcomer's proposals go to a handbook of their own, not into one that came along.
OWN = "my-handbook"


def draw_form() -> None:
    names = services.app().models.ready_names()
    if not names:
        draw_no_model("solve")
        return
    left, right = st.columns([3, 2], gap="large")
    with right:
        target = _draw_target()
        plan = _draw_plan(names)
    with left:
        with st.container():  # what comes and goes in it leaves Start the same button
            chosen = _choose_problems(target["topic"])
        # Above the preview: what was pasted is taken in while Start is pressed, and a button that
        # moves away under the mouse is not clicked.
        with st.container(horizontal=True):
            started = st.button(
                "Start",
                type="primary",
                icon=":material/play_arrow:",
                shortcut="Ctrl+Enter",
                key="solve_start",
            )
            _draw_example()
        _draw_preview(chosen)
        if started:
            _start(chosen, target, plan)


def _choose_problems(topic: str) -> list[NewProblem]:
    source = st.segmented_control(
        "Problems",
        ["Paste", "Upload a file"],
        default="Paste",
        required=True,
        key="solve_source",
        label_visibility="collapsed",
    )
    with shown_errors():
        return _read_paste(topic) if source == "Paste" else _read_upload()
    return []


def _read_paste(topic: str) -> list[NewProblem]:
    text = st.text_area(
        "Problem",
        height=200,
        key="solve_text",
        placeholder="Paste a problem, LaTeX welcome. Several: separate them by a line with ---",
        persist_state="session",
    )
    gold = st.text_input(
        "Right answer, if you know it",
        key="solve_gold",
        placeholder="The solution is then graded",
        persist_state="session",
    )
    return problems.from_paste(text, gold.strip() or None, topic) if text.strip() else []


def _draw_example() -> None:
    state = st.session_state
    if state["solve_source"] == "Paste" and not state["solve_text"].strip():
        st.button("Use an example", icon=":material/draw:", key="solve_example", on_click=_fill_in)


def _fill_in() -> None:
    st.session_state["solve_text"] = EXAMPLE
    st.session_state["solve_gold"] = EXAMPLE_GOLD


def _read_upload() -> list[NewProblem]:
    file = st.file_uploader("A file with one problem a row", ["jsonl", "json", "csv", "parquet"])
    if file is None:
        return []
    rows = problems.read_rows(file.name, file.getvalue())
    mapping = _draw_mapping(rows, file.name)
    columns = _draw_columns(rows, mapping)
    limit = st.number_input("Take the first", 1, len(rows), min(10, len(rows)), key="solve_limit")
    st.caption(f"{len(rows):,} rows in the file; {limit:,} are taken.")
    return problems.from_rows(rows[:limit], columns, mapping)


def _draw_mapping(rows: list[dict[str, Any]], file: str) -> Mapping:
    """The data set the rows are of, as guessed from their columns; another can be chosen."""
    guess = problems.guess_mapping(rows, file)
    return st.selectbox(
        "Read as",
        problems.MAPPINGS,
        problems.MAPPINGS.index(guess),
        format_func=lambda mapping: mapping.name,
        help="\n\n".join(f"**{one.name}**: {one.about}" for one in problems.MAPPINGS),
        key=f"solve_mapping_{file}",
    )


def _draw_columns(rows: list[dict[str, Any]], mapping: Mapping) -> Columns:
    names = problems.column_names(rows)
    if not names:
        raise BadInput("The rows of this file have no columns.")
    try:
        guess = problems.choose_columns(mapping, rows)
    except VademecumError:
        guess = Columns(names[0])
    text, gold, topic = st.columns(3)
    optional = ["", *names]
    return Columns(
        text.selectbox("Problem", names, names.index(guess.text), key="solve_column_text"),
        gold.selectbox("Right answer", optional, optional.index(guess.gold or "")) or None,
        topic.selectbox("Topic", optional, optional.index(guess.topic or "")) or None,
    )


def _draw_preview(found: list[NewProblem]) -> None:
    if not found:
        return
    with st.container(border=True):
        st.caption("Preview" if len(found) == 1 else f"Preview of {len(found)} problems")
        for problem in found[:PREVIEWED]:
            st.markdown(model_markdown(problem.text), anchors=False)
            facts = [escaped(problem.topic)] if problem.topic else []
            facts += [f"answer {answer_markdown(problem.gold)}"] if problem.gold else []
            if facts:
                st.caption(" · ".join(facts))
        if len(found) > PREVIEWED:
            st.caption(f"and {len(found) - PREVIEWED} more")


def _draw_target() -> dict[str, str]:
    """The handbook proposals go to, and the topic of problems that have none."""
    slugs = [summary.handbook.slug for summary in shelf.summaries(services.app().store)]
    slug = st.selectbox(
        "Handbook for the proposals",
        list(dict.fromkeys([OWN, *slugs])),
        key="solve_handbook",
        accept_new_options=True,
        help="Choose one, or type the name of a new one.",
        persist_state="session",
    )
    topic = st.selectbox(
        "Topic",
        TOPICS,
        index=None,
        key="solve_topic",
        accept_new_options=True,
        placeholder="None, or type your own",
        persist_state="session",
    )
    return {"slug": slug or OWN, "topic": topic or ""}


def _draw_plan(names: list[str]) -> Plan:
    model = st.selectbox("Model", names, key="solve_model", persist_state="session") or names[0]
    with st.expander("More settings", icon=":material/tune:"):
        others = {"options": [SAME, *names], "persist_state": "session"}
        reflect = st.selectbox("Model that reflects", key="solve_reflect", **others)
        extract = st.selectbox("Model that extracts", key="solve_extract", **others)
        judge = st.selectbox(
            "Model that marks proposals, beside the rules",
            ["none", *names],
            key="solve_judge",
            persist_state="session",
        )
        row = st.container(horizontal=True)
        budget = row.number_input(
            "Budget, tokens a stage",
            64,
            131_072,
            2048,
            256,
            key="solve_budget",
            persist_state="session",
        )
        samples = row.number_input(
            "Samples a problem", 1, 64, 1, key="solve_samples", persist_state="session"
        )
        sampling = draw_sampling(row, "solve", int(budget))
    chosen = {"solve": model, "reflect": reflect, "extract": extract}
    return Plan(
        models={stage: chosen[stage] if chosen[stage] in names else model for stage in STAGES},
        sampling=sampling,
        samples=int(samples),
        judge=judge if judge in names else None,
    )


def _start(chosen: list[NewProblem], target: dict[str, str], plan: Plan) -> None:
    app = services.app()
    with shown_errors():
        if not chosen:
            raise BadInput("There is no problem yet: paste one, or upload a file.")
        slug = target["slug"]
        known = [summary.handbook.slug for summary in shelf.summaries(app.store)]
        slug = slug if slug in known else shelf.slug_for(slug)
        job = app.add_solve(chosen, slug, plan, topic=target["topic"], by=curator())
        app.jobs.start(job.id)
        st.query_params["run"] = str(job.run_id)
        st.rerun()
