"""`bench` on the command line: the rows, the machine, and what is asked wrongly."""

import json
import sys
from collections import Counter

import pytest
from click.testing import CliRunner, Result

from core.cli import commands
from core.cli.bench import machine
from core.errors import BadInput


def _bench(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["bench", "duplicates", *arguments])


@pytest.fixture(autouse=True)
def few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    # `core.cli.bench` is the command of this name, once the module is imported.
    monkeypatch.setattr(sys.modules["core.cli.bench"], "COMPARED_WITH", 100)


def test_each_size_has_its_rows_and_nearest_comes_last() -> None:
    ended = _bench("--size", "200", "--size", "300", "--json")
    assert ended.exit_code == 0
    rows = json.loads(ended.stdout)
    assert all(row.keys() == {"name", "size", "value", "unit"} for row in rows)
    assert Counter(row["size"] for row in rows) == {200: 4, 300: 4, 100: 2}
    assert [row["name"] for row in rows][-2:] == ["nearest by meaning", "nearest by words"]
    assert {row["unit"] for row in rows} == {"s", "ms", "share"}
    assert all(row["value"] > 0 for row in rows)
    assert [row["value"] for row in rows if row["name"] == "duplicates recall"] == [1, 1]
    assert machine() in ended.stderr


def test_a_person_gets_lines() -> None:
    ended = _bench("--size", "1000")
    (recall,) = [line for line in ended.stdout.splitlines() if "recall" in line]
    assert recall.split() == ["duplicates", "recall", "1,000", "1.000", "share"]


def test_copies_that_are_missed_lower_the_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.handbook.duplicates.links.FLOOR", 0.95)
    rows = json.loads(_bench("--size", "200", "--json").stdout)
    (recall,) = [row["value"] for row in rows if row["name"] == "duplicates recall"]
    assert 0 < recall < 1


def test_the_machine_is_described() -> None:
    assert " cores, " in machine()
    assert " GB memory, " in machine()


@pytest.mark.parametrize("wrong", [["--size", "9"], ["--size", "many"], ["--seed", "-1"]])
def test_wrong_use_is_told(wrong: list[str]) -> None:
    assert _bench(*wrong).exit_code == 2


@pytest.mark.live
def test_every_screen_is_measured() -> None:
    ended = CliRunner().invoke(
        commands, ["bench", "pages", "--size", "200", "--runs", "2", "--json"]
    )
    assert ended.exit_code == 0
    values = {row["name"]: row["value"] for row in json.loads(ended.stdout)}
    assert values.pop("imports of torch at the start") == 0
    assert all(value > 0 for value in values.values())
    for screen in ("solve", "review", "duplicates", "behavior", "history", "runs", "models"):
        for what in ("first paint, p50", "first paint, p95", "rerun, p50", "rerun, p95"):
            assert f"{screen}: {what}" in values
    assert {name.partition(":")[0] for name in values} >= {
        f"handbook, {view}" for view in ("cards", "table", "summary")
    }


def test_a_handbook_too_small_for_the_runs_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    ended = CliRunner().invoke(commands, ["bench", "pages", "--size", "200", "--runs", "11"])
    assert isinstance(ended.exception, BadInput)
    assert "11 runs need a handbook of 220" in capfd.readouterr().err
