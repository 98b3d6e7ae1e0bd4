"""`bench`: how fast and how good the program is on this machine, measured on made-up handbooks.

`bench retrieval` and `bench topics` have files of their own; what all share is in `bench_rows`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import click

from core.cli.bench_jobs import jobs
from core.cli.bench_prefix import prefix
from core.cli.bench_retrieval import retrieval
from core.cli.bench_rows import Row, machine, show_rows, timed
from core.cli.bench_topics import topics
from core.cli.output import as_json_option, say
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


@click.group()
def bench() -> None:
    """Measure this machine: speed and quality, on made-up handbooks or (topics) your own."""


bench.add_command(retrieval)
bench.add_command(topics)
bench.add_command(prefix)
bench.add_command(jobs)


@bench.command()
@click.option("--size", "sizes", type=click.IntRange(min=10), multiple=True, default=SIZES)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@as_json_option
def duplicates(sizes: Sequence[int], seed: int, as_json: bool) -> None:
    """Near copies in handbooks of these sizes, and the nearest of 10,000; vectors are at hand."""
    say(machine())
    rows = [row for size in sizes for row in _duplicates(size, seed)]
    rows += _nearest(seed)
    show_rows(rows, as_json)


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
    show_rows(_measured_by("tests.benchmarks.pages", wanted), as_json)


@bench.command()
@click.option("--rate", type=click.FloatRange(min=1), default=50.0, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=1), default=20.0, show_default=True)
@as_json_option
def streaming(rate: float, seconds: float, as_json: bool) -> None:
    """Six arms at once, so many chunks a second each: when a chunk is on the Compare screen.

    A real Chromium looks at it, and the script that does this stands among the project's tests.
    """
    if find_spec("playwright") is None:
        raise BadInput("A browser is needed to measure this: `make setup-dev` installs what is.")
    say(machine())
    wanted = {"--rate": rate, "--seconds": seconds}
    show_rows(_measured_by("tests.benchmarks.streaming", wanted), as_json)


def _measured_by(script: str, wanted: Mapping[str, float]) -> list[Row]:
    """The rows that a script of the tests prints; it runs in a process of its own."""
    options = [part for name, value in wanted.items() for part in (name, str(value))]
    measured = subprocess.run(
        [sys.executable, "-m", script, *options], cwd=PROJECT, stdout=subprocess.PIPE, check=False
    )
    if measured.returncode:
        error = BadInput if measured.returncode == 2 else VademecumError
        raise error("The screens were not measured; what stands above says why.")
    return [Row(**row) for row in json.loads(measured.stdout)]


def _duplicates(size: int, seed: int) -> Iterator[Row]:
    say(f"Near copies among {size:,} …")
    made = synthetic(size, seed)
    items = [
        Item(number, draft.name, draft.instruction) for number, draft in enumerate(made.drafts)
    ]
    known = made.known()
    pairs, seconds = timed(lambda: near_copies.pairs(items, known))
    yield Row("duplicates pairs", size, seconds, "s")
    yield Row("duplicates recall", size, _recall(pairs, made), "share")
    _groups, seconds = timed(lambda: near_copies.groups(pairs, near_copies.FLOOR))
    yield Row("duplicates groups", size, seconds, "s")
    _counts, seconds = timed(lambda: near_copies.counts(pairs, SLIDER))
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
        timed(partial(nearest, name, instruction, texts, known))[1]
        for _number, name, instruction in asked
    ]
