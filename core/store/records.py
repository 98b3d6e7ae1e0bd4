"""The shapes that travel through the program: one frozen dataclass per idea.

Their fields carry the names of the table columns; `of` copies a row into a record. Times are
UTC-aware, durations are seconds, prices are US dollars unless an endpoint's prices are in another
currency. A count that nobody measured is None, never 0.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, Self

BehaviorStatus = Literal["proposed", "accepted", "rejected", "merged"]
JobStatus = Literal["queued", "running", "done", "failed", "stopped", "interrupted"]
FinishReason = Literal["stop", "length", "error", "cancelled"]
Stage = Literal["solve", "reflect", "extract"]
STAGES: tuple[Stage, ...] = ("solve", "reflect", "extract")
ACTIVE: tuple[JobStatus, ...] = ("queued", "running")


def now() -> datetime:
    return datetime.now(UTC)


class Record:
    """Gives every record `of(row)`."""

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Handbook(Record):
    id: int
    slug: str
    title: str
    description: str
    language: str
    licence: str
    authors: list[str]
    made: str
    extra: dict[str, Any]
    created: datetime
    changed: datetime


@dataclass(frozen=True)
class Behavior(Record):
    """`marks` maps a mark (leak, specific, trivial, clash, near-copy) to the reason for it."""

    id: int
    handbook_id: int
    name: str
    instruction: str
    topic: str
    avoid_when: str | None
    tags: list[str]
    status: BehaviorStatus
    merged_into: int | None
    marks: dict[str, str]
    extra: dict[str, Any]
    version: int
    created: datetime
    changed: datetime
    by: str


@dataclass(frozen=True)
class Source(Record):
    """Where a behavior came from: characters `start` to `end` of a trace's text."""

    id: int
    behavior_id: int
    trace_id: int | None
    stage: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Operation(Record):
    """One line of a handbook's history. `before` and `after` hold the changed fields only."""

    id: int
    handbook_id: int
    behavior_id: int | None
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Problem(Record):
    id: int
    digest: str
    text: str
    gold: str | None
    topic: str
    extra: dict[str, Any]


@dataclass(frozen=True)
class Run(Record):
    """What was asked for. `params` holds models per stage, sampling, samples, stages, topic."""

    id: int
    kind: str
    title: str
    handbook_id: int | None
    problem_ids: list[int]
    params: dict[str, Any]
    prompts: dict[str, str]
    code_version: str
    by: str
    created: datetime


@dataclass(frozen=True)
class Job(Record):
    id: int
    kind: str
    run_id: int | None
    params: dict[str, Any]
    status: JobStatus
    done: int
    total: int
    note: str
    stop: bool
    owner: str
    by: str
    created: datetime
    started: datetime | None
    finished: datetime | None

    @property
    def active(self) -> bool:
        return self.status in ACTIVE


@dataclass(frozen=True)
class Trace(Record):
    """One model's whole answer to one prompt; `finish_reason` is None while it is in flight.

    `follows` is the trace whose text this stage read. `chunks` holds [milliseconds since the
    request, "thinking" or "text", characters] for each piece that arrived, for replay.
    """

    id: int
    run_id: int
    problem_id: int
    arm: str
    stage: Stage
    sample: int
    attempt: int
    follows: int | None
    endpoint: str
    model: str
    params: dict[str, Any]
    seed: int | None
    prompt_hash: str
    messages: list[dict[str, str]]
    thinking: str
    text: str
    note: str
    finish_reason: FinishReason | None
    error_kind: str | None
    error: str | None
    input_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    output_tokens: int | None
    price: float | None
    first_token_seconds: float | None
    seconds: float | None
    chunks: list[list[Any]]
    created: datetime

    @property
    def usable(self) -> bool:
        """Whether the next stage can read it: it ended by itself or at its budget, with a text."""
        return self.finish_reason in ("stop", "length") and bool(self.text)


@dataclass(frozen=True)
class Verdict(Record):
    id: int
    trace_id: int
    extracted: str | None
    correct: bool | None
    grader: str


@dataclass(frozen=True)
class Endpoint(Record):
    """A model behind an OpenAI-compatible address. Prices are per million tokens.

    `thinking` is auto, reasoning_content, tags or none; `found` is what the last test saw
    (thinking, usage, schema, server, tokens_per_second, tested). An embedded model has no address
    of its own: `embedded` names its catalogue entry.
    """

    id: int | None
    name: str
    base_url: str
    model: str
    key_env: str | None
    context_length: int | None
    price_in: float | None
    price_cached: float | None
    price_out: float | None
    thinking: str
    concurrency: int
    found: dict[str, Any]
    embedded: str | None = None
