"""`compare`: one problem, several arms side by side; with or without behaviors."""

from pathlib import Path
from typing import Any

import click

from core.app import App
from core.cli.output import (
    Outcome,
    as_json_option,
    counted,
    run_job,
    say,
    tell_and_end,
    workbench,
)
from core.cli.picking import picked
from core.errors import BadInput
from core.evaluation.comparison.document import document
from core.evaluation.comparison.exporting import MOST_BYTES, recording, refusal, with_steps
from core.evaluation.comparison.page import page
from core.evaluation.problems import from_paste
from core.llm.chat import Sampling
from core.pipeline.arms import ALIASES, KINDS, arm
from core.pipeline.comparison import OFFERED_FROM, Comparison
from core.retrieval.query import K_EMBEDDED, K


@click.command()
@click.option("--problem", required=True, help="The problem's text.")
@click.option("--gold", help="The right answer; the replies are then graded.")
@click.option("--handbook", "slug", required=True, help="The handbook's slug.")
@click.option("--model", required=True, help="The model of all arms; ARM@MODEL asks another one.")
@click.option(
    "--arms",
    default="plain,bci",
    show_default=True,
    help=f"Two to six of {', '.join([*KINDS, *ALIASES])}.",
)
@click.option(
    "--k",
    type=click.IntRange(min=1),
    help=f"So many behaviors: {K}, for an embedded model {K_EMBEDDED}, by topic all, if not said.",
)
@click.option("--topic", default="", help="The problem's topic; it is found where none is given.")
@click.option("--at-least", type=click.FloatRange(0, 1), help="The smallest similarity.")
@click.option("--fixed", help="Names or numbers of the behaviors of bci-fixed, with commas.")
@click.option(
    "--offered-from",
    type=click.FloatRange(0, 1),
    default=OFFERED_FROM,
    show_default=True,
    help="The similarity from which bci-dynamic offers a behavior.",
)
@click.option("--samples", type=int, default=1, show_default=True)
@click.option("--budget", type=int, default=2048, show_default=True, help="Output tokens a reply.")
@click.option("--temperature", type=float, default=0.6, show_default=True)
@click.option("--top-p", type=float, default=0.95, show_default=True)
@click.option(
    "--seed", type=int, help="The same for all arms, drawn if not said; each sample adds one."
)
@click.option("--html", type=click.Path(path_type=Path), help="Write a page that opens offline.")
@click.option("--export", type=click.Path(path_type=Path), help="Write the recording as JSON.")
@as_json_option
def compare(
    problem: str,
    gold: str | None,
    slug: str,
    model: str,
    arms: str,
    k: int | None,
    topic: str,
    at_least: float | None,
    fixed: str | None,
    offered_from: float,
    samples: int,
    budget: int,
    temperature: float,
    top_p: float,
    seed: int | None,
    html: Path | None,
    export: Path | None,
    as_json: bool,
) -> None:
    """Solve one problem in several ways and compare what that takes and gives."""
    chosen = tuple(arm(text, model) for text in arms.split(",") if text.strip())
    asked, *more = from_paste(problem, gold, topic)
    if more:
        raise BadInput("A comparison takes one problem; a line of dashes separates several.")
    with workbench() as app:
        plan = Comparison(
            arms=chosen,
            sampling=Sampling(temperature, top_p, budget, seed),
            samples=samples,
            k=k or app.usual_k(model),
            k_of_topic=k,
            topic=topic,
            at_least=app.unrelated if at_least is None else at_least,
            fixed=picked(app, slug, fixed),
            offered_from=offered_from,
        )
        job = app.add_compare(asked, slug, plan, by=app.settings.user)
        say(f"Run {job.run_id}: {counted(len(chosen), 'arm')}, {counted(samples, 'sample')} each.")
        job = run_job(app, job.id, unit="reply")
        outcome = comparison_outcome(app, job.run_id or 0, steps=as_json or export is not None)
    _write(outcome.document, html, export)
    tell_and_end(outcome, job, as_json)


def comparison_outcome(app: App, run_id: int, *, steps: bool) -> Outcome:
    """With aligned `steps` where JSON is wanted: for them the embedder is loaded."""
    made = document(app.store, run_id)
    if steps:
        made = with_steps(made, app.vectors.embedder.embed if app.vectors else None)
    takes = [take for takes in made["arms"].values() for take in takes]
    missing = len(takes) < len(made["asked"]) * made["settings"]["samples"]
    return Outcome(made, _lines(made), not missing and not any(take["error"] for take in takes))


def _write(made: dict[str, Any], html: Path | None, export: Path | None) -> None:
    try:
        if html:
            html.write_text(page(made), "utf-8")
        if export:
            export.write_text(recording(made), "utf-8")
            if (size := export.stat().st_size) > MOST_BYTES:
                say(refusal(export.name, size))
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be written: {error.strerror}.") from error


def _lines(made: dict[str, Any]) -> list[str]:
    lines = [" ".join(made["problem"]["text"].split())[:100], ""]
    for name, takes in made["arms"].items():
        lines += [_line(name, take) for take in takes] or [f"{name}: nothing"]
    return [*lines, "", *(verdict["sentence"] for verdict in made["verdicts"])]


def _line(name: str, take: dict[str, Any]) -> str:
    right = {True: "right", False: "wrong", None: "not graded"}[take["correct"]]
    outcome = take["error"] or f"{take['finish_reason']}, answer {take['answer']} ({right})"
    tokens = "unknown" if take["output_tokens"] is None else f"{take['output_tokens']:,}"
    read = "unknown" if take["input_tokens"] is None else f"{take['input_tokens']:,}"
    cited = f"; cites {', '.join(take['cited'])}" if take["cited"] else ""
    return (
        f"{name} {take['sample'] + 1}: {tokens} tokens out, {read} in, "
        f"{take['seconds'] or 0:.1f} s, {outcome}{cited}"
    )
