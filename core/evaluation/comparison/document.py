"""A comparison as one document of plain JSON: what the screen draws, what is exported and printed.

Everything it tells stands in the records of the run; nothing is looked up in a handbook that goes
on changing, and no endpoint is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.outcome import Outcome
from core.evaluation.comparison.verdict import verdict
from core.handbook.citations import citations
from core.store import Session, Store
from core.store import jobs as job_rows
from core.store import runs as rows
from core.store import votes as vote_rows
from core.store.records import Run, Trace, Verdict

FORMAT, VERSION = "vademecum-comparison", 1
SETTINGS = (
    *("samples", "k", "k_of_topic", "topic", "at_least", "diversity", "pinned", "dropped", "fixed"),
    *("offered_from", "width", "together"),
)
TRACE_FIELDS = (
    *("sample", "attempt", "endpoint", "model", "seed", "thinking", "text", "note"),
    *("finish_reason", "input_tokens", "cached_tokens", "reasoning_tokens", "output_tokens"),
    *("counted_by", "first_token_seconds", "seconds", "price", "error_kind", "error", "given"),
    *("messages", "requests", "prompt_hash", "chunks"),
)
# The arms that a sentence compares others with, the first that is there.
BASELINES = ("plain", "concise")


def document(store: Store, run_id: int) -> dict[str, Any]:
    """The comparison as it stands now, finished or not."""
    with store.read() as session:
        run = rows.run(run_id, session=session)
        traces = latest(rows.traces(run_id, arm=None, session=session))
        verdicts = rows.verdicts([trace.id for trace in traces], session=session)
        takes = [(trace.arm, take(trace, verdicts.get(trace.id))) for trace in traces]
        return assembled(run, takes, session)


def assembled(
    run: Run, takes: Iterable[tuple[str, dict[str, Any]]], session: Session
) -> dict[str, Any]:
    """The document of a run from its takes, each with its arm."""
    params = run.params
    arms: dict[str, list[dict[str, Any]]] = {arm["label"]: [] for arm in params["arms"]}
    for label, one in takes:
        if label in arms:
            arms[label].append(one)
    asked = [{"arm": a["label"], "kind": a["kind"], "model": a["model"]} for a in params["arms"]]
    problem = rows.problems(run.problem_ids, session=session)[run.problem_ids[0]]
    sampling = params["sampling"]
    made: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "run": run.id,
        "title": run.title,
        "by": run.by,
        "created": run.created.isoformat(),
        "code_version": run.code_version,
        "prompts": run.prompts,
        "status": _status(run, session),
        "imported": bool(params.get("imported")),
        "problem": {"text": problem.text, "gold": problem.gold, "topic": problem.topic},
        "handbook": params["handbook"],
        "asked": asked,
        "settings": {
            "budget": sampling["max_tokens"],
            **{name: sampling[name] for name in ("temperature", "top_p", "seed")},
            **{name: params.get(name) for name in SETTINGS},
        },
        "served": "together" if params.get("together") else "in turn",
        "arms": arms,
        "votes": [_vote(vote) for vote in vote_rows.votes(run.id, session=session)],
    }
    return {**made, "verdicts": verdicts_of(made)}


def latest(traces: Iterable[Trace]) -> list[Trace]:
    """The last attempt of each arm and sample, by sample."""
    last = {(trace.sample, trace.arm): trace for trace in traces}
    return [last[key] for key in sorted(last)]


def take(trace: Trace, verdict: Verdict | None) -> dict[str, Any]:
    """One trace as the document has it."""
    names = [one["name"] for one in trace.given]
    found = {
        side: citations(text, names)
        for side, text in (("thinking", trace.thinking), ("text", trace.text))
    }
    cites = [{"side": side, **asdict(one)} for side, ones in found.items() for one in ones]
    named = list(dict.fromkeys(one["name"] for one in cites))
    again = trace.requests[1:]
    return {
        **{name: getattr(trace, name) for name in TRACE_FIELDS},
        "started": trace.created.isoformat(),
        "parts": trace.params.get("parts", []),
        "answer": verdict.extracted if verdict else None,
        "correct": verdict.correct if verdict else None,
        "grader": verdict.grader if verdict else None,
        "retrieved": names,
        "cited": [name for name in named if name in set(names)],
        "invented": [name for name in named if name not in set(names)],
        "citations": cites,
        "read_again_tokens": _sum(request["input_tokens"] for request in again),
        "read_again_cached_tokens": _sum(request["cached_tokens"] for request in again),
    }


def outcomes(document: Mapping[str, Any]) -> list[Outcome]:
    """What ended, of all arms."""
    names = ("sample", "output_tokens", "input_tokens", "cached_tokens", "correct", "finish_reason")
    return [
        Outcome(arm=arm, **{name: one[name] for name in names})
        for arm, takes in document["arms"].items()
        for one in takes
        if one["finish_reason"] is not None
    ]


def baseline_of(asked: Sequence[Mapping[str, Any]]) -> str:
    """The arm that the others are compared with: a plain one, if there is any."""
    for kind in BASELINES:
        for one in asked:
            if one["kind"] == kind:
                return str(one["arm"])
    return str(asked[0]["arm"])


def baselines_of(asked: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Arm -> what it is compared with: the baseline of its own model, for behaviors are to be told
    from models. That one itself, and arms of a model without any, stand beside the first's.
    """
    first = baseline_of(asked)
    found = {}
    for one in asked:
        beside = [other for other in asked if other["model"] == one["model"]]
        has_own = any(other["kind"] in BASELINES for other in beside)
        own = baseline_of(beside) if has_own else first
        found[str(one["arm"])] = own if own != one["arm"] else first
    return {arm: baseline for arm, baseline in found.items() if arm != baseline}


def verdicts_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What can be said of each arm beside its baseline.

    Where a baseline has no answers, the next one takes its place, for the others have something to
    say without it; what has none is told last.
    """
    asked, found = document["asked"], outcomes(document)
    answered = {outcome.arm for outcome in found if outcome.answered}
    heard = [one for one in asked if one["arm"] in answered] or asked
    pairs = baselines_of(heard)
    pairs |= {one["arm"]: baseline_of(heard) for one in asked if one not in heard}
    said = [asdict(verdict(found, *pair, titles(asked))) for pair in pairs.items()]
    return [{name: _listed(value) for name, value in one.items()} for one in said]


def _status(run: Run, session: Session) -> str:
    jobs = job_rows.jobs(run_id=run.id, session=session)
    return jobs[-1].status if jobs else "done"


def _vote(vote: Any) -> dict[str, Any]:
    names = ("sample", "first", "second", "better", "blind", "by")
    return {**{name: getattr(vote, name) for name in names}, "at": vote.at.isoformat()}


def _listed(value: Any) -> Any:
    """JSON knows no tuples."""
    return list(value) if isinstance(value, tuple) else value


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)
