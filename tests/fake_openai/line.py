"""The connection of one request: waits and writes, and notices a client that is gone."""

import select
import socket
import threading
import time

LOOK_SECONDS = 0.05


class ClientGone(Exception):
    """The client closed the connection, or the server ends."""


class Line:
    def __init__(self, connection: socket.socket, closing: threading.Event):
        self._connection = connection
        self._closing = closing

    def pause(self, seconds: float | None) -> None:
        """Waits (None: for ever) while looking whether anybody is still there."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            self._look()
            left = LOOK_SECONDS if end is None else min(LOOK_SECONDS, end - time.monotonic())
            if left <= 0:
                return
            self._closing.wait(left)

    def chunk(self, data: bytes) -> None:
        """One chunk of a chunked body; the empty one ends it."""
        self._connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def _look(self) -> None:
        if self._closing.is_set():
            raise ClientGone
        readable, _, _ = select.select([self._connection], [], [], 0)
        if readable and self._connection.recv(1, socket.MSG_PEEK) == b"":
            raise ClientGone
