"""The shapes that travel through the program: one frozen dataclass per idea.

Their fields carry the names of the table columns; `of` copies a row into a record. Times are
UTC-aware, durations are seconds, prices are US dollars unless an endpoint's prices are in another
currency. A count that nobody measured is None, never 0.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self

# `withdrawn` is where an undone proposal or import ends up: out of sight, not decided against.
BehaviorStatus = Literal["proposed", "accepted", "rejected", "merged", "withdrawn"]
JobStatus = Literal["queued", "running", "done", "failed", "stopped", "interrupted"]
FinishReason = Literal["stop", "length", "error", "cancelled"]
Stage = Literal["solve", "reflect", "extract"]
Better = Literal["first", "second", "both", "neither"]
BETTER: tuple[Better, ...] = ("first", "second", "both", "neither")
STAGES: tuple[Stage, ...] = ("solve", "reflect", "extract")
# The stage of a source that an extraction found after it had been decided on.
AGAIN = "again"
ACTIVE: tuple[JobStatus, ...] = ("queued", "running")


def now() -> datetime:
    return datetime.now(UTC)


class Record:
    """Gives every record `of(row)`."""

    __match_args__: ClassVar[tuple[str, ...]]  # dataclass makes it: the names of the fields

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(*(getattr(row, name) for name in cls.__match_args__))


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
    archived: bool
    created: datetime
    changed: datetime


@dataclass(frozen=True)
class Behavior(Record):
    """`marks` maps a mark (`core.handbook.rules.MARKS`) to the reason for it.

    `apart` holds the ids of behaviors that a person found to be different ones, however alike.
    `source_model` and `source_correct` say which model proposed it, and whether the solution it
    was drawn from was right (None where that is unknown); both outlive the run.
    """

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
    apart: list[int]
    source_model: str
    source_correct: bool | None
    extra: dict[str, Any]
    version: int
    created: datetime
    changed: datetime
    by: str


@dataclass(frozen=True)
class Source(Record):
    """Where a behavior came from: characters `start` to `end` of a trace's text.

    The stage is AGAIN where an extraction found what had been decided on before.
    """

    id: int
    behavior_id: int
    trace_id: int | None
    stage: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Step(Record):
    """What a person (or a run) did at one go: `size` operations that are undone together.

    Steps are numbered from 1 in each handbook, so a number names a past state of it. `undoes` is
    the number of the step that this one reverses; `undone` says whether a later one reversed it.
    """

    id: int
    handbook_id: int
    number: int
    kind: str
    size: int
    undoes: int | None
    undone: bool
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Version(Record):
    """A name for the state of a handbook after step `step`."""

    id: int
    handbook_id: int
    name: str
    step: int
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Operation(Record):
    """One line of a handbook's history. `before` and `after` hold the changed fields only.

    An empty `before` is a beginning: the behavior did not exist. Without a behavior it is about
    the handbook itself.
    """

    id: int
    step_id: int
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
class ProblemSet(Record):
    """A named set of problems; `digest` (sha256) is that of its problems in their order."""

    id: int
    name: str
    split: str
    digest: str
    by: str
    created: datetime


@dataclass(frozen=True)
class Layout(Record):
    """A map of a handbook in 2 or 3 `dimensions`; `size` is the number of texts it was made of."""

    id: int
    handbook_id: int
    embedder: str
    dimensions: int
    method: str
    seed: int
    size: int
    by: str
    made: datetime


@dataclass(frozen=True)
class Cluster(Record):
    """`by` is empty for a name made of the words, else the model or person that gave it."""

    layout_id: int
    number: int
    name: str
    words: list[str]
    by: str


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

    `follows` is the trace whose text this stage read. `created` is when its request was sent, and
    until then when the trace was made. `chunks` holds [milliseconds since the request, "thinking"
    or "text", characters, output tokens so far] for each piece that arrived, for replay. `given`
    are the behaviors it was given, as they stood then; `requests` what was sent where that was more
    than one request (`core.pipeline.dynamic`). `counted_by` is endpoint or tokenizer.
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
    messages: list[dict[str, Any]]
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
    given: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    counted_by: str | None

    @property
    def ended(self) -> bool:
        """By itself or at its budget: an outcome, also where no text was written."""
        return self.finish_reason in ("stop", "length")

    @property
    def usable(self) -> bool:
        """Whether the next stage can read it: it ended by itself or at its budget, with a text."""
        return self.finish_reason in ("stop", "length") and bool(self.text)


@dataclass(frozen=True)
class Verdict(Record):
    """`score` is a share of 0 to 1, where an answer can be right in part (token F1)."""

    id: int
    trace_id: int
    extracted: str | None
    correct: bool | None
    grader: str
    score: float | None = None


@dataclass(frozen=True)
class Vote(Record):
    """Which of two arms was `better`. `blind` says that their names were hidden."""

    id: int
    run_id: int
    sample: int
    first: str
    second: str
    better: Better
    blind: bool
    by: str
    at: datetime


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
