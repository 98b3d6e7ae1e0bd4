"""Right or wrong: by the same writing, else by math-verify in its own process."""

import threading
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation import grading
from core.evaluation.grading import Grade, grade
from tests.real_data import real_rows

ENDLESS = "9^{9^{9^{9}}}"  # too large for sympy to write down


def _boxed(answer: str, gold: str | None) -> Grade:
    return grade(rf"So it is $\boxed{{{answer}}}$.", gold)


def _worker() -> psutil.Process | None:
    """The process that runs math-verify now, if any does."""
    for child in psutil.Process().children():
        if "core.evaluation.verify_worker" in child.cmdline():
            return child
    return None


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("42", "42"),
        (" 42. ", "42"),
        ("\\dfrac{1}{2}", "\\frac{1}{2}"),
        ("\\left( 1, 2 \\right)", "(1,2)"),
        ("10,000", "10000"),
        ("10\\,000", "10000"),
        ("1,234,567.5", "1234567.5"),
        ("x \\ge 3", "x\\ge3"),
        ("\\text{Evelyn}", "\\text{Evelyn}"),
        ("1 \\frac{1}{2}", "1\\frac{1}{2}"),
    ],
)
def test_the_same_writing_is_right(answer: str, gold: str) -> None:
    assert _boxed(answer, gold) == Grade(answer.strip(), True, "exact")


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("0.5", "\\frac{1}{2}"),
        ("\\frac{2}{4}", "\\frac12"),
        ("1{,}000", "1000"),
        ("x = 5", "5"),
        ("\\sqrt{8}", "2\\sqrt{2}"),
        ("\\{3, 2, 1\\}", "\\{1,2,3\\}"),
        ("(x+1)^2", "x^2+2x+1"),
        ("50\\%", "50"),
        ("\\text{(B)}", "B"),
        ("3 \\frac{1}{2}", "\\frac{7}{2}"),
    ],
)
def test_an_equal_value_is_right(answer: str, gold: str) -> None:
    assert _boxed(answer, gold) == Grade(answer, True, "math-verify")


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("41", "42"),
        ("-42", "42"),
        ("11/2", "1 1/2"),
        ("1\\ 2", "12"),
        ("(1,200)", "(1200)"),
        ("(2,1)", "(1,2)"),
        ("\\frac{1}{3}", "0.333"),
        ("x^2+1", "x^2+2x+1"),
        ("\\text{no}", "\\text{yes}"),
        ("???", "42"),
    ],
)
def test_another_value_is_wrong(answer: str, gold: str) -> None:
    assert _boxed(answer, gold) == Grade(answer, False, "math-verify")


@pytest.mark.parametrize("gold", [None, "", "  \n"])
def test_without_a_gold_answer_nothing_is_right_or_wrong(gold: str | None) -> None:
    assert _boxed("42", gold) == Grade("42", None, "none")
    assert grade("No answer here.", gold) == Grade(None, None, "none")


def test_no_answer_is_wrong() -> None:
    assert grade("We cannot know.", "42") == Grade(None, False, "no-answer")
    assert grade("It is \\boxed{4", "4") == Grade(None, False, "no-answer")


def test_an_answer_without_end_ends_in_time_and_the_next_one_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _boxed("0.5", "\\frac{1}{2}").correct
    before = _worker()
    monkeypatch.setattr(grading, "ANSWER_SECONDS", 1)
    assert _boxed(ENDLESS, "3") == Grade(ENDLESS, False, "math-verify-timeout")
    assert before is not None
    assert not before.is_running()
    monkeypatch.setattr(grading, "ANSWER_SECONDS", 30)
    assert _boxed("0.25", "\\frac{1}{4}") == Grade("0.25", True, "math-verify")


def test_a_worker_that_dies_is_replaced() -> None:
    assert _boxed("0.5", "\\frac{1}{2}").correct
    worker = _worker()
    assert worker is not None
    worker.kill()
    worker.wait(10)
    assert _boxed("0.25", "\\frac{1}{4}") == Grade("0.25", True, "math-verify")
    assert _worker() != worker


def test_a_worker_that_dies_over_an_answer_costs_that_answer_only() -> None:
    """It is not waited for until the time is up: the test would take as long as the limit is."""
    assert _boxed("0.5", "\\frac{1}{2}").correct
    worker = _worker()
    assert worker is not None
    killer = threading.Timer(0.3, worker.kill)
    killer.start()
    assert _boxed(ENDLESS, "3") == Grade(ENDLESS, False, "math-verify-timeout")
    killer.join()
    assert _boxed("0.25", "\\frac{1}{4}").correct


def test_it_works_from_several_threads() -> None:
    start, wrong = threading.Barrier(6), []

    def work(number: int) -> None:
        start.wait()
        for step in range(5):
            value = number * 5 + step
            if not _boxed(f"{value}.0", f"\\frac{{{3 * value}}}{{3}}").correct:
                wrong.append(value)
            if _boxed(f"{value}.0", f"\\frac{{{3 * value + 3}}}{{3}}").correct:
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "code",
    [
        "__import__('pathlib').Path('{mark}').touch()",
        "exec(\"open('{mark}', 'w')\")",
        "\\text{{__import__('pathlib').Path('{mark}').touch()}}",
        "$(touch {mark})",
        "\\write18{{touch {mark}}}",
        "\\input{{{mark}}}",
        "lambda: open('{mark}', 'w')",
        "().__class__.__base__.__subclasses__()",
    ],
)
def test_answers_are_never_run(code: str, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    answer = code.replace("{mark}", str(mark)).replace("{{", "{").replace("}}", "}")
    for text, gold in ((answer, "3"), ("3", answer)):
        assert _boxed(text, gold).correct is False
        assert grade(f"The answer is {text}", gold).correct is False
    assert not mark.exists()


@settings(max_examples=40)
@given(
    answer=st.text("0123456789+-*/^_{}()[]\\=,.xyπ$ \n\u2028\ud7ff", max_size=12),
    gold=st.text("0123456789/\\{}x,.", min_size=1, max_size=6),
)
def test_any_answer_gets_a_grade(answer: str, gold: str) -> None:
    found = _boxed(answer, gold)
    assert found.correct in (True, False)
    assert found.grader in ("exact", "math-verify", "no-answer")


def test_the_solutions_of_math_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    rows = real_rows("math500_dev.jsonl")
    right = [bool(grade(row["solution"], row["answer"]).correct) for row in rows]
    wrong_golds = [rows[index - 1]["answer"] for index in range(len(rows))]
    swapped = [
        bool(grade(row["solution"], gold).correct)
        for row, gold in list(zip(rows, wrong_golds, strict=True))[:60]
        if row["answer"] != gold
    ]
    with capsys.disabled():
        print(f"\nMATH solutions graded right: {sum(right)} of {len(right)} ({_share(right):.1%})")
        print(f"against another problem's answer: {sum(swapped)} of {len(swapped)}")
    assert _share(right) >= 0.99
    assert _share(swapped) <= 0.1


def _share(values: list[bool]) -> float:
    return sum(values) / len(values)
