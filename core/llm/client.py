"""The one client: any OpenAI-compatible endpoint, through the `openai` package.

Requests run on one background event loop; callers block in their own threads. That way a stop or a
silent server ends a request at once, also while nothing arrives, and the connection is closed, so
that the server stops working on it.
"""

import asyncio
import functools
import os
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Any

import httpx2
import openai

from core.errors import ModelUnavailable
from core.llm import failures
from core.llm.arrival import Arrival
from core.llm.chat import (
    ChatRequest,
    Failure,
    Message,
    Partial,
    Reply,
    Usage,
    never,
    uncut,
    unwatched,
)
from core.llm.counting import Tokenizer
from core.settings import Settings
from core.store.records import Endpoint

CONNECT_SECONDS = 10
LOOK_SECONDS = 0.05
UNWATCHED_SECONDS = 0.2  # how soon a stop is noticed where nobody looks on
CLOSE_SECONDS = 5
WATCH_SECONDS = 0.1
# What comes of reading a reply that is not built as replies are.
SHAPELESS = (AttributeError, KeyError, IndexError, TypeError, ValueError)


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
        self._asked_at: tuple[str, str | None] | None = None
        self._idle: list[openai.AsyncOpenAI] = []
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
        watch(Partial(note="waiting for the endpoint"))
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
        """Closes the connections that are kept; one that is in use is closed after its request."""
        if self._asked_at is not None:
            _submit(self._close()).result(CONNECT_SECONDS)

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
            watch(Partial(note="starting the model, if it does not run yet"))
        address, key = self._address(), api_key(self.endpoint)
        arrival, ended = Arrival(self.endpoint, request), threading.Event()
        task = _submit(self._pump(address, key, request, arrival, cut, ended))
        try:
            failure = self._look_after(arrival, task, watch, stop, key)
        finally:
            task.cancel()
            ended.wait(CLOSE_SECONDS)  # from here on nothing is added to what has arrived
        reply = arrival.reply(failure)
        return replace(reply, usage=self._counted(reply, arrival.raw, request))

    def _look_after(
        self,
        arrival: Arrival,
        task: "Future[None]",
        watch: Callable[[Partial], None],
        stop: Callable[[], bool],
        key: str | None,
    ) -> Failure | None:
        """Waits for the end, a failure, a stop or too long a silence."""
        watcher = _Watcher(watch)
        pause = LOOK_SECONDS if watch is not unwatched else UNWATCHED_SECONDS
        while True:
            done, _ = wait([task], pause)
            if stop():
                arrival.cancel()
                return None
            if done:
                error = task.exception()
                return self._failure(error, arrival, key) if error else arrival.verdict()
            watcher.look(arrival)
            if arrival.silence > self._patience(arrival):
                return failures.stalled(self.endpoint, self._patience(arrival), arrival.begun)

    def _patience(self, arrival: Arrival) -> float:
        settings = self._settings
        return settings.stall_seconds if arrival.begun else settings.first_chunk_seconds

    def _failure(self, error: BaseException, arrival: Arrival, key: str | None) -> Failure:
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

    async def _pump(
        self,
        address: str,
        key: str | None,
        request: ChatRequest,
        arrival: Arrival,
        cut: Callable[[str], bool],
        ended: threading.Event,
    ) -> None:
        """Runs on the event loop, until the reply is over or need not go on."""
        try:
            client = await self._client(address, key)
            try:
                await self._stream(client, request, arrival, cut)
            finally:
                await self._give_back(client, (address, key))
        finally:
            ended.set()

    async def _stream(
        self,
        client: openai.AsyncOpenAI,
        request: ChatRequest,
        arrival: Arrival,
        cut: Callable[[str], bool],
    ) -> None:
        # As plain JSON: to check the types of every chunk takes longer than all the rest.
        stream = await client.post(
            "/chat/completions",
            cast_to=object,
            body=self._body(request),
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )
        async with stream:
            while (chunk := await anext(stream, _END)) is not _END:
                arrival.add(chunk)
                if arrival.over or (cut is not uncut and cut(arrival.text)):
                    if not arrival.over:
                        arrival.cut()
                    await _unwind(stream)
                    return

    async def _client(self, address: str, key: str | None) -> openai.AsyncOpenAI:
        """One for each request that goes on, kept for the next until the address or key changes.

        Each has one connection: a client with dozens looks at all of them before every request.
        """
        if self._asked_at != (address, key):
            old, self._idle = self._idle, []
            self._asked_at = (address, key)
            for client in old:
                await client.close()
        if self._idle:
            return self._idle.pop()
        return openai.AsyncOpenAI(
            base_url=address,
            api_key=key or "none",
            max_retries=self._settings.retries,
            timeout=openai.Timeout(None, connect=CONNECT_SECONDS),
            http_client=openai.DefaultAsyncHttpxClient(verify=_tls()),
        )

    async def _give_back(
        self, client: openai.AsyncOpenAI, asked_at: tuple[str, str | None]
    ) -> None:
        if self._closed or self._asked_at != asked_at:
            await client.close()
        else:
            self._idle.append(client)

    async def _close(self) -> None:
        self._closed = True
        for client in self._idle:
            await client.close()
        self._idle = []

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        sampling, server = request.sampling, self.endpoint.found.get("server")
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": request.messages,
            "max_tokens": sampling.max_tokens,
            "stream": True,
        }
        for name in ("temperature", "top_p", "seed"):
            if (value := getattr(sampling, name)) is not None:
                body[name] = value
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


class _Watcher:
    """Calls `watch` when something changed: ten times a second, less often where it is slow.

    What watches may write to a busy database; at most a twentieth of the time goes into that.
    """

    def __init__(self, watch: Callable[[Partial], None]):
        self._watch = watch
        self._next = 0.0
        self._seen: Partial | None = None

    def look(self, arrival: Arrival) -> None:
        begun = time.monotonic()
        if begun < self._next:
            return
        partial = arrival.partial
        if partial != self._seen:
            self._seen = partial
            self._watch(partial)
        took = time.monotonic() - begun
        self._next = begun + max(WATCH_SECONDS, 20 * took)


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


async def _unwind(stream: AsyncIterator[Any]) -> None:
    """Ends what reads a stream before its end. It is readers within readers, and only what comes
    from the innermost, as from a task that is cancelled, ends them all in order.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  we are in one
    task.cancel()
    try:
        while await anext(stream, _END) is not _END:
            pass  # what has arrived already; the first wait for more ends it
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        task.uncancel()


@functools.cache
def _tls() -> ssl.SSLContext:
    """Read once: the certificates of the system, or those a person names, are a large file."""
    return httpx2.create_ssl_context()


_END = object()
_loop: asyncio.AbstractEventLoop | None = None
_loop_lock = threading.Lock()


def _submit(work: Any) -> "Future[None]":
    """Runs a coroutine on the process's one background loop, started at first use."""
    global _loop
    with _loop_lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="llm", daemon=True).start()
    return asyncio.run_coroutine_threadsafe(work, _loop)
