"""Evaluations against the fake server: what is asked, kept, stopped, resumed and extended."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core import planning
from core.app import App
from core.errors import BadInput, NotFound
from core.handbook import curation, shelf
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.arms import arm
from core.pipeline.evaluation import Evaluation, check
from core.settings import Settings
from core.store import Store, choices
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Job, Trace
from tests.core.pipeline.test_comparer import Bouts, Words
from tests.fake_openai import Arms, FakeOpenAI, Reply, Worded, counted, endpoint_of, wait_until

PROBLEMS = [f"How many odd digits are in a circle of {number}?" for number in range(6)]
SAMPLING = Sampling(0.5, 0.9, 64, 7)
RIGHT = Worded("The answer is $\\boxed{42}$.")


class Rounds(Bouts):
    """Does evaluations on six problems over a small handbook."""

    def add(self, arms: str, gold: str | None = "42", topic: str = "", **changes: Any) -> Job:
        with self.app.store.write() as session:
            ids = [
                run_rows.keep_problem(text, gold, topic, {}, session=session) for text in PROBLEMS
            ]
        sampling = changes.pop("sampling", SAMPLING)
        fields = {"k": 3, "budgets": (sampling.max_tokens,), **changes}
        plan = Evaluation(tuple(arm(one, "fake") for one in arms.split()), sampling, **fields)
        return planning.add_evaluation(self.app, ids, "book", plan, title="six", by="tester")

    def extend(self, job: Job, **params: Any) -> Job:
        with self.app.store.write() as session:
            run_rows.change_run(job.run_id or 0, params=params, session=session)
        return self.again(job)

    def asked(self, job: Job) -> Counter[tuple[int, str, int]]:
        """How many replies ended."""
        ended = (trace for trace in self.traces(job) if trace.ended)
        return Counter((t.problem_id, t.arm, t.sample) for t in ended)

    def given(self, trace: Trace) -> set[str]:
        return {one["name"] for one in trace.given}


@pytest.fixture
def rounds(settings: Settings, store: Store, fake: FakeOpenAI) -> Iterator[Rounds]:
    made = App(settings, store, Words())
    fake.answer = Arms(RIGHT)
    endpoints.add(store, endpoint_of(fake, concurrency=4, price_in=1.0, price_out=1.0))
    yield Rounds(made)
    made.models.close()


def test_every_arm_is_asked_once_on_every_problem(rounds: Rounds, fake: FakeOpenAI) -> None:
    job = rounds.do("plain bci-embedding concise", samples=2)
    assert (job.status, job.done, job.total, job.note) == ("done", 36, 36, "")
    assert len(fake.requests) == 36
    assert set(rounds.asked(job).values()) == {1}
    traces = rounds.traces(job)
    assert {trace.params["prompt"] for trace in traces} == {"solve", "condition", "concise"}
    assert {(trace.sample, trace.seed) for trace in traces} == {(0, 7), (1, 8)}
    with rounds.app.store.read() as session:
        verdicts = run_rows.verdicts([trace.id for trace in traces], session=session)
    assert [verdicts[trace.id].correct for trace in traces] == [True] * 36


def test_the_first_samples_of_all_problems_come_first(rounds: Rounds) -> None:
    endpoints.change(rounds.app.store, replace(rounds.app.models.endpoint("fake"), concurrency=1))
    job = rounds.do("plain concise", samples=2)
    traces = rounds.traces(job)
    assert [trace.sample for trace in traces] == [0] * 12 + [1] * 12
    pairs = [traces[at : at + 2] for at in range(0, 24, 2)]
    assert all(first.problem_id == second.problem_id for first, second in pairs)
    assert len({tuple(trace.arm for trace in pair) for pair in pairs}) == 2


def test_what_has_ended_is_not_asked_again(rounds: Rounds, fake: FakeOpenAI) -> None:
    job = rounds.do("plain bci-embedding")
    again = rounds.again(job)
    assert (again.status, again.done) == ("done", 12)
    assert len(fake.requests) == 12


def test_a_stop_keeps_what_ended_and_the_rest_is_asked_again(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    fake.answer = Arms(concise=Worded("So on. " * 60, delay=5), otherwise=RIGHT)
    job = rounds.start("plain concise")
    wait_until(lambda: fake.in_flight == 4)
    rounds.app.jobs.stop(job.id)
    assert rounds.ended(job).status == "stopped"
    kept = Counter(trace.finish_reason for trace in rounds.traces(job))
    assert set(kept) <= {"stop", "cancelled"}
    assert kept["cancelled"] >= 1
    fake.answer = Arms(RIGHT)
    assert rounds.again(job).status == "done"
    assert set(rounds.asked(job).values()) == {1}
    assert len(rounds.asked(job)) == 12


def test_failed_ones_are_told_and_asked_again(rounds: Rounds, fake: FakeOpenAI) -> None:
    fake.answer = Arms(concise=Reply(fault="bad_request"), otherwise=RIGHT)
    job = rounds.do("plain concise")
    assert (job.status, job.note) == ("done", "6 of 12 have no outcome")
    fake.answer = Arms(RIGHT)
    assert rounds.again(job).note == ""
    tries = Counter((t.arm, t.attempt, t.finish_reason) for t in rounds.traces(job))
    assert tries == {
        ("plain", 1, "stop"): 6,
        ("concise", 1, "error"): 6,
        ("concise", 2, "stop"): 6,
    }


def test_a_dead_endpoint_ends_the_run_early(rounds: Rounds, fake: FakeOpenAI) -> None:
    fake.answer = Reply(fault="unauthorized")
    job = rounds.do("plain concise bci-embedding bci-hybrid")
    assert job.status == "failed"
    assert job.note.startswith("12 replies in a row failed, the last one so: ")
    assert len(fake.requests) < 24


def test_curation_meanwhile_changes_nothing(rounds: Rounds, fake: FakeOpenAI) -> None:
    fake.answer = Arms(condition=Reply(fault="bad_request"), otherwise=RIGHT)
    job = rounds.do("plain bci-embedding random")
    gave = {(t.problem_id, t.arm): rounds.given(t) for t in rounds.traces(job)}
    for name in rounds.ids:
        rounds.change(name)
    fake.answer = Arms(RIGHT)
    rounds.again(job)
    for trace in rounds.traces(job):
        assert rounds.given(trace) == gave[trace.problem_id, trace.arm]
    with rounds.app.store.read() as session:
        kept = choices.choices(job.run_id or 0, session=session)
    assert len(kept) == len(PROBLEMS)
    assert {arm for arms in kept.values() for arm in arms} == {"bci-embedding", "random"}


def test_each_behavior_is_given_in_one_of_two_samples(rounds: Rounds) -> None:
    job = rounds.do("plain bci-embedding", k=4, samples=6, parts=True)
    with rounds.app.store.read() as session:
        kept = choices.choices(job.run_id or 0, session=session)
    traces = [trace for trace in rounds.traces(job) if trace.arm == "bci-embedding"]
    given = {(trace.problem_id, trace.sample): rounds.given(trace) for trace in traces}
    for problem_id, arms in kept.items():
        chosen = {one["name"] for one in arms["bci-embedding"]}
        assert len(chosen) == 4
        for first in (0, 2, 4):
            one, other = given[problem_id, first], given[problem_id, first + 1]
            assert one | other == chosen
            assert not one & other
    assert len(set(map(len, given.values()))) > 1


def test_a_sample_given_none_of_its_behaviors_has_the_wording_of_the_others(
    rounds: Rounds,
) -> None:
    """The bare prompt would have the behaviors pay for all that the wording does."""
    job = rounds.do("plain bci-embedding", k=1, samples=4, parts=True)
    traces = [trace for trace in rounds.traces(job) if trace.arm == "bci-embedding"]
    empty = [trace for trace in traces if not trace.given]
    assert len(empty) == len(traces) / 2 == 12
    assert {trace.params["prompt"] for trace in traces} == {"condition"}
    assert len({trace.prompt_hash for trace in traces}) == 1
    for trace in empty:
        assert trace.messages[-1]["content"].startswith("Behaviors:\nnone\n\nProblem:\n")


def test_another_handbook_can_be_an_arms_own(rounds: Rounds) -> None:
    book = other_book(rounds.app.store)
    job = rounds.do(f"bci-embedding bci-embedding:{book}")
    names = {
        label: {name for t in rounds.traces(job) if t.arm == label for name in rounds.given(t)}
        for label in ("bci-embedding", f"bci-embedding:{book}")
    }
    assert names[f"bci-embedding:{book}"] == {"behavior_other_digits"}
    assert names["bci-embedding"] <= set(rounds.ids)


def other_book(store: Store) -> str:
    book = shelf.create(store, "other", by="tester")
    draft = curation.Draft("behavior_other_digits", "Look at odd digits.", "")
    curation.write(store, book.id, draft, by="tester")
    return book.slug


# Budgets and money


def test_a_larger_budget_asks_again_only_for_what_was_cut(rounds: Rounds, fake: FakeOpenAI) -> None:
    long = Worded("word " * 100 + "\\boxed{42}")

    def answer(body: dict[str, Any]) -> Reply:
        reply = long if "circle of 3" in body["messages"][-1]["content"] else RIGHT
        return counted(body, reply)

    fake.answer = answer
    job = rounds.do("plain concise")
    cut = [trace for trace in rounds.traces(job) if trace.finish_reason == "length"]
    assert {trace.output_tokens for trace in cut} == {64}
    assert len(cut) == 2
    sampling = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 256, "seed": 7}
    more = rounds.extend(job, sampling=sampling, budgets=[64, 256])
    assert (more.status, more.note) == ("done", "")
    assert len(fake.requests) == 14
    again = [trace for trace in rounds.traces(job) if trace.attempt == 2]
    assert {(trace.finish_reason, trace.params["max_tokens"]) for trace in again} == {("stop", 256)}


def test_more_samples_and_another_arm_ask_only_for_those(rounds: Rounds, fake: FakeOpenAI) -> None:
    job = rounds.do("plain")
    rounds.extend(job, samples=2)
    assert len(fake.requests) == 12
    arms = [{"label": name, "kind": name, "model": "fake"} for name in ("plain", "concise")]
    assert rounds.extend(job, arms=arms).total == 24
    assert len(fake.requests) == 24
    assert set(rounds.asked(job).values()) == {1}


def test_a_spending_limit_stops(rounds: Rounds, fake: FakeOpenAI) -> None:
    fake.answer = lambda body: counted(body, RIGHT)
    endpoints.change(rounds.app.store, replace(rounds.app.models.endpoint("fake"), concurrency=1))
    job = rounds.do("plain concise", spend_at_most=0.0001)
    assert job.status == "stopped"
    assert "spending limit" in job.note
    spent = [trace.price or 0 for trace in rounds.traces(job)]
    assert sum(spent[:-1]) < 0.0001 <= sum(spent)
    assert rounds.extend(job, spend_at_most=None).status == "done"


def test_the_spending_limit_tells_what_was_spent_in_the_end(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    """Also by the replies that were under way when it was reached."""
    started = threading.Barrier(4)

    def answer(body: dict[str, Any]) -> Reply:
        started.wait(10)
        return counted(body, RIGHT)

    fake.answer = answer
    job = rounds.do("plain concise", spend_at_most=0.000001)
    spent = [trace.price or 0 for trace in rounds.traces(job)]
    assert len(spent) == 4
    assert f"spending limit: {sum(spent):.4f} of 1e-06 are spent" in job.note


def test_a_limit_needs_prices(rounds: Rounds, fake: FakeOpenAI) -> None:
    endpoints.add(rounds.app.store, endpoint_of(fake, "unpriced"))
    with pytest.raises(BadInput, match="unpriced has none"):
        rounds.add("plain plain@unpriced", spend_at_most=1.0)


def test_an_extension_is_looked_at_before_anything_is_kept(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    endpoints.add(rounds.app.store, endpoint_of(fake, "unpriced"))
    job = rounds.do("plain", spend_at_most=1.0)
    for one, told in (("plain@unpriced", "unpriced has none"), ("bci-topic:typo", "'typo'")):
        with pytest.raises((BadInput, NotFound), match=told):
            planning.extend_evaluation(rounds.app, job.run_id or 0, arms=(arm(one, "fake"),))
    assert rounds.again(job).status == "done"
    assert len(fake.requests) == 6


def test_a_reply_in_circles_costs_its_budget_and_is_no_failure(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    fake.answer = lambda body: counted(body, Worded("Let me check this again. " * 400))
    job = rounds.do("plain", sampling=replace(SAMPLING, max_tokens=512))
    assert (job.status, job.note) == ("done", "")
    ends = {(trace.finish_reason, trace.output_tokens) for trace in rounds.traces(job)}
    assert ends == {("length", 512)}


# What follows a reply


def endless(body: dict[str, Any]) -> Reply:
    """Never ends by itself, but answers when told that there is no room left."""
    if body["messages"][-1]["content"].startswith("There is no room left"):
        return counted(body, Worded("\\boxed{42}"))
    return counted(body, Worded("word " * 200))


def test_a_cut_reply_is_made_to_answer(rounds: Rounds, fake: FakeOpenAI) -> None:
    fake.answer = endless
    job = rounds.do("plain", forced=True)
    assert (job.status, job.note) == ("done", "")
    answers = [trace for trace in rounds.traces(job) if trace.stage == "forced-64"]
    assert len(answers) == 6
    replies = {trace.id: trace for trace in rounds.traces(job) if trace.stage == "solve"}
    for answer in answers:
        reply = replies[answer.follows or 0]
        assert answer.messages[:-2] == reply.messages
        assert answer.messages[-2] == {"role": "assistant", "content": reply.text}
        assert answer.output_tokens == 1
    rounds.again(job)
    assert len(fake.requests) == 12


def test_a_smaller_budget_cuts_by_the_counts_of_the_chunks(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    fake.answer = endless
    job = rounds.do("plain", budgets=(16, 64))
    with rounds.app.store.write() as session:
        for trace in rounds.traces(job):
            chunks = [[at, "text", 5, at + 1] for at in range(64)]
            run_rows.update_trace(trace.id, chunks=chunks, session=session)
    rounds.extend(job, forced=True)
    answers = {
        trace.stage: trace.messages[-2]["content"]
        for trace in rounds.traces(job)
        if trace.stage != "solve"
    }
    assert set(answers) == {"forced-16", "forced-64"}
    assert answers["forced-16"] == ("word " * 16).strip()


def test_without_counts_on_the_way_only_the_largest_budget_is_answered(
    rounds: Rounds, fake: FakeOpenAI
) -> None:
    fake.answer = endless
    job = rounds.do("plain", budgets=(16, 64), forced=True)
    assert {trace.stage for trace in rounds.traces(job)} == {"solve", "forced-64"}


def test_a_judge_looks_again_at_what_was_found_wrong(rounds: Rounds, fake: FakeOpenAI) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        said = body["messages"][-1]["content"]
        if said.startswith("You check final answers"):
            return counted(body, Worded("RIGHT" if "circle of 2" in said else "So it is WRONG"))
        right = "circle of 5" in said
        return counted(body, RIGHT if right else Worded("It is \\boxed{forty}."))

    fake.answer = answer
    job = rounds.do("plain", judge="fake")
    traces = rounds.traces(job)
    judged = [trace for trace in traces if trace.stage == "judge"]
    assert len(judged) == 5
    with rounds.app.store.read() as session:
        verdicts = run_rows.verdicts([trace.id for trace in traces], session=session)
        problems = run_rows.problems([trace.problem_id for trace in traces], session=session)
    told = {
        problems[trace.problem_id].text[-2]: (verdict.correct, verdict.grader.split()[0])
        for trace in traces
        if (verdict := verdicts.get(trace.id))
    }
    assert told["2"] == (True, "judge")
    assert told["0"] == told["1"] == (False, "judge")
    assert told["5"][0] is True
    assert told["5"][1] != "judge"
    rounds.again(job)
    assert len(fake.requests) == 11


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"budgets": ()}, "1 to 8"),
        ({"budgets": (64, 32)}, "smallest first"),
        ({"budgets": (8, 64)}, "start at 16"),
        ({"budgets": (32,)}, "the largest"),
        ({"parts": True}, "retrieve some"),
        ({"spend_at_most": 0.0}, "above 0"),
        ({"samples": 0}, "samples"),
        ({"arms": tuple(arm(f"plain@m{n}", "fake") for n in range(25))}, "1 to 24 arms, not 25"),
    ],
)
def test_what_cannot_be_run_is_refused(changes: dict[str, Any], told: str) -> None:
    plan = Evaluation((arm("plain", "fake"),), SAMPLING, budgets=(64,))
    check(plan)
    check(replace(plan, arms=tuple(arm(f"plain@m{n}", "fake") for n in range(24))))
    with pytest.raises(BadInput, match=told):
        check(replace(plan, **changes))


def test_a_run_that_is_gone_is_told(rounds: Rounds) -> None:
    job = rounds.add("plain")
    with rounds.app.store.write() as session:
        assert job_rows.job(job.id, session=session).run_id
        run_rows.delete_run(job.run_id or 0, session=session)
    with rounds.app.store.read() as session:
        assert not job_rows.jobs(session=session)
