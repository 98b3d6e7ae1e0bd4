"""Logs that become a run, what its report says of them, and a run that becomes logs again."""

import json
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, NotFound
from core.evaluation.logs import LoggedRun, LoggedSample, exported, keep_logs, read, write_lm_eval
from core.evaluation.logs.arms import arms_of, with_problems_in_common
from core.evaluation.logs.logged import numbered
from core.evaluation.problems import NewProblem
from core.evaluation.report.document import report
from core.evaluation.report.page import page
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.store import Store
from core.store import jobs as job_rows
from core.store import runs as rows
from core.store.records import Run, Trace, Verdict
from tests.core.evaluation.logs import (
    HARNESS,
    harness_row,
    inspect_log,
    inspect_sample,
    lines,
    message,
    usage,
)

FIGURES = (
    *("arm", "n", "samples", "answered", "graded", "right", "accuracy", "cut_off", "errors"),
    *("output_tokens", "output_tokens_interval", "reasoning_tokens", "input_tokens"),
    *("cached_tokens", "seconds", "price", "ungraded"),
)


def inspect(*samples: dict[str, Any], **changed: Any) -> bytes:
    return json.dumps(inspect_log(*samples, **changed)).encode()


def saying(at: int, content: str, score: str = "C", output: int = 40, **changed: Any) -> Any:
    """A sample of Inspect with this reply."""
    reply = message("assistant", content, "generate")
    return inspect_sample(
        at,
        output={
            "choices": [{"message": reply, "stop_reason": changed.pop("stop", "stop")}],
            "usage": usage(output),
        },
        messages=[message("user", "Q", "input"), reply],
        scores={"match": {"value": score, "answer": "18"}},
        **changed,
    )


def kept(store: Store, run: Run) -> list[tuple[Trace, Verdict | None]]:
    with store.read() as session:
        traces = rows.traces(run.id, arm=None, session=session)
        verdicts = rows.verdicts([one.id for one in traces], session=session)
    return [(one, verdicts.get(one.id)) for one in traces]


def nothing_kept(store: Store) -> bool:
    with store.read() as session:
        return not rows.latest_of_kind("evaluate", 9, session=session) and not rows.problems(
            range(1, 99), session=session
        )


def test_two_logs_are_the_arms_of_one_run(store: Store) -> None:
    plain = inspect(*(saying(at, "Hm.", "I" if at < 3 else "C", 60) for at in range(8)))
    short = inspect(*(saying(at, "So.", "C", 20) for at in range(8)))
    files = [("a/plain.json", plain), ("a/short.json", short)]
    run = keep_logs(store, files, labels=["plain", "with mine"], kinds=["", "bci"], by="ann")
    with store.read() as session:
        assert not job_rows.jobs(run_id=run.id, session=session)
    assert (run.kind, run.title, run.by, len(run.problem_ids)) == ("evaluate", "apples", "ann", 8)
    made = report(store, run.id)
    assert (made["status"], made["baseline"]) == ("done", "plain")
    assert [(one["arm"], one["kind"]) for one in made["asked"]] == [
        ("plain", "plain"),
        ("with mine", "bci"),
    ]
    (pair,) = made["pairs"]
    assert (pair["paired"], len(pair["wrong_to_right"]), pair["unpaired"]) == (8, 3, 0)
    assert pair["accuracy_difference"] == pytest.approx(3 / 8)
    assert pair["token_ratio"] == pytest.approx(1 / 3)
    assert "at 1,024 tokens" in made["verdicts"][0]["sentence"]
    assert any("nothing was asked of a model here" in one for one in made["method"])
    assert "chosen before the first reply" not in " ".join(made["method"])
    assert page(made)


def test_a_trace_is_what_the_log_tells_and_no_more(store: Store) -> None:
    harness = lines(harness_row(), harness_row(1, exact_match=0.0))
    run = keep_logs(store, [(HARNESS, harness)], by="ann")
    (trace, verdict), (_, second) = kept(store, run)
    assert (trace.model, trace.endpoint, trace.arm) == (
        "org/small-model",
        "",
        "org/small-model",
    )
    assert trace.text == " Each bag has 6.\n#### 18"
    assert [one["role"] for one in trace.messages] == ["user"]
    assert trace.created.year == 2026
    assert trace.output_tokens is trace.seconds is trace.price is trace.counted_by is None
    assert verdict and (verdict.extracted, verdict.correct) == ("18", True)
    assert verdict.grader == "lm-evaluation-harness exact_match,strict-match"
    assert verdict.score is None
    assert second and second.correct is False
    limits = " ".join(report(store, run.id)["limits"])
    assert "why 2 replies ended is unknown" in limits
    assert "The tokens of 2 of 2 replies are unknown" in limits


