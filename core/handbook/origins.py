"""Where a behavior came from, read back: the problem, the traces that led to it, the stretch."""

from dataclasses import dataclass

from core.handbook.merging import all_sources
from core.store import Session
from core.store import runs as run_rows
from core.store.records import Problem, Source, Trace, Verdict

AROUND = 260


@dataclass(frozen=True)
class Origin:
    """One source that still has its trace. `led` are the traces it read, nearest first."""

    source: Source
    trace: Trace
    led: list[Trace]
    problem: Problem
    verdict: Verdict | None


@dataclass(frozen=True)
class Stretch:
    """A piece of a trace: the words in question, with what stands before and after them."""

    stage: str
    before: str
    found: str
    after: str


def origins(behavior_id: int, session: Session) -> list[Origin]:
    """Every source, also of what was merged into it; those whose run was deleted are left out."""
    sources = [source for source in all_sources(behavior_id, session) if source.trace_id]
    return [_origin(source, session) for source in sources]


def first_origin(behavior_id: int, session: Session) -> Origin | None:
    for source in all_sources(behavior_id, session):
        if source.trace_id:
            return _origin(source, session)
    return None


def stretch(origin: Origin, name: str) -> Stretch:
    """Where the review or the solution first speaks of the behavior; else where it was listed."""
    for trace in origin.led:
        if (start := trace.text.find(name)) >= 0:
            return _cut(trace, start, start + len(name))
    return _cut(origin.trace, origin.source.start or 0, origin.source.end or 0)


def _origin(source: Source, session: Session) -> Origin:
    assert source.trace_id is not None  # noqa: S101  only such sources come here
    trace = run_rows.trace(source.trace_id, session=session)
    led: list[Trace] = []
    earlier = trace
    while earlier.follows is not None:
        earlier = run_rows.trace(earlier.follows, session=session)
        led.append(earlier)
    problem = run_rows.problems([trace.problem_id], session=session)[trace.problem_id]
    solved = led[-1] if led else trace
    verdict = run_rows.verdicts([solved.id], session=session).get(solved.id)
    return Origin(source, trace, led, problem, verdict)


def _cut(trace: Trace, start: int, end: int) -> Stretch:
    text = trace.text
    begin, stop = max(0, start - AROUND), min(len(text), end + AROUND)
    before = ("… " if begin else "") + text[begin:start]
    after = text[end:stop] + (" …" if stop < len(text) else "")
    return Stretch(trace.stage, before, text[start:end], after)
