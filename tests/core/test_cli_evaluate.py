"""`evaluate` and `report`: documents, lines, files, what is left out, and how they end."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.settings import Settings
from core.store import Store
from core.store import runs as run_rows
from tests.core.conftest import Cli, Ended
from tests.core.test_cli_compare import book  # noqa: F401  a fixture
from tests.fake_openai import Arms, FakeOpenAI, Reply, Worded, counted

PROBLEMS = [
    {"problem": f"What is {n} plus {n + 1}?", "answer": str(2 * n + 1), "subject": "Algebra"}
    for n in range(1, 9)
]
ARM_KEYS = {
    *("arm", "budget", "n", "accuracy", "accuracy_interval", "output_tokens"),
    *("output_tokens_interval", "input_tokens", "cut_off", "errors"),
}
PAIR_KEYS = {
    *("arm", "baseline", "budget", "accuracy_difference", "interval", "mcnemar_p"),
    *("token_ratio", "token_ratio_interval"),
}


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    path = tmp_path / "sums.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in PROBLEMS))
    return path


@pytest.fixture
def small(book: str, fake: FakeOpenAI) -> FakeOpenAI:  # noqa: F811
    """A model that adds up right where the sum is small, and counts its words."""

    def answer(body: dict[str, Any]) -> Reply:
        first = int(body["messages"][-1]["content"].split("What is ")[1].split()[0])
        value = 2 * first + 1 if first < 7 else 0
        return counted(body, Worded(f"It is so. \\boxed{{{value}}}"))

    fake.answer = answer
    return fake


def evaluate(cli: Cli, problems: object, *options: object) -> Ended:
    always = ("--problems", problems, "--handbook", "book", "--model", "mine")
    return cli("evaluate", *always, "--arms", "plain,concise", "--budgets", "64", *options)


def test_the_document_has_the_shape_that_others_build_on(
    cli: Cli, problems: Path, small: FakeOpenAI
) -> None:
    ended = evaluate(cli, problems, "--json")
    assert ended.code == 0, ended.err
    made = ended.document
    assert (made["run"], made["n_problems"], made["status"]) == (1, 8, "done")
    assert all(one.keys() >= ARM_KEYS for one in made["arms"])
    assert all(one.keys() >= PAIR_KEYS for one in made["pairs"])
    assert [(one["arm"], one["budget"], one["n"]) for one in made["arms"]] == [
        ("plain", 64, 8),
        ("concise", 64, 8),
    ]
    assert [one["accuracy"] for one in made["arms"]] == [0.75, 0.75]
    assert made["ledger"]
    assert made["leaks"] == {"flagged": {}, "found": [], "kept": {}, **left_out_kinds(made)}
    assert len(small.requests) == 16


def left_out_kinds(made: dict[str, Any]) -> dict[str, Any]:
    return {"left_out_kinds": made["leaks"]["left_out_kinds"]}


def test_a_report_is_read_again_and_written_as_files(
    cli: Cli, problems: Path, small: FakeOpenAI, tmp_path: Path
) -> None:
    made = evaluate(cli, problems, "--json").document
    html, table, everything = (tmp_path / name for name in ("r.html", "r.csv", "r.json"))
    flips = tmp_path / "flips.csv"
    files = ("--html", html, "--csv", table, "--flips", flips, "--export", everything)
    ended = cli("report", 1, *files, "--json")
    assert ended.code == 0, ended.err
    assert ended.document == made == cli("runs", "show", 1, "--json").document
    assert json.loads(everything.read_text()) == made
    assert html.read_text().startswith("<!doctype html>")
    with table.open(newline="") as read:
        rows = list(csv.DictReader(read))
    assert [row["arm"] for row in rows] == ["plain", "concise"]
    assert flips.read_text().startswith("arm,baseline,budget,direction,problem_id,")
    assert len(small.requests) == 16


def test_lines_for_a_person(cli: Cli, problems: Path, small: FakeOpenAI) -> None:
    ended = evaluate(cli, problems)
    assert "plain at 64: 75.0% right" in ended.out
    assert "; of 8 samples on 8 problems 0 cut off, 0 failed\n" in ended.out
    assert "concise against plain at 64 tokens: not shown." in ended.out
    assert "sums.jsonl, read as generic, is the set sums now." in ended.err


def test_so_many_are_drawn_by_the_seed(cli: Cli, problems: Path, small: FakeOpenAI) -> None:
    made = [
        evaluate(cli, "sums" if at else problems, "--limit", 3, "--draw", 5, "--json").document
        for at in range(2)
    ]
    assert [one["n_problems"] for one in made] == [3, 3]
    assert made[0]["texts"] == made[1]["texts"]
    assert made[0]["problems"]["size"] == 8


def test_every_arm_is_asked_with_a_seed(cli: Cli, problems: Path, small: FakeOpenAI) -> None:
    made = evaluate(cli, problems, "--samples", 2, "--json").document
    assert made["settings"]["seed"] == 0
    assert {body["seed"] for body in small.requests} == {0, 1}


def test_a_file_that_replaces_a_set_is_told_and_changes_no_run(
    cli: Cli, problems: Path, small: FakeOpenAI
) -> None:
    before = evaluate(cli, problems, "--json").document
    problems.write_text(json.dumps(PROBLEMS[0]) + "\n")
    ended = evaluate(cli, problems)
    assert "The set sums had 8 problems; these took their place." in ended.err
    assert cli("report", 1, "--json").document == before
    asked = len(small.requests)
    assert cli("evaluate", "--resume", 1, "--samples", 2, "--json").document["n_problems"] == 8
    assert len(small.requests) == asked + 16


def test_what_a_behavior_carries_is_left_out_or_kept(
    cli: Cli, small: FakeOpenAI, tmp_path: Path
) -> None:
    text = "What is 3 plus 4 if 4711 counters are moved from 8128 boxes to 377 shelves?"
    rows = [*PROBLEMS, {"problem": text, "answer": "7", "subject": "Algebra"}]
    path = tmp_path / "leaky.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    carrying = {
        "behavior_move_counters": "When 4711 counters move from 8128 boxes to 377 shelves, add 3."
    }
    (tmp_path / "more.json").write_text(json.dumps(carrying))
    assert cli("handbook", "import", "book", tmp_path / "more.json").code == 0
    left = evaluate(cli, path, "--json").document
    assert (left["n_problems"], left["problems"]["left_out"]) == (8, 1)
    assert left["leaks"]["flagged"] == {"behavior carries it": 1}
    assert any("Problems left out as leaks: 1." in one for one in left["limits"])
    kept = evaluate(cli, "leaky", "--leaks", "keep", "--json").document
    assert (kept["n_problems"], kept["leaks"]["kept"]) == (9, {"behavior carries it": 1})


def test_a_failed_reply_ends_with_one_and_resume_asks_for_it_alone(
    cli: Cli, problems: Path, small: FakeOpenAI
) -> None:
    right = small.answer
    small.answer = Arms(concise=Reply(fault="bad_request"), otherwise=right)
    ended = evaluate(cli, problems, "--json")
    assert (ended.code, len(ended.document["failed"])) == (1, 8)
    small.answer = right
    asked = len(small.requests)
    again = cli("evaluate", "--resume", 1, "--json")
    assert (again.code, again.document["failed"]) == (0, [])
    assert len(small.requests) == asked + 8


def test_a_run_is_extended_by_samples_arms_and_budgets(
    cli: Cli, problems: Path, small: FakeOpenAI
) -> None:
    assert evaluate(cli, problems).code == 0
    made = cli("evaluate", "--resume", 1, "--samples", 2, "--budgets", "128", "--json").document
    assert (made["settings"]["samples"], made["settings"]["budgets"]) == (2, [64, 128])
    assert len(small.requests) == 32


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--budgets", "many"), "whole numbers"),
        (("--arms", "plain,bald"), "no arm 'bald'"),
        (("--spend-at-most", "1"), "needs prices"),
        (("--handbook", "none-such"), "none-such"),
        (("--model", "nobody"), "no model 'nobody'"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    options: tuple[str, ...], told: str, cli: Cli, problems: Path, small: FakeOpenAI
) -> None:
    ended = evaluate(cli, problems, *options)
    assert ended.code != 0
    assert told in ended.err
    assert "Looking for leaks" not in ended.err  # told before the problems are read
    assert not small.requests


def test_resuming_what_is_no_evaluation_is_told(
    cli: Cli, small: FakeOpenAI, settings: Settings
) -> None:
    store = Store.open(settings.database_url)
    with store.write() as session:
        run_rows.add_run(kind="solve", title="x", handbook_id=None, by="tester", session=session)
    store.close()
    ended = cli("evaluate", "--resume", 1)
    assert ended.code == 2
    assert "no evaluation" in ended.err
    assert cli("evaluate", "--resume", 99).code == 2
    assert cli("evaluate").code == 2


@pytest.fixture
def grown(store: Store) -> str:
    """A handbook of which a model proposed six behaviors and a person accepted two."""
    made = shelf.create(store, "grown", by="ann")
    drafts = [Draft(f"behavior_{n}", f"Add {n} by {n}.", "Algebra") for n in range(6)]
    with store.write() as session:
        found = curation.propose(made.id, drafts, by="a-model", session=session)
    for one in found[:2]:
        curation.accept(store, one.id, version=one.version, by="ann")
    return made.slug


def test_an_experiment_says_how_large_it_has_to_be_and_is_told(
    cli: Cli, problems: Path, small: FakeOpenAI, grown: str
) -> None:
    options = ("--problems", problems, "--handbook", grown, "--model", "mine", "--budgets", 64)
    ended = cli("evaluate", *options, "--arms", "plain,bci-topic", "--parts", "--json")
    assert ended.code == 0, ended.err
    assert "These problems are too few, even with 64 samples each." in ended.err
    assert ended.document["settings"]["samples"] == 4
    (found,) = ended.document["worth"]
    assert (found["arm"], found["answers"]) == ("bci-topic", 32)
    assert {one["name"] for one in found["behaviors"]} == {"behavior_0", "behavior_1"}
    assert any("random half" in one for one in ended.document["limits"])


def test_whether_curation_pays_needs_a_raw_extraction(
    cli: Cli, problems: Path, small: FakeOpenAI
) -> None:
    ended = evaluate(cli, problems, "--curation")
    assert ended.code == 2
    assert "No model ever proposed a behavior for book" in ended.err
    assert not small.requests


@pytest.mark.parametrize("arms", ["bci-topic", "bci-topic:one-that-its-arms-replace"])
def test_whether_curation_pays(
    arms: str, cli: Cli, problems: Path, small: FakeOpenAI, grown: str
) -> None:
    options = ("--problems", problems, "--handbook", grown, "--model", "mine", "--budgets", 64)
    ended = cli("evaluate", *options, "--arms", arms, "--curation", "--json")
    assert ended.code == 0, ended.err
    assert "The raw extraction has 6 behaviors, the handbook 2." in ended.err
    assert [one["arm"] for one in ended.document["arms"]] == [
        *("plain", "bci-topic:grown-raw", "bci-topic:grown-raw-2", "bci-topic"),
    ]
    given = {one["arm"]: one["input_tokens"] for one in ended.document["arms"]}
    assert given["bci-topic:grown-raw"] > given["bci-topic:grown-raw-2"] > given["plain"]
