"""The one client: any OpenAI-compatible endpoint, through the `openai` package.

The thread that asks reads the reply; beside it a guard ends the request on a stop or a silent
server, and closes the connection, so that the server stops working on it.
"""

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import openai

from core.errors import ModelUnavailable
from core.llm import failures
from core.llm.arrival import Arrival
from core.llm.chat import (
    STARTING,
    WAITING,
    ChatRequest,
    Failure,
    Message,
    Partial,
    Reply,
    Usage,
    never,
    sent_seed,
    uncut,
    unwatched,
)
from core.llm.counting import Tokenizer
from core.llm.guard import LOOK_SECONDS, Guard
from core.llm.line import Line
from core.settings import Settings
from core.store.records import Endpoint

END_SECONDS = 0.2  # that a server has to end an answer after the reply in it is whole
# What comes of reading a reply that is not built as replies are.
SHAPELESS = (AttributeError, KeyError, IndexError, TypeError, ValueError)


class _CutFailed(Exception):
    """Carries what the caller's `cut` raised past what is taken for a failure of the endpoint."""

    def __init__(self, cause: Exception):
        self._cause = cause

    def failure(self) -> Failure:
        """Of what is no failure to tell, such as a bug, it raises the exception."""
        if isinstance(self._cause, ModelUnavailable):
            return Failure("model_unavailable", str(self._cause))
        raise self._cause


