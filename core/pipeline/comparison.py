"""What a comparison asks for, and the record made of it."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core import prompts
from core.errors import BadInput
from core.llm.chat import Sampling
from core.pipeline import arms as arm_rules
from core.pipeline.arms import Arm
from core.pipeline.plan import check_sampling
from core.retrieval.query import K, Query
from core.store import Store, history
from core.store import runs as rows
from core.store.records import Handbook, Problem, Run
from core.version import code_version

KIND = "compare"
MOST_SAMPLES = 64
SEEDS = 1_000_000  # of which one is drawn: short enough to be typed again
# With all-minilm-l6-v2, of 38 paragraphs of solutions read by hand: from here on the nearest
# behavior mostly had to do with the paragraph, below mostly not. Another embedder needs its own.
OFFERED_FROM = 0.42
PROMPTS = ("solve", "concise", "condition", "dynamic")


@dataclass(frozen=True)
class Comparison:
    """One problem, two to six arms, all with the same sampling, budget and seeds.

    `k` holds for retrieval by embedding and hybrid, `k_of_topic` by topic (None: all of it). An
    empty `topic` is found. `fixed` are the behaviors of bci-fixed. `offered_from` is the similarity
    from which bci-dynamic offers a behavior. `width` is how many requests go on at a time, and
    `together` whether the endpoints take all arms at once: noted so that a reader knows how the
    arms were served.
    """

    arms: tuple[Arm, ...]
    sampling: Sampling
    samples: int = 1
    k: int = K
    k_of_topic: int | None = None
    topic: str = ""
    at_least: float = 0.0
    diversity: float = 0.0
    pinned: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    fixed: tuple[int, ...] = ()
    offered_from: float = OFFERED_FROM
    width: int = 1
    together: bool = False

    @classmethod
    def of(cls, run: Run) -> "Comparison":
        return cls(**cls.fields_of(run))

    @classmethod
    def fields_of(cls, run: Run) -> dict[str, Any]:
        known = cls.__dataclass_fields__
        fields = {name: value for name, value in run.params.items() if name in known}
        for name in ("pinned", "dropped", "fixed"):
            fields[name] = tuple(fields.get(name, ()))
        fields["arms"] = tuple(Arm(**arm) for arm in fields["arms"])
        fields["sampling"] = Sampling(**fields["sampling"])
        return fields

    def query(self, problem: Problem) -> Query:
        """How behaviors are retrieved; each arm puts in its own way."""
        return Query(
            problem.text,
            k=self.k,
            topic=self.topic or problem.topic,
            at_least=self.at_least,
            diversity=self.diversity,
            pinned=self.pinned,
            dropped=self.dropped,
        )

    def sampling_of(self, sample: int) -> Sampling:
        """The same for all arms; each sample has a seed of its own, where there is one at all:
        an evaluation may be without, and so are comparisons that older versions kept.
        """
        if self.sampling.seed is None:
            return self.sampling
        return replace(self.sampling, seed=self.sampling.seed + sample)


def create_run(
    store: Store,
    handbook: Handbook,
    problem_ids: Sequence[int],
    plan: Comparison,
    *,
    kind: str = KIND,
    title: str,
    by: str,
) -> Run:
    """The record of what is asked for: with the prompts and the handbook as they stand now."""
    params: dict[str, Any] = {**asdict(plan), "arms": [asdict(arm) for arm in plan.arms]}
    with store.write() as session:
        step = history.last_number(handbook.id, session=session)
        params["handbook"] = {"slug": handbook.slug, "title": handbook.title, "step": step}
        return rows.add_run(
            kind=kind,
            title=title,
            handbook_id=handbook.id,
            problem_ids=list(problem_ids),
            params=params,
            prompts={name: prompts.load(name).hash for name in PROMPTS},
            code_version=code_version(),
            by=by,
            session=session,
        )


def seeded(plan: Comparison) -> Comparison:
    """With a seed for all arms: without one each endpoint draws its own for every request."""
    if plan.sampling.seed is not None:
        return plan
    return replace(plan, sampling=replace(plan.sampling, seed=secrets.randbelow(SEEDS)))


def check(plan: Comparison) -> None:
    """Raises on what cannot be run."""
    arm_rules.check(plan.arms)
    check_settings(plan)


def check_settings(plan: Comparison) -> None:
    """Raises on settings that cannot be, however many arms there are."""
    check_sampling(plan.sampling)
    if not 1 <= plan.samples <= MOST_SAMPLES:
        raise BadInput(f"The number of samples has to be between 1 and {MOST_SAMPLES}.")
    if not 0 <= plan.offered_from <= 1:
        raise BadInput("The similarity from which a behavior is offered goes from 0 to 1.")
    if any(arm.kind == "bci-fixed" for arm in plan.arms) and not plan.fixed:
        raise BadInput("The arm bci-fixed needs behaviors: pick at least one.")
