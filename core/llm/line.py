"""A line to an endpoint: one connection, one request at a time, which another thread can break off.

A thread that reads from a connection cannot be told anything. So whoever wants to end the request
shuts the connection down under it: the reading fails at once, also where nothing arrives, and the
server notices that nobody listens and stops working on the reply.
"""

import socket
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import httpx2
import openai

from core.llm.trust import trusted

CONNECT_SECONDS = 10


class _Client(openai.OpenAI):
    """An endpoint need not know which machine asks; and every header takes its time."""

    def platform_headers(self) -> dict[str, str]:
        return {}


class Line:
    """Through the `openai` package, which is not to ask again by itself: such a wait could not be
    broken off.
    """

    def __init__(self, address: str, key: str | None):
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._hung_up = False
        self._complete = False
        self._client = _Client(
            base_url=address,
            api_key=key or "none",
            max_retries=0,
            timeout=openai.Timeout(None, connect=CONNECT_SECONDS),
            http_client=openai.DefaultHttpxClient(
                verify=trusted(), event_hooks={"request": [self._look_on]}
            ),
        )
        # Joined once, not for every request.
        self._url = f"{self._client.base_url}chat/completions"

    def ask(self, body: dict[str, Any]) -> Generator[Any, None, None]:
        """The chunks of a reply, as plain JSON: to check the types of each takes longer than all
        the rest. Raises what openai and httpx raise; to be closed where it is not read to its end.
        """
        with self._lock:
            self._hung_up = False
            self._complete = False
        stream = self._client.post(
            self._url,
            cast_to=object,
            body=body,
            stream=True,
            stream_cls=_ToItsEnd,
        )
        stream.complete = self._set_complete
        with stream:
            yield from stream

    @property
    def complete(self) -> bool:
        """Whether the reply was said to be whole; the server may take its time to end it."""
        return self._complete

    def _set_complete(self) -> None:
        self._complete = True

    def hang_up(self) -> None:
        """Breaks the request off that is going on; one that still connects ends once it has."""
        with self._lock:
            self._hung_up = True
            self._shut_down()

    def close(self) -> None:
        self._client.close()

    def _look_on(self, request: httpx2.Request) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, told: dict[str, Any]) -> None:
        """Keeps the socket of the connection that is made."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = told["return_value"].get_extra_info("socket")
                if self._hung_up:
                    self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the server was quicker


class _ToItsEnd(openai.Stream[object]):
    """Read to the end of the answer, not only of the reply in it: else the connection is closed,
    and the next request has to make a new one.
    """

    complete: Callable[[], None]

    def _iter_events(self) -> Iterator[Any]:
        events = super()._iter_events()
        for event in events:
            if event.data.startswith("[DONE]"):
                self.complete()
                for _more in events:
                    pass
            yield event
