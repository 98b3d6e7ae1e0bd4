"""Evaluations, planned with the whole workbench: what answers a question, what it takes; begun,
extended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.app import App
from core.errors import BadInput
from core.evaluation.estimate import LATEST, Estimate, Load, estimate
from core.evaluation.worth.planning import Planned, planned
from core.handbook import raw, shelf
from core.llm.probe import speed
from core.pipeline import comparison, evaluation
from core.pipeline.arms import RETRIEVED, WITHOUT, Arm, ArmKind, arm
from core.pipeline.condition import PROMPT, PROMPTS
from core.pipeline.evaluation import Evaluation
from core.pipeline.giving import Giver
from core.store import jobs as job_rows
from core.store import outcomes as outcome_rows
from core.store import runs as run_rows
from core.store.records import Endpoint, Job, Problem


@dataclass(frozen=True)
class Curation:
    """Arms that tell whether curation pays: none, raw, a random part of raw, curated.

    `raw` and `accepted` count the behaviors of the raw extraction and of the curated handbook. The
    part is as large as the curated handbook; there is none where that is not the smaller one.
    """

    arms: tuple[Arm, ...]
    raw: int
    accepted: int


def curation_of(app: App, slug: str, kind: ArmKind, model: str) -> Curation:
    """As they would be; the handbooks of the raw extraction are not made yet.

    Raises BadInput where no model ever proposed a behavior for the handbook.
    """
    accepted = next(
        one.accepted
        for one in shelf.summaries(app.store, archived=True)
        if one.handbook.slug == slug
    )
    size = raw.raw_size(app.store, slug)
    if not size:
        raise BadInput(raw.NEVER_PROPOSED.format(slug=slug))
    drawn = [raw.raw_slug(slug)]
    drawn += [raw.sample_slug(slug, accepted)] if 0 < accepted < size else []
    texts = ["plain", *(f"{kind}:{book}" for book in drawn), kind]
    return Curation(tuple(arm(text, model) for text in texts), size, accepted)


def make_curation(app: App, slug: str, found: Curation, *, by: str) -> None:
    """Makes the handbooks that its arms draw on, or brings them up to date."""
    raw.make_raw(app.store, slug, by=by)
    if 0 < found.accepted < found.raw:
        raw.make_sample(app.store, slug, found.accepted, by=by)


def worth_size(
    app: App, slug: str, problems: Sequence[Problem], samples: int, plan: Evaluation
) -> Planned:
    """How large an experiment on the worth of behaviors has to be on these problems, with so many
    samples of each, for the first arm of the plan that retrieves.
    """
    kind = next(one.kind for one in plan.arms if one.kind in RETRIEVED)
    book = shelf.find(app.store, slug)

    def chosen(problem: Problem) -> list[int]:
        query, k = plan.query(problem), plan.k_of_topic
        giver = Giver(app.store, app.sources, book.id, query, k, (), lambda _text: None, "")
        return [one.id for one in giver.given(kind, kind)]

    return planned({problem.id: chosen(problem) for problem in problems}, samples)


def without_vectors(app: App, slug: str, plan: Evaluation) -> list[str]:
    """The handbooks that the plan draws on and that lack vectors; first that of the evaluation."""
    if app.vectors is None or all(one.kind in WITHOUT for one in plan.arms):
        return []
    books = dict.fromkeys([slug, *(one.handbook for one in plan.arms if one.handbook)])
    return [book for book in books if app.vectors.missing(app.embedded_texts(book))]


def endpoints_of(app: App, slug: str, plan: Evaluation) -> list[Endpoint]:
    """Who is asked in this evaluation. Raises what stands in its way, whatever its problems are."""
    evaluation.check(plan)
    for book in {slug, *_drawn_on(plan.arms)}:
        shelf.find(app.store, book)
    return _priced_endpoints(app, plan)


def _drawn_on(arms: Sequence[Arm]) -> set[str]:
    """The handbooks of their own."""
    return {one.handbook for one in arms if one.handbook}


def _priced_endpoints(app: App, plan: Evaluation) -> list[Endpoint]:
    """Those that are asked. Raises where one has no price and there is a spending limit."""
    found = [app.models.endpoint(name) for name in sorted(plan.models)]
    unpriced = [one.name for one in found if one.price_in is None or one.price_out is None]
    if plan.spend_at_most is not None and unpriced:
        raise BadInput(
            f"A spending limit needs prices, and {', '.join(unpriced)} has none. Give it its "
            "prices on the Models screen (models add), or leave the limit out."
        )
    return found


def add_evaluation(
    app: App, problem_ids: Sequence[int], slug: str, plan: Evaluation, *, title: str, by: str
) -> Job:
    """An evaluation on problems of the store, and its job, which does not run yet."""
    found = endpoints_of(app, slug, plan)
    if not problem_ids:
        raise BadInput("There is no problem to evaluate on: none is left after the selection.")
    made = replace(
        plan,
        width=app.models.width(plan.models),
        endpoints={one.name: _priced(one) for one in found},
    )
    handbook = shelf.find(app.store, slug)
    run = comparison.create_run(
        app.store, handbook, problem_ids, made, kind=evaluation.KIND, title=title, by=by
    )
    return app.add_job("evaluate", {}, by=by, run_id=run.id)


def extend_evaluation(app: App, run_id: int, **wanted: Any) -> Job:
    """Makes an evaluation's job ready to go on, with more `arms`, `budgets` or `samples`."""
    with app.store.read() as session:
        run = run_rows.run(run_id, session=session)
        jobs = job_rows.jobs(run_id=run_id, session=session)
    if run.kind != evaluation.KIND:
        raise BadInput(f"Run {run_id} is no evaluation: only such a run can be extended.")
    if not jobs:
        raise BadInput(f"Run {run_id} was made of logs; what was not run here cannot be extended.")
    params = evaluation.extended(run, wanted)
    plan = Evaluation.of(replace(run, params={**run.params, **params}))
    for book in _drawn_on(plan.arms) - _drawn_on(Evaluation.of(run).arms):
        shelf.find(app.store, book)  # before it is in the run, out of which no arm can be taken
    endpoints = {one.name: _priced(one) for one in _priced_endpoints(app, plan)}
    params["endpoints"] = {**endpoints, **run.params.get("endpoints", {})}
    app.jobs.requeue(jobs[0].id)
    with app.store.write() as session:
        run_rows.change_run(run_id, params=params, session=session)
        return job_rows.job(jobs[0].id, session=session)


