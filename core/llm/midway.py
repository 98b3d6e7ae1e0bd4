"""Finds out how an endpoint can take something in midway through its reply.

`continue`: it goes on from the beginning of a reply that is sent as the last message (llama.cpp,
vLLM). `tool`: it calls a function and waits for what that gives. `none`: neither.
"""

import time
from collections.abc import Callable, Collection
from typing import Any, Literal

from core.llm.chat import ChatModel, ChatRequest, Failure, Message, Reply, Sampling

Midway = Literal["continue", "tool", "none"]
# A server that takes no beginning may break on one, but of one that breaks on a function, too, it
# is not known what it can do.
UNREACHED = (
    "unreachable",
    "key",
    "unknown_model",
    "rate_limited",
    "stalled",
    "model_unavailable",
)
BROKEN = ("server_error", "dropped", "malformed")
# A model that does not go on from it says something else to a greeting than the next number.
BEGINNING = "One, two, three, four, five,"
NEXT = "six"
GREETING: Message = {"role": "user", "content": "Hello."}
LOOK_UP: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "look_up_number",
        "description": "Gives the telephone number of a person.",
        "parameters": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        },
    },
}
QUESTION: Message = {
    "role": "user",
    "content": "Which telephone number has Ada Byron? Look it up with the function.",
}


def midway(model: ChatModel, patience: Callable[[], Callable[[], bool]]) -> Midway | Failure:
    """Two short requests at most. `patience` starts a clock that says when to stop waiting.

    A failure where the endpoint did not answer, which says nothing of what it can do.
    """
    reply = _continued(model, patience())
    if not reply.thinking and reply.text.lstrip().lower().startswith(NEXT):
        return "continue"
    if failure := _unanswered(model, reply, UNREACHED):
        return failure
    reply = _with_function(model, patience())
    if reply.tool_calls:
        return "tool"
    return _unanswered(model, reply, (*UNREACHED, *BROKEN)) or "none"


def deadline(seconds: float = 90) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _continued(model: ChatModel, late: Callable[[], bool]) -> Reply:
    """Of a model that thinks, its thinking would begin anew in the middle."""
    messages = [GREETING, {"role": "assistant", "content": BEGINNING}]
    request = ChatRequest(messages, Sampling(0.0, None, 16), continues=True)
    return model.complete(request, stop=late)


def _with_function(model: ChatModel, late: Callable[[], bool]) -> Reply:
    request = ChatRequest([QUESTION], Sampling(0.0, None, 512), tools=(LOOK_UP,))
    return model.complete(request, stop=late)


def _unanswered(model: ChatModel, reply: Reply, kinds: Collection[str]) -> Failure | None:
    if reply.finish_reason == "cancelled":
        return Failure(
            "stalled",
            f"{model.endpoint.name} did not answer in time when it was asked whether it can go on "
            "from a begun reply or call a function. Perhaps a run keeps it busy: resume to ask "
            "again.",
        )
    return reply.failure if reply.failure and reply.failure.kind in kinds else None
