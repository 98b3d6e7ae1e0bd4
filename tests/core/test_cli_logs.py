"""`logs import` and `logs export`: documents, lines, files, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.conftest import Cli
from tests.core.evaluation.logs import harness_row, lines
from tests.core.test_cli_compare import book  # noqa: F401  a fixture
from tests.core.test_cli_evaluate import evaluate, problems, small  # noqa: F401  two fixtures
from tests.fake_openai import FakeOpenAI


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """Two models' logs as the tool leaves them."""
    folder, found = tmp_path / "results", []
    for model, right in (("org__one", 2), ("org__two", 4)):
        path = folder / model / "samples_gsm8k_2026-01-16T15-23-47.285735.jsonl"
        path.parent.mkdir(parents=True)
        said = [[["behavior_made_up: 18"]], [[" 18"]]]
        path.write_bytes(
            lines(
                *(
                    harness_row(at, exact_match=float(at < right), resps=said[at > 0])
                    for at in range(4)
                )
            )
        )
        found.append(path)
    return found


def test_logs_become_a_run_with_a_report(cli: Cli, logs: list[Path]) -> None:
    ended = cli("logs", "import", *logs, "--handbook", "countdown", "--json")
    assert ended.code == 0, ended.err
    made: dict[str, Any] = ended.document
    assert [(one["arm"], one["accuracy"]) for one in made["arms"]] == [
        ("org/one", 0.5),
        ("org/two", 1.0),
    ]
    assert [one["inventing"] for one in made["citations"]] == [1, 1]
    assert made["handbook"]["slug"] == "countdown"
    assert cli("report", made["run"], "--json").document == made
    again = cli("logs", "import", *logs, "--handbook", "countdown")
    assert again.code == 2
    assert f"kept already, as run {made['run']}" in again.err


def test_lines_for_a_person_and_labels(cli: Cli, logs: list[Path]) -> None:
    options = ("--label", "plain", "--label", "mine", "--kind", "plain", "--kind", "bci")
    ended = cli("logs", "import", *logs, *options)
    assert ended.code == 0, ended.err
    assert "mine against plain at 512 tokens" in ended.out
    assert "plain: the budget" not in ended.out


def test_what_was_imported_is_shown_and_cannot_be_extended(cli: Cli, logs: list[Path]) -> None:
    made = cli("logs", "import", *logs, "--json").document
    assert cli("runs", "show", 1, "--json").document == made
    resumed = cli("evaluate", "--resume", 1, "--samples", 2)
    assert (resumed.code, "Run 1 was made of logs" in resumed.err) == (2, True)


def test_export_writes_a_folder_for_each_arm_or_one_file(
    cli: Cli, logs: list[Path], tmp_path: Path
) -> None:
    assert cli("logs", "import", *logs).code == 0
    ended = cli("logs", "export", 1, tmp_path / "out", "--json")
    assert ended.code == 0, ended.err
    files = [Path(one["file"]) for one in ended.document["files"]]
    assert [path.parent.name for path in files] == ["org__one", "org__two"]
    assert all(len(path.read_text().splitlines()) == 4 for path in files)
    alone = tmp_path / "alone.jsonl"
    assert "4 replies" in cli("logs", "export", 1, alone, "--arm", "org/two").out
    row = json.loads(alone.read_text().splitlines()[0])
    assert (row["vademecum"]["model"], row["exact_match"]) == ("org/two", 1.0)
    again = cli("logs", "import", *files, "--json").document
    assert [one["accuracy"] for one in again["arms"]] == [0.5, 1.0]


def test_an_evaluation_of_our_own_comes_back_with_its_figures(
    cli: Cli,
    problems: Path,  # noqa: F811
    small: FakeOpenAI,  # noqa: F811
    tmp_path: Path,
) -> None:
    made = evaluate(cli, problems, "--samples", 2, "--json").document
    files = [one["file"] for one in cli("logs", "export", 1, tmp_path, "--json").document["files"]]
    again = cli("logs", "import", *files, "--json").document
    assert again["problems"]["set"] == "sums"
    assert again["texts"] == made["texts"]
    assert again["asked"] == made["asked"]
    for name in ("arms", "pairs", "verdicts", "flips"):
        assert stripped(again[name]) == stripped(made[name])
    assert [one["replies"] for one in made["citations"]] == [16, 16]


def stripped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "traces"} for row in rows]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "none-such.jsonl"), "none-such.jsonl cannot be read: No such file"),
        (("import", "."), "cannot be read"),
        (("import",), "Missing argument"),
        (("export", 1, "out.jsonl"), "A file holds one arm"),
        (("export", 1, "out", "--arm", "x"), "no arm 'x'"),
        (("export", 99, "out"), "no run number 99"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    cli: Cli,
    logs: list[Path],
    arguments: tuple[Any, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("logs", "import", *logs).code == 0
    ended = cli("logs", *arguments)
    assert ended.code != 0
    assert told in ended.err
    assert not list(tmp_path.glob("out*"))
