"""`evaluate`: arms on many problems; starts a run, or goes on with one and extends it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from core import planning
from core.app import App
from core.cli.evaluate_options import Asked, need_resuming_only
from core.cli.output import (
    Outcome,
    as_json_option,
    counted,
    fill_vectors,
    run_job,
    say,
    tell_and_end,
    workbench,
)
from core.cli.picking import picked
from core.cli.problems import replaced_line
from core.cli.report import report_lines
from core.errors import BadInput
from core.evaluation import sets
from core.evaluation.estimate import in_one_line, sentences
from core.evaluation.leaks import DEFAULT
from core.evaluation.problems import guess_mapping, map_rows, read_path
from core.evaluation.report.document import report
from core.evaluation.selection import Selection, select
from core.evaluation.worth.planning import USUAL
from core.llm.chat import Sampling
from core.pipeline.arms import ALIASES, KINDS, RETRIEVED, Arm, ArmKind, arm
from core.pipeline.evaluation import Evaluation, check
from core.retrieval.query import K_EMBEDDED, K
from core.store import problem_sets
from core.store import runs as run_rows
from core.store.records import Job

DEFAULT_ARMS = "plain,bci"
USUAL_BUDGET = 2048


def _sampling_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        [
            click.option("--temperature", type=float, default=0.6, show_default=True),
            click.option("--top-p", type=float, default=0.95, show_default=True),
            click.option(
                "--seed",
                type=int,
                default=0,
                show_default=True,
                help="The same for all arms; each sample adds one.",
            ),
        ]
    ):
        command = option(command)
    return command


@click.command()
@click.option("--problems", help="A file of problems (JSONL, JSON, CSV, Parquet), or a set's name.")
@click.option("--handbook", "slug", help="The handbook's slug.")
@click.option("--model", help="The model of all arms; ARM@MODEL asks another one.")
@click.option(
    "--arms",
    help=f"Of {', '.join([*KINDS, *ALIASES])}; ARM:HANDBOOK draws on another handbook. "
    f"{DEFAULT_ARMS} if not said.",
)
@click.option("--budgets", help=f"Output tokens, with commas; {USUAL_BUDGET} if not said.")
@click.option("--samples", type=click.IntRange(min=1), help="Of each problem; 1 if not said.")
@click.option("--limit", type=click.IntRange(min=1), help="So many problems, drawn at random.")
@click.option("--draw", default=0, show_default=True, help="The seed of that draw.")
@click.option(
    "--leaks",
    type=click.Choice(["exclude", "keep"]),
    default="exclude",
    show_default=True,
    help="Problems that a handbook of the arms has seen or carries.",
)
@click.option(
    "--k",
    type=click.IntRange(min=1),
    help=f"So many behaviors: {K}, for an embedded model {K_EMBEDDED}, by topic all, if not said.",
)
@click.option("--at-least", type=click.FloatRange(0, 1), help="The smallest similarity.")
@click.option("--fixed", help="Names or numbers of the behaviors of bci-fixed, with commas.")
@click.option("--spend-at-most", type=float, help="Stop at this sum, in the prices' currency.")
@click.option(
    "--forced", is_flag=True, help="Where a budget cuts, ask for an answer in a few tokens."
)
@click.option("--judge", default="", help="A model that looks again at answers found wrong.")
@click.option("--parts", is_flag=True, help="Give random parts, to tell what behaviors are worth.")
@click.option(
    "--curation",
    is_flag=True,
    help="Arms that tell whether curation pays: plain, the raw extraction, a random part of it as "
    "large as the handbook, the handbook.",
)
@_sampling_options
@click.option("--resume", "run_id", type=int, help="Go on with this run, or extend it.")
@as_json_option
def evaluate(run_id: int | None, as_json: bool, **options: Any) -> None:
    """Solve many problems in several ways, and report accuracy against tokens.

    With --resume a run goes on where it was; --arms, --budgets and --samples extend it, and nothing
    is asked twice.
    """
    asked = Asked(**options)
    with workbench() as app:
        job = _begin(app, asked) if run_id is None else _go_on(app, run_id, asked)
        _say_estimate(app, job.run_id or 0)
        say(f"Run {job.run_id}.")
        job = run_job(app, job.id, unit="reply")
        outcome = evaluation_outcome(app, job.run_id or 0)
    tell_and_end(outcome, job, as_json)


def evaluation_outcome(app: App, run_id: int) -> Outcome:
    made = report(app.store, run_id)
    return Outcome(made, report_lines(made), whole=not made["failed"])


def _say_estimate(app: App, run_id: int) -> None:
    """What is going to be asked for, before it is."""
    with app.store.read() as session:
        run = run_rows.run(run_id, session=session)
    made = planning.estimate_run(app, run, Evaluation.of(run))
    say(in_one_line(made))
    if made.replies:
        say(" ".join(sentences(made)))


def _go_on(app: App, run_id: int, asked: Asked) -> Job:
    need_resuming_only(asked)
    if asked.arms:
        say("Looking for leaks …")
    job = planning.extend_evaluation(
        app,
        run_id,
        keep_leaks=asked.leaks == "keep",
        arms=_arms(asked.arms, asked.model or _model_of(app, run_id)) if asked.arms else None,
        budgets=asked.chosen_budgets,
        samples=asked.samples,
        spend_at_most=asked.spend_at_most,
    )
    with app.store.read() as session:
        told = run_rows.run(run_id, session=session).params["problems"].get("leaks") or {}
    if kept := sum(told.get("kept", {}).values()):
        say(f"{counted(kept, 'problem')} flagged as leaks or look-alikes and kept.")
    return job


def _begin(app: App, asked: Asked) -> Job:
    if not (asked.problems and asked.slug and asked.model):
        raise BadInput(
            "A new evaluation needs --problems, --handbook and --model; --resume RUN goes on with "
            "one."
        )
    plan = _plan(app, asked, asked.model)
    if asked.curation:  # these two are among its arms; the others are made when it begins
        certain = (arm("plain", asked.model), arm(_way(plan.arms), asked.model))
        plan = replace(plan, arms=certain)
    planning.endpoints_of(app, asked.slug, plan)  # before problems are read and searched for leaks
    drawn_on = _drawn_on(app, asked.slug, plan, asked.model if asked.curation else "")
    name = _set_name(app, asked.problems)
    kept = DEFAULT if asked.leaks == "exclude" else ()
    say("Looking for leaks …")
    selection = select(
        app.store,
        name,
        drawn_on,
        limit=asked.limit,
        seed=asked.draw,
        leave_out=kept,
        vectors=app.vectors,
    )
    _say_selection(selection)
    plan = replace(plan, problems=selection.told)
    if asked.curation:
        plan = replace(plan, arms=_curation(app, asked.slug, plan.arms, asked.model))
    if plan.parts:
        for book in planning.without_vectors(app, asked.slug, plan):
            if app.vectors:
                fill_vectors(app.vectors, app.embedded_texts(book))
        plan = _large_enough(app, asked, asked.slug, plan, selection)
    ids = [problem.id for problem in selection.problems]
    return planning.add_evaluation(app, ids, asked.slug, plan, title=name, by=app.settings.user)


def _plan(app: App, asked: Asked, model: str) -> Evaluation:
    """Before its problems are known."""
    budgets = asked.chosen_budgets or (USUAL_BUDGET,)
    return Evaluation(
        arms=_arms(asked.arms or DEFAULT_ARMS, model),
        sampling=Sampling(asked.temperature, asked.top_p, budgets[-1], asked.seed),
        samples=asked.samples or 1,
        k=asked.k or app.usual_k(model),
        k_of_topic=asked.k,
        at_least=app.unrelated if asked.at_least is None else asked.at_least,
        fixed=picked(app, asked.slug or "", asked.fixed),
        budgets=budgets,
        forced=asked.forced,
        judge=asked.judge,
        parts=asked.parts,
        spend_at_most=asked.spend_at_most,
    )


def _drawn_on(app: App, slug: str, plan: Evaluation, curated_for: str) -> list[str]:
    """The handbooks of all arms; where a model is asked whether curation pays, of arms that are
    made when it begins.
    """
    if not curated_for:
        return planning.books_of(slug, plan.arms)
    found = planning.curation_of(app, slug, _way(plan.arms), curated_for)
    return planning.books_of(slug, found.arms)


def _way(arms: tuple[Arm, ...]) -> ArmKind:
    """How the arms of a curation retrieve: as the first one does that was asked for."""
    return next((one.kind for one in arms if one.kind in RETRIEVED), "bci-embedding")


def _curation(app: App, slug: str, arms: tuple[Arm, ...], model: str) -> tuple[Arm, ...]:
    found = planning.curation_of(app, slug, _way(arms), model)
    planning.make_curation(app, slug, found, by=app.settings.user)
    say(
        f"The raw extraction has {counted(found.raw, 'behavior')}, the handbook {found.accepted:,}."
    )
    return found.arms


def _large_enough(
    app: App, asked: Asked, slug: str, plan: Evaluation, selection: Selection
) -> Evaluation:
    """With as many samples as the experiment needs here, where nobody said how many."""
    check(plan)
    sized = planning.worth_size(app, slug, selection.problems, asked.samples or USUAL, plan)
    say(sized.sentence)
    if asked.samples:
        return plan
    return replace(plan, samples=sized.samples_here or USUAL)


def _model_of(app: App, run_id: int) -> str:
    with app.store.read() as session:
        return str(run_rows.run(run_id, session=session).params["arms"][0]["model"])


def _arms(text: str, model: str) -> tuple[Arm, ...]:
    return tuple(arm(one, model) for one in text.split(",") if one.strip())


def _set_name(app: App, problems: str) -> str:
    """A set by its name; a file becomes the set of its name."""
    with app.store.read() as session:
        known = {one.name for one in problem_sets.problem_sets(session=session)}
    path = Path(problems)
    if problems in known and not path.exists():
        return problems
    rows = read_path(path)
    mapping = guess_mapping(rows.rows, path.name)
    mapped = map_rows(rows, mapping, mapping.columns(rows.rows))
    replaced = sets.replaced_by(app.store, path.stem, mapped.problems)
    made = sets.import_set(app.store, path.stem, mapped.problems, by=app.settings.user)
    say(f"{path.name}, read as {mapping.name}, is the set {made.name} now.")
    if rows.note:
        say(rows.note)
    if replaced:
        say(replaced_line(made.name, replaced))
    for bad in mapped.bad[:5]:
        say(f"Row {bad.number} {bad.why}; it is left out.")
    return made.name


def _say_selection(selection: Selection) -> None:
    told = selection.told
    say(
        f"{told['drawn']:,} of {counted(told['size'], 'problem')}; {told['left_out']:,} left out "
        "as leaks."
    )
