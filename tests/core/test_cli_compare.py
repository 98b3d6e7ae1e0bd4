"""`compare`, and `runs` on a comparison: documents, lines, files, and how they end."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.evaluation.comparison.document import document
from core.evaluation.comparison.importing import import_comparison
from core.evaluation.problems import NewProblem
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.arms import arm
from core.pipeline.comparison import Comparison
from core.settings import Settings
from core.store import jobs as job_rows
from tests.core.conftest import Cli, Ended
from tests.core.pipeline.test_comparer import BOOK, PROBLEM, SLOW, Words
from tests.fake_openai import Arms, FakeOpenAI, Reply, Worded, endpoint_of, prompt_of, wait_until

TAKE_KEYS = {
    *("sample", "text", "thinking", "finish_reason", "input_tokens", "cached_tokens"),
    *("reasoning_tokens", "output_tokens", "first_token_seconds", "seconds", "price", "answer"),
    *("correct", "retrieved", "cited", "invented", "error"),
}
CITING = Worded("By **behavior_count_digits** and behavior_made_up it is $\\boxed{42}$.")


@pytest.fixture
def book(cli: Cli, tmp_path: Path, fake: FakeOpenAI) -> str:
    """A handbook, and an endpoint that leads to the fake server."""
    path = tmp_path / "rows.jsonl"
    rows = [{"name": n, "topic": topic, "instruction": i} for n, (topic, i) in BOOK.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert cli("handbook", "import", "book", path).code == 0
    added = ("--base-url", fake.base_url, "--model", "fake-model")
    assert cli("models", "add", "mine", *added).code == 0
    fake.answer = Arms(condition=CITING)
    return "book"


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is opened has a made-up embedder."""
    made = Words()
    monkeypatch.setattr(App, "embedder_name", lambda _app: made.name)
    monkeypatch.setattr(App, "embedder", lambda _app, _name: made)
    monkeypatch.setattr(App, "unrelated", 0.0)


def compare(cli: Cli, *options: object) -> Ended:
    always = {"--problem": PROBLEM, "--handbook": "book", "--model": "mine", "--gold": "42"}
    given = [
        part for name, value in always.items() if name not in options for part in (name, value)
    ]
    return cli("compare", *given, *options)


TOPIC = ("--arms", "plain,bci-topic", "--topic", "Counting")


def test_the_document_has_all_figures_of_every_arm(cli: Cli, book: str) -> None:
    ended = compare(cli, *TOPIC, "--samples", 2, "--json")
    assert ended.code == 0, ended.err
    made = ended.document
    assert "Run 1: 2 arms, 2 samples each." in ended.err
    assert made["run"] == 1
    assert list(made["arms"]) == ["plain", "bci-topic"]
    for takes in made["arms"].values():
        assert [take["sample"] for take in takes] == [0, 1]
        for take in takes:
            assert take.keys() >= TAKE_KEYS
            assert (take["finish_reason"], take["answer"], take["correct"]) == ("stop", "42", True)
            assert take["output_tokens"] > 0
            assert 0 < take["first_token_seconds"] <= take["seconds"]
            assert (take["price"], take["error"], take["thinking"]) == (None, None, "")
    (plain, _), (given, _) = made["arms"].values()
    assert plain["retrieved"] == plain["cited"] == plain["invented"] == []
    assert sorted(given["retrieved"]) == [
        *("behavior_circle_row", "behavior_count_digits", "behavior_split_cases"),
    ]
    assert (given["cited"], given["invented"]) == (["behavior_count_digits"], ["behavior_made_up"])
    assert "output tokens" in made["verdicts"][0]["sentence"]


def test_counts_are_those_of_the_endpoint(cli: Cli, book: str, fake: FakeOpenAI) -> None:
    usage = {
        "prompt_tokens": 311,
        "completion_tokens": 37,
        "total_tokens": 348,
        "prompt_tokens_details": {"cached_tokens": 288},
        "completion_tokens_details": {"reasoning_tokens": 12},
    }
    fake.answer = Worded("\\boxed{42}", usage=usage)
    made = compare(cli, "--arms", "plain,concise", "--json").document
    for (take,) in made["arms"].values():
        counts = [take[f"{w}_tokens"] for w in ("input", "cached", "reasoning", "output")]
        assert counts == [311, 288, 12, 37]


