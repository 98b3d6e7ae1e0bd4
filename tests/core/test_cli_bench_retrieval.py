"""`bench retrieval` and its made-up vectors: tiny sizes, and never how long something took."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from core.cli import commands
from core.cli.bench import machine
from core.errors import VademecumError
from core.retrieval import coarse, index_file
from core.retrieval.index import Index
from core.retrieval.made_up import DIMENSIONS, MEAN_LENGTH, made_up

OF_EACH = [
    "index made",
    "one added to the index, median",
    "one added to the index, slowest",
    "search",
    "numpy product",
    "search by product",
    "same as brute force",
    "index file written",
    "index file read",
    "first start, no index file",
    "start",
    "one accepted and found, median",
    "one accepted and found, slowest",
    "one written and found, median",
    "one written and found, slowest",
]


def _bench(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["bench", "retrieval", "--no-map", *arguments])


def _values(*arguments: str) -> dict[str, float]:
    ended = _bench(*arguments, "--json")
    assert ended.exit_code == 0
    rows = json.loads(ended.stdout)
    return {row["name"].removeprefix("retrieval: "): row["value"] for row in rows}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the benchmark makes its temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.cli.bench_retrieval.REST", 0)


def test_each_size_has_its_rows_and_nothing_is_left(temporary: Path, home: Path) -> None:
    ended = _bench("--size", "100", "--size", "260", "--json")
    assert ended.exit_code == 0
    rows = json.loads(ended.stdout)
    assert all(row.keys() == {"name", "size", "value", "unit"} for row in rows)
    expected = [(f"retrieval: {name}", size) for size in (100, 260) for name in OF_EACH]
    assert [(row["name"], row["size"]) for row in rows] == expected
    assert {row["unit"] for row in rows} == {"s", "ms", "times", "share"}
    assert all(row["value"] > 0 for row in rows)
    assert machine() in ended.stderr
    assert not home.exists()
    assert not list(temporary.iterdir())


def test_a_small_index_finds_what_brute_force_finds() -> None:
    assert _values("--size", "300", "--seed", "3")["same as brute force"] == 1.0


def test_a_person_gets_lines() -> None:
    ended = _bench("--size", "120")
    (line,) = [line for line in ended.stdout.splitlines() if "brute" in line]
    assert line.split() == "retrieval: same as brute force 120 1.000 share".split()


def test_a_wrong_result_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Index.search

    def one_less(self: Index, query: np.ndarray, k: int) -> object:
        found = search(self, query, k)
        return found if query[0] > 0 else search(self, query, k - 1)

    monkeypatch.setattr(Index, "search", one_less)
    assert _values("--size", "200")["same as brute force"] < 1


def test_an_approximate_index_is_told_by_its_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarse, "LISTS_FROM", 100)
    monkeypatch.setattr(coarse, "EXACT_UP_TO", 1000)
    monkeypatch.setattr("core.cli.bench_retrieval.IN_A_STORE", 1000)
    values = _values("--size", "4000")
    assert "same as brute force" not in values
    assert 0.3 < values["recall@40"] < 1
    assert values["faster than exact"] > 0
    assert values["numpy product and best 40"] > values["numpy product"]
    assert "start" not in values  # no handbook of this size is made


def test_a_file_that_cannot_be_read_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_file, "read", lambda *_: None)
    ended = _bench("--size", "100")
    assert isinstance(ended.exception, VademecumError)
    assert "could not be read again" in str(ended.exception)


@pytest.mark.parametrize("wrong", [["--size", "99"], ["--size", "many"], ["--seed", "-1"]])
def test_wrong_use_is_told(wrong: list[str]) -> None:
    assert _bench(*wrong).exit_code == 2


def test_one_seed_always_gives_the_same_vectors() -> None:
    one, same, other = made_up(300, 5, 1), made_up(300, 5, 1), made_up(300, 5, 2)
    assert np.array_equal(one.rows, same.rows)
    assert np.array_equal(one.queries, same.queries)
    assert not np.array_equal(one.rows, other.rows)


def test_vectors_are_float32_of_unit_length() -> None:
    made = made_up(1000, 7)
    for rows, number in ((made.rows, 1000), (made.queries, 7)):
        assert rows.dtype == np.float32
        assert rows.shape == (number, DIMENSIONS)
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_vectors_have_the_mean_and_the_spectrum_they_are_said_to_have() -> None:
    rows = made_up(40_000, 1).rows.astype(np.float64)
    assert np.linalg.norm(rows.mean(axis=0)) == pytest.approx(MEAN_LENGTH, abs=0.02)
    values = np.linalg.eigvalsh(np.cov(rows.T))[::-1]
    shares = values / values.sum()
    assert 1 / (shares**2).sum() == pytest.approx(67, abs=7)
    assert shares[[0, 9, 49, 99]] == pytest.approx([0.062, 0.017, 0.005, 0.002], rel=0.2)


def test_wordings_of_an_idea_and_its_problems_are_alike() -> None:
    made = made_up(10_000, 40)
    likeness = np.sort(made.queries @ made.rows.T, axis=1)[:, ::-1]
    assert 0.5 < likeness[:, :10].mean() < 0.75
    assert likeness.mean() < 0.2


def test_the_map_has_its_rows_and_nothing_moves(home: Path) -> None:
    ended = CliRunner().invoke(commands, ["bench", "retrieval", "--size", "100", "--json"])
    assert ended.exit_code == 0
    values = {row["name"]: row["value"] for row in json.loads(ended.stdout)}
    assert values["map: old behaviors that moved"] == 0
    assert values["map: first layout"] > values["map: clusters and their words"] > 0
    assert values["map: a later behavior placed"] > 0
