"""What the commands of `bench` share: their rows, the machine, the clock.

Rows of name, size, value and unit; what they have to reach stands in no code. The machine is
described on standard error, because figures without it say nothing.
"""

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from core.cli.output import show

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    name: str
    size: int
    value: float
    unit: str


def show_rows(rows: Sequence[Row], as_json: bool, below: Sequence[str] = ()) -> None:
    """The rows, and for a person the lines below them."""
    show([asdict(row) for row in rows], as_json, [*map(_line, rows), *below])


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work gives, and the seconds it took."""
    begun = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begun


def machine() -> str:
    """Processor, cores, memory and system, in a line."""
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB memory, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    listed = Path("/proc/cpuinfo")  # platform.processor() is empty on most Linux systems
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def _line(row: Row) -> str:
    return f"{row.name:<42} {row.size:>9,} {row.value:>9.3f} {row.unit}"
