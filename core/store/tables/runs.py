"""Tables of problems, of the models that are asked, and of what they replied."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from core.store.tables.base import Table, UtcDateTime, a_dict, a_list, a_time, later


class ProblemRow(Table, table=True):
    __tablename__ = "problem"
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    text: str
    gold: str | None = None
    topic: str = ""
    extra: dict[str, Any] = a_dict()


class ProblemSetRow(Table, table=True):
    """A named set of problems; `digest` is that of its problems in their order."""

    __tablename__ = "problem_set"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    split: str = ""
    digest: str
    by: str
    created: datetime = a_time()


class SetProblemRow(Table, table=True):
    __tablename__ = "set_problem"
    set_id: int = Field(foreign_key="problem_set.id", ondelete="CASCADE", primary_key=True)
    place: int = Field(primary_key=True)
    problem_id: int = Field(foreign_key="problem.id", index=True)


class RunRow(Table, table=True):
    __tablename__ = "run"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    title: str
    handbook_id: int | None = Field(default=None, foreign_key="handbook.id", ondelete="SET NULL")
    problem_ids: list[int] = a_list()
    params: dict[str, Any] = a_dict()
    prompts: dict[str, str] = a_dict()
    code_version: str = ""
    by: str
    created: datetime = a_time()


class JobRow(Table, table=True):
    __tablename__ = "job"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    run_id: int | None = Field(default=None, foreign_key="run.id", ondelete="CASCADE", index=True)
    params: dict[str, Any] = a_dict()
    status: str = "queued"
    done: int = 0
    total: int = 0
    note: str = ""
    stop: bool = False
    owner: str = ""
    by: str
    created: datetime = a_time()
    started: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TraceRow(Table, table=True):
    __tablename__ = "trace"
    __table_args__ = (
        UniqueConstraint("run_id", "problem_id", "arm", "stage", "sample", "attempt"),
    )
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE", index=True)
    problem_id: int = Field(foreign_key="problem.id")
    arm: str
    stage: str
    sample: int = 0
    attempt: int = 1
    follows: int | None = Field(default=None, foreign_key="trace.id", ondelete="SET NULL")
    endpoint: str
    model: str
    params: dict[str, Any] = a_dict()
    seed: int | None = None
    prompt_hash: str
    messages: list[dict[str, Any]] = a_list()
    thinking: str = ""
    text: str = ""
    note: str = ""
    finish_reason: str | None = None
    error_kind: str | None = None
    error: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    output_tokens: int | None = None
    price: float | None = None
    first_token_seconds: float | None = None
    seconds: float | None = None
    chunks: list[list[Any]] = a_list()
    created: datetime = a_time()
    given: list[dict[str, Any]] = later("'[]'", default_factory=list, sa_type=JSON)
    requests: list[dict[str, Any]] = later("'[]'", default_factory=list, sa_type=JSON)
    counted_by: str | None = None


class VerdictRow(Table, table=True):
    __tablename__ = "verdict"
    id: int | None = Field(default=None, primary_key=True)
    trace_id: int = Field(foreign_key="trace.id", ondelete="CASCADE", unique=True)
    extracted: str | None = None
    correct: bool | None = None
    grader: str
    score: float | None = None


class ChoiceRow(Table, table=True):
    """Which behaviors an arm of an evaluation has for a problem, chosen before it began."""

    __tablename__ = "choice"
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE", primary_key=True)
    problem_id: int = Field(foreign_key="problem.id", primary_key=True)
    arm: str = Field(primary_key=True)
    given: list[dict[str, Any]] = a_list()


class VoteRow(Table, table=True):
    """Which of two arms somebody found better."""

    __tablename__ = "vote"
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE", index=True)
    sample: int
    first: str
    second: str
    better: str
    blind: bool
    by: str
    at: datetime = a_time()


class EndpointRow(Table, table=True):
    __tablename__ = "endpoint"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    base_url: str
    model: str
    key_env: str | None = None
    context_length: int | None = None
    price_in: float | None = None
    price_cached: float | None = None
    price_out: float | None = None
    thinking: str = "auto"
    concurrency: int = 8
    found: dict[str, Any] = a_dict()
    embedded: str | None = None
