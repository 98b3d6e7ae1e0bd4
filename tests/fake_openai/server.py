"""The server: keeps what it is asked, answers as it is told, and ends without leaving anything."""

import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal

from tests.fake_openai.line import ClientGone, Line
from tests.fake_openai.replies import STATUS, Reply
from tests.fake_openai.strategist import Strategist
from tests.fake_openai.stream import completion, send_stream
from tests.fake_openai.tokenizer import tokenized

Answer = Callable[[dict[str, Any]], Reply]
JOIN_SECONDS = 5


@dataclass(frozen=True)
class Request:
    """One chat request as it came in."""

    body: dict[str, Any]
    headers: dict[str, str]


class FakeOpenAI:
    """A context manager. `answer` may be changed while it runs; None plays the strategist.

    `tokenizer` names the server whose form of /tokenize it understands: a token is a word, and its
    chat template puts two more around each message. None: it has no tokenizer.

    With `key`, requests need that bearer token. `owned_by` is what its list of models says, which
    is how Vademecum recognises kinds of servers. With `tls` it is an https server.
    """

    def __init__(
        self,
        answer: Answer | Reply | None = None,
        *,
        port: int = 0,
        models: tuple[str, ...] = ("fake-model",),
        owned_by: str = "fake",
        key: str | None = None,
        tokenizer: Literal["llama.cpp", "vllm"] | None = None,
        tls: ssl.SSLContext | None = None,
    ):
        self.answer = answer
        self.models = models
        self.owned_by = owned_by
        self.key = key
        self.tokenizer = tokenizer
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._seen: list[Request] = []
        self._in_flight = self._most_in_flight = self._hung_up = 0
        self._scheme = "https" if tls else "http"
        self._server = _Server(("127.0.0.1", port), self)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> "FakeOpenAI":
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/v1"

    @property
    def seen(self) -> list[Request]:
        """The chat requests so far, with their headers."""
        with self._lock:
            return list(self._seen)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the chat requests so far."""
        return [request.body for request in self.seen]

    @property
    def in_flight(self) -> int:
        with self._lock:
            return self._in_flight

    @property
    def most_in_flight(self) -> int:
        """How many requests were answered at the same time, at most."""
        with self._lock:
            return self._most_in_flight

    @property
    def hung_up(self) -> int:
        """How many clients closed the connection before their reply was complete."""
        with self._lock:
            return self._hung_up

    def begin(self, request: Request) -> Reply:
        """Notes a request and chooses its reply."""
        with self._lock:
            self._seen.append(request)
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
            answer = self.answer
        if isinstance(answer, Reply):
            return answer
        return (answer or Strategist())(request.body)

    def end(self, hung_up: bool) -> None:
        with self._lock:
            self._in_flight -= 1
            self._hung_up += hung_up


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that idle ones end with it."""

    def __init__(self, address: tuple[str, int], fake: FakeOpenAI):
        self.fake = fake
        self._connections: set[socket.socket] = set()
        self._handling: list[threading.Thread] = []
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._handling.append(thread)
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends all connections and waits for their threads: a test leaves nothing behind."""
        for connection in self._connections.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # ended in the meantime
        for thread in self._handling:
            thread.join(JOIN_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error here; anything else is one of the test's."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        fake = self.server.fake
        if self.path != "/v1/models":
            return self._send(404, {"error": {"message": f"no such path: {self.path}"}})
        if not self._is_let_in():
            return self._refuse(Reply(fault="unauthorized"))
        listed = [{"id": m, "object": "model", "owned_by": fake.owned_by} for m in fake.models]
        return self._send(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path in ("/tokenize", "/apply-template"):
            answer = tokenized(self.server.fake.tokenizer, self.path, body)
            return self._send(200 if answer else 404, answer or {"error": {"message": "no"}})
        if self.path != "/v1/chat/completions":
            return self._send(404, {"error": {"message": f"no such path: {self.path}"}})
        if not self._is_let_in():
            return self._refuse(Reply(fault="unauthorized"))
        return self._chat(Request(body, {k.lower(): v for k, v in self.headers.items()}))

    def _chat(self, request: Request) -> None:
        fake = self.server.fake
        hung_up = False
        try:
            reply = fake.begin(request)
            self._answer(reply, request.body)
        except (ClientGone, ConnectionError):
            hung_up = not fake.closing.is_set()
            self.close_connection = True
        finally:
            fake.end(hung_up)

    def _answer(self, reply: Reply, body: dict[str, Any]) -> None:
        line = Line(self.connection, self.server.fake.closing)
        line.pause(reply.first_delay)
        if reply.fault == "no_headers":
            line.pause(None)
        elif reply.fault in STATUS:
            self._refuse(reply)
        elif reply.fault == "web_page":
            self._send_bytes(200, b"<html><body>Welcome!</body></html>", "text/html")
        elif body.get("stream"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.close_connection = not send_stream(line, reply, body)
        else:
            self._send(200, completion(reply, body))

    def _is_let_in(self) -> bool:
        key = self.server.fake.key
        return key is None or self.headers.get("Authorization") == f"Bearer {key}"

    def _refuse(self, reply: Reply) -> None:
        """An error as OpenAI words it; like some servers, it repeats the key it was sent."""
        assert reply.fault is not None
        key = self.headers.get("Authorization", "")
        message = f"scripted fault {reply.fault} (you sent {key})"
        code = "context_length_exceeded" if reply.fault == "context_overflow" else reply.fault
        self._send(
            STATUS[reply.fault],
            {"error": {"message": message, "type": reply.fault, "code": code}},
            {"Retry-After": f"{reply.retry_after:g}"} if reply.fault == "rate_limited" else {},
        )

    def _send(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        self._send_bytes(status, json.dumps(document).encode(), "application/json", headers)

    def _send_bytes(
        self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        sizes = {"Content-Type": kind, "Content-Length": str(len(data))}
        for name, value in {**sizes, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: what counts is in `requests`."""
