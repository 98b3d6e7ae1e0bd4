"""An evaluation of ours, written as logs and taken in again: right and wrong as its report says."""

import json
from typing import Any

from core import planning
from core.evaluation.logs import exported, keep_logs
from core.evaluation.report.document import report
from core.pipeline.arms import arm
from core.pipeline.evaluation import Evaluation
from core.store import Store, outcomes
from core.store import runs as rows
from core.store.records import Job
from tests.core.evaluation.logs.test_keeping import (
    figures,
    store_of_another,  # noqa: F401  fixtures
)
from tests.core.pipeline.test_evaluator import SAMPLING, Rounds, rounds  # noqa: F401
from tests.fake_openai import FakeOpenAI, Reply, Worded, counted

LONG = "word " * 100
QA = {"task": "qa"}
# Word in the problem -> its gold answer, columns, the reply, and what it says when made to answer.
ASKED: dict[str, tuple[str, dict[str, str], str, str]] = {
    "apples": ("42", {}, "\\boxed{42}", ""),
    "pears": ("42", {}, f"\\boxed{{42}} {LONG}", ""),
    "plums": ("42", {}, LONG, "\\boxed{42}"),
    "painted": ("Anna of Bern", QA, "\\boxed{Anna of Basel}", ""),
    "wrote": ("Anna of Bern", QA, LONG, "\\boxed{Bern}"),
    "built": ("Anna of Bern", QA, f"\\boxed{{Anna of Bern}} {LONG}", ""),
}


def answer(body: dict[str, Any]) -> Reply:
    """Those without an answer to give are refused when they are made to give one."""
    said = json.dumps(body["messages"])
    _gold, _columns, reply, made = next(one for word, one in ASKED.items() if word in said)
    if "There is no room left" not in said:
        return counted(body, Worded(reply))
    return counted(body, Worded(made)) if made else Reply(fault="bad_request")


def evaluated(rounds: Rounds) -> Job:  # noqa: F811
    with rounds.app.store.write() as session:
        ids = [
            rows.keep_problem(f"Who or how many: {word}?", gold, "", columns, session=session)
            for word, (gold, columns, _reply, _made) in ASKED.items()
        ]
    plan = Evaluation((arm("plain", "fake"),), SAMPLING, budgets=(16, 64), forced=True)
    job = planning.add_evaluation(rounds.app, ids, "book", plan, title="asked", by="ann")
    return rounds.app.jobs.run_here(job.id)


def test_right_and_wrong_are_written_as_the_report_has_them(
    rounds: Rounds,  # noqa: F811
    fake: FakeOpenAI,
    store_of_another: Store,  # noqa: F811
) -> None:
    fake.answer = answer
    run = evaluated(rounds).run_id or 0
    (log,) = exported(rounds.app.store, run)
    lines = [json.loads(line) for line in log.text.splitlines()]
    told = {
        line["doc"]["problem"].split()[-1][:-1]: (line["exact_match"], line.get("f1"))
        for line in lines
    }
    assert told == {
        "apples": (1.0, None),
        "pears": (0.0, None),
        "plums": (1.0, None),
        "painted": (0.0, 2 / 3),
        "wrote": (0.0, 0.5),
        "built": (0.0, 0.0),
    }
    again = keep_logs(store_of_another, [(log.path, log.text.encode())], by="bob")
    before, after = report(rounds.app.store, run), report(store_of_another, again.id)
    assert figures({"arms": before["arms"][-1:]}) == figures(after)
    with store_of_another.read() as session:
        kept = outcomes.outcomes(again.id, session=session)
    assert [one.score for one in kept] == [None, None, None, 2 / 3, 0.5, 0.0]
