"""What can go wrong between us and an endpoint, each as a kind and a sentence for a person."""

import json
import random

import openai

from core.llm.chat import Failure
from core.llm.trust import is_distrust
from core.store.records import Endpoint

PASSING = (408, 409, 429)  # and all from 500 on
# Seconds before it is asked again: the first and the longest of ours, the longest a server may ask.
FIRST_PAUSE, LAST_PAUSE, LONGEST_PAUSE = 0.5, 8.0, 120.0
CONTEXT_WORDS = (
    "context_length",
    "exceed_context",
    "context size",
    "context length",
)


def explain(error: Exception, endpoint: Endpoint, key: str | None) -> Failure:
    """The failure behind an exception of the openai client."""
    failure = _explain(error, endpoint)
    return Failure(failure.kind, _without_key(failure.sentence, key))


def _explain(error: Exception, endpoint: Endpoint) -> Failure:
    where = _where(endpoint)
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return Failure("key", f"{where} refused the key. {_key_advice(endpoint)}")
        case openai.NotFoundError():
            return Failure(
                "unknown_model",
                f"{where} does not know the model {endpoint.model!r}, or the base URL is wrong "
                "(it usually ends in /v1). Check both on the Models screen.",
            )
        case openai.RateLimitError():
            return Failure(
                "rate_limited",
                f"{where} limits the rate and still did after several tries: {_said(error)} "
                "Wait, or lower the endpoint's concurrency, then resume.",
            )
        case openai.BadRequestError() if _is_context_overflow(error):
            return Failure(
                "context_overflow",
                f"The prompt and the budget do not fit the context of {where}: {_said(error)} "
                "Lower the budget, or take a model with a longer context.",
            )
        case openai.InternalServerError():
            return Failure(
                "server_error",
                f"{where} failed with status {error.status_code}, also when asked again: "
                f"{_said(error)} Look at the server's log, then resume.",
            )
        case openai.APIStatusError():
            return Failure("bad_request", f"{where} refused the request: {_said(error)}")
        case openai.APIConnectionError() if is_distrust(error):
            return Failure(
                "unreachable",
                f"{where} shows a certificate that this machine does not trust. If it is that of "
                "your own authority, name the authority's file in the environment variable "
                "SSL_CERT_FILE and start Vademecum again.",
            )
        case openai.APIConnectionError():
            return Failure(
                "unreachable",
                f"{where} does not answer. Check that the server runs and that the base URL is "
                "right, then resume.",
            )
        case openai.APIError():
            return Failure("server_error", f"{where} reported an error: {_said(error)}")
        case json.JSONDecodeError() | UnicodeDecodeError() | ValueError():
            return malformed(endpoint)
    return Failure("dropped", f"The connection to {where} broke: {type(error).__name__}.")


def pause_before_again(error: Exception, tries: int, retries: int) -> float | None:
    """Seconds to wait before it is asked again after so many tries; None where that is no use.

    What the server says in Retry-After is obeyed, within reason; else each wait is twice the last,
    with some chance in it, so that many do not come back together.
    """
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    passing = status in PASSING or (status or 0) >= 500
    broken = isinstance(error, openai.APIConnectionError) and not is_distrust(error)
    if tries >= retries or not (passing or broken):
        return None
    if isinstance(error, openai.APIStatusError):
        try:
            said = float(error.response.headers.get("retry-after", ""))
        except ValueError:
            said = 0.0  # none, or a date, which no model's server sends
        if said > LONGEST_PAUSE:
            return None
        if said > 0:
            return said
    return min(FIRST_PAUSE * 2.0**tries, LAST_PAUSE) * random.uniform(0.75, 1)  # noqa: S311


def malformed(endpoint: Endpoint) -> Failure:
    return Failure(
        "malformed",
        f"{_where(endpoint)} sent something that is not an event of the OpenAI protocol. Check "
        "that the base URL leads to an OpenAI-compatible server (it usually ends in /v1).",
    )


def dropped(endpoint: Endpoint) -> Failure:
    return Failure(
        "dropped",
        f"{endpoint.name} closed the connection in the middle of the reply. What had arrived is "
        "kept; resume to ask again.",
    )


def stalled(endpoint: Endpoint, seconds: float, begun: bool) -> Failure:
    when = "in the middle of the reply" if begun else "before the first token"
    return Failure(
        "stalled",
        f"{endpoint.name} was silent for {seconds:g} seconds {when}. What had arrived is kept; "
        "resume to ask again, or set a longer wait (VADEMECUM_STALL_SECONDS, "
        "VADEMECUM_FIRST_CHUNK_SECONDS).",
    )


def empty(endpoint: Endpoint) -> Failure:
    return Failure(
        "empty",
        f"{endpoint.name} ended its reply without writing any text. Ask again, or try another "
        "model or a higher temperature.",
    )


def repetition(endpoint: Endpoint, block: str) -> Failure:
    shown = " ".join(block.split())[:60] or "white space"
    return Failure(
        "repetition",
        f"{endpoint.name} repeated itself without end (“{shown}”) and was stopped. Ask again with "
        "another seed or a higher temperature.",
    )


def _where(endpoint: Endpoint) -> str:
    return f"{endpoint.name} ({endpoint.base_url or 'on this machine'})"


def _key_advice(endpoint: Endpoint) -> str:
    if endpoint.key_env:
        return f"Check the key in the environment variable {endpoint.key_env}."
    return "No key was sent: name the environment variable that holds it."


def _is_context_overflow(error: openai.BadRequestError) -> bool:
    said = f"{error} {error.body}".lower()  # the code is in the body only
    return any(word in said for word in CONTEXT_WORDS)


def _said(error: openai.APIError) -> str:
    """The server's own words, cut to a line."""
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message") if isinstance(inner, dict) else inner
    words = " ".join(str(body or error.message).split())[:300]
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _without_key(sentence: str, key: str | None) -> str:
    return sentence.replace(key, "[key]") if key else sentence
