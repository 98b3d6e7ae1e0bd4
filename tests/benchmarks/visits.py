"""Visits to the app on a real server, in place of a browser: over its websocket, drawing nothing.

The server is told to count how long each of its script runs takes, which it does for its makers'
statistics: it sends the figure to the browser, which would pass it on. Here it goes nowhere else.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PROJECT = Path(__file__).parents[2]
START_SECONDS = 120
RUN_SECONDS = 300
OPTIONS = ("--server.headless", "true", "--browser.gatherUsageStats", "true")


@contextmanager
def serving(command: list[str], home: Path) -> Iterator[int]:
    """A server that `python` runs with this command, on the home folder; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    options = [*OPTIONS, "--server.port", str(port)]
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *command, *options],
            cwd=PROJECT,
            env={**os.environ, "VADEMECUM_HOME": str(home), "VADEMECUM_DATABASE_URL": ""},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("The server did not start; its log is in the home folder.")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)


class Visit:
    """One tab of a browser. Every act gives the seconds that the server's script took for it."""

    def __init__(self, socket: ClientConnection):
        self._socket = socket
        self._address: dict[str, str] = {}
        self.widgets: dict[str, Any] = {}

    def open(self, page: str, query: str = "") -> float:
        self._address = {"page_name": page, "query_string": query}
        return self._run({})

    def again(self) -> float:
        """The whole screen once more, as after any click."""
        return self._run({})

    def press(self, key: str) -> float:
        return self._run({"id": self._id(key), "trigger_value": True})

    def choose(self, key: str, value: str) -> float:
        return self._run({"id": self._id(key), "string_array_value": {"data": [value]}})

    def _id(self, key: str) -> str:
        """Widgets are known by an id that ends with the key which the script gave them."""
        found = [widget for widget in self.widgets if widget.endswith(f"-{key}")]
        if not found:
            raise RuntimeError(f"There is no {key!r} on the screen.")
        return found[-1]

    def _run(self, change: Mapping[str, Any]) -> float:
        message = BackMsg()
        for name, value in self._address.items():
            setattr(message.rerun_script, name, value)
        if change:
            message.rerun_script.widget_states.widgets.append(WidgetState(**change))
        else:
            message.rerun_script.widget_states.SetInParent()
        self._socket.send(message.SerializeToString())
        self.widgets = {}
        seconds = 0.0
        while True:
            got = ForwardMsg.FromString(self._socket.recv(timeout=RUN_SECONDS))
            match got.WhichOneof("type"):
                case "delta":
                    self._look_at(got)
                case "page_profile":
                    seconds += got.page_profile.exec_time / 1e6
                case "script_finished" if got.script_finished != got.FINISHED_EARLY_FOR_RERUN:
                    return seconds

    def _look_at(self, got: ForwardMsg) -> None:
        element = got.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"The screen shows an exception: {element.exception.message}")
        shown = getattr(element, kind) if kind else None
        if widget := getattr(shown, "id", ""):
            self.widgets[widget] = shown


@contextmanager
def visiting(port: int) -> Iterator[Visit]:
    """A new tab, as somebody opens it who was not there before."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    origin: Any = f"http://127.0.0.1:{port}"
    with connect(address, origin=origin, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        yield Visit(socket)
