"""`bench`: how fast and how good the program is on this machine, measured on made-up handbooks.

Rows of name, size, value and unit; what they have to reach stands in no code. The machine is
described on standard error, because figures without it say nothing.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import click
import psutil

from core.cli.output import as_json_option, say, show
from core.errors import BadInput, VademecumError
from core.handbook import duplicates as near_copies
from core.handbook.duplicates import Item, Pairs
from core.handbook.likeness import Known, Text, nearest
from core.handbook.synthetic import Synthetic, synthetic

PROJECT = Path(__file__).parents[2]
SIZES = (10_000, 100_000)
COMPARED_WITH = 10_000  # behaviors, for the rows of `nearest`
TIMES = 20
SLIDER = [hundredths / 100 for hundredths in range(70, 101)]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    name: str
    size: int
    value: float
    unit: str


@click.group()
def bench() -> None:
    """Measure this machine: speed and quality on made-up handbooks."""


@bench.command()
@click.option("--size", "sizes", type=click.IntRange(min=10), multiple=True, default=SIZES)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@as_json_option
def duplicates(sizes: Sequence[int], seed: int, as_json: bool) -> None:
    """Near copies in handbooks of these sizes, and the nearest of 10,000; vectors are at hand."""
    say(machine())
    rows = [row for size in sizes for row in _duplicates(size, seed)]
    rows += _nearest(seed)
    show([asdict(row) for row in rows], as_json, list(map(_line, rows)))


@bench.command()
@click.option("--size", type=click.IntRange(min=200), default=10_000, show_default=True)
@click.option("--runs", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@as_json_option
def pages(size: int, runs: int, seed: int, as_json: bool) -> None:
    """Each screen of a large handbook: the server's time for its first paint and for a rerun.

    Streamlit and the screens stand above core, which knows nothing of them. So the measuring is
    done by a script of the project's tests, tests/benchmarks/pages.py, in a process of its own;
    its rows are printed here.
    """
    say(machine())
    wanted = {"--size": size, "--runs": runs, "--seed": seed}
    options = [part for name, value in wanted.items() for part in (name, str(value))]
    measured = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.pages", *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        check=False,
    )
    if measured.returncode:
        error = BadInput if measured.returncode == 2 else VademecumError
        raise error("The screens were not measured; what stands above says why.")
    rows = [Row(**row) for row in json.loads(measured.stdout)]
    show([asdict(row) for row in rows], as_json, list(map(_line, rows)))


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


def _duplicates(size: int, seed: int) -> Iterator[Row]:
    say(f"Near copies among {size:,} …")
    made = synthetic(size, seed)
    items = [
        Item(number, draft.name, draft.instruction) for number, draft in enumerate(made.drafts)
    ]
    known = made.known()
    pairs, seconds = _timed(lambda: near_copies.pairs(items, known))
    yield Row("duplicates pairs", size, seconds, "s")
    yield Row("duplicates recall", size, _recall(pairs, made), "share")
    _groups, seconds = _timed(lambda: near_copies.groups(pairs, near_copies.FLOOR))
    yield Row("duplicates groups", size, seconds, "s")
    _counts, seconds = _timed(lambda: near_copies.counts(pairs, SLIDER))
    yield Row("duplicates counts", size, seconds, "s")


def _recall(pairs: Pairs, made: Synthetic) -> float:
    """The share of the planted copies that are paired with their original."""
    ids = pairs.ids
    found = set(zip(ids[pairs.first].tolist(), ids[pairs.second].tolist(), strict=True))
    return sum(copy in found for copy in made.copies) / len(made.copies)


def _nearest(seed: int) -> Iterator[Row]:
    """Each behavior asked for has all the others to be compared with, their words seen before."""
    say(f"The nearest of {COMPARED_WITH:,} …")
    made = synthetic(COMPARED_WITH, seed)
    texts = [(number, draft.name, draft.instruction) for number, draft in enumerate(made.drafts)]
    by: dict[str, Known | None] = {"meaning": made.known(), "words": None}
    for way, known in by.items():
        _nearest_of_each(texts[:1], texts, known)
        measured = _nearest_of_each(texts[:TIMES], texts, known)
        yield Row(f"nearest by {way}", COMPARED_WITH, 1000 * median(measured), "ms")


def _nearest_of_each(
    asked: Sequence[Text], texts: Sequence[Text], known: Known | None
) -> list[float]:
    """The seconds for each."""
    return [
        _timed(partial(nearest, name, instruction, texts, known))[1]
        for _number, name, instruction in asked
    ]


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work gives, and the seconds it took."""
    begun = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begun


def _line(row: Row) -> str:
    return f"{row.name:<42} {row.size:>9,} {row.value:>9.3f} {row.unit}"
