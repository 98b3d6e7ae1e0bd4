"""What it took to make the handbooks that arms draw on, by sums made by hand."""

from typing import Any

from core.evaluation.report.document import report
from core.evaluation.report.making import makings
from core.evaluation.report.paying import ledger_sentences
from core.store import Store
from tests.core.evaluation.report.kept import reply, run_of
from tests.core.evaluation.worth.runs_on_a_book import PLAIN, Book, arm

READ: dict[str, Any] = {"input_tokens": 400, "output_tokens": 1000, "price": 0.01}


def made_by_two_runs(book: Book) -> None:
    """4 replies: 1,200 tokens read, 3,000 written, 0.03 paid, and nothing known of one."""
    first = book.run(2, (), kind="solve")
    book.answer(first, "strategist", place=0, **READ)
    book.answer(first, "strategist", place=1, **READ)
    second = book.run(1, (), kind="solve")
    book.answer(second, "strategist", **READ)
    unknown = {"input_tokens": None, "output_tokens": None, "price": None}
    book.answer(second, "strategist", attempt=2, finish_reason="error", **unknown)
    on_its_way = {"attempt": 3, "finish_reason": None, **unknown}
    book.answer(second, "strategist", **on_its_way)


def test_the_sums_are_those_made_by_hand_and_tell_what_is_unknown(store: Store) -> None:
    book = Book(store)
    made_by_two_runs(book)
    run = run_of(book)
    with store.read() as session:
        found = makings(run, session)
    assert list(found) == [""]
    own = found[""]
    assert (own.runs, own.traces, own.input_tokens, own.output_tokens) == (2, 4, 1200, 3000)
    assert round(own.price or 0, 6) == 0.03
    assert (own.input_tokens_unknown, own.output_tokens_unknown, own.price_unknown) == (1, 1, 1)
    assert (own.tokens, own.copied_from) == (4200, "")


def test_each_arm_is_charged_with_its_own_handbook(store: Store) -> None:
    book, other, raw = Book(store), Book(store, "other"), Book(store, "book-raw")
    made_by_two_runs(book)
    made = other.run(1, (), kind="solve")
    other.answer(made, "strategist", input_tokens=1, output_tokens=2, price=0.5)
    asked = [arm("bci-topic", f"bci-topic:{one}", handbook=one) for one in ("other", "book-raw")]
    nobodys = arm("bci-topic", "bci-topic:gone", handbook="gone")
    run = run_of(book, arms=(PLAIN, arm("bci-topic"), *asked, nobodys, arm("concise")))
    for one in run.params["arms"]:
        reply(book, run, one["label"], input_tokens=10)
    ledger = report(store, run.id)["ledger"]
    tokens = {one["arm"]: one["making_tokens"] for one in ledger["entries"]}
    assert tokens == {
        "bci-topic": 4200,
        "bci-topic:other": 3,
        "bci-topic:book-raw": 4200,
        "bci-topic:gone": None,
        "concise": None,
    }
    assert raw.slug in ledger["other_makings"]
    told = ledger_sentences(ledger)
    assert told[0].startswith(
        "To make the handbook took 4 replies in 2 runs, with at least 1,200 i"
    )
    assert told[1].startswith("To make the handbook other took 1 reply in 1 run")
    assert "book-raw, a copy of what was proposed for book, took 4 replies" in told[2]
    assert told[3].startswith("What it took to make the handbook gone is unknown")


def test_a_raw_handbook_that_was_made_by_itself_took_that(store: Store) -> None:
    book, raw = Book(store), Book(store, "book-raw")
    made_by_two_runs(book)
    raw.answer(raw.run(1, (), kind="solve"), "strategist", **READ)
    with store.read() as session:
        found = makings(run_of(raw), session)
    assert (found[""].traces, found[""].copied_from) == (1, "")
