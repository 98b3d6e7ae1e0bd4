"""How long the server's script takes for each screen of a large handbook: `bench pages` runs this.

    python -m tests.benchmarks.pages [--size N] [--runs N] [--seed N]

It prints rows {name, size, value, unit} as one JSON document. A first paint is the run for a tab
that was just opened; a rerun is the one after a key press: accept on Review, elsewhere one that
changes nothing. All is warm: each screen was visited once before. An empty script, which goes the
same way, says what of this is Streamlit's own. Drawing in the browser is not measured.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.benchmarks.home import SLUG, Filled, fill
from tests.benchmarks.visits import PROJECT, Visit, serving, visiting

BOOK = f"handbook={SLUG}"
APP = ["-m", "pages.ui.serve"]
# What the app's first screen needs, in a process of its own: is torch among it?
START = """
import sys
from streamlit.testing.v1 import AppTest
AppTest.from_file("app.py", default_timeout=120).run()
print(int("torch" in sys.modules))
"""


@dataclass(frozen=True)
class Screen:
    """A screen as `name`. `first` brings it about in a new tab, `then` draws it again."""

    name: str
    first: Callable[[Visit], float]
    then: Callable[[Visit], float] = Visit.again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        print(f"Making a handbook of {wanted.size:,} behaviors …", file=sys.stderr)
        filled = fill(home, wanted.size, wanted.seed)
        print(json.dumps(measured(home, filled, wanted.size, wanted.runs)))


def measured(home: Path, filled: Filled, size: int, runs: int) -> list[dict[str, Any]]:
    empty = home / "empty.py"
    empty.write_text("")
    with serving(["-m", "streamlit", "run", str(empty)], home) as port:
        rows = _rows_of(Screen("an empty script", _opened("")), port, size, runs)
    with serving(APP, home) as port:
        for screen in _screens(filled):
            print(f"{screen.name} …", file=sys.stderr)
            rows += _rows_of(screen, port, size, runs)
    started = subprocess.run(
        [sys.executable, "-c", START], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [*rows, _row("start imports torch", size, float(started.stdout), "times")]


def _screens(filled: Filled) -> list[Screen]:
    return [
        Screen("solve", _opened("solve")),
        Screen("solve, a run", _opened("solve", f"run={filled.run_id}")),
        Screen("review", _opened("review", BOOK), lambda tab: tab.press("review_key_A")),
        Screen("duplicates", _opened("duplicates", BOOK)),
        Screen("handbook, cards", _opened("handbook", BOOK)),
        Screen("handbook, table", _chosen("handbook", BOOK, "handbook_view", "table")),
        Screen("handbook, summary", _chosen("handbook", BOOK, "handbook_view", "summary")),
        Screen("behavior", _opened("behavior", f"b={filled.behavior_id}")),
        Screen("behavior, choice", _opened("behavior", BOOK)),
        Screen("history", _opened("history", BOOK)),
        Screen("runs", _opened("runs")),
        Screen("models", _opened("models")),
    ]


def _opened(page: str, query: str = "") -> Callable[[Visit], float]:
    return lambda tab: tab.open(page, query)


def _chosen(page: str, query: str, key: str, value: str) -> Callable[[Visit], float]:
    """Has no address of its own: the run that is measured is the one after the choice."""

    def first(tab: Visit) -> float:
        tab.open(page, query)
        return tab.choose(key, value)

    return first


def _rows_of(screen: Screen, port: int, size: int, runs: int) -> list[dict[str, Any]]:
    taken: dict[str, list[float]] = {"first paint": [], "rerun": []}
    for number in range(runs + 1):
        with visiting(port) as tab:
            seconds = screen.first(tab), screen.then(tab)
        if number:  # the first visit warms up
            for what, value in zip(taken, seconds, strict=True):
                taken[what].append(1000 * value)
    return [
        _row(f"{screen.name}: {what}, p{percent}", size, np.percentile(values, percent), "ms")
        for what, values in taken.items()
        for percent in (50, 95)
    ]


def _row(name: str, size: int, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "size": size, "value": round(float(value), 1), "unit": unit}


if __name__ == "__main__":
    main()
