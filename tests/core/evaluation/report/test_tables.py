"""The report as tables."""

import csv
import io
from typing import Any

import pytest

from core.evaluation.report.amounts import of_all, price, problems_of
from core.evaluation.report.paying import ledger_sentences, problems_to_pay
from core.evaluation.report.tables import flips_table, paper_table, table
from tests.core.evaluation.report.documents import ARMS, document

FULL = document(arms=ARMS, number=4)


def rows(made: list[list[Any]]) -> list[dict[str, Any]]:
    head, *lines = made
    assert len(set(head)) == len(head)
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_a_row_for_each_arm_and_budget_with_unrounded_numbers() -> None:
    found = rows(table(FULL))[:6]
    assert [(one["arm"], one["budget"]) for one in found] == [
        (arm, budget) for arm in ARMS for budget in (1024, 2048)
    ]
    for row, arm in zip(found, FULL["arms"], strict=True):
        assert row["accuracy"] == arm["accuracy"]
        assert [row["accuracy_low"], row["accuracy_high"]] == arm["accuracy_interval"]
        assert row["output_tokens_high"] == arm["output_tokens_interval"][1]
        assert (row["problems"], row["samples"]) == (8, 32)
        assert row["reasoning_tokens"] is None
        assert row["pass_at_4"] == arm["pass_at"][-1]["share"]


def test_beside_it_the_comparison_with_the_baseline() -> None:
    found = rows(table(FULL))[:6]
    pairs = {(one["arm"], one["budget"]): one for one in FULL["pairs"]}
    verdicts = {(one["arm"], one["budget"]): one for one in FULL["verdicts"]}
    for row in found[2:]:
        key = row["arm"], row["budget"]
        assert row["baseline"] == "plain"
        assert row["accuracy_difference"] == pairs[key]["accuracy_difference"]
        assert row["accuracy_difference_low"] == pairs[key]["interval"][0]
        assert row["token_corrected_p"] == pairs[key]["token_corrected_p"]
        assert row["token_ratio_both_right"] == pairs[key]["both_right_ratio"]
        assert row["verdict"] == verdicts[key]["overall"]
    assert {row["verdict"] for row in found[2:]} - {None}
    assert all(row["baseline"] is row["token_ratio_low"] is None for row in found[:2])


def test_below_them_what_stands_beside_another_than_the_baseline() -> None:
    found = rows(table(FULL))[6:]
    assert [(one["arm"], one["baseline"], one["budget"]) for one in found] == [
        ("bci-topic", "random", 1024),
        ("bci-topic", "random", 2048),
    ]
    for row, pair, said in zip(found, FULL["contrasts"], FULL["contrast_verdicts"], strict=True):
        assert row["token_ratio"] == pair["token_ratio"] is not None
        assert row["accuracy_difference_low"] == pair["interval"][0]
        assert row["verdict"] == said["overall"]
        assert row["accuracy"] is row["samples"] is row["pass_at_4"] is None


