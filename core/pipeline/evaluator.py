"""Runs an evaluation: every arm on every problem, sample by sample.

What each arm gives is chosen first, for all problems, and kept: curation may go on meanwhile
without changing what is measured; only bci-dynamic looks in the handbook while it replies. A trace
and its verdict are kept together as soon as a reply has ended; what has ended is not asked again.
The first sample of all problems comes before the second of any, and the arms of a problem follow
each other in a drawn order: so a run that is stopped early is one on fewer problems or samples,
still in pairs.
"""

import functools
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import BadInput, ModelUnavailable
from core.jobs import Report, Stopped, spread
from core.llm.recording import ask_at_once
from core.pipeline import following
from core.pipeline.arms import RETRIEVED, WITHOUT, Arm
from core.pipeline.drawing import drawing
from core.pipeline.evaluation import Evaluation
from core.pipeline.following import Follower, Following
from core.pipeline.giving import Given, part
from core.pipeline.spending import Spending
from core.pipeline.taking import Means, Taker
from core.store import choices, outcomes
from core.store import runs as rows
from core.store.outcomes import JUDGE, Outcome
from core.store.records import Endpoint, Job, Problem, Trace

TELL_SECONDS = 0.2
Asked = TypeVar("Asked")
# So many replies in a row that fail for a reason that will not pass by itself end the run.
HOPELESS = 12
LASTING = ("unreachable", "key", "unknown_model", "model_unavailable")


@dataclass(frozen=True)
class Item:
    """One reply that is asked for. `attempt` counts those before it that failed or were cut."""

    problem: Problem
    arm: Arm
    sample: int
    attempt: int


@dataclass(frozen=True)
class Evaluator:
    """The handler of `evaluate` jobs."""

    means: Means

    def __call__(self, job: Job, report: Report) -> str:
        """Runs what is missing of the job's run."""
        if job.run_id is None:
            raise BadInput(f"Job {job.id} belongs to no run.")
        with self.means.store.read() as session:
            run = rows.run(job.run_id, session=session)
            problems = rows.problems(run.problem_ids, session=session)
        plan = Evaluation.of(run)
        taker = Taker(self.means, run, plan, report)
        ordered = [problems[number] for number in run.problem_ids]
        return _Round(taker, plan, ordered, report).do()


