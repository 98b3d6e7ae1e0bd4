"""Logs as the arms of one run: what each is called, and what its replies came to.

No log is changed by another, but for the problems: those of one text are one problem, so that the
arms can be compared on it. The verdict of the tool stays; only where it gave no yes or no, the
grading here decides, and its grader says so.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from core.errors import BadInput
from core.evaluation.grading import Task, grade
from core.evaluation.logs.logged import LoggedRun, LoggedSample
from core.evaluation.problems import NewProblem

PLAIN, WITH_BEHAVIORS = "plain", "bci"
# Of an arm with behaviors it is not known how they were found.
KINDS = (PLAIN, WITH_BEHAVIORS, "concise", "random", "names-only")
MOST_ARMS = 12
LONGEST_LABEL = 100
Key = tuple[str, str | None, str]
OURS = "Vademecum"  # begins the name of a grader that is not the tool's


@dataclass(frozen=True)
class LogArm:
    """A log under its label; `file` is the name it came under, `digest` that of its bytes."""

    label: str
    kind: str
    file: str
    digest: str
    log: LoggedRun


def key_of(problem: NewProblem) -> Key:
    """What makes it the problem it is: the store keeps the same text, answer and topic once."""
    return problem.text, problem.gold, problem.topic


def arms_of(
    files: Sequence[tuple[str, bytes]],
    logs: Sequence[LoggedRun],
    labels: Sequence[str] = (),
    kinds: Sequence[str] = (),
) -> list[LogArm]:
    """`labels` and `kinds` are those of the logs in their order; "" takes what the log tells."""
    if not 1 <= len(logs) <= MOST_ARMS:
        raise BadInput(f"Take 1 to {MOST_ARMS} logs at a time; here are {len(logs)}.")
    for what, given in (("label", labels), ("kind", kinds)):
        if given and len(given) != len(logs):
            raise BadInput(
                f"A {what} belongs to each log, in their order: there are {len(logs)} logs and "
                f"{len(given)} {what}s."
            )
    if unknown := [kind for kind in kinds if kind and kind not in KINDS]:
        raise BadInput(f"There is no kind {unknown[0]!r} of logs. There are: {', '.join(KINDS)}.")
    names = [name for name, _data in files]
    digests = [hashlib.sha256(data).hexdigest() for _name, data in files]
    if again := [place for place, one in enumerate(digests) if one in digests[:place]]:
        first = names[digests.index(digests[again[0]])]
        raise BadInput(f"{names[again[0]]} is the same log as {first}. Nothing was imported.")
    told = [_kind(log.kind) for log in logs]
    found = zip(
        _labels(names, logs, labels or [""] * len(logs)),
        [given or own for given, own in zip(kinds or told, told, strict=True)],
        names,
        digests,
        logs,
        strict=True,
    )
    return [LogArm(*one) for one in found]


def with_problems_in_common(arms: Sequence[LogArm]) -> list[LogArm]:
    """A problem is that of the first log that has its text, with the answer it has there.

    A text that one log has with several answers or topics is left as it is.
    """
    known: dict[str, NewProblem] = {}
    found = []
    for arm in arms:
        own: dict[str, set[Key]] = {}
        for sample in arm.log.samples:
            own.setdefault(_words(sample.problem.text), set()).add(key_of(sample.problem))
        single = {text for text, ways in own.items() if len(ways) == 1}
        samples = []
        for sample in arm.log.samples:
            text = _words(sample.problem.text)
            if text in single:
                sample = replace(sample, problem=known.setdefault(text, sample.problem))
            samples.append(sample)
        found.append(replace(arm, log=replace(arm.log, samples=tuple(samples))))
    return found


def verdict_of(log: LoggedRun, sample: LoggedSample) -> dict[str, Any] | None:
    """The fields of a reply's verdict; None for a reply that never came."""
    if sample.finish == "error":
        return None
    score = sample.score if sample.score is not None and 0 <= sample.score <= 1 else None
    if sample.correct is not None:
        grader = " ".join(filter(None, (log.tool, log.scored_by)))
        return {
            "extracted": sample.answer,
            "correct": sample.correct,
            "grader": grader,
            "score": score if _has_f1(log) else None,
        }
    found = grade(sample.text, sample.problem.gold, Task.of(sample.problem.extra))
    return {
        "extracted": found.extracted,
        "correct": found.correct,
        "grader": f"{OURS} {found.grader}",
        "score": found.score if score is None else score,
    }


def _has_f1(log: LoggedRun) -> bool:
    """Whether its scores are token F1, as ours are; others say once more what is right."""
    return bool(log.arm) or "f1" in log.scored_by.lower()


def _kind(told: str) -> str:
    """Of a log that we wrote; all ways to give behaviors are one, as the log has none of them."""
    if told.startswith(WITH_BEHAVIORS):
        return WITH_BEHAVIORS
    return told if told in KINDS else PLAIN


def _labels(names: Sequence[str], logs: Sequence[LoggedRun], given: Sequence[str]) -> list[str]:
    """As a person named them, else by arm or model; where that is one for several, by file too."""
    typed = [" ".join(one.split())[:LONGEST_LABEL] for one in given]
    if twice := [one for one, times in Counter(filter(None, typed)).items() if times > 1]:
        raise BadInput(f"Two logs are called {twice[0]!r}. Give each a label of its own.")
    stems = [PurePath(name).stem for name in names]
    told = [
        own or " ".join((log.arm or log.model or stem).split())[:LONGEST_LABEL] or stem
        for own, log, stem in zip(typed, logs, stems, strict=True)
    ]
    by_file = [
        label if own or told.count(label) == 1 else f"{label} ({stem})"
        for own, label, stem in zip(typed, told, stems, strict=True)
    ]
    return [
        label if label not in by_file[:place] else f"{label}, log {place + 1}"
        for place, label in enumerate(by_file)
    ]


def _words(text: str) -> str:
    """Tools differ in the spaces and empty lines around a problem."""
    return " ".join(text.split())