def test_a_score_is_kept_where_it_is_more_than_a_yes_or_no(store: Store) -> None:
    scored = harness_row(metrics=["qa_f1"], qa_f1=1.0)
    run = keep_logs(store, [(HARNESS, lines(scored))], by="ann")
    ((_, verdict),) = kept(store, run)
    assert verdict and (verdict.correct, verdict.score) == (True, 1.0)


def test_where_the_tool_says_neither_ours_decides_and_says_so(store: Store) -> None:
    rows_ = [harness_row(0, exact_match=0.5), harness_row(1, metrics=[], exact_match="x")]
    run = keep_logs(store, [(HARNESS, lines(*rows_))], by="ann")
    (_, first), (_, second) = kept(store, run)
    assert first and (first.correct, first.score) == (True, 0.5)
    assert second and second.correct is True
    assert first.grader.startswith("Vademecum ")
    assert "2 replies the log gives no yes or no" in " ".join(report(store, run.id)["limits"])


def test_failed_and_cut_off_replies_stay_that(store: Store) -> None:
    log = inspect(
        saying(1, "Cut", stop="max_tokens"),
        saying(2, "", error={"message": "gone"}),
        saying(3, "Right."),
    )
    run = keep_logs(store, [("a.json", log)], by="ann")
    assert [verdict is None for _, verdict in kept(store, run)] == [False, True, False]
    made = report(store, run.id)
    (arm,) = made["arms"]
    assert (arm["cut_off"], arm["errors"], arm["right"], arm["graded"]) == (1, 1, 1, 2)
    assert [one["error"] for one in made["failed"]] == ["gone"]
    assert any("1 replies that were cut off are right by the log" in x for x in made["limits"])


def test_no_reply_is_cut_by_a_budget_that_nobody_knows(store: Store) -> None:
    free = {"eval": {"task": "t", "model": "m", "config": {}}, "plan": {}}
    logs = [
        ("a.json", inspect(saying(1, "Long.", output=5000), **free)),
        ("b.json", inspect(saying(1, "Short.", output=50))),
    ]
    made = report(store, keep_logs(store, logs, by="ann").id)
    assert [(one["accuracy"], one["cut_off"], one["budget"]) for one in made["arms"]] == [
        (1.0, 0, 5000),
        (1.0, 0, 5000),
    ]
    assert " at 5,000 tokens" not in made["verdicts"][0]["sentence"]
    assert "The budget of m is unknown." in made["limits"]


def test_nothing_known_at_all_can_still_be_told(store: Store) -> None:
    row = harness_row(arguments={})
    made = report(store, keep_logs(store, [("samples.jsonl", lines(row))], by="ann").id)
    (arm,) = made["arms"]
    assert (arm["arm"], arm["accuracy"], arm["output_tokens"]) == ("samples", 1.0, None)
    assert "model that it does not name" in made["method"][0]
    assert page(made)


def test_the_same_logs_are_kept_once(store: Store) -> None:
    one, other = ("a.json", inspect(saying(1, "A"))), ("b.json", inspect(saying(1, "B")))
    first = keep_logs(store, [one, other], by="ann")
    with pytest.raises(BadInput, match=rf"kept already, as run {first.id}, imported by ann on"):
        keep_logs(store, [other, one], labels=["x", "y"], by="bob")
    with pytest.raises(BadInput, match=r"c\.json is the same log as a\.json"):
        keep_logs(store, [one, ("c.json", one[1])], by="ann")
    shelf.create(store, "book", by="ann")
    assert keep_logs(store, [one, other], handbook="book", by="ann").id != first.id
    assert keep_logs(store, [other], by="ann").id


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"labels": ["x"]}, "there are 2 logs and 1 labels"),
        ({"labels": ["x", " x "]}, "Two logs are called 'x'"),
        ({"kinds": ["plain", "bald"]}, "no kind 'bald'"),
        ({"scored_by": "f1"}, "is not scored by 'f1'"),
        ({"handbook": "none-such"}, "no handbook 'none-such'"),
    ],
)
def test_what_cannot_be_kept_leaves_nothing(
    store: Store, options: dict[str, Any], words: str
) -> None:
    files = [("a.json", inspect(saying(1, "A"))), ("b.json", inspect(saying(1, "B")))]
    with pytest.raises((BadInput, NotFound), match=words):
        keep_logs(store, files, by="ann", **options)
    with pytest.raises(BadInput):
        keep_logs(store, [*files, ("c.json", b"{broken")], by="ann")
    assert nothing_kept(store)


