"""What a recording has to look like to be taken in: its fields, their kinds and their limits."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PositiveInt,
    Tag,
    model_validator,
)

from core.evaluation.problems.problem import MAX_CHARACTERS
from core.store.records import Better

MOST_CHARACTERS = 2_000_000


def _in_range(time: datetime) -> datetime:
    """A time near the end of all dates cannot be told in another time zone."""
    if not 1970 <= time.year <= 9000:
        raise ValueError("this date is out of range")
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


# What a database holds.
Count = Annotated[int, Field(ge=0, le=2**53)]
Time = Annotated[datetime, AfterValidator(_in_range)]
Side = Literal["thinking", "text"]


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
    handbook: str = Field(default="", max_length=200)


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


class Columns(_Shape):
    """Chunks as `core.evaluation.comparison.packing` writes them."""

    ms: list[int]
    side: list[tuple[Side, PositiveInt]]
    length: list[int]
    tokens: list[tuple[int | None, PositiveInt]]

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        """Before they are spread out: a few letters can stand for any number of chunks."""
        runs = (sum(times for _, times in column) for column in (self.side, self.tokens))
        if {len(self.length), *runs} != {len(self.ms)}:
            raise ValueError("the columns are not of one length")
        return self


def _form(chunks: Any) -> str:
    return "columns" if isinstance(chunks, dict | Columns) else "list"


_Chunks = Annotated[
    Annotated[Columns, Tag("columns")]
    | Annotated[list[tuple[int, Side, int, int | None]], Tag("list")],
    Discriminator(_form),
]


class Take(_Shape):
    sample: int = Field(ge=0, lt=1000)
    attempt: int = Field(default=1, ge=1)
    endpoint: str = ""
    model: str = ""
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    note: str = ""
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
    chunks: _Chunks = Field(default_factory=list)


class _Vote(_Shape):
    sample: int = Field(default=0, ge=0, lt=1000)
    first: str
    second: str
    better: Better
    blind: bool = False
    by: str = ""
    at: Time | None = None


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


class Document(_Shape):
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
    arms: dict[str, list[Take]]
    votes: list[_Vote] = Field(default_factory=list, max_length=1000)
