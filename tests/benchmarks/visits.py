"""Visits to the app on a real server, in place of a browser: over its websocket, drawing nothing.

The server is told to measure its script runs, as it does for the usage statistics of Streamlit's
makers: it sends the times to the browser, which would pass them on. Here they go nowhere else.
Measuring costs a run some milliseconds, so the times are rather too long than too short.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PROJECT = Path(__file__).parents[2]
START_SECONDS = 120
RUN_SECONDS = 300
OPTIONS = ("--server.headless", "true", "--browser.gatherUsageStats", "true")


def environment(home: Path) -> dict[str, str]:
    """In which the program works on this home folder and no other."""
    return {**os.environ, "VADEMECUM_HOME": str(home), "VADEMECUM_DATABASE_URL": ""}


@contextmanager
def serving(command: Sequence[str], home: Path) -> Iterator[int]:
    """A server that Python runs with this command, on the home folder; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command, *OPTIONS, "--server.port", str(port)],
            cwd=PROJECT,
            env=environment(home),
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(process, port, log)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).is_success:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start. It says:\n{log.read_text('utf-8')}")


@contextmanager
def visiting(port: int) -> Iterator["Visit"]:
    """A new tab, as somebody opens it who was not there before."""
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        origin=Origin(f"http://127.0.0.1:{port}"),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    ) as connection:
        yield Visit(connection)


class Visit:
    """One tab. Every act gives the seconds that the server's script took for it."""

    def __init__(self, connection: ClientConnection):
        self._connection = connection
        self._address: dict[str, str] = {}
        self._widgets: dict[str, str] = {}

    def open(self, page: str, query: str = "") -> float:
        self._address = {"page_name": page, "query_string": query}
        return self._run()

    def again(self) -> float:
        """The whole screen once more, as after any click."""
        return self._run()

    def press(self, beginning: str) -> float:
        """Presses the first button whose key begins so."""
        return self._run(id=self._id(beginning), trigger_value=True)

    def choose(self, key: str, value: str) -> float:
        """One of several buttons in a row."""
        return self._run(id=self._id(key), string_array_value={"data": [value]})

    def _id(self, beginning: str) -> str:
        found = [number for key, number in self._widgets.items() if key.startswith(beginning)]
        if not found:
            raise RuntimeError(f"There is no {beginning} on the screen.")
        return found[0]

    def _run(self, **change: Any) -> float:
        message = BackMsg()
        message.rerun_script.page_name = self._address["page_name"]
        message.rerun_script.query_string = self._address["query_string"]
        widgets = message.rerun_script.widget_states.widgets
        widgets.extend([WidgetState(**change)] if change else [])
        self._connection.send(message.SerializeToString())
        self._widgets = {}
        seconds = 0.0
        while True:
            got = ForwardMsg.FromString(self._connection.recv(timeout=RUN_SECONDS, decode=False))
            match got.WhichOneof("type"):
                case "delta":
                    self._look_at(got)
                case "page_profile":
                    seconds += got.page_profile.exec_time / 1e6
                case "script_finished" if got.script_finished != got.FINISHED_EARLY_FOR_RERUN:
                    return seconds

    def _look_at(self, got: ForwardMsg) -> None:
        """Remembers the widgets. Their ids end with the keys that the script gave them."""
        element = got.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"The screen shows an exception: {element.exception.message}")
        parts = getattr(getattr(element, kind), "id", "").split("-", 2) if kind else []
        if len(parts) == 3:
            self._widgets[parts[2]] = "-".join(parts)