def test_an_error_half_way_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_verdict, calls = rows.add_verdict, []

    def failing(*arguments: Any, **fields: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the disk is full")
        add_verdict(*arguments, **fields)

    monkeypatch.setattr(rows, "add_verdict", failing)
    with pytest.raises(RuntimeError):
        keep_logs(store, [("a.json", inspect(saying(1, "A"), saying(2, "B")))], by="ann")
    assert nothing_kept(store)


def labels_of(*files: tuple[str, bytes], **options: Any) -> list[str]:
    return [one.label for one in arms_of(files, [read(*file) for file in files], **options)]


def test_logs_of_one_model_are_told_apart_by_their_files() -> None:
    two = [("x/one.json", inspect(saying(1, "A"))), ("y/two.json", inspect(saying(1, "B")))]
    assert labels_of(*two) == ["org/small (one)", "org/small (two)"]
    assert labels_of(*two, labels=["", "mine"]) == ["org/small", "mine"]
    same = [("x/one.json", two[0][1]), ("y/one.json", two[1][1])]
    assert labels_of(*same) == ["org/small (one)", "org/small (one), log 2"]


def test_tools_that_write_a_problem_differently_mean_the_same(store: Store) -> None:
    text = " Ada has 3 bags of 6  apples. How many apples? (1)\n"
    other = harness_row(doc={"question": text, "answer": "#### 18"})
    logs = [("a.json", inspect(saying(1, "A"))), (HARNESS, lines(other))]
    run = keep_logs(store, logs, by="ann")
    assert len(run.problem_ids) == 1
    (pair,) = report(store, run.id)["pairs"]
    assert pair["paired"] == 1


texts = st.sampled_from(["a b", "a  b", "a b ", "c"])
problems = st.builds(
    NewProblem, texts, st.sampled_from([None, "1", "2"]), st.sampled_from(["", "T"])
)


@given(st.lists(st.lists(problems, min_size=1, max_size=6), min_size=2, max_size=3))
def test_problems_in_common_never_put_two_replies_in_one_place(
    found: list[list[NewProblem]],
) -> None:
    logs = [
        run_of(*numbered("a", [LoggedSample(problem, 0, "x") for problem in one])) for one in found
    ]
    files = [(f"{at}.jsonl", bytes([at])) for at in range(len(logs))]
    for before, arm in zip(logs, with_problems_in_common(arms_of(files, logs)), strict=True):
        places = [
            (one.problem.text, one.problem.gold, one.problem.topic, one.number)
            for one in arm.log.samples
        ]
        assert len(set(places)) == len(places) == len(before.samples)
        for old, new in zip(before.samples, arm.log.samples, strict=True):
            assert old.problem.text.split() == new.problem.text.split()


def run_of(*samples: LoggedSample, **changed: Any) -> LoggedRun:
    fixed: dict[str, Any] = {"model": "m", "task": "t", "created": None, "scored_by": ""}
    return LoggedRun(
        tool="lm-evaluation-harness", scorers=(), samples=samples, **{**fixed, **changed}
    )


# Written


def figures(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: one[name] for name in FIGURES} for one in made["arms"]]


