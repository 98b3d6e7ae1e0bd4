"""The document of a comparison: everything from the records, and the same for screen and file."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import NotFound
from core.evaluation.comparison.document import (
    baseline_of,
    baselines_of,
    document,
    latest,
    outcomes,
)
from core.evaluation.comparison.giving import reference_of
from core.evaluation.comparison.outcome import mean_interval
from core.store import Store, votes
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import JobStatus, Run, Trace

KEYS = {
    *("format", "version", "run", "title", "by", "created", "code_version", "prompts", "status"),
    *("imported", "problem", "handbook", "asked", "settings", "served", "arms", "verdicts"),
    *("figures", "votes"),
}
TAKE_KEYS = {
    *("sample", "attempt", "endpoint", "model", "started", "seed", "thinking", "text", "note"),
    *("finish_reason", "input_tokens", "cached_tokens", "reasoning_tokens", "output_tokens"),
    *("counted_by", "first_token_seconds", "seconds", "price", "answer", "correct", "grader"),
    *("error_kind", "error", "retrieved", "cited", "invented", "given", "citations", "messages"),
    *("requests", "parts", "chunks", "prompt_hash", "read_again_tokens"),
    *("read_again_cached_tokens", "tokens_per_second"),
}
ENDED = {"finish_reason": "stop", "output_tokens": 50, "input_tokens": 20, "cached_tokens": 4}
ARMS = (("plain", "plain"), ("bci", "bci-embedding"), ("other", "bci-topic"))


class Book:
    """A comparison written row by row."""

    def __init__(self, store: Store):
        self.store = store
        self.run = self.add_run(ARMS)

    def add_run(self, arms: Any, width: int = 1, together: bool = False) -> Run:
        params = {
            "arms": [{"label": a, "kind": kind, "model": "small"} for a, kind in arms],
            "sampling": {"temperature": 0.5, "top_p": None, "max_tokens": 300, "seed": 4},
            "handbook": {"slug": "book", "title": "Book", "step": 3},
            "samples": 2,
            "k": 3,
            "k_of_topic": None,
            "topic": "",
            "at_least": 0.1,
            "diversity": 0.0,
            "pinned": [],
            "dropped": [],
            "fixed": [7],
            "offered_from": 0.4,
            "width": width,
            "together": together,
        }
        with self.store.write() as session:
            problem = run_rows.keep_problem("How many?", "42", "Counting", {}, session=session)
            return run_rows.add_run(
                kind="compare",
                title="How many?",
                problem_ids=[problem],
                params=params,
                prompts={"solve": "abc"},
                code_version="1.0",
                by="ann",
                session=session,
            )

    def trace(self, arm: str, sample: int = 0, correct: bool | None = None, **fields: Any) -> Trace:
        with self.store.write() as session:
            made = run_rows.add_trace(
                run_id=self.run.id,
                problem_id=self.run.problem_ids[0],
                stage="solve",
                arm=arm,
                sample=sample,
                endpoint="e",
                model="m",
                **{"prompt_hash": "abc", "session": session, **fields},
            )
            if correct is not None:
                run_rows.set_verdict(
                    made.id, extracted="42", correct=correct, grader="exact", session=session
                )
        return made

    def job(self, status: JobStatus) -> None:
        with self.store.write() as session:
            fields = {"kind": "compare", "params": {}, "by": "ann", "owner": ""}
            job_rows.add_job(**fields, run_id=self.run.id, status=status, session=session)

    @property
    def document(self) -> dict[str, Any]:
        return document(self.store, self.run.id)

    def take(self, arm: str) -> dict[str, Any]:
        (one,) = self.document["arms"][arm]
        return one


@pytest.fixture
def book(store: Store) -> Book:
    return Book(store)


def given(name: str, instruction: str = "Do it.", **more: Any) -> dict[str, Any]:
    always = {"id": 1, "topic": "", "rank": 1, "score": None, "why": "", "at": None, "note": ""}
    return {**always, "name": name, "instruction": instruction, **more}


def test_before_anything_has_begun(book: Book) -> None:
    made = book.document
    assert made.keys() == KEYS
    assert made["arms"] == {"plain": [], "bci": [], "other": []}
    assert (made["format"], made["version"], made["run"]) == (
        *("vademecum-comparison", 2),
        book.run.id,
    )
    assert made["problem"] == {"text": "How many?", "gold": "42", "topic": "Counting"}
    assert made["handbook"] == {"slug": "book", "title": "Book", "step": 3}
    bci = {"arm": "bci", "kind": "bci-embedding", "model": "small", "handbook": ""}
    assert made["asked"][1] == bci
    assert [one["arm"] for one in made["asked"]] == ["plain", "bci", "other"]
    assert made["settings"] == {
        "budget": 300,
        "temperature": 0.5,
        "top_p": None,
        "seed": 4,
        "samples": 2,
        "k": 3,
        "k_of_topic": None,
        "topic": "",
        "at_least": 0.1,
        "diversity": 0.0,
        "pinned": [],
        "dropped": [],
        "fixed": [7],
        "offered_from": 0.4,
        "width": 1,
        "together": False,
    }
    assert "no answers" in made["verdicts"][0]["sentence"]


def test_it_is_plain_json_and_has_every_key(book: Book) -> None:
    book.trace("plain", **ENDED, correct=True)
    made = book.document
    assert book.take("plain").keys() == TAKE_KEYS
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_of_several_attempts_the_last_is_told(book: Book) -> None:
    book.trace("plain", 1, finish_reason="error", error="It broke.", error_kind="stalled")
    book.trace("plain", 1, True, attempt=2, text="Six.", **ENDED)
    book.trace("plain", 0, False, text="Seven.", **ENDED)
    first, second = book.document["arms"]["plain"]
    assert (first["sample"], first["text"], first["correct"]) == (0, "Seven.", False)
    assert (second["sample"], second["attempt"], second["text"]) == (1, 2, "Six.")
    assert (second["error"], second["answer"], second["grader"]) == (None, "42", "exact")


def test_the_latest_of_nothing_is_nothing() -> None:
    assert latest([]) == []


def test_what_was_given_cited_and_made_up(book: Book) -> None:
    text = "By **behavior_count_all** and behavior_of_mine, then behavior_count_all again."
    thinking = "behavior_halve? No: behavior_of_mine."
    names = ["behavior_halve", "behavior_count_all", "behavior_never_named"]
    book.trace("bci", text=text, thinking=thinking, given=[given(name) for name in names], **ENDED)
    take = book.take("bci")
    assert take["retrieved"] == names
    assert take["cited"] == ["behavior_halve", "behavior_count_all"]
    assert take["invented"] == ["behavior_of_mine"]
    said = {"thinking": thinking, "text": text}
    told = [(one["side"], one["name"], one["given"]) for one in take["citations"]]
    assert told == [
        ("thinking", "behavior_halve", True),
        ("thinking", "behavior_of_mine", False),
        ("text", "behavior_count_all", True),
        ("text", "behavior_of_mine", False),
        ("text", "behavior_count_all", True),
    ]
    for one in take["citations"]:
        assert said[one["side"]][one["start"] : one["end"]].strip("*") == one["name"]


def test_what_was_read_again(book: Book) -> None:
    requests = [
        {"input_tokens": 10, "cached_tokens": 0},
        {"input_tokens": 25, "cached_tokens": 9},
        {"input_tokens": 40, "cached_tokens": None},
    ]
    book.trace("plain", **ENDED)
    book.trace("bci", requests=requests, **ENDED)
    for arm, again in (("plain", (0, 0)), ("bci", (65, None))):
        take = book.take(arm)
        assert (take["read_again_tokens"], take["read_again_cached_tokens"]) == again


@pytest.mark.parametrize(("together", "served"), [(False, "in turn"), (True, "together")])
def test_how_the_arms_were_served(together: bool, served: str, book: Book) -> None:
    run = book.add_run(ARMS, together=together)
    assert document(book.store, run.id)["served"] == served


def test_the_status_is_that_of_the_runs_own_job(book: Book) -> None:
    assert book.document["status"] == "done"
    book.job("interrupted")
    assert book.document["status"] == "interrupted"
    book.job("running")  # a later job on the same run, which is not the comparison
    assert book.document["status"] == "interrupted"


def test_votes_are_told(book: Book) -> None:
    with book.store.write() as session:
        made = votes.add_vote(
            book.run.id, 1, "plain", "bci", "second", blind=True, by="bob", session=session
        )
    assert book.document["votes"] == [
        {
            "sample": 1,
            "first": "plain",
            "second": "bci",
            "better": "second",
            "blind": True,
            "by": "bob",
            "at": made.at.isoformat(),
        }
    ]


@pytest.mark.parametrize(
    ("kinds", "baseline"),
    [
        (["bci-topic", "plain", "concise"], "plain"),
        (["bci-topic", "concise"], "concise"),
        (["concise", "plain"], "plain"),
        (["random", "bci-topic"], "random"),
    ],
)
def test_what_the_others_are_compared_with(kinds: list[str], baseline: str) -> None:
    assert baseline_of([{"arm": kind, "kind": kind} for kind in kinds]) == baseline


def test_behaviors_are_compared_within_their_model() -> None:
    asked = [
        {"arm": "plain", "kind": "plain", "model": "small"},
        {"arm": "bci", "kind": "bci-topic", "model": "small"},
        {"arm": "plain@big", "kind": "plain", "model": "big"},
        {"arm": "bci@big", "kind": "bci-topic", "model": "big"},
        {"arm": "concise@third", "kind": "concise", "model": "third"},
    ]
    assert baselines_of(asked) == {
        "bci": "plain",
        "plain@big": "plain",
        "bci@big": "plain@big",
        "concise@third": "plain",
    }
    assert baselines_of(asked[:1]) == {}
    alone = [asked[0], asked[3], {"arm": "random@big", "kind": "random", "model": "big"}]
    assert baselines_of(alone) == {"bci@big": "plain", "random@big": "plain"}


def test_figures_of_each_arm_and_of_each_reply(book: Book) -> None:
    for sample, count in enumerate((10, 20)):
        times = {"first_token_seconds": 1.0, "seconds": 2.0}
        book.trace("plain", sample, sample == 0, **{**ENDED, **times, "output_tokens": count})
    plain, bci, _ = book.document["figures"]
    assert (plain["arm"], plain["n"], plain["mean"], plain["right"]) == ("plain", 2, 15, 1)
    assert plain["interval"] == list(mean_interval([10, 20]) or ())
    assert (bci["arm"], bci["n"], bci["mean"], bci["interval"]) == ("bci", 0, None, None)
    speeds = [take["tokens_per_second"] for take in book.document["arms"]["plain"]]
    assert speeds == [9, 19]


def test_an_arm_without_behaviors_is_told_and_not_compared(book: Book) -> None:
    book.trace("plain", **ENDED)
    book.trace("bci", **{**ENDED, "output_tokens": 30})
    book.trace("other", given=[given("behavior_x")], **{**ENDED, "output_tokens": 30})
    bci, other = book.document["verdicts"]
    assert bci["sentence"] == "BCI was given no behavior here, so both were asked the same."
    assert (bci["ratio"], bci["asked_the_same"]) == (None, [0])
    assert (other["ratio"], other["asked_the_same"]) == (pytest.approx(0.6), [])


def test_what_is_offered_on_the_way_is_asked_otherwise(book: Book) -> None:
    book.run = book.add_run((("plain", "plain"), ("bci-dynamic", "bci-dynamic")))
    book.trace("plain", **ENDED)
    book.trace("bci-dynamic", **{**ENDED, "output_tokens": 30})
    (verdict,) = book.document["verdicts"]
    assert verdict["ratio"] == pytest.approx(0.6)
    assert verdict["sentence"].endswith("BCI on the way was offered no behavior.")


@pytest.mark.parametrize(
    ("drawn", "got"), [(2, "2 behaviors"), (1, "1 behavior"), (0, "no behaviors")]
)
def test_random_ones_that_were_too_few(drawn: int, got: str, book: Book) -> None:
    book.run = book.add_run((("plain", "plain"), ("random", "random"), ("bci", "bci-embedding")))
    named = [given(f"behavior_{letter}") for letter in "abc"]
    book.trace("plain", **ENDED)
    book.trace("bci", given=named, **ENDED)
    book.trace("random", given=named[:drawn], **ENDED)
    random, _bci = book.document["verdicts"]
    assert random["sentence"].endswith(f" Random got {got} where BCI got 3.")


@pytest.mark.parametrize(
    ("asked", "reference"),
    [
        ("random bci-dynamic bci-topic bci-fixed", "bci-topic"),
        ("random bci-topic:other bci-fixed", "bci-fixed"),
        ("random:other bci-topic bci-hybrid:other", "bci-hybrid:other"),
        ("random bci-topic:other", None),
        ("random plain concise", None),
        ("names-only bci-topic", None),
    ],
)
def test_whose_behaviors_random_ones_stand_for(asked: str, reference: str | None) -> None:
    arms = [
        {"arm": label, "kind": label.partition(":")[0], "handbook": label.partition(":")[2]}
        for label in asked.split()
    ]
    assert reference_of(arms, asked.split()[0]) == reference


def test_the_verdicts_are_of_all_other_arms(book: Book) -> None:
    for sample in (0, 1):
        book.trace("plain", sample, True, **{**ENDED, "output_tokens": 100})
        fields = {**ENDED, "output_tokens": 50 + sample, "given": [given("behavior_x")]}
        book.trace("bci", sample, True, **fields)
    book.trace("other", finish_reason="cancelled", output_tokens=3)
    verdicts = book.document["verdicts"]
    assert [(one["arm"], one["baseline"]) for one in verdicts] == [
        ("bci", "plain"),
        ("other", "plain"),
    ]
    first, second = verdicts
    assert first["ratio"] == pytest.approx((0.5 * 0.51) ** 0.5)
    assert "both right" in first["sentence"]
    assert (second["ratio"], second["pairs"]) == (None, 0)


def test_two_arms_of_one_kind_go_by_their_labels(book: Book) -> None:
    run = book.add_run((("plain", "plain"), ("bci:notes", "bci"), ("bci", "bci-embedding")))
    first, _second = document(book.store, run.id)["verdicts"]
    assert first["sentence"].startswith("BCI (bci:notes) and Plain have no answers")


def test_without_the_baseline_the_others_are_compared_with_the_next(book: Book) -> None:
    book.run = book.add_run((("plain", "plain"), ("bci", "bci"), ("concise", "concise")))
    book.trace("plain", finish_reason="cancelled", output_tokens=3)
    book.trace("bci", given=[given("behavior_x")], **ENDED)
    book.trace("concise", **{**ENDED, "output_tokens": 100})
    bci, plain = book.document["verdicts"]
    assert (bci["arm"], bci["baseline"], bci["ratio"]) == ("bci", "concise", 0.5)
    assert (plain["arm"], plain["baseline"]) == ("plain", "concise")
    assert plain["sentence"].startswith("Plain has no answers, so there is nothing to compare")


def test_what_still_arrives_is_no_outcome(book: Book) -> None:
    book.trace("plain", 0, True, **ENDED)
    book.trace("plain", 1, text="So", output_tokens=1)
    book.trace("bci", 0, **{**ENDED, "finish_reason": "length"})
    told = [(one.arm, one.sample, one.finish_reason) for one in outcomes(book.document)]
    assert told == [("plain", 0, "stop"), ("bci", 0, "length")]


def test_a_handbook_that_changes_or_goes_does_not_matter(book: Book) -> None:
    """What was given stands in the trace."""
    book.trace("bci", given=[given("behavior_gone", "As it was worded then.")], **ENDED)
    assert book.take("bci")["given"][0]["instruction"] == "As it was worded then."


@pytest.mark.parametrize("look", [document])
def test_a_run_that_there_is_not(look: Callable[..., Any], store: Store) -> None:
    with pytest.raises(NotFound):
        look(store, 99)
