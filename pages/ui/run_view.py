"""A run on the screen: live while it goes on, the same afterwards, from the same address.

Only rows are read here. One fragment polls while the run is active; what can be clicked stands
outside it, so that no click is lost to a refresh.
"""

import streamlit as st

from core.pipeline.plan import Plan
from core.pipeline.results import ProblemResult, problem_result
from core.store import handbooks as handbook_rows
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import STAGES, Job, Run, Stage, Trace
from pages.ui import services
from pages.ui.cards import draw_card
from pages.ui.errors import shown_errors
from pages.ui.jobs import draw_job_buttons, draw_job_state
from pages.ui.markdown import answer_markdown, escaped, model_markdown
from pages.ui.run_link import draw_elsewhere
from pages.ui.spot import open_linked_spot, source_of
from pages.ui.stages import TITLES, draw_stage, draw_waiting
from pages.ui.state import EDITING, curator

LOOK_SECONDS = 0.2


def draw_run(run_id: int, spot: int | None) -> None:
    st.session_state[EDITING] = None  # drawing all anew has closed the drawer
    run, jobs = _load(run_id)
    if run.kind != "solve":
        draw_elsewhere(run)
        return
    current = _current(jobs)
    open_linked_spot(spot)
    _draw_head(run, current)
    if jobs[0].status == "failed" and jobs[0] != jobs[-1]:
        st.error(escaped(f"The stage could not be run again. {jobs[0].note}"))
    problem_id = _choose_problem(run, spot, current.active)
    sample = _choose_sample(run)
    _draw_problem(run, problem_id)
    shown = _outcome(run, jobs)
    live = st.fragment(_draw_stages, run_every=LOOK_SECONDS if current.active else None)
    live(run, problem_id, sample, shown)
    if not current.active:
        _draw_again(run, problem_id, sample)
    _draw_proposals(run, problem_id)


def _load(run_id: int) -> tuple[Run, list[Job]]:
    app = services.app()
    app.jobs.sweep()
    with app.store.read() as session:
        run = run_rows.run(run_id, session=session)
        return run, job_rows.jobs(run_id=run_id, session=session)


def _current(jobs: list[Job]) -> Job:
    """The job that is going on; otherwise the run's own, which is its first."""
    return next((job for job in jobs if job.active), jobs[-1])


def _draw_head(run: Run, job: Job) -> None:
    plan = Plan.of(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"Run {run.id}", anchor=False, width="content")
        draw_job_state(job)
        draw_job_buttons(job, key="run")
        st.space("stretch")
        if st.button("New problem", icon=":material/add:", key="run_new"):
            st.query_params.clear()
            st.rerun()
    models = " · ".join(dict.fromkeys(plan.models[stage] for stage in plan.stages))
    st.caption(
        f"{escaped(models)} · budget {plan.sampling.max_tokens:,} tokens · by {escaped(run.by)} · "
        f"{run.created:%d %b %Y, %H:%M} UTC"
    )


def _choose_problem(run: Run, spot: int | None, active: bool) -> int:
    """The problem a person picked, else the one a spot points to, else the one worked on last."""
    if len(run.problem_ids) == 1:
        return run.problem_ids[0]
    with services.app().store.read() as session:
        problems = run_rows.problems(run.problem_ids, session=session)
        outline = run_rows.trace_outline(run.id, session=session)
        source = source_of(spot, session) if spot else None
        pointed = run_rows.trace(source.trace_id, session=session).problem_id if source else None
    ended = {problem for _, problem, stage, reason in outline if stage == "extract" and reason}
    picked = st.session_state.get(f"run_picked_{run.id}")
    wanted = picked or pointed or (outline[-1][1] if outline else None)
    shown = wanted if wanted in run.problem_ids else run.problem_ids[0]

    def label(problem_id: int) -> str:
        mark = "✓ " if problem_id in ended else ""
        place = run.problem_ids.index(problem_id) + 1
        return f"{mark}{place}. " + " ".join(problems[problem_id].text.split())[:110]

    # The key names what is shown, so that the box moves on with the run until a person picks.
    key = f"run_problem_{run.id}_{shown}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            f"Problem ({len(ended)} of {len(run.problem_ids)} have been through all stages)",
            run.problem_ids,
            run.problem_ids.index(shown),
            format_func=label,
            key=key,
            on_change=_pick,
            args=(run.id, key),
        )
        if active and picked:
            st.button("Follow the run", icon=":material/sync:", on_click=_pick, args=(run.id, None))
    return shown


def _pick(run_id: int, key: str | None) -> None:
    """Stays with the problem chosen in the box of this key; None follows the run again."""
    st.session_state[f"run_picked_{run_id}"] = st.session_state[key] if key else None


