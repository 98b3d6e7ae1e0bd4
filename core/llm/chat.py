"""What is asked of a model and what comes back: the `ChatModel` protocol and its shapes.

A failure is part of the reply, not an exception: what had arrived before it is never lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from core.store.records import Endpoint, FinishReason

# As the protocol has it: role and content; with tools also tool_calls and tool_call_id.
Message = dict[str, Any]
Piece = Literal["thinking", "text"]
CountedBy = Literal["endpoint", "tokenizer"]
# What is noted while nothing was sent yet: that time is not the reply's own.
WAITING = "waiting for the endpoint"
STARTING = "starting the model, if it does not run yet"
FailureKind = Literal[
    "unreachable",
    "key",
    "unknown_model",
    "rate_limited",
    "server_error",
    "bad_request",
    "context_overflow",
    "stalled",
    "dropped",
    "malformed",
    "empty",
    "repetition",
    "model_unavailable",
]


@dataclass(frozen=True)
class Sampling:
    """`max_tokens` is the budget of output tokens, thinking included. None: server's default."""

    temperature: float | None = 0.6
    top_p: float | None = 0.95
    max_tokens: int = 2048
    seed: int | None = None


@dataclass(frozen=True)
class ChatRequest:
    """`schema` is a JSON schema the text has to follow, sent where the endpoint can hold to one.

    `continues`: the last message is the beginning of the reply, and what comes goes on from it.
    `tools` are functions the model may call, as the protocol describes them.
    """

    messages: list[Message]
    sampling: Sampling = Sampling()
    schema: dict[str, Any] | None = None
    stop_loops: bool = True
    continues: bool = False
    tools: tuple[dict[str, Any], ...] = ()

    @property
    def beginning(self) -> str:
        """What the reply goes on from."""
        return str(self.messages[-1]["content"]) if self.continues else ""


@dataclass(frozen=True)
class Usage:
    """Tokens as the endpoint counts them, or its tokenizer (`by`); None where nobody counted.

    Input includes cached.
    """

    input: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    output: int | None = None
    by: CountedBy | None = None


@dataclass(frozen=True)
class Failure:
    kind: FailureKind
    sentence: str


@dataclass(frozen=True)
class Partial:
    """A reply that is still arriving. `note` says what the model does before its first token.

    `sent` is when the request that is under way was sent, None before; its times count from there.
    """

    thinking: str = ""
    text: str = ""
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    note: str = ""
    offered: tuple[dict[str, Any], ...] = ()
    sent: datetime | None = None
    first_token_seconds: float | None = None


@dataclass(frozen=True)
class ToolCall:
    """What a model wants from a function: its arguments are JSON, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Reply:
    """`chunks` holds [milliseconds since it was sent, piece, characters, output tokens so far].

    They are for replay; the tokens are None where the endpoint does not count as it goes. `sent` is
    when the request was sent that was answered: no time counts what was waited before. `cut`
    says that the caller ended the reply. Where it took several requests, `requests` tells what was
    sent in each, and `offered` which behaviors were given on the way.
    """

    finish_reason: FinishReason
    thinking: str = ""
    text: str = ""
    usage: Usage = Usage()
    first_token_seconds: float | None = None
    seconds: float = 0.0
    chunks: list[list[Any]] = field(default_factory=list)
    failure: Failure | None = None
    thinking_format: str = "none"
    cut: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    requests: tuple[dict[str, Any], ...] = ()
    offered: tuple[dict[str, Any], ...] = ()
    sent: datetime | None = None

    @property
    def ended(self) -> bool:
        """By itself or at its budget."""
        return self.finish_reason in ("stop", "length")

    @property
    def usable(self) -> bool:
        """Whether there is a text to go on with; thinking may use up the whole budget."""
        return self.finish_reason in ("stop", "length") and bool(self.text)


def is_waiting(note: str) -> bool:
    """Whether it is noted of a reply that nothing was sent for it yet."""
    return note.startswith((WAITING, STARTING))


def sent_seed(sampling: Sampling, endpoint: Endpoint) -> int | None:
    """The seed that goes out. Some endpoints refuse any, as their test finds out."""
    return sampling.seed if endpoint.found.get("seed", True) else None


def never() -> bool:
    return False


def uncut(_text: str) -> bool:
    return False


def unwatched(_partial: Partial) -> None:
    return None


class ChatModel(Protocol):
    """A model one can ask. Calls block; several threads may call at once."""

    @property
    def endpoint(self) -> Endpoint: ...

    def count_tokens(self, text: str) -> int | None:
        """By the model's own tokenizer; None where there is none to ask."""
        ...

    def complete(
        self,
        request: ChatRequest,
        *,
        watch: Callable[[Partial], None] = unwatched,
        stop: Callable[[], bool] = never,
        cut: Callable[[str], bool] = uncut,
    ) -> Reply:
        """Asks and waits. `watch` is called up to ten times a second, `stop` more often.

        `cut` sees the text so far whenever more of it has come; where it says so, the reply ends
        there, as one that is complete.
        """
        ...


def price(usage: Usage, endpoint: Endpoint) -> float | None:
    """What a reply cost: uncached and cached input and output tokens at their prices per million.

    None where a count that decides it, or a price, is unknown; cached tokens without a price of
    their own cost as uncached ones.
    """
    if usage.cached is None and endpoint.price_cached not in (None, endpoint.price_in):
        return None
    return price_at_most(usage, endpoint)


def price_at_most(usage: Usage, endpoint: Endpoint) -> float | None:
    """The most that a reply can have cost, for a limit on spending: as `price`, but where nobody
    told how much of the input was cached, all of it is taken at the dearer of its two prices.

    None where input, output or a price of theirs is unknown.
    """
    if endpoint.price_in is None or endpoint.price_out is None:
        return None
    if usage.input is None or usage.output is None:
        return None
    price_cached = endpoint.price_in if endpoint.price_cached is None else endpoint.price_cached
    cached = usage.cached
    if cached is None:
        cached = usage.input if price_cached > endpoint.price_in else 0
    return (
        (usage.input - cached) * endpoint.price_in
        + cached * price_cached
        + usage.output * endpoint.price_out
    ) / 1_000_000
