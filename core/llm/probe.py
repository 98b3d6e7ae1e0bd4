"""Tests an endpoint with real short requests and says what it can do."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from core.errors import ModelUnavailable
from core.llm.chat import ChatModel, ChatRequest, Failure, Reply, Sampling
from core.llm.client import api_key
from core.llm.endpoints import offered_models
from core.llm.midway import Midway, midway
from core.store.records import Endpoint, now

LONG_QUESTION = "Write the numbers from 1 to 40 in words, one a line."
QUESTION = "A crate holds 17 apples and 25 pears. How many pieces of fruit is that? Answer briefly."
SCHEMA_QUESTION = "What is 6 times 7? Reply as JSON with one key, answer, an integer."
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}},
    "required": ["answer"],
    "additionalProperties": False,
}
OWNERS = {"llamacpp": "llama.cpp", "vllm": "vllm", "library": "ollama"}
# What some servers refuse, and what a request can do without: `stream_options`, without which there
# is no usage to be had from them, and `seed`.
REFUSED = (
    {"usage": True, "seed": True},
    {"usage": False, "seed": True},
    {"usage": True, "seed": False},
    {"usage": False, "seed": False},
)
LIST_SECONDS = 10
PATIENCE = 90


@dataclass(frozen=True)
class Probe:
    """What the test saw. `problem` is a sentence where the endpoint did not answer properly.

    `thinking` is how thinking arrived in this reply: reasoning_content, tags or none. `midway` is
    how something can be put into a reply (`core.llm.midway`); None where that could not be found
    out, as the endpoint did not answer.
    """

    model: str
    problem: str | None = None
    thinking: str = "none"
    tokens_per_second: float | None = None
    first_token_seconds: float | None = None
    usage: bool = False
    seed: bool = True
    schema: bool = False
    midway: Midway | None = None
    server: str = "other"
    offered: tuple[str, ...] = ()
    said: str = ""

    @property
    def found(self) -> dict[str, Any]:
        """What is kept with the endpoint."""
        names = ("thinking", "tokens_per_second", "usage", "seed", "schema", "server")
        kept = {name: getattr(self, name) for name in names}
        kept |= {"midway": self.midway} if self.midway else {}  # else it is tried at first use
        return {**kept, "tested": now().isoformat(timespec="seconds")}


def probe(endpoint: Endpoint, chat: Callable[[Endpoint], ChatModel]) -> Probe:
    """A few short requests: plain, held to a JSON schema, gone on with, with a function to call.

    `chat` makes a model of an endpoint.
    """
    server, offered = _look_at(endpoint)
    trying = replace(endpoint, found={"server": server, "schema": True})
    request = ChatRequest([{"role": "user", "content": QUESTION}], Sampling(0.0, None, 256, seed=7))
    for refused in REFUSED:
        trying = replace(trying, found={**trying.found, **refused})
        reply = chat(trying).complete(request, stop=_deadline())
        if not (reply.failure and reply.failure.kind == "bad_request"):
            break
    if not reply.usable:
        return Probe(endpoint.model, problem=_sentence(endpoint, reply, offered), offered=offered)
    way = midway(chat(trying), _deadline)
    return Probe(
        model=endpoint.model,
        thinking=reply.thinking_format,
        tokens_per_second=_speed(reply),
        first_token_seconds=reply.first_token_seconds,
        usage=trying.found["usage"] and reply.usage.output is not None,
        seed=trying.found["seed"],
        schema=_holds_to_schema(chat(trying)),
        midway=None if isinstance(way, Failure) else way,
        server=server,
        offered=offered,
        said=reply.text[:300],
    )


def speed(model: ChatModel) -> float | None:
    """Output tokens a second, measured just now on a short reply; None where nobody counts."""
    request = ChatRequest([{"role": "user", "content": LONG_QUESTION}], Sampling(0.0, None, 64))
    return _speed(model.complete(request, stop=_deadline()))


def _deadline() -> Callable[[], bool]:
    end = time.monotonic() + PATIENCE
    return lambda: time.monotonic() > end


def _look_at(endpoint: Endpoint) -> tuple[str, tuple[str, ...]]:
    """The kind of server and the models it lists; many servers list none, which is fine."""
    if endpoint.embedded:
        return "llama.cpp", (endpoint.model,)
    try:
        models = offered_models(endpoint.base_url, api_key(endpoint), LIST_SECONDS)
    except (httpx2.HTTPError, ValueError, ModelUnavailable):
        return "other", ()
    owner = str(models[0].get("owned_by", "")) if models else ""
    return OWNERS.get(owner, "other"), tuple(str(model.get("id", "")) for model in models)


def _sentence(endpoint: Endpoint, reply: Reply, offered: tuple[str, ...]) -> str:
    sentence = f"{endpoint.name} did not answer within {PATIENCE} seconds. Is a run using it?"
    sentence = reply.failure.sentence if reply.failure else sentence
    if offered and endpoint.model not in offered:
        sentence += f" The server offers: {', '.join(offered[:8])}."
    return sentence


def _speed(reply: Reply) -> float | None:
    """Output tokens a second after the first one; None where tokens are not counted."""
    if reply.usage.output is None or reply.first_token_seconds is None:
        return None
    writing = reply.seconds - reply.first_token_seconds
    return (reply.usage.output - 1) / writing if reply.usage.output > 1 and writing > 0 else None


def _holds_to_schema(model: ChatModel) -> bool:
    message = {"role": "user", "content": SCHEMA_QUESTION}
    request = ChatRequest([message], Sampling(0.0, None, 512), schema=SCHEMA)
    reply = model.complete(request, stop=_deadline())
    try:
        answer = json.loads(reply.text)
    except ValueError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("answer"), int)
