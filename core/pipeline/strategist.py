"""A strategist run: every sample of every problem goes through solve, reflect and extract.

Each stage's trace is kept as soon as it ends, together with what follows from it; a stage that has
a usable trace is skipped, so that a run can be resumed. A stage can be run again alone (`redo`),
with another model if wanted: that is one more attempt, and the earlier ones stay.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core import prompts
from core.errors import BadInput
from core.handbook import curation
from core.handbook.likeness import marks_against
from core.handbook.memory import Memory
from core.jobs import Report, Stopped, spread
from core.llm.chat import ChatModel, ChatRequest, Reply
from core.llm.recording import Conclusion, Place, ask, nothing
from core.pipeline import judging
from core.pipeline.extraction import SCHEMA, Candidate, Extraction, parse
from core.pipeline.marks import rule_marks
from core.pipeline.plan import Plan
from core.pipeline.stages import messages
from core.store import Session, Store
from core.store import behaviors as behavior_rows
from core.store import runs as rows
from core.store.records import AGAIN, STAGES, Behavior, Job, Problem, Run, Stage, Trace

WIDEST = 32


@dataclass(frozen=True)
class Strategist:
    """The handler of `solve` jobs.

    `chat` finds a model by name; `grade` takes a text and the gold answer and gives the fields of a
    verdict.
    """

    store: Store
    chat: Callable[[str], ChatModel]
    grade: Callable[[str, Problem], dict[str, Any]]

    def __call__(self, job: Job, report: Report) -> str:
        """Runs what is missing of the job's run, or the one stage its `redo` asks for."""
        if job.run_id is None:
            raise BadInput(f"Job {job.id} belongs to no run.")
        with self.store.write() as session:
            run = rows.run(job.run_id, session=session)
            rows.discard_unfinished(run.id, session=session)
            problems = rows.problems(run.problem_ids, session=session)
        if redo := job.params.get("redo"):
            return self._redo(run, problems, redo, report)
        return self._run(run, problems, report)

    def _run(self, run: Run, problems: dict[int, Problem], report: Report) -> str:
        plan = Plan.of(run)
        samples = [
            _Sample(self, run, plan, problems[problem_id], number, report)
            for problem_id in run.problem_ids
            for number in range(plan.samples)
        ]
        progress = _Progress(report, len(samples) * len(plan.stages))
        spread(samples, lambda sample: sample.run_stages(progress), self._width(plan))
        return f"{progress.failed} of {len(samples)} failed" if progress.failed else ""

    def _redo(
        self, run: Run, problems: dict[int, Problem], redo: dict[str, Any], report: Report
    ) -> str:
        """One more attempt at one stage of one sample, by the model that `redo` names."""
        stage: Stage = redo["stage"]
        plan = Plan.of(run)
        plan.models[stage] = redo["model"]
        report(0, 1, f"{stage} again")
        sample = _Sample(self, run, plan, problems[redo["problem_id"]], redo["sample"], report)
        trace = sample.ask(stage, sample.traces())
        report(1, 1, f"{stage} again")
        return trace.error or ""

    def _width(self, plan: Plan) -> int:
        """As many samples at a time as the endpoints take together."""
        endpoints = [self.chat(name).endpoint for name in {plan.models[s] for s in plan.stages}]
        return min(WIDEST, sum(endpoint.concurrency for endpoint in endpoints))


@dataclass
class _Progress:
    """Counts finished stages over all threads."""

    report: Report
    total: int
    done: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, note: str, steps: int = 1, failed: bool = False) -> None:
        with self.lock:
            self.done += steps
            self.failed += failed
            self.report(self.done, self.total, note)