def test_without_arms_it_is_plain_against_the_papers_way(
    cli: Cli, book: str, embedder: None
) -> None:
    made = compare(cli, "--k", 3, "--json").document
    assert [(one["arm"], one["kind"]) for one in made["asked"]] == [
        ("plain", "plain"),
        ("bci", "bci-embedding"),
    ]
    (take,) = made["arms"]["bci"]
    assert len(take["retrieved"]) == made["settings"]["k"] == 3
    assert {"behavior_count_digits", "behavior_odd_even"} <= set(take["retrieved"])


def test_a_person_gets_lines(cli: Cli, book: str, fake: FakeOpenAI) -> None:
    ended = compare(cli, *TOPIC)
    assert ended.code == 0
    first, empty, plain, given, other, verdict = ended.out.splitlines()
    assert (first, empty, other) == (PROBLEM, "", "")
    assert plain.startswith("plain 1: ")
    assert "stop, answer 42 (right)" in plain
    assert given.endswith("; cites behavior_count_digits")
    assert "From one sample" in verdict
    fake.answer = Worded("\\boxed{42}", usage=False)
    assert "plain 1: unknown tokens out, unknown in" in compare(cli, *TOPIC).out


def test_options_reach_the_requests(cli: Cli, book: str, fake: FakeOpenAI) -> None:
    options = ("--budget", 64, "--temperature", 0, "--top-p", 0.5, "--seed", 3, "--samples", 2)
    settings = compare(cli, *TOPIC, *options, "--json").document["settings"]
    assert {body["max_tokens"] for body in fake.requests} == {64}
    told = {(body["temperature"], body["top_p"]) for body in fake.requests}
    assert told == {(0, 0.5)}
    assert sorted(body["seed"] for body in fake.requests) == [3, 3, 4, 4]
    assert (settings["budget"], settings["seed"], settings["topic"]) == (64, 3, "Counting")


@pytest.mark.parametrize("by", ["name", "number"])
def test_behaviors_are_picked_by_name_or_number(by: str, cli: Cli, book: str) -> None:
    shown = cli("handbook", "show", "book", "--json").document["behaviors"]
    ids = {one["name"]: one["id"] for one in shown}
    wanted = ["behavior_halve", "behavior_look_back"]
    fixed = ",".join(wanted if by == "name" else [str(ids[name]) for name in wanted])
    ended = compare(cli, "--arms", "plain,bci-fixed", "--fixed", fixed, "--json")
    assert ended.code == 0, ended.err
    assert ended.document["arms"]["bci-fixed"][0]["retrieved"] == wanted


def test_files_are_written(cli: Cli, book: str, tmp_path: Path) -> None:
    html, export = tmp_path / "page.html", tmp_path / "talk.json"
    ended = compare(cli, *TOPIC, "--html", html, "--export", export, "--json")
    assert ended.code == 0
    written = json.loads(export.read_text("utf-8"))
    assert written["arms"]["plain"][0]["chunks"].keys() == {"ms", "side", "length", "tokens"}
    assert written["verdicts"] == ended.document["verdicts"]
    assert "behavior_count_digits" in html.read_text("utf-8")
    app = App.open(Settings.from_env())
    run = import_comparison(app.store, export.name, export.read_bytes(), by="visitor")
    there = document(app.store, run.id)
    app.close()
    assert there["arms"] == ended.document["arms"]
    shown = cli("runs", "show", run.id, "--json")
    assert (shown.code, shown.document["arms"]) == (0, there["arms"])
    listed = {one["run"]: one["status"] for one in cli("runs", "list", "--json").document}
    assert listed == {run.id: "imported", ended.document["run"]: "done"}
    resumed = cli("runs", "resume", run.id)
    assert (resumed.code, "never run here" in resumed.err) == (2, True)
    assert "Traceback" not in resumed.err


