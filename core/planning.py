"""Evaluations, planned with the whole workbench: what answers a question, what it takes; begun,
extended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.app import App
from core.errors import BadInput
from core.evaluation import selection
from core.evaluation.estimate import LATEST, Estimate, Load, estimate
from core.evaluation.leaks import Leaks
from core.evaluation.worth.planning import Planned, planned
from core.handbook import raw, shelf
from core.llm.probe import speed
from core.pipeline import comparison, evaluation
from core.pipeline.ahead import LOOKED_AT, Missing, Sampler, missing
from core.pipeline.arms import RETRIEVED, WITHOUT, Arm, ArmKind, arm
from core.pipeline.condition import PROMPT, PROMPTS
from core.pipeline.evaluation import Evaluation
from core.pipeline.giving import Giver
from core.store import handbooks as handbook_rows
from core.store import jobs as job_rows
from core.store import outcomes as outcome_rows
from core.store import runs as run_rows
from core.store.records import Endpoint, Job, Problem, Run


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


def books_of(slug: str, arms: Sequence[Arm]) -> list[str]:
    """The handbooks that the arms of an evaluation draw on, first its own."""
    return list(dict.fromkeys([slug, *(one.handbook for one in arms if one.handbook)]))


def without_vectors(app: App, slug: str, plan: Evaluation) -> list[str]:
    """The handbooks that the plan draws on and that lack vectors; first that of the evaluation."""
    if app.vectors is None or all(one.kind in WITHOUT for one in plan.arms):
        return []
    books = books_of(slug, plan.arms)
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
    """Those that are asked. Raises where the price of a reply cannot be known and there is a limit
    on spending.
    """
    found = [app.models.endpoint(name) for name in sorted(plan.models)]
    if plan.spend_at_most is None:
        return found
    unpriced = [one.name for one in found if one.price_in is None or one.price_out is None]
    if unpriced:
        raise BadInput(
            f"A spending limit needs prices, and {', '.join(unpriced)} has none. Give it its "
            "prices on the Models screen (models add), or leave the limit out."
        )
    if uncounted := [one.name for one in found if not _counts_tokens(app, one)]:
        raise BadInput(
            f"A spending limit needs counts of tokens, and {', '.join(uncounted)} sends none, as "
            "its last test found. Leave the limit out; or, if it counts by now, test it again on "
            "the Models screen (models test)."
        )
    return found


def _counts_tokens(app: App, endpoint: Endpoint) -> bool:
    """As far as a test told: what was never tested is found out by the first reply."""
    if endpoint.found.get("usage", True):
        return True
    return app.models.chat(endpoint.name).count_tokens("Hello.") is not None


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


def extended_plan(run: Run, **wanted: Any) -> Evaluation:
    """The plan of an evaluation with more `arms`, `budgets` or `samples`."""
    return Evaluation.of(replace(run, params={**run.params, **evaluation.extended(run, wanted)}))


def extend_evaluation(
    app: App, run_id: int, *, leaks: Leaks | None = None, keep_leaks: bool = False, **wanted: Any
) -> Job:
    """Makes an evaluation's job ready to go on, with more `arms`, `budgets` or `samples`.

    Raises where problems leak to behaviors that are not chosen yet, unless `keep_leaks`; `leaks`
    are those of `leaks_of_more`, where they are known.
    """
    with app.store.read() as session:
        run = run_rows.run(run_id, session=session)
        jobs = job_rows.jobs(run_id=run_id, session=session)
    if run.kind != evaluation.KIND:
        raise BadInput(f"Run {run_id} is no evaluation: only such a run can be extended.")
    if not jobs:
        raise BadInput(f"Run {run_id} was made of logs; what was not run here cannot be extended.")
    params = evaluation.extended(run, wanted)
    plan = extended_plan(run, **wanted)
    for book in _drawn_on(plan.arms) - _drawn_on(Evaluation.of(run).arms):
        shelf.find(app.store, book)  # before it is in the run, out of which no arm can be taken
    endpoints = {one.name: _priced(one) for one in _priced_endpoints(app, plan)}
    params["endpoints"] = {**endpoints, **run.params.get("endpoints", {})}
    if found := leaks or leaks_of_more(app, run, plan):
        if not keep_leaks:
            selection.need_clean(plan.problems, run.problem_ids, found)
        params["problems"] = selection.with_leaks(plan.problems, run.problem_ids, found)
    app.jobs.requeue(jobs[0].id)
    with app.store.write() as session:
        run_rows.change_run(run_id, params=params, session=session)
        return job_rows.job(jobs[0].id, session=session)


def book_of(app: App, run: Run) -> str:
    """The slug of a run's handbook, by which it is called now."""
    with app.store.read() as session:
        return handbook_rows.handbook(run.handbook_id or 0, session=session).slug


