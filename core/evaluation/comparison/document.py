"""A comparison as one document of plain JSON: what the screen draws, what is exported and printed.

Everything it tells stands in the records of the run; nothing is looked up in a handbook that goes
on changing, and no endpoint is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.giving import on_fewer, reference_of
from core.evaluation.comparison.outcome import Outcome, figures, tokens_per_second
from core.evaluation.comparison.verdict import verdict
from core.handbook.citations import citations
from core.store import Session, Store
from core.store import jobs as job_rows
from core.store import runs as rows
from core.store import votes as vote_rows
from core.store.records import Run, Trace, Verdict

# Since 2 a recording has its chunks as columns.
FORMAT, VERSION = "vademecum-comparison", 2
SETTINGS = (
    *("samples", "k", "k_of_topic", "topic", "at_least", "diversity", "pinned", "dropped", "fixed"),
    *("offered_from", "width", "together"),
)
SAMPLED = ("temperature", "top_p", "seed")
# What the record of a run has beside its settings: it stands elsewhere in the document.
_NO_SETTINGS = ("arms", "sampling", "handbook", "imported")
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
    problem = rows.problems(run.problem_ids, session=session)[run.problem_ids[0]]
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
        "asked": [_asked(arm) for arm in params["arms"]],
        "settings": _settings(params),
        "served": "together" if params.get("together") else "in turn",
        "arms": arms,
        "votes": [_vote(vote) for vote in vote_rows.votes(run.id, session=session)],
    }
    return {**made, "figures": figures_of(made), "verdicts": verdicts_of(made)}


def _asked(arm: Mapping[str, Any]) -> dict[str, str]:
    """An arm; `handbook` is its own, where it does not draw on that of the comparison."""
    book = arm.get("handbook") or ""
    return {"arm": arm["label"], "kind": arm["kind"], "model": arm["model"], "handbook": book}


def _settings(params: Mapping[str, Any]) -> dict[str, Any]:
    sampling = params["sampling"]
    return {
        "budget": sampling["max_tokens"],
        **{name: sampling[name] for name in SAMPLED},
        **dict.fromkeys(SETTINGS),
        **{name: value for name, value in params.items() if name not in _NO_SETTINGS},
    }


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
        "tokens_per_second": tokens_per_second(
            trace.output_tokens, trace.first_token_seconds, trace.seconds
        ),
        "read_again_tokens": _sum(request["input_tokens"] for request in again),
        "read_again_cached_tokens": _sum(request["cached_tokens"] for request in again),
    }


def outcomes(document: Mapping[str, Any]) -> list[Outcome]:
    """What ended, of all arms."""
    return [
        _outcome(asked, one)
        for asked in document["asked"]
        for one in document["arms"][asked["arm"]]
        if one["finish_reason"] is not None
    ]


def _outcome(asked: Mapping[str, Any], one: Mapping[str, Any]) -> Outcome:
    names = ("sample", "output_tokens", "input_tokens", "cached_tokens", "correct", "finish_reason")
    kind = asked["kind"]
    given = None if kind in BASELINES else len(one["given"])
    plain = kind == "plain" or (given == 0 and kind != "bci-dynamic")
    return Outcome(
        arm=asked["arm"], given=given, plain=plain, **{name: one[name] for name in names}
    )


def figures_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The means and counts of each arm over its samples, in the order of the arms."""
    found = outcomes(document)
    return [_plain_json(asdict(figures(found, one["arm"]))) for one in document["asked"]]


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
    return [_verdict(asked, found, *pair) for pair in pairs.items()]


def _verdict(
    asked: Sequence[Mapping[str, Any]], found: Sequence[Outcome], arm: str, baseline: str
) -> dict[str, Any]:
    called, reference = titles(asked), reference_of(asked, arm)
    said = _plain_json(asdict(verdict(found, arm, baseline, called)))
    fewer = on_fewer(found, arm, reference, called) if reference else ""
    return {**said, "sentence": " ".join(filter(None, [said["sentence"], fewer]))}


def _status(run: Run, session: Session) -> str:
    jobs = job_rows.jobs(run_id=run.id, session=session)
    return jobs[-1].status if jobs else "done"


def _vote(vote: Any) -> dict[str, Any]:
    names = ("sample", "first", "second", "better", "blind", "by")
    return {**{name: getattr(vote, name) for name in names}, "at": vote.at.isoformat()}


def _plain_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows no tuples."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()
    }


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)