@dataclass
class _Round:
    """One evaluation on its way."""

    taker: Taker
    plan: Evaluation
    problems: list[Problem]
    report: Report
    done: int = 0
    total: int = 0
    hopeless: int = 0
    told: float = 0.0
    chosen: dict[int, dict[str, list[Given]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    spending: Spending = field(init=False)

    def __post_init__(self) -> None:
        self.spending = Spending(self.plan.spend_at_most, functools.cache(self._endpoint))

    def _endpoint(self, label: str, stage: str) -> Endpoint:
        models = {arm.label: arm.model for arm in self.plan.arms}
        name = self.plan.judge if stage == JUDGE else models[label]
        return self.taker.means.chat(name).endpoint

    def do(self) -> str:
        run_id = self.taker.run.id
        kept = self._kept()
        self.spending.add_kept(kept)
        missing = self._missing(kept)
        self.total = self.plan.samples * len(self.plan.arms) * len(self.problems)
        self.done = self.total - len(missing)
        self._choose()
        self.taker.warm_up((item.arm.model for item in missing), self._note)
        self._note("")
        asked = {item.arm.label for item in missing}
        looking = [a for a in self.plan.arms if a.kind == "bci-dynamic" and a.label in asked]
        with drawing(self.taker.means.store, run_id, looking, self.plan.arms):
            self._spread(missing, self._take)
        kept = self._kept()
        if waiting := following.missing(self.plan, kept):
            self._follow(waiting)
            kept = self._kept()
        return self._left(len(self._missing(kept)), len(following.missing(self.plan, kept)))

    def _kept(self) -> list[Outcome]:
        with self.taker.means.store.read() as session:
            return outcomes.outcomes(self.taker.run.id, session=session)

    def _left(self, replies: int, followed: int) -> str:
        """What came to nothing, for the end of the run."""
        told = []
        if replies:
            told.append(f"{replies:,} of {self.total:,} have no outcome")
        if followed:
            told.append(f"{followed:,} made answers or second looks came to nothing")
        return "; ".join(told)

    def _follow(self, waiting: list[Following]) -> None:
        """Answers made at budgets, and second looks: what the replies have to be there for."""
        follower = Follower(self.taker.means, self.plan, self.taker.run.id, self.report)
        by_id = {problem.id: problem for problem in self.problems}

        def ask(item: Following) -> None:
            self._check_stop()
            trace = follower.ask(item, by_id[item.reply.problem_id])
            self._count(trace, f"{item.stage}, {len(waiting):,} in all")

        self._spread(waiting, ask)

    def _missing(self, kept: list[Outcome]) -> list[Item]:
        before: dict[tuple[int, str, int], list[Outcome]] = {}
        for one in kept:
            if one.stage == "solve":
                before.setdefault((one.problem_id, one.arm, one.sample), []).append(one)
        found = []
        for sample in range(self.plan.samples):
            for problem in self.problems:
                for arm in self._order(problem, sample):
                    tries = before.get((problem.id, arm.label, sample), [])
                    if not any(self._serves(one) for one in tries):
                        found.append(Item(problem, arm, sample, 1 + len(tries)))
        return found

    def _serves(self, one: Outcome) -> bool:
        """Whether a trace is the outcome: it ended by itself, or at no smaller budget than ours."""
        if one.finish_reason == "length":
            return bool(one.max_tokens >= self.plan.sampling.max_tokens)
        return one.finish_reason == "stop"

    def _order(self, problem: Problem, sample: int) -> list[Arm]:
        arms = list(self.plan.arms)
        seed = f"{self.taker.run.id} {problem.id} {sample}"
        random.Random(seed).shuffle(arms)  # noqa: S311  the same when resumed
        return arms

    def _choose(self) -> None:
        """Before the first reply, and kept: whatever the handbook becomes, this run goes by it."""
        store, run_id = self.taker.means.store, self.taker.run.id
        giving = [arm for arm in self.plan.arms if arm.kind not in WITHOUT]
        with store.read() as session:
            kept = choices.choices(run_id, session=session)
        before = {problem.id: kept.get(problem.id, {}) for problem in self.problems}
        new = [arm for arm in giving if any(arm.label not in one for one in before.values())]
        if new:
            self.taker.embed()
        chosen_here = [arm for arm in new if arm.kind != "bci-dynamic"]
        with drawing(store, run_id, chosen_here, self.plan.arms):
            for number, problem in enumerate(self.problems, 1):
                self._choose_for(problem, before[problem.id], {arm.label for arm in giving})
                if new:
                    self._note(f"choosing behaviors, problem {number} of {len(self.problems)}")

    def _choose_for(
        self, problem: Problem, before: Mapping[str, list[dict[str, Any]]], labels: set[str]
    ) -> None:
        found = self.taker.given(problem, before, labels)
        if labels - before.keys():
            new = {label: [one.record() for one in found[label]] for label in labels}
            with self.taker.means.store.write() as session:
                choices.put_choices(self.taker.run.id, problem.id, new, session=session)
        self.chosen[problem.id] = found

    def _spread(self, items: Iterable[Asked], work: Callable[[Asked], None]) -> None:
        """The sum is told when all has ended: what is under way at the limit still adds to it."""
        try:
            spread(items, work, self.plan.width)
        except Stopped as stopped:
            if self.spending.is_over:
                raise Stopped(self.spending.sentence) from stopped
            raise

    def _check_stop(self) -> None:
        if self.report.stopped() or self.spending.is_over:
            raise Stopped

    def _take(self, item: Item) -> None:
        self._check_stop()
        if self.report.stopped(item.arm.label):
            return
        chosen = self.chosen[item.problem.id].get(item.arm.label, [])
        given = self._part(item, chosen)
        left_out = len(given) < len(chosen)
        made = self.taker.condition(item.arm, item.problem, given, left_out=left_out)
        trace = ask_at_once(
            self.taker.means.store,
            self.taker.model(item.arm),
            self.taker.request(made, item.sample),
            self.taker.place(item.arm, item.problem, item.sample, item.attempt, made, given),
            stop=lambda: self.report.stopped(item.arm.label),
            conclude=self.taker.conclusion(item.problem),
            params={"prompt": made.prompt},
        )
        self._count(trace, f"{item.arm.label}, sample {item.sample + 1}", one=1)

    def _part(self, item: Item, chosen: list[Given]) -> list[Given]:
        """What of the behaviors chosen for its problem a sample is given: all, unless `parts`."""
        if self.plan.parts and item.arm.kind in RETRIEVED:
            return part(chosen, item.sample, f"{self.taker.run.id} {item.problem.id}")
        return chosen

    def _count(self, trace: Trace | None, note: str, one: int = 0) -> None:
        """`one` is what it adds to the replies that are done, if it ended."""
        if trace is not None:
            self._add(trace, note, one)
        if (trace is None or trace.finish_reason == "cancelled") and self.report.stopped():
            raise Stopped

    def _add(self, trace: Trace, note: str, one: int) -> None:
        with self.lock:
            self.done += one * trace.ended
            self.spending.add(trace)
            self.hopeless = self.hopeless + 1 if trace.error_kind in LASTING else 0
            if self.hopeless >= HOPELESS:
                raise ModelUnavailable(
                    f"{HOPELESS} replies in a row failed, the last one so: {trace.error} Resume "
                    "asks for them again."
                )
            self._note(note)

    def _note(self, note: str) -> None:
        """Tells how far it is, now and then: every telling is a transaction."""
        if time.monotonic() - self.told > TELL_SECONDS or self.done == self.total:
            self.told = time.monotonic()
            self.report(self.done, self.total, note)