class OpenAIChat:
    """A `ChatModel`. `address` gives the base URL, starting an embedded server if it has to."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: Settings,
        *,
        address: Callable[[], str],
        gate: threading.Semaphore,
    ):
        self.endpoint = endpoint
        self._settings = settings
        self._address = address
        self._gate = gate
        self._lock = threading.Lock()
        self._at: tuple[str, str | None] | None = None
        self._idle: list[Line] = []
        self._busy: set[Line] = set()
        self._closed = False
        self._tokenizer = Tokenizer(endpoint, address, lambda: api_key(endpoint))

    def complete(
        self,
        request: ChatRequest,
        *,
        watch: Callable[[Partial], None] = unwatched,
        stop: Callable[[], bool] = never,
        cut: Callable[[str], bool] = uncut,
    ) -> Reply:
        """See `ChatModel`. Waits for its turn where the endpoint's limit is reached."""
        watch(Partial(note=WAITING))
        while not self._gate.acquire(timeout=LOOK_SECONDS):
            if stop():
                return Reply("cancelled")
        try:
            return self._ask(request, watch, stop, cut)
        except ModelUnavailable as error:
            return Reply("error", failure=Failure("model_unavailable", str(error)))
        finally:
            self._gate.release()

    def close(self) -> None:
        """Closes the connections that are kept; a request that is going on breaks off."""
        with self._lock:
            self._closed = True
            idle, self._idle, self._at = self._idle, [], None
            busy = list(self._busy)
        for line in idle:
            line.close()
        for line in busy:
            line.hang_up()

    def count_tokens(self, text: str) -> int | None:
        """Tokens of `text` by the model's own tokenizer; None where there is none to ask."""
        return self._tokenizer.count(text)

    def count_prompt(self, messages: Sequence[Message]) -> int | None:
        """Tokens of a request's input by the model's own tokenizer."""
        return self._tokenizer.count_prompt(messages)

    def _ask(
        self,
        request: ChatRequest,
        watch: Callable[[Partial], None],
        stop: Callable[[], bool],
        cut: Callable[[str], bool],
    ) -> Reply:
        if self.endpoint.embedded:
            watch(Partial(note=STARTING))
        address, key = self._address(), api_key(self.endpoint)
        arrival = Arrival(self.endpoint, request)
        with (
            self._line(address, key) as line,
            Guard(
                arrival,
                watch=watch,
                stop=stop,
                patience=lambda: END_SECONDS if line.complete else self._patience(arrival),
                hang_up=line.hang_up,
            ) as guard,
        ):
            error = self._read(line, guard, arrival, request, cut)
            whole = line.complete and guard.found != "stop" and not isinstance(error, _CutFailed)
        failure = arrival.verdict() if whole else self._failure(error, guard, arrival, key)
        reply = arrival.reply(failure)
        return replace(reply, usage=self._counted(reply, arrival.raw, request))

    def _read(
        self,
        line: Line,
        guard: Guard,
        arrival: Arrival,
        request: ChatRequest,
        cut: Callable[[str], bool],
    ) -> Exception | None:
        """Asks, again where that may help, and takes what arrives; gives what went wrong."""
        for tries in itertools.count():
            arrival.begin()
            try:
                with closing(line.ask(self._body(request))) as chunks:
                    for chunk in chunks:
                        arrival.add(chunk)
                        if arrival.over:
                            break
                        if cut is not uncut and _cuts(cut, arrival.text):
                            arrival.cut()
                            break
                return None
            except Exception as error:  # noqa: BLE001  each kind has its sentence
                pause = failures.pause_before_again(error, tries, self._settings.retries)
                if self._closed or arrival.heard or pause is None:
                    return error
                arrival.wait(pause)
                if guard.wait(pause):
                    return error
        raise AssertionError("there is an end to tries")

    @contextmanager
    def _line(self, address: str, key: str | None) -> Iterator[Line]:
        """One for each request that goes on, kept for the next until the address or key changes.

        Each has one connection: a client with dozens looks at all of them before every request.
        """
        with self._lock:
            if self._at != (address, key):
                for old in self._idle:
                    old.close()
                self._idle, self._at = [], (address, key)
            line = self._idle.pop() if self._idle else Line(address, key)
            self._busy.add(line)
        try:
            yield line
        finally:
            with self._lock:
                self._busy.discard(line)
                kept = self._at == (address, key)
                if kept:
                    self._idle.append(line)
            if not kept:
                line.close()

    def _patience(self, arrival: Arrival) -> float:
        settings = self._settings
        return settings.stall_seconds if arrival.begun else settings.first_chunk_seconds

    def _failure(
        self, error: Exception | None, guard: Guard, arrival: Arrival, key: str | None
    ) -> Failure | None:
        if guard.found == "stop":
            arrival.cancel()
            return None
        if isinstance(error, _CutFailed):
            return error.failure()
        if guard.found == "silence":
            return failures.stalled(self.endpoint, self._patience(arrival), arrival.begun)
        if error is None:
            return arrival.verdict()
        if isinstance(error, openai.APIConnectionError) and arrival.begun:
            return failures.dropped(self.endpoint)
        if isinstance(error, SHAPELESS):
            return failures.malformed(self.endpoint)
        return failures.explain(error, self.endpoint, key)

    def _counted(self, reply: Reply, raw: str, request: ChatRequest) -> Usage:
        """What the server did not count, counted by the model's tokenizer, where it offers it."""
        usage = reply.usage
        if usage.output is None and reply.finish_reason != "error":
            output = self.count_tokens(raw) if raw else 0
            counted = self.count_prompt(request.messages) if output is not None else None
            usage = Usage(counted, None, None, output, None if output is None else "tokenizer")
        if usage.output is None or usage.reasoning is not None:
            return usage
        reasoning = self.count_tokens(reply.thinking) if reply.thinking else 0
        return replace(usage, reasoning=reasoning)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        sampling, server = request.sampling, self.endpoint.found.get("server")
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": request.messages,
            "max_tokens": sampling.max_tokens,
            "stream": True,
        }
        drawn = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sent_seed(sampling, self.endpoint),
        }
        body |= {name: value for name, value in drawn.items() if value is not None}
        if self.endpoint.found.get("usage", True):
            body["stream_options"] = {"include_usage": True}
            if server == "vllm":
                body["stream_options"]["continuous_usage_stats"] = True
        if server == "llama.cpp":
            body |= {"timings_per_token": True, "return_progress": True}
        if request.tools:
            body["tools"] = list(request.tools)
        if request.continues and server == "vllm":
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        if request.schema and self.endpoint.found.get("schema"):
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "schema": request.schema, "strict": True},
            }
        return body


def _cuts(cut: Callable[[str], bool], text: str) -> bool:
    try:
        return cut(text)
    except Exception as error:
        raise _CutFailed(error) from error


def api_key(endpoint: Endpoint) -> str | None:
    """The key from the variable the endpoint names; read at each use and kept nowhere."""
    if not endpoint.key_env:
        return None
    key = os.environ.get(endpoint.key_env)
    if not key:
        raise ModelUnavailable(
            f"The environment variable {endpoint.key_env}, which holds the key of "
            f"{endpoint.name}, is not set. Set it and start Vademecum again."
        )
    return key
