"""Keeps logs of other tools as one run, an arm for each log, to be compared like any other arms.

The run is an evaluation that has no job: nothing of it can be resumed or extended. It is kept whole
or not at all. What a log does not tell stays unknown, but for two things that a report cannot do
without: a reply of which nobody knows why it ended counts as ended by itself, and where a log has
no budget a number stands for it that cuts nothing. The report says both.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from core.errors import BadInput
from core.evaluation.logs.arms import (
    OURS,
    Key,
    LogArm,
    arms_of,
    key_of,
    verdict_of,
    with_problems_in_common,
)
from core.evaluation.logs.logged import LoggedRun, LoggedSample
from core.evaluation.logs.reading import read
from core.handbook import shelf
from core.store import Session, Store, history
from core.store import runs as rows
from core.store.records import Run
from core.version import code_version

KIND = "evaluate"
LONGEST_TITLE = 80
# Stands for the budget of replies of which neither that nor any tokens are known.
NO_BUDGET = 1_000_000
_ALL_RUNS = 1_000_000
_COUNTS = ("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens")
_COPIED = ("text", "thinking", "error", "seconds", "price", *_COUNTS)
Verdict = dict[str, Any] | None


def keep_logs(
    store: Store,
    files: Sequence[tuple[str, bytes]],
    *,
    handbook: str | None = None,
    labels: Sequence[str] = (),
    kinds: Sequence[str] = (),
    scored_by: str | None = None,
    by: str,
) -> Run:
    """The run made of logs (name, content); raises BadInput and keeps nothing where it cannot be.

    `handbook` is the slug of the one whose behaviors are looked for in the replies. `labels` and
    `kinds` (of `KINDS`) are those of the logs in their order; "" takes what the log itself tells.
    """
    logs = [read(name, data, scored_by) for name, data in files]
    arms = arms_of(files, logs, labels, kinds)
    digest = _digest(arms, handbook)
    with store.read() as session:
        _need_new(arms, digest, session)
    # Grading may take minutes: nobody is to wait for the database meanwhile.
    verdicts = [[verdict_of(arm.log, sample) for sample in arm.log.samples] for arm in arms]
    arms = with_problems_in_common(arms)
    with store.write() as session:
        _need_new(arms, digest, session)
        book = shelf.find_in(handbook, session) if handbook else None
        problem_ids = _keep_problems(arms, session)
        params = _params(arms, verdicts, len(set(problem_ids.values())))
        if book:
            step = history.last_number(book.id, session=session)
            params["handbook"] = {"slug": book.slug, "title": book.title, "step": step}
        run = rows.add_run(
            kind=KIND,
            title=params["problems"]["set"][:LONGEST_TITLE],
            handbook_id=book.id if book else None,
            problem_ids=list(dict.fromkeys(problem_ids.values())),
            params={**params, "imported": by, "digest": digest},
            code_version=code_version(),
            by=by,
            session=session,
        )
        for arm, found in zip(arms, verdicts, strict=True):
            for sample, verdict in zip(arm.log.samples, found, strict=True):
                _keep(run, arm, sample, problem_ids[key_of(sample.problem)], verdict, session)
    return run


def _digest(arms: Sequence[LogArm], handbook: str | None) -> str:
    """The same for the same logs, in any order, scored alike and read for the same handbook."""
    told = [sorted([arm.digest, arm.log.scored_by] for arm in arms), handbook]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _need_new(arms: Sequence[LogArm], digest: str, session: Session) -> None:
    for run in rows.latest_of_kind(KIND, _ALL_RUNS, session=session):
        if run.params.get("digest") == digest:
            names = ", ".join(arm.file for arm in arms)
            raise BadInput(
                f"{names}: kept already, as run {run.id}, imported by {run.by} on "
                f"{run.created:%d %b %Y}. Nothing was imported."
            )


def _keep_problems(arms: Sequence[LogArm], session: Session) -> dict[Key, int]:
    problems = {key_of(one.problem): one.problem for arm in arms for one in arm.log.samples}
    return {
        key: rows.keep_problem(one.text, one.gold, one.topic, one.extra, session=session)
        for key, one in problems.items()
    }


def _params(
    arms: Sequence[LogArm], verdicts: Sequence[Sequence[Verdict]], problems: int
) -> dict[str, Any]:
    """As an evaluation of our own has them, and what only logs tell."""
    logs = [arm.log for arm in arms]
    budget = _budget(logs)
    asked = {name: _common(logs, name) for name in ("temperature", "top_p", "seed")}
    return {
        "arms": [
            {"label": arm.label, "kind": arm.kind, "model": arm.log.model, "handbook": ""}
            for arm in arms
        ],
        "sampling": {**asked, "max_tokens": budget},
        "samples": max(sample.number for log in logs for sample in log.samples) + 1,
        "budgets": [budget],
        "budget_known": _common(logs, "budget") == budget,
        "forced": False,
        "parts": False,
        "judge": "",
        "problems": {
            "set": " and ".join(dict.fromkeys(log.task for log in logs if log.task)) or "Logs",
            "size": problems,
        },
        "endpoints": {},
        "handbook": None,
        "logs": [_told(arm, found) for arm, found in zip(arms, verdicts, strict=True)],
    }


def _budget(logs: Sequence[LoggedRun]) -> int:
    """No smaller than any reply: each counts as it came, and none is cut here.

    Of several turns the tokens are a sum, which may be above what each was allowed.
    """
    written = [one.output_tokens for log in logs for one in log.samples]
    known = [found for found in (*written, *(log.budget for log in logs)) if found]
    return max(known, default=NO_BUDGET)


def _common(logs: Sequence[LoggedRun], name: str) -> Any:
    """What is the same in all logs; else None."""
    found = {getattr(log, name) for log in logs}
    return found.pop() if len(found) == 1 else None


def _told(arm: LogArm, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    log = arm.log
    asked = ("budget", "temperature", "top_p", "seed")
    graded = [one for one in verdicts if one and one["grader"].startswith(OURS)]
    ended = [sample for sample in log.samples if sample.finish != "error"]
    return {
        "arm": arm.label,
        "file": arm.file,
        "digest": arm.digest,
        **{name: getattr(log, name) for name in ("tool", "model", "task", "scored_by", *asked)},
        "created": log.created.isoformat() if log.created else None,
        "replies": len(log.samples),
        "problems": len({key_of(sample.problem) for sample in log.samples}),
        "graded_here": sum(one["correct"] is not None for one in graded),
        "endings_unknown": sum(sample.finish is None for sample in ended),
        "cut_off_but_right": sum(s.finish == "length" and s.correct is True for s in ended),
        "notes": list(log.notes),
    }


def _keep(
    run: Run,
    arm: LogArm,
    sample: LoggedSample,
    problem_id: int,
    verdict: Verdict,
    session: Session,
) -> None:
    created = arm.log.created
    # A time near the end of all dates cannot be told in another time zone.
    known = {"created": created} if created and 1970 <= created.year <= 9000 else {}
    trace = rows.add_trace(
        run_id=run.id,
        problem_id=problem_id,
        arm=arm.label,
        stage="solve",
        sample=sample.number,
        endpoint="",
        model=arm.log.model,
        params={"max_tokens": run.params["budgets"][0], "ending_known": sample.finish is not None},
        seed=arm.log.seed,
        prompt_hash="",
        messages=list(sample.messages),
        finish_reason=sample.finish or "stop",
        session=session,
        **known,
        **{name: getattr(sample, name) for name in _COPIED},
    )
    if verdict is not None:
        rows.add_verdict(trace.id, **verdict, session=session)