def _choose_sample(run: Run) -> int:
    samples = Plan.of(run).samples
    if samples == 1:
        return 0
    chosen = st.segmented_control(
        "Sample",
        list(range(samples)),
        default=0,
        required=True,
        format_func=lambda number: f"Sample {number + 1}",
        key=f"run_sample_{run.id}",
        label_visibility="collapsed",
    )
    return chosen or 0


def _draw_problem(run: Run, problem_id: int) -> None:
    with services.app().store.read() as session:
        problem = run_rows.problems([problem_id], session=session)[problem_id]
        handbook = (
            handbook_rows.handbook(run.handbook_id, session=session) if run.handbook_id else None
        )
    with st.container(border=True):
        st.markdown(model_markdown(problem.text), anchors=False)
        facts = [f"for {escaped(handbook.title)}"] if handbook else []
        facts += [escaped(problem.topic)] if problem.topic else []
        facts += [f"right answer {answer_markdown(problem.gold)}"] if problem.gold else []
        st.caption(" · ".join(facts))


def _outcome(run: Run, jobs: list[Job]) -> str:
    """What the parts outside the fragment depend on; when it changes, all is drawn again."""
    with services.app().store.read() as session:
        outline = run_rows.trace_outline(run.id, session=session)
    ended = sum(1 for _, _, stage, reason in outline if reason and stage == "extract")
    latest = outline[-1][1] if outline else None
    return f"{ended} {latest} {[job.status for job in jobs]}"


def _draw_stages(run: Run, problem_id: int, sample: int, shown: str) -> None:
    _, jobs = _load(run.id)
    if _outcome(run, jobs) != shown and not st.session_state.get(EDITING):
        st.rerun()
    result = problem_result(services.app().store, run, problem_id)
    job = _current(jobs)
    if job.active and job.total > len(STAGES):
        st.progress(job.done / job.total, f"{job.done} of {job.total} stages")
    for stage in Plan.of(run).stages:
        attempts = [t for t in result.traces if t.stage == stage and t.sample == sample]
        if not attempts:
            draw_waiting(stage)
            continue
        _draw_earlier(attempts[:-1], result)
        latest = attempts[-1]
        draw_stage(latest, result.verdicts.get(latest.id))


def _draw_earlier(attempts: list[Trace], result: ProblemResult) -> None:
    if attempts:
        stage = TITLES[attempts[0].stage]
        with st.expander(f"{stage}: {len(attempts)} earlier", icon=":material/history:"):
            for trace in attempts:
                draw_stage(trace, result.verdicts.get(trace.id))


def _draw_again(run: Run, problem_id: int, sample: int) -> None:
    """Run one stage again, with another model if wanted; earlier attempts stay."""
    app = services.app()
    plan = Plan.of(run)
    with st.popover("Run a stage again", icon=":material/replay:"):
        stage: Stage = st.radio("Stage", plan.stages, format_func=TITLES.get, key="again_stage")
        names = app.models.ready_names()
        usual = plan.models[stage]
        index = names.index(usual) if usual in names else 0
        model = st.selectbox("Model", names, index, key=f"again_model_{stage}")
        if st.button("Run it", type="primary", key="again_run") and model:
            with shown_errors():
                app.redo_stage(run.id, problem_id, sample, stage, model, by=curator())
                st.rerun()


def _draw_way_to_review(handbook_id: int) -> None:
    with services.app().store.read() as session:
        slug = handbook_rows.handbook(handbook_id, session=session).slug
    st.page_link(
        "pages/build/review.py",
        label="Review them with the keyboard",
        icon=":material/rule:",
        query_params={"handbook": slug},
    )


@st.fragment
def _draw_proposals(run: Run, problem_id: int) -> None:
    result = problem_result(services.app().store, run, problem_id)
    if not any(trace.stage == "extract" and trace.usable for trace in result.traces):
        return
    waiting = sum(proposal.behavior.status == "proposed" for proposal in result.proposals)
    total = len(result.proposals)
    st.subheader("Proposed behaviors", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        said = f"{total} proposed, {waiting} to decide on." if total else "None came out of this."
        st.caption(said, width="content")
        if waiting and run.handbook_id:
            _draw_way_to_review(run.handbook_id)
    for proposal in result.proposals:
        draw_card(proposal.behavior)
    if result.dropped:
        with st.expander(f"{len(result.dropped)} dropped", icon=":material/filter_alt:"):
            for gone in result.dropped:
                st.markdown(f"{escaped(gone.text[:300])}  \n:gray[{escaped(gone.why)}]")
