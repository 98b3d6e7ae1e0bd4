"""Looks after a request while another thread reads its reply."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal

from core.llm.arrival import Arrival
from core.llm.chat import Partial, unwatched

LOOK_SECONDS = 0.05
UNWATCHED_SECONDS = 0.2  # how soon a stop is noticed where nobody looks on
WATCH_SECONDS = 0.1

Found = Literal["stop", "silence"]


class Guard:
    """A context manager: inside it a thread tells `watch` how the reply grows, and calls `hang_up`
    when `stop` says so, or when nothing has come for longer than `patience` says.

    `found` is why it hung up. Afterwards it raises what `watch` or `stop` raised.
    """

    def __init__(
        self,
        arrival: Arrival,
        *,
        watch: Callable[[Partial], None],
        stop: Callable[[], bool],
        patience: Callable[[], float],
        hang_up: Callable[[], None],
    ):
        self._arrival = arrival
        self._watch = watch
        self._stop = stop
        self._patience = patience
        self._hang_up = hang_up
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._seen: Partial | None = None
        self._next_look = 0.0
        self.found: Found | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> "Guard":
        if self._watch is unwatched:
            _PATROL.add(self)
        else:
            threading.Thread(target=self._look_after, name="guard", daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        _PATROL.remove(self)
        with self._lock:  # a look that goes on ends first: nothing is told after the reply is kept
            pass
        if self._error is not None:
            raise self._error

    def wait(self, seconds: float) -> bool:
        """Whether it hung up meanwhile."""
        return self._over.wait(seconds)

    def look(self) -> None:
        """Once: tells what is new, and hangs up where it is time to."""
        with self._lock:
            if self._over.is_set():
                return
            try:
                found = self._look()
            except BaseException as error:  # noqa: BLE001  raised in the thread that asks
                self._error = error
                found = "stop"
            if found and not self._over.is_set():
                self.found = found
                self._over.set()
                self._hang_up()

    def _look_after(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.look()

    def _look(self) -> Found | None:
        if self._stop():
            return "stop"
        self._tell()
        return "silence" if self._arrival.silence > self._patience() else None

    def _tell(self) -> None:
        """When something changed: ten times a second, less often where it is slow.

        What watches may write to a busy database; at most a twentieth of the time goes into that.
        """
        begun = time.monotonic()
        if begun < self._next_look:
            return
        partial = self._arrival.partial
        if partial != self._seen:
            self._seen = partial
            self._watch(partial)
        took = time.monotonic() - begun
        self._next_look = begun + max(WATCH_SECONDS, 20 * took)


class _Patrol:
    """One thread for all requests that nobody watches: of those there are thousands."""

    def __init__(self) -> None:
        self._guards: set[Guard] = set()
        self._changed = threading.Condition()
        self._walking = False

    def add(self, guard: Guard) -> None:
        with self._changed:
            self._guards.add(guard)
            if not self._walking:
                self._walking = True
                threading.Thread(target=self._walk, name="patrol", daemon=True).start()
            elif len(self._guards) == 1:
                self._changed.notify()

    def remove(self, guard: Guard) -> None:
        with self._changed:
            self._guards.discard(guard)

    def _walk(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._guards)
                guards = list(self._guards)
            for guard in guards:
                guard.look()
            time.sleep(UNWATCHED_SECONDS)


_PATROL = _Patrol()
