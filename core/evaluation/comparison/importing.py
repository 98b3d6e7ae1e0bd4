"""Takes in a recording: the JSON of a comparison that was made elsewhere.

It becomes a run like any other, marked as imported. Nothing of it is trusted: its shape is checked,
its size limited, and its texts are shown like those of any model.
"""

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from core.errors import BadInput
from core.evaluation.comparison.document import FORMAT, SETTINGS, VERSION
from core.evaluation.problems.problem import MAX_CHARACTERS
from core.store import Session, Store
from core.store import runs as rows
from core.store import votes as vote_rows
from core.store.records import Better, Run

MOST_BYTES = 32_000_000
MOST_CHARACTERS = 2_000_000


def _in_range(time: datetime) -> datetime:
    """A time near the end of all dates cannot be told in another time zone."""
    if not 1970 <= time.year <= 9000:
        raise ValueError("this date is out of range")
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


# What a database holds.
Count = Annotated[int, Field(ge=0, le=2**53)]
Time = Annotated[datetime, AfterValidator(_in_range)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class _Problem(_Shape):
    text: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    gold: str | None = None
    topic: str = ""


class _Asked(_Shape):
    arm: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=40)
    model: str = Field(max_length=200)


class _Given(_Shape):
    id: int
    name: str = Field(max_length=200)
    instruction: str = Field(max_length=2000)
    topic: str = ""
    rank: int = 0
    score: float | None = None
    why: str = ""
    at: int | None = None
    note: str = ""


class _Message(_Shape):
    """What a tool was asked and said stays with it."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)
    role: str = Field(max_length=40)
    content: str | None = None


class _Request(_Shape):
    model_config = ConfigDict(extra="allow", allow_inf_nan=False)
    messages: list[_Message] = Field(default_factory=list)
    input_tokens: Count | None = None
    cached_tokens: Count | None = None
    output_tokens: Count | None = None


class _Part(_Shape):
    message: int = Field(ge=0)
    part: str = Field(max_length=200)
    characters: Count = 0
    tokens: Count | None = None


class _Take(_Shape):
    sample: int = Field(ge=0, lt=1000)
    attempt: int = Field(default=1, ge=1)
    endpoint: str = ""
    model: str = ""
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    started: Time
    thinking: str = Field(default="", max_length=MOST_CHARACTERS)
    text: str = Field(default="", max_length=MOST_CHARACTERS)
    # None: the program ended while it arrived.
    finish_reason: Literal["stop", "length", "error", "cancelled"] | None
    error_kind: str | None = None
    error: str | None = None
    input_tokens: Count | None = None
    cached_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    output_tokens: Count | None = None
    counted_by: Literal["endpoint", "tokenizer"] | None = None
    price: float | None = None
    first_token_seconds: float | None = Field(default=None, ge=0)
    seconds: float | None = Field(default=None, ge=0)
    answer: str | None = None
    correct: bool | None = None
    grader: str | None = None
    given: list[_Given] = Field(default_factory=list)
    messages: list[_Message] = Field(default_factory=list)
    requests: list[_Request] = Field(default_factory=list)
    parts: list[_Part] = Field(default_factory=list)
    prompt_hash: str = ""
    chunks: list[tuple[int, Literal["thinking", "text"], int, int | None]] = Field(
        default_factory=list
    )


class _Vote(_Shape):
    sample: int = Field(default=0, ge=0, lt=1000)
    first: str
    second: str
    better: Better
    blind: bool = False
    by: str = ""


class _Handbook(_Shape):
    slug: str
    title: str
    step: int | None = None


class _Settings(_Shape):
    """What else stands there is kept as it is; only these are counted with."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)
    budget: int | None = Field(default=None, ge=1)
    samples: int = Field(default=1, ge=1, le=1000)
    width: int = Field(default=1, ge=1)
    together: bool = False


class _Document(_Shape):
    format: str
    version: int
    title: str = ""
    by: str = ""
    created: Time
    code_version: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    problem: _Problem
    handbook: _Handbook | None = None
    asked: list[_Asked] = Field(min_length=1, max_length=12)
    settings: _Settings
    arms: dict[str, list[_Take]]
    votes: list[_Vote] = Field(default_factory=list, max_length=1000)


