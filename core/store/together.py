"""Writes of many threads in one transaction.

A transaction costs more than the row it keeps. Where dozens of threads have something to keep at
once, whoever comes first keeps what the others brought meanwhile as well; each goes on when its own
is committed, so nothing counts as kept before it is.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlmodel import Session

Kept = TypeVar("Kept")


@dataclass
class _Asked:
    """What one thread has to keep. `ended` when it was, or could not be."""

    work: Callable[[Session], Any]
    ended: bool = False
    kept: Any = None
    error: Exception | None = None


@dataclass
class Together:
    """`write` opens a transaction that is committed at its end."""

    write: Callable[[], AbstractContextManager[Session]]
    _waiting: list[_Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def do(self, work: Callable[[Session], Kept]) -> Kept:
        """What `work` gives, once it is committed.

        It may be done twice: where another's fails, all of them are undone and done alone.
        """
        mine = _Asked(work)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:  # whoever has it before us may have kept ours by now
            if not mine.ended:
                with self._lock:
                    found, self._waiting = self._waiting, []
                self._keep(found)
        if mine.error is not None:
            raise mine.error
        return cast("Kept", mine.kept)

    def _keep(self, found: Sequence[_Asked]) -> None:
        try:
            with self.write() as session:
                for one in found:
                    one.kept = one.work(session)
        except Exception as error:  # noqa: BLE001  raised where it belongs: in the thread that asked
            if len(found) > 1:
                for one in found:
                    self._keep([one])
                return
            found[0].error = error
        for one in found:
            one.ended = True