@pytest.mark.parametrize("made", [document(budgets=()), document(unknown=True), document()])
def test_it_can_be_written_and_read_again(made: dict[str, Any]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows(table(made))
    written.seek(0)
    again = list(csv.DictReader(written))
    assert len(again) == len(made["arms"])
    for row, arm in zip(again, made["arms"], strict=True):
        accuracy = arm["accuracy"]
        assert row["accuracy"] == ("" if accuracy is None else str(accuracy))
        assert "None" not in row.values()


def test_no_text_becomes_a_formula() -> None:
    made = document(arms=("=cmd()", "+1"), budgets=(2048,))
    assert [row["arm"] for row in rows(table(made))] == ["'=cmd()", "'+1"]
    for told in made["texts"].values():
        told["text"] = "@SUM(A1)"
    assert {row["problem"] for row in rows(flips_table(made))} == {"'@SUM(A1)"}


def test_negative_numbers_stay_numbers() -> None:
    made = document(budgets=(2048,))
    made["pairs"][0]["accuracy_difference"] = -0.25
    assert rows(table(made))[1]["accuracy_difference"] == -0.25


def test_flips_have_their_problem_and_traces() -> None:
    found = rows(flips_table(FULL))
    assert len(found) == len(FULL["flips"])
    (lost,) = [
        one
        for one in found
        if (one["arm"], one["budget"], one["direction"]) == ("random", 2048, "right_to_wrong")
    ]
    assert (lost["problem_id"], lost["gold"], lost["topic"]) == (7, "3.5", "Algebra")
    assert (lost["arm_traces"], lost["baseline_traces"]) == ("108", "8")


def test_the_papers_figures_stand_beside_ours() -> None:
    head, *lines = paper_table(FULL)
    assert head == ["figures of", "model", "arm", "1,024", "2,048", "4,096", "8,192", "16,384"]
    assert lines[0][:5] == ["this run", "small-model", "plain", "25.0 @993", "75.0 @1,042"]
    papers = [line for line in lines if line[0] == "the paper, MATH-500"]
    assert len(papers) == 4
    assert ["", "78.4 @1,128", "86.6 @1,336"] in [line[3:6] for line in papers]


def test_where_the_paper_has_none_only_ours_stand_there() -> None:
    assert {line[0] for line in paper_table(document(of="my own"))[1:]} == {"this run"}
    assert paper_table(document(unknown=True, of=""))[1][3] == "not graded @unknown"
    assert paper_table(document(budgets=(), of=""))[1:] == []


# The ledger in sentences


def sentences(**changed: Any) -> str:
    made = document(budgets=(2048,))["ledger"]
    made["entries"][0] |= changed
    return ledger_sentences(made)[1]


def test_the_ledger_says_when_a_handbook_has_paid() -> None:
    told = ledger_sentences(document(budgets=(2048,))["ledger"])
    assert "60 replies in 2 runs" in told[0]
    assert "$2.50" in told[0]
    assert "300 output tokens saved; 200 more input tokens read anew" in told[1]
    assert "takes 100 fewer; at that the handbook is paid for after 2,500 problems." in told[1]
    assert "costs $0.0028 less" in told[1]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"net_tokens": -5.0}, "a problem takes 5 more: at that it never pays"),
        ({"net_tokens": None}, "With every token counted alike, the balance is unknown."),
        ({"pays": None}, "In money the balance is unknown"),
        ({"pays": False, "net_price": -0.001}, "a problem costs $0.001 more"),
        (
            {"saved_price": 0.0, "behaviors_price": 0.0, "net_price": 0.0, "pays": False},
            "In money nothing is saved or spent: the prices are 0.",
        ),
        ({"problems_to_pay": None}, "after how many problems that pays for the handbook is unknow"),
        ({"problems_to_pay": 0.2}, "the handbook is paid for after 1 problem."),
        ({"saved_output": -20.0}, "20 output tokens more"),
        ({"saved_output": None}, "output tokens saved unknown"),
        ({"extra_cached": None}, "how much more input was cached is unknown"),
        ({"problems": 0}, "nothing can be set off"),
    ],
)
def test_the_ledger_calls_unknown_what_is(changed: dict[str, Any], words: str) -> None:
    assert words in sentences(**changed)


def test_a_handbook_of_unknown_making() -> None:
    made = document(budgets=(2048,))["ledger"]
    made["making"] |= {"runs": 0}
    assert "is unknown: no run that made it is on record" in ledger_sentences(made)[0]
    made["making"] |= {"runs": 1, "traces": 1, "input_tokens": None, "price": None}
    told = ledger_sentences(made)[0]
    assert "1 reply in 1 run, with an unknown number of input tokens" in told
    assert "at an unknown price" in told


def test_a_price_that_is_not_known_of_every_reply_is_no_mean() -> None:
    """Replies cut off by a smaller budget have none, and they are the long ones."""
    assert of_all(price, {"price": 0.2, "price_unknown": 0}, "price") == "$0.2"
    assert of_all(price, {"price": 0.2, "price_unknown": 8}, "price") == "unknown"


def test_problems_without_an_outcome_are_not_called_measured() -> None:
    assert problems_of({"n": 10, "n_graded": 2}) == "2 of 10"
    assert problems_of({"n": 10, "n_graded": 10}) == "10"
    assert [problems_to_pay(after, False) for after in (12.2, 0.3)] == ["13 problems", "1 problem"]
    assert problems_to_pay(12.2, True) == "at least 13 problems"
