"""Evaluations written row by row, as their reports read them."""

from collections.abc import Sequence
from typing import Any

from core.evaluation.report.document import report
from core.store import Store
from core.store import runs as run_rows
from core.store.records import Run, Trace
from tests.core.evaluation.worth.runs_on_a_book import ARMS, Book


def run_of(
    book: Book, problems: int = 1, arms: Sequence[dict[str, str]] = ARMS, **params: Any
) -> Run:
    """At the budgets of 200 and 1,000 tokens."""
    sampling = {"temperature": 0.6, "top_p": 0.95, "seed": None, "max_tokens": 1000}
    fixed = {"sampling": sampling, "budgets": [200, 1000], "forced": False, "judge": ""}
    return book.run(problems, arms, **{**fixed, **params})


def reply(
    book: Book, run: Run, label: str = "plain", verdict: dict[str, Any] | None = None, **fields: Any
) -> Trace:
    """Of 100 tokens, asked for with 1,000, and right, if not said otherwise."""
    trace = book.answer(run, label, **{"correct": True, "params": {"max_tokens": 1000}, **fields})
    with book.store.write() as session:
        run_rows.set_verdict(trace.id, **(verdict or {"grader": "exact"}), session=session)
    return trace


def rows(store: Store, run: Run) -> dict[tuple[str, int], dict[str, Any]]:
    """(arm, budget) -> its figures."""
    return {(one["arm"], one["budget"]): one for one in report(store, run.id)["arms"]}