def test_a_file_too_large_to_be_taken_in_is_said(
    cli: Cli, book: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("core.cli.compare"), "MOST_BYTES", 1000)
    ended = compare(cli, *TOPIC, "--export", tmp_path / "talk.json")
    assert ended.code == 0
    assert "talk.json has " in ended.err


def test_with_an_embedder_the_json_has_the_aligned_steps(
    cli: Cli, book: str, embedder: None
) -> None:
    made = compare(cli, *TOPIC, "--json").document
    (pair,) = made["steps"]
    assert (pair["left"], pair["right"], pair["sample"]) == ("plain", "bci-topic", 0)
    assert pair["stretches"]
    assert cli("runs", "show", made["run"], "--json").document["steps"] == made["steps"]


def test_a_file_that_cannot_be_written_is_said(cli: Cli, book: str, tmp_path: Path) -> None:
    ended = compare(cli, *TOPIC, "--html", tmp_path / "nowhere" / "page.html")
    assert ended.code == 2
    assert "cannot be written" in ended.err
    assert "Traceback" not in ended.err


def test_a_reply_that_fails_ends_with_1_and_the_document(
    cli: Cli, book: str, fake: FakeOpenAI
) -> None:
    fake.answer = Arms(concise=Reply(fault="context_overflow"))
    ended = compare(cli, "--arms", "plain,concise", "--json")
    assert ended.code == 1
    made = ended.document
    (plain,), (concise,) = made["arms"].values()
    assert (plain["finish_reason"], plain["error"]) == ("stop", None)
    assert concise["finish_reason"] == "error"
    assert "context" in concise["error"]
    lines = cli("runs", "show", 1)
    assert concise["error"] in lines.out


def test_without_an_embedder_it_ends_with_1_and_says_how_to_get_one(
    cli: Cli, book: str, fake: FakeOpenAI
) -> None:
    ended = compare(cli, "--json")
    assert ended.code == 1
    assert ended.document["status"] == "failed"
    assert "models pull all-minilm-l6-v2" in ended.err
    assert fake.requests == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--arms", "plain"], "2 to 6 arms, not 1"),
        (["--arms", ""], "2 to 6 arms"),
        (["--arms", ",".join(["plain"] * 7)], "2 to 6 arms"),
        (["--arms", "plain,plain"], "twice"),
        (["--arms", "bci,bci-embedding"], "twice"),
        (["--arms", "plain,magic"], "'magic'"),
        (["--arms", "plain,concise@nobodys"], "'nobodys'"),
        (["--arms", "plain,bci-fixed"], "bci-fixed needs behaviors"),
        (["--arms", "plain,bci-fixed", "--fixed", "behavior_gone"], "behavior_gone"),
        (["--arms", "plain,concise", "--handbook", "nobodys"], "'nobodys'"),
        (["--arms", "plain,concise", "--model", "nobodys"], "'nobodys'"),
        (["--arms", "plain,concise", "--problem", " "], "no problem"),
        (["--arms", "plain,concise", "--problem", "One?\n---\nTwo?", "--gold", ""], "problem"),
        (["--arms", "plain,concise", "--problem", "x" * 40_001], "problem"),
        (["--arms", "plain,concise", "--samples", "0"], "samples"),
        (["--arms", "plain,concise", "--budget", "5"], "budget"),
        (["--arms", "plain,concise", "--temperature", "9"], "temperature"),
        (["--arms", "plain,concise", "--top-p", "0"], "top-p"),
        (["--arms", "plain,concise", "--seed", "x"], "--seed"),
        (["--arms", "plain,bci-topic", "--k", "0"], "--k"),
        (["--arms", "plain,bci", "--at-least", "2"], "--at-least"),
        (["--arms", "plain,bci-dynamic", "--offered-from", "-1"], "--offered-from"),
    ],
    ids=lambda one: " ".join(one)[-40:] if isinstance(one, list) else "",
)
def test_wrong_use_ends_with_2_and_a_sentence(
    options: list[str], words: str, cli: Cli, book: str, fake: FakeOpenAI
) -> None:
    ended = compare(cli, *options, "--json")
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert fake.requests == []
    assert cli("runs", "list", "--json").document == []


