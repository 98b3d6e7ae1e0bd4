"""Runs a comparison: every arm, sample by sample, each trace kept as soon as it ends.

The arms of a sample go on at the same time as far as the endpoints allow; where one takes fewer
requests than there are arms, they run in an order drawn anew for each sample, so that neither a
warm-up nor a cache always favours the same arm. What has ended is not asked again.
"""

import random
import threading
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadInput
from core.jobs import Report, Stopped, spread
from core.llm.recording import ask
from core.pipeline.arms import Arm
from core.pipeline.comparison import Comparison
from core.pipeline.condition import Condition
from core.pipeline.giving import Given
from core.pipeline.taking import Means, Taker
from core.store import runs as rows
from core.store.records import Job, Problem, Run, Trace


@dataclass(frozen=True)
class Comparer:
    """The handler of `compare` jobs."""

    means: Means

    def __call__(self, job: Job, report: Report) -> str:
        """Runs what is missing of the job's run."""
        if job.run_id is None:
            raise BadInput(f"Job {job.id} belongs to no run.")
        with self.means.store.write() as session:
            run = rows.run(job.run_id, session=session)
            rows.discard_unfinished(run.id, session=session)
            problem = rows.problems(run.problem_ids, session=session)[run.problem_ids[0]]
        plan = Comparison.of(run)
        return _Bout(Taker(self.means, run, plan, report), run, plan, problem, report).do()


@dataclass
class _Bout:
    """One comparison on its way."""

    taker: Taker
    run: Run
    plan: Comparison
    problem: Problem
    report: Report
    done: int = 0
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def do(self) -> str:
        kept = self._kept()
        missing = [
            (sample, arm)
            for sample in range(self.plan.samples)
            for arm in self._order(sample)
            if not any(trace.sample == sample and trace.ended for trace in kept[arm.label])
        ]
        total = self.plan.samples * len(self.plan.arms)
        self.done = total - len(missing)
        before = {label: traces[0].given for label, traces in kept.items() if traces}
        wanted = {arm.label for _sample, arm in missing}
        if wanted - before.keys():
            self.taker.embed()
        self.report(self.done, total, "choosing behaviors")
        given = self.taker.given(self.problem, before, wanted)
        models = [arm.model for _sample, arm in missing]
        self.taker.warm_up(models, lambda note: self.report(self.done, total, note))
        spread(missing, lambda item: self._ask(*item, given[item[1].label], total), self.plan.width)
        last = [traces[-1] for traces in self._by_sample().values()]
        failed = total - sum(trace.ended for trace in last)
        return f"{failed} of {total} have no outcome" if failed else ""

    def _order(self, sample: int) -> list[Arm]:
        arms = list(self.plan.arms)
        random.Random(f"{self.run.id} {sample}").shuffle(arms)  # noqa: S311  the same when resumed
        return arms

    def _kept(self) -> dict[str, list[Trace]]:
        with self.taker.means.store.read() as session:
            traces = rows.traces(self.run.id, arm=None, session=session)
        labels = [arm.label for arm in self.plan.arms]
        return {label: [trace for trace in traces if trace.arm == label] for label in labels}

    def _by_sample(self) -> dict[tuple[str, int], list[Trace]]:
        found: dict[tuple[str, int], list[Trace]] = {}
        for label, traces in self._kept().items():
            for trace in traces:
                found.setdefault((label, trace.sample), []).append(trace)
        return found

    def _ask(self, sample: int, arm: Arm, given: list[Given], total: int) -> None:
        if self.report.stopped():
            raise Stopped
        if self.report.stopped(arm.label):
            return
        made = self.taker.condition(arm, self.problem, given)
        attempt = 1 + len(self._by_sample().get((arm.label, sample), ()))
        trace = ask(
            self.taker.means.store,
            self.taker.model(arm),
            self.taker.request(made, sample),
            self.taker.place(arm, self.problem, sample, attempt, made, given),
            stop=lambda: self.report.stopped(arm.label),
            conclude=self.taker.conclusion(self.problem),
            params={"prompt": made.prompt, "parts": self._parts(arm, made)},
        )
        if trace.finish_reason == "cancelled" and self.report.stopped():
            raise Stopped
        with self.lock:
            self.done += 1
            self.report(self.done, total, f"{arm.label}, sample {sample + 1}")

    def _parts(self, arm: Arm, made: Condition) -> list[dict[str, Any]]:
        """The same for all samples of an arm."""
        with self.lock:
            if arm.label not in self.parts:
                self.parts[arm.label] = self.taker.parts(arm, made)
            return self.parts[arm.label]
