"""Runs an evaluation: every arm on every problem, sample by sample.

What each arm gives is chosen first, for all problems, and kept: curation may go on meanwhile
without changing what is measured. A trace and its verdict are kept together as soon as a reply has
ended; what has ended is not asked again. The first sample of all problems comes before the second
of any, and the arms of a problem follow each other in a drawn order: so a run that is stopped early
is one on fewer problems or samples, still in pairs.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from core.errors import BadInput, ModelUnavailable
from core.jobs import Report, Stopped, spread
from core.llm.recording import ask_at_once
from core.pipeline import following
from core.pipeline.arms import RETRIEVED, WITHOUT, Arm
from core.pipeline.evaluation import Evaluation
from core.pipeline.following import Follower, Following
from core.pipeline.giving import Given, part
from core.pipeline.taking import Means, Taker
from core.store import choices, outcomes
from core.store import runs as rows
from core.store.outcomes import Outcome
from core.store.records import Job, Problem, Trace

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
    spent: float = 0.0
    hopeless: int = 0
    told: float = 0.0
    chosen: dict[int, dict[str, list[Given]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def do(self) -> str:
        run_id = self.taker.run.id
        with self.taker.means.store.read() as session:
            kept = outcomes.outcomes(run_id, session=session)
        self.spent = sum(one.price or 0.0 for one in kept)
        missing = self._missing(kept)
        self.total = self.plan.samples * len(self.plan.arms) * len(self.problems)
        self.done = self.total - len(missing)
        self._choose()
        self.taker.warm_up((item.arm.model for item in missing), self._note)
        self._note("")
        self._spread(missing, self._take)
        self._follow()
        with self.taker.means.store.read() as session:
            kept = outcomes.outcomes(run_id, session=session)
        return self._left(len(self._missing(kept)), len(following.missing(self.plan, kept)))

    def _left(self, replies: int, followed: int) -> str:
        """What came to nothing, for the end of the run."""
        told = []
        if replies:
            told.append(f"{replies:,} of {self.total:,} have no outcome")
        if followed:
            told.append(f"{followed:,} made answers or second looks came to nothing")
        return "; ".join(told)

    def _follow(self) -> None:
        """Answers made at budgets, and second looks: what the replies have to be there for."""
        run_id = self.taker.run.id
        with self.taker.means.store.read() as session:
            waiting = following.missing(self.plan, outcomes.outcomes(run_id, session=session))
        follower = Follower(self.taker.means, self.plan, run_id, self.report)
        by_id = {problem.id: problem for problem in self.problems}

        def ask(item: Following) -> None:
            self._check_stop()
            trace = follower.ask(item, by_id[item.reply.problem_id])
            if trace is None and self.report.stopped():
                raise Stopped
            if trace is not None:
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
        labels = {arm.label for arm in self.plan.arms if arm.kind not in WITHOUT}
        with store.read() as session:
            kept = choices.choices(run_id, session=session)
        if any(labels - kept.get(problem.id, {}).keys() for problem in self.problems):
            self.taker.embed()
        for number, problem in enumerate(self.problems, 1):
            before = kept.get(problem.id, {})
            found = self.taker.given(problem, before, labels)
            if labels - before.keys():
                new = {label: [one.record() for one in found[label]] for label in labels}
                with store.write() as session:
                    choices.put_choices(run_id, problem.id, new, session=session)
                self._note(f"choosing behaviors, problem {number} of {len(self.problems)}")
            self.chosen[problem.id] = found

    def _spread(self, items: Iterable[Asked], work: Callable[[Asked], None]) -> None:
        """The sum is told when all has ended: what is under way at the limit still adds to it."""
        try:
            spread(items, work, self.plan.width)
        except Stopped as stopped:
            if self._is_spent_up():
                raise Stopped(
                    f"Stopped at the spending limit: {self.spent:.4f} of "
                    f"{self.plan.spend_at_most:g} are spent, with what was under way then. To go "
                    "on, raise the limit: under Extend, or with --resume and --spend-at-most."
                ) from stopped
            raise

    def _is_spent_up(self) -> bool:
        limit = self.plan.spend_at_most
        return limit is not None and self.spent >= limit

    def _check_stop(self) -> None:
        if self.report.stopped() or self._is_spent_up():
            raise Stopped

    def _take(self, item: Item) -> None:
        self._check_stop()
        if self.report.stopped(item.arm.label):
            return
        given = self._given(item)
        made = self.taker.condition(item.arm, item.problem, given)
        trace = ask_at_once(
            self.taker.means.store,
            self.taker.model(item.arm),
            self.taker.request(made, item.sample),
            self.taker.place(item.arm, item.problem, item.sample, item.attempt, made, given),
            stop=lambda: self.report.stopped(item.arm.label),
            conclude=self.taker.conclusion(item.problem),
            params={"prompt": made.prompt},
        )
        if trace is None:
            if self.report.stopped():
                raise Stopped
            return
        self._count(trace, f"{item.arm.label}, sample {item.sample + 1}", one=1)

    def _given(self, item: Item) -> list[Given]:
        given = self.chosen[item.problem.id].get(item.arm.label, [])
        if self.plan.parts and item.arm.kind in RETRIEVED:
            return part(given, item.sample, f"{self.taker.run.id} {item.problem.id}")
        return given

    def _count(self, trace: Trace, note: str, one: int = 0) -> None:
        """`one` is what it adds to the replies that are done, if it ended."""
        with self.lock:
            self.done += one * trace.ended
            self.spent += trace.price or 0.0
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