def import_comparison(store: Store, name: str, data: bytes, *, by: str) -> Run:
    """The run made of a recording; raises BadInput and keeps nothing where it is none."""
    document = _read(name, data)
    with store.write() as session:
        problem_id = rows.keep_problem(**document.problem.model_dump(), extra={}, session=session)
        run = rows.add_run(
            kind="compare",
            title=document.title,
            handbook_id=None,
            problem_ids=[problem_id],
            params=_params(document, by),
            prompts=document.prompts,
            code_version=document.code_version,
            by=document.by or by,
            created=document.created,
            session=session,
        )
        for arm, takes in document.arms.items():
            for take in takes:
                _keep(run, problem_id, arm, take, document.settings.budget, session)
        for vote in document.votes:
            vote_rows.add_vote(run.id, **vote.model_dump(), session=session)
    return run


def _read(name: str, data: bytes) -> _Document:
    if len(data) > MOST_BYTES:
        raise BadInput(f"{name} has {len(data) / 1e6:.0f} MB; at most 32 MB are read.")
    try:
        found = json.loads(data, parse_constant=_refuse, parse_float=_finite)
        json.dumps(found, ensure_ascii=False).encode()  # half a character cannot be kept
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} is not readable JSON ({error}). Nothing was imported.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadInput(
            f"{name} is not a recording of a comparison. Export one from the Compare screen, or "
            "with `compare --export FILE`."
        )
    if found.get("version") != VERSION:
        raise BadInput(
            f"{name} was written by another Vademecum (format {found.get('version')!r}, this one "
            f"reads {VERSION}). Get the newer Vademecum."
        )
    try:
        document = _Document.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(
            f"{name}: {where or 'the document'}: {first['msg']}. Nothing was imported."
        ) from error
    _check_arms(name, document)
    return document


def _refuse(number: str) -> None:
    raise ValueError(f"{number} is no number of JSON")


def _finite(number: str) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise ValueError(f"{number[:20]} is too large a number")
    return found


def _check_arms(name: str, document: _Document) -> None:
    labels = [asked.arm for asked in document.asked]
    if len(set(labels)) < len(labels) or set(document.arms) - set(labels):
        raise BadInput(f"{name}: its arms are not those that were asked. Nothing was imported.")
    if any({vote.first, vote.second} - set(labels) for vote in document.votes):
        raise BadInput(f"{name}: a vote is on an arm that is not there. Nothing was imported.")
    for arm, takes in document.arms.items():
        if len({take.sample for take in takes}) < len(takes):
            raise BadInput(f"{name}: {arm} has a sample twice. Nothing was imported.")


def _params(document: _Document, by: str) -> dict[str, Any]:
    settings = document.settings.model_dump()
    sampling = {name: settings.get(name) for name in ("temperature", "top_p", "seed")}
    return {
        **{name: settings.get(name) for name in SETTINGS},
        "arms": [{"label": a.arm, "kind": a.kind, "model": a.model} for a in document.asked],
        "sampling": {**sampling, "max_tokens": settings.get("budget")},
        "handbook": document.handbook.model_dump() if document.handbook else None,
        "imported": by,
    }


def _keep(
    run: Run, problem_id: int, arm: str, take: _Take, budget: int | None, session: Session
) -> None:
    fields = take.model_dump(exclude={"answer", "correct", "grader", "parts", "started", "attempt"})
    trace = rows.add_trace(
        run_id=run.id,
        problem_id=problem_id,
        arm=arm,
        stage="solve",
        params={"max_tokens": budget, "parts": [part.model_dump() for part in take.parts]},
        created=take.started,
        session=session,
        **{**fields, "chunks": [list(chunk) for chunk in take.chunks]},
    )
    if take.grader is not None:
        rows.set_verdict(
            trace.id,
            extracted=take.answer,
            correct=take.correct,
            grader=take.grader,
            session=session,
        )