@dataclass(frozen=True)
class _Sample:
    """One sample of one problem on its way through the stages."""

    by: Strategist
    run: Run
    plan: Plan
    problem: Problem
    number: int
    report: Report

    def traces(self) -> list[Trace]:
        with self.by.store.read() as session:
            traces = rows.traces(self.run.id, problem_id=self.problem.id, session=session)
        return [trace for trace in traces if trace.sample == self.number]

    def run_stages(self, progress: _Progress) -> None:
        kept = self.traces()
        for index, stage in enumerate(self.plan.stages):
            if there := latest_usable(kept, stage):
                self._follow_up(there)
                progress.step(f"{stage} was there")
                continue
            trace = self.ask(stage, kept)
            kept.append(trace)
            if not trace.usable:
                progress.step(f"{stage} failed", len(self.plan.stages) - index, failed=True)
                return
            progress.step(f"{stage} done")

    def ask(self, stage: Stage, kept: list[Trace]) -> Trace:
        """One attempt at a stage, on top of the latest usable traces of the stages before it."""
        before = led_to(kept, stage)
        texts = {trace.stage: trace.text for trace in before}
        trace = ask(
            self.by.store,
            self.by.chat(self.plan.models[stage]),
            ChatRequest(
                messages(stage, self.problem, texts),
                self.plan.sampling_of(self.number),
                schema=SCHEMA if stage == "extract" else None,
            ),
            Place(
                run_id=self.run.id,
                problem_id=self.problem.id,
                stage=stage,
                sample=self.number,
                attempt=1 + sum(trace.stage == stage for trace in kept),
                follows=before[-1].id if before else None,
                prompt_hash=prompts.load(stage).hash,
            ),
            stop=self.report.stopped,
            conclude=lambda reply: self._conclusion(stage, reply, before),
        )
        if trace.finish_reason == "cancelled":
            raise Stopped
        self._follow_up(trace)
        return trace

    def _follow_up(self, trace: Trace) -> None:
        """What is asked on top of an extraction, where the run wants it."""
        if trace.stage == "extract" and trace.usable and self.plan.judge:
            self._judge(trace, self.by.chat(self.plan.judge))

    def _conclusion(self, stage: Stage, reply: Reply, before: list[Trace]) -> Conclusion:
        """What follows from a reply: a verdict on a solution, proposals from an extraction."""
        handbook_id = self.run.handbook_id
        if stage == "solve":
            verdict = self.by.grade(reply.text, self.problem)
            return lambda trace, session: rows.add_verdict(trace.id, **verdict, session=session)
        if stage == "extract" and handbook_id is not None:
            found = extraction_of(reply.text).candidates
            return lambda trace, session: self._propose(
                found, trace, before[0], handbook_id, session
            )
        return nothing

    def _propose(
        self,
        candidates: list[Candidate],
        trace: Trace,
        solved: Trace,
        handbook_id: int,
        session: Session,
    ) -> None:
        verdict = rows.verdicts([solved.id], session=session).get(solved.id)
        answers = (self.problem.gold, verdict.extracted if verdict else None)
        accepted = behavior_rows.behaviors(handbook_id, session=session)
        memory = Memory.of(handbook_id, session)
        drafts = []
        for candidate in candidates:
            name, instruction = candidate.name, candidate.instruction
            recalled = memory.recall(name, instruction)
            if recalled and recalled.how == "same":
                _note_again(recalled.behavior_id, trace, candidate, session)
                continue
            marks = rule_marks(name, instruction, self.problem.text, answers)
            marks |= marks_against(name, instruction, accepted)
            marks |= {"rejected-before": recalled.sentence} if recalled else {}
            drafts.append(
                curation.Draft(
                    name=name,
                    instruction=instruction,
                    topic=self.problem.topic,
                    marks=tuple(marks.items()),
                    trace_id=trace.id,
                    start=candidate.start,
                    end=candidate.end,
                    source_model=trace.model,
                    source_correct=verdict.correct if verdict else None,
                )
            )
        why = f"run {trace.run_id}"
        curation.propose(handbook_id, drafts, by=trace.endpoint, why=why, session=session)

    def _judge(self, trace: Trace, model: ChatModel) -> None:
        """Adds the marks a model sees to those of the rules; each judgement is a trace as well."""
        with self.by.store.read() as session:
            found = behavior_rows.sources_in_traces([trace.id], session=session)
            ids = [source.behavior_id for source in found if source.stage != AGAIN]
            proposals = behavior_rows.behaviors_by_id(ids, session=session)
        for proposal in proposals.values():
            arm = f"judge:{proposal.id}"
            with self.by.store.read() as session:
                kept = rows.traces(
                    self.run.id, problem_id=self.problem.id, arm=arm, session=session
                )
            if not any(judged.usable for judged in kept):
                self._judge_one(proposal, trace, model, arm, attempt=len(kept) + 1)

    def _judge_one(
        self, proposal: Behavior, trace: Trace, model: ChatModel, arm: str, attempt: int
    ) -> None:
        def conclude(reply: Reply) -> Conclusion:
            marks = {**judging.marks(reply.text, by=model.endpoint.name), **proposal.marks}
            return lambda _, session: behavior_rows.add_marks(proposal.id, marks, session=session)

        judged = ask(
            self.by.store,
            model,
            judging.request(self.problem.text, proposal.name, proposal.instruction),
            Place(
                run_id=self.run.id,
                problem_id=self.problem.id,
                stage="extract",
                sample=self.number,
                attempt=attempt,
                follows=trace.id,
                prompt_hash=prompts.load("judge").hash,
                arm=arm,
            ),
            stop=self.report.stopped,
            conclude=conclude,
        )
        if judged.finish_reason == "cancelled":
            raise Stopped


def _note_again(behavior_id: int, trace: Trace, candidate: Candidate, session: Session) -> None:
    """The decided behavior gets one more source; nobody has to decide on it again."""
    place = {"trace_id": trace.id, "start": candidate.start, "end": candidate.end}
    behavior_rows.add_source(behavior_id=behavior_id, stage=AGAIN, **place, session=session)


def latest_usable(traces: list[Trace], stage: Stage) -> Trace | None:
    """The last attempt at a stage that the next one can read."""
    usable = [trace for trace in traces if trace.stage == stage and trace.usable]
    return usable[-1] if usable else None


def led_to(traces: list[Trace], stage: Stage) -> list[Trace]:
    """The traces a stage goes on from: the latest review with the very solution it reviewed."""
    wanted = STAGES[: STAGES.index(stage)]
    latest = latest_usable(traces, wanted[-1]) if wanted else None
    by_id = {trace.id: trace for trace in traces}
    before: list[Trace] = []
    while latest:
        before.insert(0, latest)
        latest = by_id.get(latest.follows) if latest.follows is not None else None
    if len(before) < len(wanted):
        raise BadInput(f"{stage} needs a finished {wanted[-1]}: run that stage first.")
    return before


def extraction_of(text: str) -> Extraction:
    """What an extraction's reply yields: the candidates, and what was dropped and why."""
    return parse(text, tuple(prompts.load(stage).text for stage in STAGES))