def test_what_is_exported_and_imported_again_has_the_same_figures(
    store: Store, store_of_another: Store
) -> None:
    plain = inspect(
        saying(1, "A", "I", 70),
        saying(2, "B", output=90),
        saying(3, "Cut", stop="max_tokens"),
        saying(4, "", error={"message": "gone"}),
        saying(1, "Again", "C", 30, epoch=2),
    )
    other = inspect(*(saying(at, f"<think>So.</think>{at}", output=at) for at in range(1, 5)))
    files = [("a.json", plain), ("b.json", other)]
    labels = ["org/m plain?", "org/m plain!"]
    before = keep_logs(store, files, labels=labels, kinds=["", "bci"], by="ann")
    written = list(exported(store, before.id))
    assert [one.replies for one in written] == [5, 4]
    assert len({one.path for one in written}) == 2
    for one in written:
        path = PurePath(one.path)
        assert len(path.parts) == 2
        # As that tool reads task and time from the name.
        assert path.name[path.name.find("_") + 1 : path.name.rfind("_")] == "apples"
    again = keep_logs(
        store_of_another, [(one.path, one.text.encode()) for one in written], by="bob"
    )
    made, told = report(store, before.id), report(store_of_another, again.id)
    assert figures(told) == figures(made)
    assert told["asked"] == made["asked"]
    assert told["verdicts"] == made["verdicts"]
    assert [one["wrong_to_right"] for one in told["pairs"]] == [
        one["wrong_to_right"] for one in made["pairs"]
    ]


@pytest.fixture
def store_of_another(tmp_path: Any) -> Any:
    opened = Store.open(f"sqlite:///{tmp_path / 'another.db'}")
    yield opened
    opened.close()


def test_one_arm_is_exported_and_what_is_not_there_is_told(store: Store) -> None:
    log = write_lm_eval(run_of(LoggedSample(NewProblem("Q?", "1"), 0, "1", correct=True)))
    run = keep_logs(store, [("samples_t.jsonl", log.encode())], labels=["mine"], by="ann")
    (one,) = exported(store, run.id, "mine")
    row = json.loads(one.text)
    assert (row["vademecum"]["arm"], row["vademecum"]["finish"]) == ("mine", None)
    assert "max_gen_toks" not in row["arguments"]["gen_args_0"]["arg_1"]
    with pytest.raises(BadInput, match="no arm 'other'"):
        exported(store, run.id, "other")
    with store.write() as session:
        solve = rows.add_run(kind="solve", title="x", by="ann", session=session)
    with pytest.raises(BadInput, match="no evaluation"):
        exported(store, solve.id)


# Cited


def test_behaviors_of_the_handbook_are_counted_and_invented_ones(store: Store) -> None:
    book = shelf.create(store, "book", by="ann")
    for name in ("behavior_count_twice", "behavior_look_again", "behavior_never_named"):
        curation.write(store, book.id, Draft(name, f"Do {name}.", "Sums"), by="ann")
    log = inspect(
        saying(1, "By **behavior_count_twice** it is 18.", "C", 10),
        saying(2, "behavior_count_twice, behavior_look_again, behavior_count_twice", "I", 30),
        saying(3, "behavior_made_up helps", "C", 50),
        saying(4, "None.", "C", 70),
        saying(5, "behavior_look_again", error={"message": "gone"}),
    )
    run = keep_logs(store, [("a.json", log)], handbook="book", labels=["x"], by="ann")
    curation.write(store, book.id, Draft("behavior_made_up", "Later.", "Sums"), by="ann")
    made = report(store, run.id)
    (one,) = made["citations"]
    assert (one["arm"], one["replies"], one["citing"], one["inventing"]) == ("x", 4, 2, 1)
    assert one["behaviors"][0] == {
        "name": "behavior_count_twice",
        "replies": 2,
        "graded": 2,
        "right": 1,
        "graded_beside": 2,
        "right_beside": 2,
        "output_tokens": 20,
        "output_tokens_beside": 60,
    }
    assert one["behaviors"][1]["name"] == "behavior_look_again"
    assert len(one["behaviors"]) == 2
    assert one["invented"] == [{"name": "behavior_made_up", "replies": 1}]
    assert "x: 2 of 4 replies name a behavior of the handbook, 2 different" in page(made)
    assert "behavior_made_up" in page(made)


def test_without_a_handbook_nothing_is_looked_for(store: Store) -> None:
    run = keep_logs(store, [("a.json", inspect(saying(1, "behavior_made_up")))], by="ann")
    made = report(store, run.id)
    assert made["citations"] == []
    assert "Behaviors named" not in page(made)


def test_what_made_other_handbooks_is_not_in_the_ledger(store: Store) -> None:
    with store.write() as session:
        rows.add_run(kind="solve", title="of a handbook that is gone", by="ann", session=session)
    run = keep_logs(store, [("a.json", inspect(saying(1, "A")))], by="ann")
    assert report(store, run.id)["ledger"]["making"]["runs"] == 0
