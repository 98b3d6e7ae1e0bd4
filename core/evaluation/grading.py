"""Whether an answer is right: equal after normalisation, else by math-verify.

math-verify limits its time with a signal, which fails off the main thread; so it runs in a worker
process of ours, which is killed when an answer takes too long. Answers are never run as code.
"""

import atexit
import json
import re
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from core.errors import VademecumError
from core.evaluation.answers import final_answer

ANSWER_SECONDS = 10
START_SECONDS = 60
PROJECT_FOLDER = Path(__file__).parents[2]
# Notation that does not change an answer.
NOISE = re.compile(r"\\left|\\right|\\!|\\,|\\;|\\:|\$|\\displaystyle|\\limits")
SPACE = re.compile(r"(?<!\d) +| +(?!\d)")  # between digits it counts: 1 1/2 is not 11/2
GROUPED_NUMBER = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True)
class Grade:
    """`correct` is None where nothing could be compared. `grader` says what decided."""

    extracted: str | None
    correct: bool | None
    grader: str


def grade(text: str, gold: str | None) -> Grade:
    """Grades the final answer of a text against the gold answer."""
    answer = final_answer(text)
    if gold is None or not gold.strip():
        return Grade(answer, None, "none")
    if answer is None:
        return Grade(None, False, "no-answer")
    if _normalised(answer) == _normalised(gold):
        return Grade(answer, True, "exact")
    try:
        verdict = _WORKER.verify(gold, answer)
    except (VademecumError, OSError):  # the worker does not start or died: nothing was measured
        return Grade(answer, None, "not-graded")
    if verdict is None:
        return Grade(answer, False, "math-verify-timeout")
    return Grade(answer, verdict, "math-verify")


def _normalised(answer: str) -> str:
    plain = NOISE.sub("", answer.replace("dfrac", "frac").replace("tfrac", "frac"))
    plain = SPACE.sub("", " ".join(plain.replace("\\ ", " ").split())).rstrip(".")
    return plain.replace(",", "") if GROUPED_NUMBER.fullmatch(plain) else plain


class _Worker:
    """One process that imports math-verify once and answers line by line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._lines: SimpleQueue[str | None] = SimpleQueue()

    def verify(self, gold: str, answer: str) -> bool | None:
        """True or False, or None where it took too long."""
        with self._lock:
            process = self._running()
            assert process.stdin is not None  # noqa: S101  opened with a pipe
            process.stdin.write(json.dumps([gold, answer]) + "\n")
            process.stdin.flush()
            line = self._line(ANSWER_SECONDS)
            if line is None:
                self.close()
                return None
            return bool(json.loads(line))

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            with suppress(OSError):
                self._process.stdin.close()  # type: ignore[union-attr]
            self._process = None

    def _line(self, seconds: float) -> str | None:
        """The next line, or None where the process is too slow or gone."""
        try:
            return self._lines.get(timeout=seconds)
        except Empty:
            return None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self.close()  # one that died by itself leaves its pipes
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.evaluation.verify_worker"],
                cwd=PROJECT_FOLDER,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            self._lines = SimpleQueue()
            threading.Thread(
                target=_read, args=(self._process, self._lines), name="grading", daemon=True
            ).start()
            if self._line(START_SECONDS) is None:  # its first line: ready
                self.close()
                raise VademecumError(
                    "The process that grades with math-verify does not start. Try "
                    "`python -m core.evaluation.verify_worker` to see why."
                )
        return self._process


def _read(process: "subprocess.Popen[str]", lines: "SimpleQueue[str | None]") -> None:
    assert process.stdout is not None  # noqa: S101  opened with a pipe
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


_WORKER = _Worker()
atexit.register(_WORKER.close)
