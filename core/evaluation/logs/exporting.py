"""Writes the arms of an evaluation as logs of lm-evaluation-harness, one file for each arm.

A file stands in a folder of its arm, where that tool and its readers look for the results of a
model; its name has the task and the time, as they expect. Of each reply it is the attempt that
counts at the largest budget, right or wrong as the report says: what was cut off is wrong, unless
it was made to answer, and then that answer is a part of it, as are its tokens. Replies that were
stopped are left out, and so are second looks of a judge, whose verdict the reply has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.errors import BadInput
from core.evaluation.evidence import Evidence, evidence
from core.evaluation.logs.logged import Finish, LoggedRun, LoggedSample
from core.evaluation.logs.writing import write_lm_eval
from core.evaluation.problems import NewProblem
from core.store import Store
from core.store import outcomes as outcome_rows
from core.store import runs as rows
from core.store.outcomes import Outcome
from core.store.records import Problem, Run, Trace

_FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "error": "error"}
_COPIED = (
    *("text", "thinking", "error", "seconds", "price"),
    *("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens"),
)
_UNFIT = re.compile(r"[^\w.@+-]+", re.ASCII)
_SUMMED = ("output_tokens", "input_tokens", "cached_tokens", "seconds", "price")
LONGEST_NAME = 80


@dataclass(frozen=True)
class _Counting:
    """A reply that counts, and the trace whose verdict does: itself, the answer that it was made to
    give, or None where it has none or was cut off.
    """

    reply: Outcome
    telling: Outcome | None

    @property
    def right(self) -> bool | None:
        if self.telling is None:
            return False if self.reply.ended else None
        return self.telling.correct

    @property
    def score(self) -> float | None:
        """Token F1; what was cut off has nothing of the answer."""
        if self.telling is None:
            return None if self.reply.score is None else 0.0
        return self.telling.score

    @property
    def answer(self) -> Outcome | None:
        """That it was made to give."""
        made = self.telling is not None and self.telling.id != self.reply.id
        return self.telling if made else None


@dataclass(frozen=True)
class Export:
    """One arm as a log; `path` is where it belongs, below a folder for all of them."""

    arm: str
    path: str
    replies: int
    text: str


def exported(store: Store, run_id: int, arm: str | None = None) -> Iterator[Export]:
    """Every arm of an evaluation that has replies, or one of them; one at a time is in memory."""
    with store.read() as session:
        run = rows.run(run_id, session=session)
        if run.kind != "evaluate":
            raise BadInput(f"Run {run_id} is no evaluation: only such a run is written as logs.")
        problems = rows.problems(run.problem_ids, session=session)
        labels = [str(one["label"]) for one in run.params["arms"]]
        known = evidence(outcome_rows.outcomes(run_id, session=session), labels)
        counting = _counting(known, max(run.params["budgets"]))
    if arm is not None and arm not in labels:
        raise BadInput(f"Run {run_id} has no arm {arm!r}. There are: {', '.join(labels)}.")
    folders = dict(zip(labels, _folders(labels), strict=True))
    return _exported(store, run, problems, counting, {arm: folders[arm]} if arm else folders)


def log_name(task: str, created: datetime) -> str:
    """As that tool names its samples, and finds the task and the time in the name."""
    return f"samples_{_fit(task, 'problems')}_{created:%Y-%m-%dT%H-%M-%S.%f}.jsonl"


def _counting(known: Evidence, budget: int) -> list[_Counting]:
    telling = {one.key: one for one in known.graded(budget)}
    return [_Counting(one, telling.get(key)) for key, one in known.under(budget).items()]


def _exported(
    store: Store,
    run: Run,
    problems: Mapping[int, Problem],
    counting: Sequence[_Counting],
    folders: Mapping[str, str],
) -> Iterator[Export]:
    name = log_name(run.params["problems"].get("set") or run.title, run.created)
    for label, folder in folders.items():
        with store.read() as session:
            traces = {one.id: one for one in rows.traces(run.id, arm=label, session=session)}
        samples = [
            _sample(one, traces, problems[one.reply.problem_id])
            for one in counting
            if one.reply.arm == label
            and one.reply.finish_reason in _FINISHES
            and one.reply.problem_id in problems
        ]
        if samples:
            text = write_lm_eval(_log(run, label, samples))
            yield Export(label, f"{folder}/{name}", len(samples), text)


def _sample(one: _Counting, traces: Mapping[int, Trace], problem: Problem) -> LoggedSample:
    trace = traces[one.reply.id]
    ending_known = trace.params.get("ending_known", True)
    sample = LoggedSample(
        problem=NewProblem(problem.text, problem.gold, problem.topic, problem.extra),
        number=trace.sample,
        correct=one.right,
        score=one.score,
        answer=one.reply.extracted,
        finish=_FINISHES[one.reply.finish_reason or ""] if ending_known else None,
        messages=tuple(trace.messages),
        **{name: getattr(trace, name) for name in _COPIED},
    )
    return sample if one.answer is None else _with_answer(sample, traces[one.answer.id], one.answer)


def _with_answer(cut: LoggedSample, trace: Trace, answer: Outcome) -> LoggedSample:
    """A reply that was cut off and made to answer, as one that ended by itself."""
    return replace(
        cut,
        text="\n\n".join(filter(None, (cut.text, trace.text))),
        answer=answer.extracted,
        finish="stop",
        **{name: _sum(getattr(cut, name), getattr(trace, name)) for name in _SUMMED},
    )


def _sum(first: float | None, second: float | None) -> Any:
    return None if first is None or second is None else first + second


def _log(run: Run, label: str, samples: list[LoggedSample]) -> LoggedRun:
    (arm,) = [one for one in run.params["arms"] if one["label"] == label]
    logged: list[dict[str, Any]] = run.params.get("logs", [])
    sampling = run.params["sampling"]
    asked = {"budget": sampling["max_tokens"], **sampling}
    asked |= next((one for one in logged if one["arm"] == label), {})
    return LoggedRun(
        tool="lm-evaluation-harness",
        model=arm["model"],
        task="",
        created=run.created,
        scored_by="",
        scorers=(),
        samples=tuple(samples),
        arm=label,
        kind=arm["kind"],
        **{name: asked[name] for name in ("budget", "temperature", "top_p", "seed")},
    )


def _folders(labels: list[str]) -> list[str]:
    """Named by the arms; labels that are the same without what a file name cannot have differ."""
    names = [_fit(label.replace("/", "__"), "arm") for label in labels]
    return [
        name
        if name.lower() not in [one.lower() for one in names[:place]]
        else f"{name}-{place + 1}"
        for place, name in enumerate(names)
    ]


def _fit(text: str, otherwise: str) -> str:
    return _UNFIT.sub("-", text).strip("-.")[:LONGEST_NAME] or otherwise
