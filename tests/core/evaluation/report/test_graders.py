"""What a report says of who graded the answers, of token F1, and of replies cut off too early."""

from typing import Any

import pytest

from core.evaluation.logs import keep_logs
from core.evaluation.report.document import report
from core.evaluation.report.page import page
from core.store import Store
from tests.core.evaluation.comparison.test_page import Reader
from tests.core.evaluation.logs.test_keeping import inspect, saying
from tests.core.evaluation.report.kept import reply, rows, run_of
from tests.core.evaluation.worth.runs_on_a_book import Book

EXACT = {"grader": "qa-exact", "score": 1.0}
WRONG: dict[str, Any] = {"grader": "qa-f1", "score": 0.4, "correct": False}


def test_the_mean_token_f1_is_of_the_problems_that_have_one(store: Store) -> None:
    book = Book(store)
    run = run_of(book, 3)
    reply(book, run, verdict=EXACT, place=0)
    reply(book, run, verdict=WRONG, place=1)
    reply(book, run, verdict=EXACT, place=2)
    reply(book, run, "bci-embedding", verdict=WRONG, place=0)
    no_answer = {"grader": "no-answer", "correct": False}
    reply(book, run, "bci-embedding", verdict=no_answer, place=1)
    reply(book, run, "bci-embedding", verdict=EXACT, place=2, output_tokens=500)
    found = rows(store, run)
    plain, bci = found["plain", 1000], found["bci-embedding", 1000]
    assert plain["f1"] == pytest.approx((1 + 0.4 + 1) / 3)
    assert plain["f1_interval"][0] < plain["f1"] < plain["f1_interval"][1]
    assert bci["f1"] == pytest.approx((0.4 + 0 + 1) / 3)
    assert found["bci-embedding", 200]["f1"] == pytest.approx(0.4 / 3)  # cut off: nothing of it
    assert "plain 200 66.7%" in Reader(page(report(store, run.id))).text
    assert "token F1" in page(report(store, run.id))


def test_where_no_answer_has_one_there_is_none(store: Store) -> None:
    book = Book(store)
    run = run_of(book)
    reply(book, run)
    assert (rows(store, run)["plain", 1000]["f1"], rows(store, run)["plain", 1000]["judged"]) == (
        None,
        0,
    )
    assert "token F1" not in page(report(store, run.id))


def test_the_score_of_another_tool_is_no_f1(store: Store) -> None:
    run = keep_logs(store, [("a.json", inspect(saying(1, "So.", score="0.5")))], by="ann")
    assert [one["f1"] for one in report(store, run.id)["arms"]] == [None]


def test_judges_and_what_could_not_be_compared_are_counted_and_told(store: Store) -> None:
    book = Book(store)
    run = run_of(book, 4)
    reply(book, run, verdict={"grader": "judge large", "correct": True}, place=0)
    reply(book, run, verdict={"grader": "judge large", "correct": False}, place=1)
    late = {"grader": "math-verify-timeout", "correct": False}
    reply(book, run, verdict=late, place=2)
    reply(book, run, verdict=late, place=3, output_tokens=500)
    reply(book, run, "bci-embedding", verdict={"grader": "refused", "correct": False})
    found = rows(store, run)
    names = ("judged", "judged_right", "timed_out", "refused")
    assert [found["plain", 1000][name] for name in names] == [2, 1, 2, 0]
    assert [found["plain", 200][name] for name in names] == [2, 1, 1, 0]  # of a cut one none counts
    assert [found["bci-embedding", 1000][name] for name in names] == [0, 0, 0, 1]
    told = " ".join(report(store, run.id)["limits"])
    assert "graded by a judge model, which may be wrong: 2 of plain (1 of them right)." in told
    assert "took too long to compare, and count as wrong: 2 of plain." in told
    assert "too large to be compared, which count as wrong: 1 of bci-embedding." in told


def test_what_the_context_cut_off_costs_the_budget_and_is_told(store: Store) -> None:
    book = Book(store)
    run = run_of(book, 2, forced=True)
    reply(book, run, place=0, finish_reason="length", output_tokens=300, price=0.1)
    reply(book, run, place=1)
    found = rows(store, run)
    whole, small = found["plain", 1000], found["plain", 200]
    assert (whole["output_tokens"], whole["accuracy"], whole["cut_off"]) == (550, 0.5, 1)
    assert (small["output_tokens"], small["cut_early"], whole["cut_early"]) == (150, 0, 1)
    told = " ".join(report(store, run.id)["limits"])
    assert "a limit of the endpoint, before 1,000 tokens: 1 of plain. They are wrong and" in told
    assert "Of the replies cut off at 1,000 tokens 1 have no answer made there: it failed" in told
    assert "or the model's context was full" in told


def test_a_log_whose_budget_nobody_knows_is_charged_no_budget(store: Store) -> None:
    free = {"eval": {"task": "t", "model": "m", "config": {}}, "plan": {}}
    log = inspect(
        saying(1, "Cut", stop="max_tokens", output=40), saying(2, "Long.", output=5000), **free
    )
    (found,) = report(store, keep_logs(store, [("a.json", log)], by="ann").id)["arms"]
    assert (found["cut_off"], found["output_tokens"], found["cut_early"]) == (1, 2520, 0)
