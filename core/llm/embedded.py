"""Runs the embedded models: one supervised llama.cpp server a model, as a child process.

Several programs on one home folder (the app, the command line) share a server: whoever needs it
first starts it and owns it; it ends with its owner. One that died is started again, once.
"""

import json
import math
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from filelock import FileLock

from core.errors import ModelUnavailable
from core.llm.catalogue import Entry
from core.llm.downloads import is_there
from core.settings import Settings

START_SECONDS = 180
FORGIVE_AFTER_SECONDS = 600
PROJECT_FOLDER = Path(__file__).parents[2]


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class _Crash:
    at: float  # seconds of the monotonic clock
    cause: str


class EmbeddedServers:
    """The servers this process uses. `close` ends those it started."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._folder = settings.home / "servers"
        self._children: dict[str, _Child] = {}
        self._crashes: dict[str, list[_Crash]] = {}
        self._lock = threading.Lock()

    def address(self, entry: Entry) -> str:
        """The base URL of a healthy server of this model, started if there is none."""
        with self._lock:
            found = self._healthy_address(entry)
            return found or self._start(entry)

    def close(self) -> None:
        with self._lock:
            for child in self._children.values():
                _end(child.process)
            self._children.clear()

    def _start(self, entry: Entry) -> str:
        if not is_there(entry, self._settings.models_folder):
            raise ModelUnavailable(
                f"The model {entry.name} is not downloaded. Fetch it on the Models screen, or with "
                f"`python -m core models pull {entry.name}`."
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        # Held while the server starts: another program that wants this model waits, then shares it.
        with FileLock(self._folder / f"{entry.name}.lock"):
            if found := self._healthy_address(entry):
                return found
            self._note_crash(entry)
            child = self._spawn(entry)
            self._children[entry.name] = child
            return self._wait_until_ready(entry, child)

    def _spawn(self, entry: Entry) -> _Child:
        self._ready_file(entry).unlink(missing_ok=True)
        command = [sys.executable, "-m", "core.llm.serve_gguf"]
        command += [str(self._settings.models_folder / entry.file), "--alias", entry.name]
        command += ["--context", str(entry.context), "--threads", str(self._settings.threads)]
        command += ["--ready", str(self._ready_file(entry))]
        with self._log_file(entry).open("wb") as log:
            process = subprocess.Popen(
                command, cwd=PROJECT_FOLDER, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        return _Child(process)

    def _wait_until_ready(self, entry: Entry, child: _Child) -> str:
        deadline = time.monotonic() + START_SECONDS
        while child.process.poll() is None and time.monotonic() < deadline:
            if found := self._healthy_address(entry):
                return found
            time.sleep(0.1)
        _end(child.process)
        self._children.pop(entry.name, None)
        raise ModelUnavailable(
            f"The embedded server could not start {entry.name}: {self._last_words(entry)} "
            f"Its log is {self._log_file(entry)}. If the file is damaged, remove the model and "
            "pull it again; if memory is short, take a smaller model."
        )

    def _healthy_address(self, entry: Entry) -> str | None:
        try:
            address: str = json.loads(self._ready_file(entry).read_text())["address"]
            httpx2.get(f"{address}/health", timeout=5).raise_for_status()
        except (OSError, ValueError, KeyError, httpx2.HTTPError):
            return None
        return f"{address}/v1"

    def _note_crash(self, entry: Entry) -> None:
        """Counts a server of ours that ended by itself; a second in ten minutes is one too many."""
        crashes, now = self._crashes.setdefault(entry.name, []), time.monotonic()
        if child := self._children.pop(entry.name, None):
            crashes.append(_Crash(now, self._cause(entry, child.process.poll())))
            _end(child.process)
        late = [one for one in crashes if now - one.at < FORGIVE_AFTER_SECONDS]
        if len(late) > 1:
            minutes = math.ceil((late[-2].at + FORGIVE_AFTER_SECONDS - now) / 60)
            raise ModelUnavailable(
                f"The embedded server of {entry.name} ended twice within ten minutes: "
                f"{late[-1].cause} Its log is {self._log_file(entry)}. Take a smaller model, or "
                f"try again in {minutes} min (at once after a new start of Vademecum)."
            )

    def _cause(self, entry: Entry, status: int | None) -> str:
        """A killed program cannot say why, and the end of its log is then about something else."""
        if status is None:
            return "it ran on, but did not answer."
        if status in (-signal.SIGKILL, -signal.SIGTERM):
            return f"it was killed ({signal.Signals(-status).name}), as where memory runs out."
        return self._last_words(entry)

    def _last_words(self, entry: Entry) -> str:
        try:
            lines = self._log_file(entry).read_text("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        words = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
        return f"“{words[:200]}”."

    def _ready_file(self, entry: Entry) -> Path:
        return self._folder / f"{entry.name}.json"

    def _log_file(self, entry: Entry) -> Path:
        return self._folder / f"{entry.name}.log"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Closes its standard input, which ends it; kills it where that does not."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
