"""What a run has to show: per problem its traces, verdicts, proposals and what was dropped."""

from dataclasses import dataclass
from typing import Any

from core.handbook.memory import decisions
from core.pipeline.extraction import Dropped
from core.pipeline.strategist import extraction_of
from core.store import Store
from core.store import behaviors as behavior_rows
from core.store import runs as rows
from core.store.records import AGAIN, Behavior, Operation, Problem, Run, Source, Trace, Verdict

TRACE_FIELDS = (
    *("id", "stage", "sample", "attempt", "endpoint", "model", "finish_reason", "input_tokens"),
    *("cached_tokens", "reasoning_tokens", "output_tokens", "first_token_seconds", "seconds"),
    *("price", "error_kind", "error"),
)


@dataclass(frozen=True)
class Proposal:
    """A behavior that came out of a trace, with the place in it."""

    behavior: Behavior
    source: Source


@dataclass(frozen=True)
class ProblemResult:
    """Everything a run has for one problem, oldest first."""

    problem: Problem
    traces: list[Trace]
    verdicts: dict[int, Verdict]
    proposals: list[Proposal]
    dropped: list[Dropped]


def problem_result(store: Store, run: Run, problem_id: int) -> ProblemResult:
    with store.read() as session:
        problem = rows.problems([problem_id], session=session)[problem_id]
        traces = rows.traces(run.id, problem_id=problem_id, session=session)
        verdicts = rows.verdicts([trace.id for trace in traces], session=session)
        extracts = [trace for trace in traces if trace.stage == "extract" and trace.usable]
        sources = behavior_rows.sources_in_traces([t.id for t in extracts], session=session)
        ids = [source.behavior_id for source in sources]
        behaviors = behavior_rows.behaviors_by_id(ids, session=session)
        decided = decisions(behaviors.values(), session)
    proposals = [
        Proposal(behaviors[source.behavior_id], source)
        for source in sources
        if source.stage != AGAIN
    ]
    dropped = [gone for trace in extracts for gone in extraction_of(trace.text).dropped]
    dropped += [
        _known(behaviors[source.behavior_id], decided.get(source.behavior_id))
        for source in sources
        if source.stage == AGAIN
    ]
    return ProblemResult(problem, traces, verdicts, proposals, dropped)


def _known(behavior: Behavior, decision: Operation | None) -> Dropped:
    """What was extracted again after it had been decided on: who decided, and why."""
    by, reason = (decision.by, decision.why) if decision else (behavior.by, "")
    why = f"known: {behavior.status} by {by}" + (f" ({reason})" if reason else "")
    return Dropped(f"{behavior.name}: {behavior.instruction}", why)


def as_json(result: ProblemResult) -> dict[str, Any]:
    """One entry of `problems` in the document of the command `solve`."""
    return {
        "problem": result.problem.text,
        "topic": result.problem.topic,
        "traces": [_trace_json(trace, result.verdicts.get(trace.id)) for trace in result.traces],
        "proposals": [_proposal_json(proposal) for proposal in result.proposals],
        "dropped": [{"text": gone.text, "why": gone.why} for gone in result.dropped],
    }


def _trace_json(trace: Trace, verdict: Verdict | None) -> dict[str, Any]:
    document = {name: getattr(trace, name) for name in TRACE_FIELDS}
    if trace.stage == "solve":
        document["answer"] = verdict.extracted if verdict else None
        document["correct"] = verdict.correct if verdict else None
    return document


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    behavior, source = proposal.behavior, proposal.source
    names = ("id", "name", "instruction", "topic", "status")
    return {
        **{name: getattr(behavior, name) for name in names},
        "marks": sorted(behavior.marks),
        "reasons": behavior.marks,
        "source": {"trace": source.trace_id, "start": source.start, "end": source.end},
    }
