"""Asks a model and keeps everything: the request before it is sent, the reply while it arrives."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.llm.chat import ChatModel, ChatRequest, Partial, Reply, price, sent_seed
from core.store import Session, Store
from core.store import runs as rows
from core.store.records import Trace

# Writes what follows from a finished trace.
Conclusion = Callable[[Trace, Session], None]


@dataclass(frozen=True)
class Place:
    """Where a trace belongs. `attempt` counts how often this stage was asked for this sample."""

    run_id: int
    problem_id: int
    stage: str
    sample: int
    attempt: int
    follows: int | None
    prompt_hash: str
    arm: str = "strategist"
    given: list[dict[str, Any]] = field(default_factory=list)


def ask(
    store: Store,
    model: ChatModel,
    request: ChatRequest,
    place: Place,
    *,
    stop: Callable[[], bool],
    conclude: Callable[[Reply], Conclusion],
    params: dict[str, Any] | None = None,
) -> Trace:
    """The finished trace, with what follows from a reply that ended (a verdict, proposals).

    `params` are kept with those of the sampling.

    `conclude` does the slow part, outside any transaction. The end of the trace and its conclusion
    are one transaction: after a crash either all of it is there, or the trace is unfinished and is
    asked for again.
    """
    trace_id = _begin(store, model, request, place, params or {})

    def watch(partial: Partial) -> None:
        with store.write() as session:
            rows.update_trace(
                trace_id,
                session=session,
                given=[*place.given, *partial.offered],
                **_so_far(partial),
            )

    reply = model.complete(request, watch=watch, stop=stop)
    conclusion = conclude(reply) if reply.ended else nothing
    with store.write() as session:
        ending = _ending(reply, model)
        given = [*place.given, *reply.offered]
        rows.update_trace(trace_id, session=session, given=given, **ending)
        trace = rows.trace(trace_id, session=session)
        conclusion(trace, session)
    return trace


def ask_at_once(
    store: Store,
    model: ChatModel,
    request: ChatRequest,
    place: Place,
    *,
    stop: Callable[[], bool],
    conclude: Callable[[Reply], Conclusion],
    params: dict[str, Any] | None = None,
) -> Trace | None:
    """As `ask`, in one transaction at the end: for thousands of replies that nobody watches.

    None where it was cancelled before it was sent. After that it has its price: what is known of it
    is kept.
    """
    reply = model.complete(request, stop=stop)
    if reply.finish_reason == "cancelled" and reply.sent is None:
        return None
    conclusion = conclude(reply) if reply.ended else nothing
    fields = {**_beginning(model, request, place, params or {}), **_ending(reply, model)}
    fields["given"] = [*place.given, *reply.offered]

    def keep(session: Session) -> Trace:
        trace = rows.add_trace(session=session, **fields)
        conclusion(trace, session)
        return trace

    return store.write_together(keep)


def nothing(_trace: Trace, _session: Session) -> None:
    return None


def _begin(
    store: Store, model: ChatModel, request: ChatRequest, place: Place, params: dict[str, Any]
) -> int:
    with store.write() as session:
        fields = _beginning(model, request, place, params)
        return rows.add_trace(session=session, **fields).id


def _beginning(
    model: ChatModel, request: ChatRequest, place: Place, params: dict[str, Any]
) -> dict[str, Any]:
    return {
        **vars(place),
        "endpoint": model.endpoint.name,
        "model": model.endpoint.model,
        "params": {**vars(request.sampling), "schema": bool(request.schema), **params},
        "seed": sent_seed(request.sampling, model.endpoint),
        "messages": request.messages,
    }


def _so_far(partial: Partial) -> dict[str, Any]:
    return {
        **_since(partial.sent),
        "thinking": partial.thinking,
        "text": partial.text,
        "output_tokens": partial.output_tokens,
        "reasoning_tokens": partial.reasoning_tokens,
        "note": partial.note,
        "first_token_seconds": partial.first_token_seconds,
    }


def _since(sent: datetime | None) -> dict[str, Any]:
    """From when on a trace's times count; before anything is sent, that is when it was made."""
    return {} if sent is None else {"created": sent}


def _ending(reply: Reply, model: ChatModel) -> dict[str, Any]:
    failure = reply.failure
    return {
        **_since(reply.sent),
        "thinking": reply.thinking,
        "text": reply.text,
        "note": "",
        "finish_reason": reply.finish_reason,
        "error_kind": failure.kind if failure else None,
        "error": failure.sentence if failure else None,
        "input_tokens": reply.usage.input,
        "cached_tokens": reply.usage.cached,
        "reasoning_tokens": reply.usage.reasoning,
        "output_tokens": reply.usage.output,
        "price": price(reply.usage, model.endpoint),
        "first_token_seconds": reply.first_token_seconds,
        "seconds": reply.seconds,
        "chunks": reply.chunks,
        "requests": list(reply.requests),
        "counted_by": reply.usage.by,
    }