def leaks_of_more(
    app: App, run: Run, plan: Evaluation, compute_at_most: int | None = None
) -> Leaks | None:
    """Leaks among a run's problems to what it will draw on when it goes on with this plan: for arms
    it does not have yet, and for bci-dynamic, which looks in the handbook as it stands.

    None where there is no such arm. `compute_at_most` is as for `selection.leaks_of`.
    """
    chosen = {one.label for one in Evaluation.of(run).arms if one.kind != "bci-dynamic"}
    arms = [one for one in plan.arms if one.kind not in WITHOUT and one.label not in chosen]
    if not arms:
        return None
    with app.store.read() as session:
        problems = run_rows.problems(run.problem_ids, session=session)
    own = book_of(app, run)
    books = list(dict.fromkeys(one.handbook or own for one in arms))
    ordered = [problems[number] for number in run.problem_ids]
    return selection.leaks_of(app.store, ordered, books, app.vectors, compute_at_most)


def measured_speed(app: App, model: str) -> float | None:
    """Output tokens a second, from a short reply asked for just now."""
    return speed(app.models.chat(model))


def estimate_evaluation(
    app: App,
    problems: int,
    plan: Evaluation,
    added: Mapping[str, float | None],
    *,
    asked: Sequence[Missing] | None = None,
    tokens_a_second: Mapping[str, float] | None = None,
) -> Estimate:
    """What so many problems would take, or only what is `asked` of them. `added` is what
    `core.pipeline.ahead.Sampler` found, `tokens_a_second` are speeds of models that were measured;
    else a model has that of its last test.
    """
    loads = []
    for one in missing(plan, problems) if asked is None else asked:
        endpoint = app.models.endpoint(one.arm.model)
        with app.store.read() as session:
            known = outcome_rows.latest_of_endpoint(endpoint.name, LATEST, session=session)
        prompt = PROMPTS.get(one.arm.kind, PROMPT)
        loads.append(
            Load(
                arm=one.arm.label,
                kind=one.arm.kind,
                replies=one.replies,
                prices=(endpoint.price_in, endpoint.price_cached, endpoint.price_out),
                examples=[reply for reply in known if reply.prompt == prompt],
                others=[reply for reply in known if reply.stage == "solve"],
                added=added[one.arm.label],
                beyond=one.beyond,
                line="embedded" if endpoint.embedded else endpoint.name,
                width=app.models.width([endpoint.name]),
                tokens_a_second=(tokens_a_second or {}).get(
                    endpoint.name, endpoint.found.get("tokens_per_second")
                ),
            )
        )
    return estimate(
        loads,
        plan.sampling.max_tokens,
        problems=problems,
        samples=plan.samples,
        uncounted=[
            *(["answers made where a budget cuts"] if plan.forced else []),
            *([f"second looks by {plan.judge}"] if plan.judge else []),
        ],
        comparisons=max(1, len(plan.arms) - 1) * max(1, len(plan.budgets)),
    )


def estimate_run(app: App, run: Run, plan: Evaluation) -> Estimate:
    """What a run will take to go on with this plan: what it has is not asked for again."""
    with app.store.read() as session:
        kept = outcome_rows.outcomes(run.id, session=session)
        known = run_rows.problems(run.problem_ids[:LOOKED_AT], session=session)
    looked_at = [known[number] for number in run.problem_ids[:LOOKED_AT]]
    added = Sampler(app.store, app.sources, plan, book_of(app, run), looked_at).added()
    problems = len(run.problem_ids)
    asked = missing(plan, problems, kept)
    return estimate_evaluation(app, problems, plan, added, asked=asked)


def _priced(endpoint: Endpoint) -> dict[str, Any]:
    """What a run remembers of an endpoint, which may change or go."""
    names = ("model", "context_length", "price_in", "price_cached", "price_out", "embedded")
    return {name: getattr(endpoint, name) for name in names}
