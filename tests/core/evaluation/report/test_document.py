"""The report of evaluations that were really run, against the fake server."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.app import App
from core.cli.evaluate import evaluation_outcome
from core.evaluation.report.document import report
from core.evaluation.report.groups import groups
from core.evaluation.report.pairs import contrasts_of
from core.llm import endpoints
from core.prompts import Prompt
from core.settings import Settings
from core.store import Store
from core.store.records import Job, Problem
from tests.core.evaluation.statistics.made_up import samples
from tests.core.pipeline.test_comparer import Words
from tests.core.pipeline.test_evaluator import SAMPLING, Rounds
from tests.fake_openai import FakeOpenAI, Reply, Worded, counted, endpoint_of, prompt_of


def answer(body: dict[str, Any]) -> Reply:
    """The plain arm writes 40 words and errs on two problems; the one with behaviors writes 20."""
    wrong = any(f"circle of {n}?" in body["messages"][-1]["content"] for n in (0, 1))
    words, value = (40, 41 if wrong else 42) if prompt_of(body) == "solve" else (20, 42)
    return counted(body, Worded("word " * (words - 3) + f"is \\boxed{{{value}}}."), cached=5)


@pytest.fixture
def rounds(settings: Settings, store: Store, fake: FakeOpenAI) -> Iterator[Rounds]:
    made = App(settings, store, Words())
    fake.answer = answer
    endpoints.add(store, endpoint_of(fake, concurrency=4, price_in=1.0, price_out=10.0))
    yield Rounds(made)
    made.models.close()


def told(rounds: Rounds, job: Job) -> dict[str, Any]:
    made = report(rounds.app.store, job.run_id or 0)
    assert json.loads(json.dumps(made)) == made
    return made


def arm(made: dict[str, Any], label: str, budget: int = 64) -> dict[str, Any]:
    (found,) = [one for one in made["arms"] if (one["arm"], one["budget"]) == (label, budget)]
    return found  # type: ignore[no-any-return]


def test_every_figure_is_that_of_the_traces(rounds: Rounds) -> None:
    made = told(rounds, rounds.do("plain bci-embedding", samples=2))
    plain, bci = arm(made, "plain"), arm(made, "bci-embedding")
    assert (plain["n"], plain["n_graded"], plain["samples"], plain["graded"]) == (6, 6, 12, 12)
    assert (plain["accuracy"], bci["accuracy"]) == (pytest.approx(4 / 6), 1.0)
    assert plain["accuracy_interval"][0] < 4 / 6 < plain["accuracy_interval"][1]
    assert (plain["output_tokens"], bci["output_tokens"]) == (39, 19)
    assert (plain["cut_off"], plain["errors"]) == (0, 0)
    (pair,) = made["pairs"]
    assert (pair["arm"], pair["baseline"], pair["budget"]) == ("bci-embedding", "plain", 64)
    assert pair["accuracy_difference"] == pytest.approx(2 / 6)
    assert pair["token_ratio"] == pytest.approx(19 / 39)
    assert [flip["direction"] for flip in made["flips"]] == ["wrong_to_right"] * 2
    assert all(len(traces) == 2 for flip in made["flips"] for traces in flip["traces"].values())
    assert made["verdicts"][0]["tokens"] == "better"
    assert "6 problems" in made["verdicts"][0]["sentence"]


def test_behaviors_stand_beside_random_ones_too(rounds: Rounds) -> None:
    made = told(rounds, rounds.do("plain bci-embedding random bci-topic", samples=2))
    beside = [(pair["arm"], pair["baseline"], pair["comparisons"]) for pair in made["contrasts"]]
    assert beside == [("bci-embedding", "random", 2), ("bci-topic", "random", 2)]
    assert {pair["comparisons"] for pair in made["pairs"]} == {3}  # a family of its own
    said = made["contrast_verdicts"][0]["sentence"]
    assert said.startswith("bci-embedding against random at 64 tokens")
    assert any(
        "Those of accuracy, and apart from them those of tokens, are corrected (Holm)" in one
        and "those of arms beside each other for theirs" in one
        for one in made["method"]
    )


def test_a_handbook_stands_beside_others_of_the_same_way() -> None:
    asked = [
        {"arm": "plain", "kind": "plain", "model": "a", "handbook": ""},
        {"arm": "bci:raw", "kind": "bci", "model": "a", "handbook": "raw"},
        {"arm": "bci:part", "kind": "bci", "model": "a", "handbook": "part"},
        {"arm": "bci", "kind": "bci", "model": "a", "handbook": ""},
        {"arm": "bci-topic:raw@b", "kind": "bci-topic", "model": "b", "handbook": "raw"},
        {"arm": "random@b", "kind": "random", "model": "b"},
    ]
    assert contrasts_of(asked) == [("bci", "bci:raw"), ("bci", "bci:part")]


def test_smaller_budgets_are_read_from_the_same_replies(rounds: Rounds, fake: FakeOpenAI) -> None:
    made = told(rounds, rounds.do("plain bci-embedding", budgets=(30, 64)))
    assert len(fake.requests) == 12
    cut = arm(made, "plain", 30)
    assert (cut["accuracy"], cut["output_tokens"], cut["cut_off"]) == (0, 30, 6)
    assert arm(made, "bci-embedding", 30)["accuracy"] == 1
    assert [point["budget"] for point in made["curve"]["plain"]] == [30, 64]
    assert {pair["comparisons"] for pair in made["pairs"]} == {2}
    assert any("serves every budget below" in sentence for sentence in made["method"])


def test_the_ledger_takes_the_prices_of_the_run(rounds: Rounds) -> None:
    job = rounds.do("plain bci-embedding")
    (found,) = told(rounds, job)["ledger"]["entries"]
    assert found["saved_output"] == 20
    assert found["saved_price"] == pytest.approx(20 * 10 / 1e6)
    assert found["net_price"] is not None
    assert found["problems_to_pay"] is None  # nobody knows what the handbook took to make


def test_failed_ones_are_shown_and_in_no_figure(rounds: Rounds, fake: FakeOpenAI) -> None:
    def failing(body: dict[str, Any]) -> Reply:
        if "circle of 3?" in body["messages"][-1]["content"] and prompt_of(body) == "solve":
            return Reply(fault="bad_request")
        return answer(body)

    fake.answer = failing
    made = told(rounds, rounds.do("plain bci-embedding"))
    (failed,) = made["failed"]
    assert (failed["arm"], failed["kind"]) == ("plain", "bad_request")
    plain = arm(made, "plain")
    assert (plain["errors"], plain["n"] - plain["n_graded"]) == (1, 1)
    assert (made["pairs"][0]["paired"], made["pairs"][0]["unpaired"]) == (5, 1)
    assert any("1 of 12 replies have no outcome" in sentence for sentence in made["limits"])


def test_replies_to_prompts_of_another_wording_are_told(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = rounds.do("plain bci-embedding")
    assert not any("another wording" in sentence for sentence in told(rounds, job)["limits"])
    monkeypatch.setattr(Prompt, "hash", "reworded")
    kinds = ("plain", "bci-embedding", "concise")
    rounds.extend(job, arms=[{"label": one, "kind": one, "model": "fake"} for one in kinds])
    sentences = told(rounds, job)["limits"]
    assert any(sentence.endswith("another wording: 6 of concise.") for sentence in sentences)


def test_a_run_that_has_not_begun_has_a_report(rounds: Rounds) -> None:
    made = told(rounds, rounds.add("plain bci-embedding"))
    assert (made["status"], made["arms"], made["pairs"]) == ("queued", [], [])
    assert made["n_problems"] == 6


def test_topics_have_figures_of_their_own(rounds: Rounds) -> None:
    made = told(rounds, rounds.do("plain bci-embedding", topic="Counting"))
    rows = {(row["by"], row["group"], row["arm"]): row for row in made["groups"]}
    assert rows["topic", "Counting", "plain"]["n"] == 6
    assert rows["topic", "Counting", "bci-embedding"]["accuracy"] == 1


def test_of_few_problems_no_interval_is_told_and_none_is_dropped() -> None:
    topics = ["Counting"] * 5 + ["Algebra", ""]
    problems = {n: Problem(n, "", "", None, topic, {}) for n, topic in enumerate(topics)}
    outcomes: dict[str, list[tuple[bool | None, int | None]]] = {
        str(n): [(n < 3, 10 + n)] for n in problems
    }
    rows = {row["group"]: row for row in groups(samples("plain", outcomes), problems, 0)}
    assert {name: row["n"] for name, row in rows.items()} == {
        "Algebra": 1,
        "Counting": 5,
        "none": 1,
    }
    assert rows["Counting"]["output_tokens_interval"] is not None
    assert rows["Algebra"]["output_tokens_interval"] is rows["none"]["accuracy_interval"] is None


def test_what_a_larger_budget_asked_again_replaces_what_was_cut(rounds: Rounds) -> None:
    sampling = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 30, "seed": 7}
    job = rounds.do("plain", sampling=replace(SAMPLING, max_tokens=30), budgets=(30,))
    assert told(rounds, job)["arms"][0]["cut_off"] == 6
    job = rounds.extend(job, sampling={**sampling, "max_tokens": 64}, budgets=[30, 64])
    made = told(rounds, job)
    assert (arm(made, "plain", 30)["cut_off"], arm(made, "plain", 64)["cut_off"]) == (6, 0)
    assert arm(made, "plain", 64)["accuracy"] == pytest.approx(4 / 6)


def test_a_second_draw_changes_nothing_under_the_budget_that_cut_the_first(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    sampling = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 30, "seed": 7}
    job = rounds.do("plain", sampling=replace(SAMPLING, max_tokens=30), budgets=(30,), forced=True)
    assert {trace.stage for trace in rounds.traces(job)} == {"solve", "forced-30"}
    before = arm(told(rounds, job), "plain", 30)
    fake.answer = lambda body: counted(body, Worded("It is \\boxed{42}."))
    job = rounds.extend(job, sampling={**sampling, "max_tokens": 64}, budgets=[30, 64])
    made = told(rounds, job)
    assert arm(made, "plain", 30) == before
    assert (arm(made, "plain", 64)["accuracy"], arm(made, "plain", 64)["output_tokens"]) == (1, 3)
    assert any(
        sentence.startswith("6 replies were asked for once more") for sentence in made["method"]
    )
    answers = Counter(trace.stage for trace in rounds.traces(job))
    assert answers == {"solve": 12, "forced-30": 6}


def test_a_reply_that_fails_at_a_larger_budget_is_missing_there_alone(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    sampling = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 64, "seed": 7}
    small = replace(SAMPLING, max_tokens=30)
    job = rounds.do("plain bci-embedding", sampling=small, budgets=(30,))

    def too_long(body: dict[str, Any]) -> Reply:
        last = "circle of 3?" in body["messages"][-1]["content"]
        return Reply(fault="bad_request") if last else answer(body)

    fake.answer = too_long
    job = rounds.extend(job, sampling=sampling, budgets=[30, 64])
    made = told(rounds, job)
    (failed,) = made["failed"]
    assert (failed["arm"], failed["kind"], failed["budgets"]) == ("plain", "bad_request", [64])
    at_30, at_64 = arm(made, "plain", 30), arm(made, "plain", 64)
    assert (at_30["errors"], at_30["cut_off"], at_30["n_graded"]) == (0, 6, 6)
    assert (at_64["errors"], at_64["cut_off"], at_64["n_graded"]) == (1, 0, 5)
    assert made["incomplete"] == (
        "1 of 12 replies were cut off before 64 tokens and failed when they were asked for again: "
        "they are in no figure of that budget."
    )
    assert evaluation_outcome(rounds.app, job.run_id or 0).whole is False
    fake.answer = answer
    rounds.again(job)
    assert told(rounds, job)["failed"] == []


def test_an_interval_of_tokens_ends_at_the_budget(rounds: Rounds) -> None:
    made = told(
        rounds, rounds.do("plain", sampling=replace(SAMPLING, max_tokens=30), budgets=(30,))
    )
    assert arm(made, "plain", 30)["output_tokens_interval"][1] == 30


def test_what_came_to_nothing_after_a_reply_is_told(rounds: Rounds, fake: FakeOpenAI) -> None:
    def answered(body: dict[str, Any]) -> Reply:
        looking = body["messages"][-1]["content"].startswith("You check final answers")
        return Reply(fault="bad_request") if looking else answer(body)

    fake.answer = answered
    job = rounds.do("plain", judge="fake")
    assert job.note == "2 made answers or second looks came to nothing"
    assert any(
        "found wrong by rules 2 were not looked at by fake: it failed" in one
        for one in told(rounds, job)["limits"]
    )


def test_problems_whose_replies_all_failed_have_no_outcome(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    fake.answer = Reply(fault="bad_request")
    assert told(rounds, rounds.do("plain"))["n_with_an_outcome"] == 0