def test_a_behavior_that_cannot_be_given_fails_before_anything_is_asked(
    cli: Cli, book: str, fake: FakeOpenAI
) -> None:
    ended = compare(cli, "--arms", "plain,bci-fixed", "--fixed", "99999")
    assert ended.code in (1, 2)
    assert "99999 cannot be given" in ended.err
    assert fake.requests == []


# `runs` on a comparison


def test_runs_show_and_list_it(cli: Cli, book: str) -> None:
    made = compare(cli, *TOPIC, "--json").document
    shown = cli("runs", "show", 1, "--json")
    assert (shown.code, shown.document) == (0, made)
    (listed,) = cli("runs", "list", "--json").document
    assert (listed["run"], listed["kind"], listed["status"]) == (1, "compare", "done")
    assert (listed["done"], listed["total"], listed["traces"]) == (2, 2, 2)
    takes = [take for (take,) in made["arms"].values()]
    assert listed["output_tokens"] == sum(take["output_tokens"] for take in takes)


def test_runs_resume_does_what_is_missing(cli: Cli, book: str, fake: FakeOpenAI) -> None:
    fake.answer = Arms(concise=Reply(fault="bad_request"))
    assert compare(cli, "--arms", "plain,concise", "--samples", 2).code == 1
    again = cli("runs", "resume", 1, "--json")
    assert again.code == 1
    fake.answer = Arms()
    ended = cli("runs", "resume", 1, "--json")
    assert ended.code == 0, ended.err
    assert [take["attempt"] for take in ended.document["arms"]["concise"]] == [3, 3]
    assert [prompt_of(body) for body in fake.requests].count("solve") == 2
    assert "plain 1: " in cli("runs", "resume", 1).out
    assert len(fake.requests) == 8


def test_what_was_stopped_is_resumed(cli: Cli, book: str, fake: FakeOpenAI, app: App) -> None:
    """Begun by one program, stopped by a command, and gone on with by another."""
    endpoints.change(app.store, endpoint_of(fake, "mine", concurrency=1))
    fake.answer = lambda _body: SLOW if len(fake.requests) == 2 else Worded("\\boxed{42}")
    with app.store.read() as session:
        assert job_rows.jobs(kind="compare", session=session) == []
    job_id = _begun(app)
    wait_until(lambda: fake.in_flight and len(fake.requests) == 2, 60)
    assert cli("runs", "stop", 1).code == 0
    wait_until(lambda: not _job(app, job_id).active, 60)
    shown = cli("runs", "show", 1)
    assert "Run 1 is stopped" in shown.err
    fake.answer = Arms()
    ended = cli("runs", "resume", 1, "--json")
    assert ended.code == 0, ended.err
    takes = [take for takes in ended.document["arms"].values() for take in takes]
    assert sorted(take["attempt"] for take in takes) == [1, 1, 1, 2]
    assert len(fake.requests) == 5


def _begun(app: App) -> int:
    arms = (arm("plain", "mine"), arm("concise", "mine"))
    plan = Comparison(arms, Sampling(0.0, None, 400, 1), samples=2)
    job = app.add_compare(NewProblem(PROBLEM, "42"), "book", plan, by="tester")
    app.jobs.start(job.id)
    return job.id


def _job(app: App, job_id: int) -> Any:
    with app.store.read() as session:
        return job_rows.job(job_id, session=session)


@pytest.mark.parametrize("command", ["show", "resume", "stop"])
def test_a_run_that_there_is_not(command: str, cli: Cli, book: str) -> None:
    ended = cli("runs", command, 99)
    assert (ended.code, ended.out) == (2, "")
    assert "99" in ended.err
