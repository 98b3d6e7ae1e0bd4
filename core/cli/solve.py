"""`solve`: problems in, traces and proposals out."""

from pathlib import Path

import click

from core.app import App
from core.cli.output import Outcome, as_json_option, run_job, say, tell_and_end, workbench
from core.errors import BadInput
from core.evaluation.problems import NewProblem, from_paste, read_file
from core.llm.chat import Sampling
from core.pipeline.plan import Plan
from core.pipeline.results import ProblemResult, as_json, problem_result
from core.store import runs as run_rows
from core.store.records import STAGES, Job


@click.command()
@click.option("--problem", help="The problem's text.")
@click.option("--gold", help="The right answer to --problem.")
@click.option("--problems", "file", type=click.Path(path_type=Path), help="JSONL, JSON or CSV.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N problems of the file.")
@click.option("--stages", default=",".join(STAGES), show_default=True)
@click.option("--model", required=True, help="The model of all stages.")
@click.option("--reflect-model", help="Another model to reflect with.")
@click.option("--extract-model", help="Another model to extract with.")
@click.option("--judge", help="A model that adds marks to those of the rules.")
@click.option("--handbook", "slug", required=True, help="Slug; made if there is none.")
@click.option("--topic", default="", help="For problems that have none.")
@click.option("--samples", type=int, default=1, show_default=True)
@click.option("--budget", type=int, default=2048, show_default=True, help="Output tokens a stage.")
@click.option("--temperature", type=float, default=0.6, show_default=True)
@click.option("--top-p", type=float, default=0.95, show_default=True)
@click.option("--seed", type=int)
@as_json_option
def solve(
    problem: str | None,
    gold: str | None,
    file: Path | None,
    limit: int | None,
    stages: str,
    model: str,
    reflect_model: str | None,
    extract_model: str | None,
    judge: str | None,
    slug: str,
    topic: str,
    samples: int,
    budget: int,
    temperature: float,
    top_p: float,
    seed: int | None,
    as_json: bool,
) -> None:
    """Solve problems, reflect on the solutions, and propose behaviors."""
    problems = _problems(problem, gold, file)[:limit]
    plan = Plan(
        models={
            "solve": model,
            "reflect": reflect_model or model,
            "extract": extract_model or model,
        },
        sampling=Sampling(temperature, top_p, budget, seed),
        samples=samples,
        stages=tuple(stages.replace(" ", "").split(",")),  # type: ignore[arg-type]
        judge=judge,
    )
    with workbench() as app:
        job = app.add_solve(problems, slug, plan, topic=topic, by=app.settings.user)
        say(f"Run {job.run_id}: {len(problems)} problem{'s' * (len(problems) != 1)}.")
        job = run_job(app, job.id)
        outcome = solve_outcome(app, job.run_id or 0, job)
    tell_and_end(outcome, job, as_json)


def solve_outcome(app: App, run_id: int, job: Job | None) -> Outcome:
    """A run with everything it has."""
    with app.store.read() as session:
        run = run_rows.run(run_id, session=session)
    results = [problem_result(app.store, run, number) for number in run.problem_ids]
    last = {(t.problem_id, t.sample, t.stage): t for result in results for t in result.traces}
    document = {
        "run": run.id,
        "status": job.status if job else "imported",
        "note": job.note if job else "",
        "problems": [as_json(result) for result in results],
    }
    lines = [line for result in results for line in _lines(result)]
    return Outcome(document, lines, whole=all(trace.usable for trace in last.values()))


def _problems(problem: str | None, gold: str | None, file: Path | None) -> list[NewProblem]:
    if (problem is None) == (file is None):
        raise BadInput("Give either --problem TEXT or --problems FILE.")
    if file is not None:
        if gold is not None:
            raise BadInput("--gold goes with --problem; a file has its own column of answers.")
        return read_file(file)
    return from_paste(problem or "", gold)


def _lines(result: ProblemResult) -> list[str]:
    lines = ["", "# " + " ".join(result.problem.text.split())[:100]]
    for trace in result.traces:
        verdict = result.verdicts.get(trace.id)
        outcome = trace.error or trace.finish_reason or "in flight"
        if verdict:
            right = {True: "right", False: "wrong", None: "not graded"}[verdict.correct]
            outcome += f", answer {verdict.extracted} ({right})"
        tokens = "?" if trace.output_tokens is None else trace.output_tokens
        lines.append(f"  {trace.stage}: {tokens} tokens, {trace.seconds or 0:.1f} s, {outcome}")
    for proposal in result.proposals:
        behavior = proposal.behavior
        marks = f"  [{', '.join(sorted(behavior.marks))}]" if behavior.marks else ""
        lines.append(f"  {behavior.id} {behavior.name}: {behavior.instruction}{marks}")
    lines += [f"  dropped: {gone.text[:80]} ({gone.why})" for gone in result.dropped]
    return lines