def measured_speed(app: App, model: str) -> float | None:
    """Output tokens a second, from a short reply asked for just now."""
    return speed(app.models.chat(model))


def estimate_evaluation(
    app: App, problems: int, plan: Evaluation, *, tokens_a_second: float | None = None
) -> Estimate:
    """What so many problems would take. Without a speed it is that of the model's last test."""
    loads = []
    for one in plan.arms:
        endpoint = app.models.endpoint(one.model)
        with app.store.read() as session:
            known = outcome_rows.latest_of_endpoint(endpoint.name, LATEST, session=session)
        prompt = PROMPTS.get(one.kind, PROMPT)
        loads.append(
            Load(
                arm=one.label,
                kind=one.kind,
                replies=problems * plan.samples,
                prices=(endpoint.price_in, endpoint.price_cached, endpoint.price_out),
                examples=[reply for reply in known if reply.prompt == prompt],
                others=[reply for reply in known if reply.stage == "solve"],
            )
        )
    tested = app.models.endpoint(plan.arms[0].model).found.get("tokens_per_second")
    return estimate(
        loads,
        plan.sampling.max_tokens,
        problems=problems,
        samples=plan.samples,
        tokens_a_second=tokens_a_second or tested,
        width=app.models.width({one.model for one in plan.arms}),
        uncounted=[
            *(["answers made where a budget cuts"] if plan.forced else []),
            *([f"second looks by {plan.judge}"] if plan.judge else []),
        ],
        comparisons=max(1, len(plan.arms) - 1) * max(1, len(plan.budgets)),
    )


def _priced(endpoint: Endpoint) -> dict[str, Any]:
    """What a run remembers of an endpoint, which may change or go."""
    names = ("model", "context_length", "price_in", "price_cached", "price_out", "embedded")
    return {name: getattr(endpoint, name) for name in names}
