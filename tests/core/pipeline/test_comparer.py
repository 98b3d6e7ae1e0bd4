"""Comparisons against the fake server: what every arm is sent, counted, kept, and asked again."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core import prompts
from core.app import App
from core.errors import BadInput
from core.evaluation import sets
from core.evaluation.comparison.document import document
from core.evaluation.problems import NewProblem
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.llm import endpoints
from core.llm.chat import Sampling, is_waiting
from core.pipeline.arms import arm
from core.pipeline.comparison import SEEDS, Comparison
from core.pipeline.condition import condition
from core.retrieval.embedder import Matrix
from core.settings import Settings
from core.store import Store
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Behavior, Job, Trace, now
from tests.core.retrieval.counting import CountingEmbedder
from tests.fake_openai import (
    Arms,
    FakeOpenAI,
    Reply,
    Worded,
    counted,
    endpoint_of,
    prompt_of,
    server,
    wait_until,
)

PROBLEM = "How many digits are odd in a circle of seven?"
SAMPLING = Sampling(0.5, 0.9, 400, 7)
# Name -> topic and instruction. Those that speak of digits are like the problem.
BOOK = {
    "behavior_count_digits": ("Counting", "Count the digits that are not wanted and subtract."),
    "behavior_circle_row": ("Counting", "In a circle, seat one first and the rest in a row."),
    "behavior_odd_even": ("Numbers", "Compare odd and even before anything else."),
    "behavior_split_cases": ("Counting", "Split it into cases that exclude each other."),
    "behavior_halve": ("Geometry", "When a diameter is given, halve it."),
    "behavior_area_twice": ("Geometry", "Write the same area in two ways and set them equal."),
    "behavior_bound_first": ("Numbers", "Find an upper and a lower bound first."),
    "behavior_look_back": ("", "Put the result in and look whether it fits."),
}
WORDS = ("digit", "circle", "odd", "cases", "diameter", "area", "bound", "result")
LONG = " ".join(f"Step {number} follows." for number in range(400))
SLOW = Worded(LONG, delay=0.02)


class Words(CountingEmbedder):
    """Texts are alike that share some of a few words; one without any is like no other."""

    def __init__(self, words: Sequence[str] = WORDS):
        super().__init__("words", len(words) + 1)
        self.words = words

    def row(self, text: str) -> Matrix:
        found = [float(word in text.lower()) for word in self.words]
        row = np.array([*found, 0.0 if any(found) else 1.0], np.float32)
        return row / np.linalg.norm(row)


class Bouts:
    """Does comparisons over a small handbook, through an app with a made-up embedder."""

    def __init__(self, app: App):
        self.app = app
        self.book = shelf.create(app.store, "book", by="tester").id
        self.ids = {name: self.write(name, *BOOK[name]) for name in BOOK}

    def write(self, name: str, topic: str, instruction: str) -> int:
        draft = Draft(name, instruction, topic)
        return curation.write(self.app.store, self.book, draft, by="tester").id

    def another(self, slug: str, *names: str) -> None:
        """A handbook of its own with some of the same behaviors, each under another name."""
        book = shelf.create(self.app.store, slug, by="tester").id
        for name in names:
            topic, instruction = BOOK[name]
            draft = Draft(f"{name}_of_{slug}", instruction, topic)
            curation.write(self.app.store, book, draft, by="tester")

    def change(self, name: str) -> None:
        """Takes a behavior away."""
        seen = curation.look_up(self.app.store, self.ids[name])
        curation.reject(self.app.store, seen.id, version=seen.version, by="tester", why="no")

    def add(self, arms: str, gold: str | None = "42", topic: str = "", **changes: Any) -> Job:
        """A comparison and its job, not started. `changes` go to the plan."""
        problem = NewProblem(PROBLEM, gold, topic)
        fields = {"sampling": SAMPLING, "k": 3, **changes}
        plan = Comparison(tuple(arm(one, "fake") for one in arms.split()), **fields)
        return self.app.add_compare(problem, "book", plan, by="tester")

    def do(self, arms: str, **changes: Any) -> Job:
        return self.app.jobs.run_here(self.add(arms, **changes).id)

    def start(self, arms: str, **changes: Any) -> Job:
        job = self.add(arms, **changes)
        self.app.jobs.start(job.id)
        return job

    def again(self, job: Job) -> Job:
        self.app.jobs.requeue(job.id)
        return self.app.jobs.run_here(job.id)

    def job(self, job: Job) -> Job:
        with self.app.store.read() as session:
            return job_rows.job(job.id, session=session)

    def ended(self, job: Job) -> Job:
        return wait_until(lambda: not (now := self.job(job)).active and now, 60)

    def document(self, job: Job) -> dict[str, Any]:
        return document(self.app.store, job.run_id or 0)

    def takes(self, job: Job) -> dict[str, list[dict[str, Any]]]:
        return self.document(job)["arms"]

    def traces(self, job: Job, label: str | None = None) -> list[Trace]:
        """All attempts, oldest first."""
        with self.app.store.read() as session:
            found = run_rows.traces(job.run_id or 0, arm=None, session=session)
        return [trace for trace in found if label in (None, trace.arm)]

    def attempts(self, job: Job) -> Counter[tuple[str, int, int, str | None]]:
        return Counter((t.arm, t.sample, t.attempt, t.finish_reason) for t in self.traces(job))

    def behaviors(self, *names: str) -> list[Behavior]:
        return [curation.look_up(self.app.store, self.ids[name]) for name in names]

    def has_text(self, job: Job, label: str) -> Callable[[], Any]:
        return lambda: any(trace.text for trace in self.traces(job, label))


@pytest.fixture
def words_app(settings: Settings, store: Store) -> Iterator[App]:
    """A workbench without the starter handbooks, and with a made-up embedder."""
    opened = App(settings, store, Words())
    yield opened
    opened.models.close()


@pytest.fixture
def bouts(words_app: App, fake: FakeOpenAI) -> Bouts:
    endpoints.add(words_app.store, endpoint_of(fake))
    fake.answer = Arms()
    return Bouts(words_app)


def narrow(bouts: Bouts, fake: FakeOpenAI, **changes: Any) -> None:
    endpoints.change(bouts.app.store, endpoint_of(fake, concurrency=1, **changes))


def names(take: dict[str, Any]) -> list[str]:
    return [name.removeprefix("behavior_") for name in take["retrieved"]]


# Counts


def test_what_the_endpoint_counts_is_what_is_told(bouts: Bouts, fake: FakeOpenAI) -> None:
    usage = {
        "prompt_tokens": 311,
        "completion_tokens": 37,
        "total_tokens": 348,
        "prompt_tokens_details": {"cached_tokens": 288},
        "completion_tokens_details": {"reasoning_tokens": 12},
    }
    bare = {"prompt_tokens": 41, "completion_tokens": 74, "total_tokens": 115}
    think = {"thinking": "Let me see.", "thinking_form": "reasoning_content"}
    fake.answer = Arms(
        solve=Worded("It is \\boxed{42}.", usage=bare),
        condition=Worded("It is \\boxed{42}.", usage=usage, **think),
    )
    made = bouts.document(bouts.do("plain bci-topic", topic="Counting"))
    told = {
        name: [take[f"{what}_tokens"] for what in ("input", "cached", "reasoning", "output")]
        + [take["counted_by"]]
        for name, (take,) in made["arms"].items()
    }
    assert told["bci-topic"] == [311, 288, 12, 37, "endpoint"]
    assert told["plain"] == [41, None, 0, 74, "endpoint"]  # what never thought, thought nothing
    (verdict,) = made["verdicts"]
    assert verdict["ratio"] == pytest.approx(0.5)
    assert "50% fewer" in verdict["sentence"]
    assert verdict["extra_input"] == 270


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm"])
def test_what_it_does_not_count_its_tokenizer_does(kind: Any, bouts: Bouts) -> None:
    with FakeOpenAI(Arms(solve=Worded("It is $\\boxed{42}$.", usage=False)), tokenizer=kind) as one:
        one.answer.otherwise = Worded(
            " so it is $\\boxed{42}$.", "Hm, well.", "reasoning_content", usage=False
        )
        endpoints.change(bouts.app.store, endpoint_of(one))
        made = bouts.takes(bouts.do("plain bci-topic", topic="Geometry"))
        (plain,), (given,) = made["plain"], made["bci-topic"]
        sent = {prompt_of(body): body["messages"] for body in one.requests}
    for take, prompt, output, reasoning in ((plain, "solve", 3, 0), (given, "condition", 6, 2)):
        assert take["counted_by"] == "tokenizer"
        assert (take["output_tokens"], take["reasoning_tokens"]) == (output, reasoning)
        read = sum(len(message["content"].split()) + 2 for message in sent[prompt])
        assert (take["input_tokens"], take["cached_tokens"]) == (read, None)
    assert len(sent["condition"]) == 6  # two worked examples go before
    parts = given["parts"]
    whole = "".join(message["content"] for message in sent["condition"])
    assert sum(part["characters"] for part in parts) == len(whole)
    assert sum(part["tokens"] for part in parts) == len(
        " ".join(message["content"] for message in sent["condition"]).split()
    )


def test_what_nobody_counts_is_unknown(bouts: Bouts, fake: FakeOpenAI) -> None:
    fake.answer = Arms(Worded("It is $\\boxed{42}$.", usage=False))
    made = bouts.document(bouts.do("plain concise"))
    for (take,) in made["arms"].values():
        counts = [take[f"{what}_tokens"] for what in ("input", "cached", "reasoning", "output")]
        assert [*counts, take["counted_by"], take["price"]] == [None] * 6
    (verdict,) = made["verdicts"]
    assert "tokens are unknown" in verdict["sentence"].lower()
    assert (verdict["ratio"], verdict["extra_input"]) == (None, None)


def test_a_server_without_a_tokenizer_is_asked_for_it_once(
    bouts: Bouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[str] = []

    def noted(kind: str | None, path: str, body: dict[str, Any]) -> None:
        posted.append(path)

    monkeypatch.setattr(server, "tokenized", noted)
    bouts.do("plain bci random", samples=2)
    assert 1 <= len(posted) <= 3  # in each form, and for its chat template


def test_prices_are_of_what_was_counted(bouts: Bouts, fake: FakeOpenAI) -> None:
    prices = {"price_in": 2.0, "price_cached": 0.5, "price_out": 10.0}
    endpoints.change(bouts.app.store, endpoint_of(fake, **prices))
    fake.answer = lambda body: counted(body, Worded("one two three"), cached=20)
    ((take,), _) = bouts.takes(bouts.do("plain concise")).values()
    read = take["input_tokens"]
    assert take["output_tokens"] == 3
    assert take["price"] == pytest.approx(((read - 20) * 2 + 20 * 0.5 + 3 * 10) / 1e6)


# What the arms are sent


def sent(fake: FakeOpenAI, job: Job, bouts: Bouts) -> dict[str, list[dict[str, Any]]]:
    """Label -> messages, which are those that the server saw."""
    seen = [body["messages"] for body in fake.requests]
    kept = {trace.arm: trace.messages for trace in bouts.traces(job)}
    assert sorted(map(str, seen)) == sorted(str(messages) for messages in kept.values())
    return kept


def test_every_arm_sends_what_it_says(bouts: Bouts, fake: FakeOpenAI) -> None:
    job = bouts.do("plain concise bci-topic bci bci-hybrid names-only", topic="counting")
    assert (job.status, job.note, job.done, job.total) == ("done", "", 6, 6)
    kept, takes = sent(fake, job, bouts), bouts.takes(job)
    assert kept["plain"] == prompts.load("solve").messages(problem=PROBLEM)
    assert kept["concise"] == prompts.load("concise").messages(problem=PROBLEM)
    given = {label: takes[label][0]["given"] for label in takes}
    assert given["plain"] == given["concise"] == []
    by_topic = ["count_digits", "circle_row", "split_cases"]
    assert sorted(names(takes["bci-topic"][0])) == sorted(by_topic)
    assert set(names(takes["bci"][0])) == {"odd_even", "count_digits", "circle_row"}
    assert len(given["bci-hybrid"]) == 3
    assert [one["rank"] for one in given["bci"]] == [1, 2, 3]
    assert all(one["at"] is None and one["why"] for one in given["bci"])
    for label in ("bci-topic", "bci", "bci-hybrid"):
        behaviors = bouts.behaviors(*takes[label][0]["retrieved"])
        assert kept[label] == condition("bci-embedding", PROBLEM, behaviors).messages
        for one in behaviors:
            assert f"{one.name}: {one.instruction}\n" in kept[label][-1]["content"]
    named = kept["names-only"][-1]["content"]
    for _topic, instruction in BOOK.values():
        assert instruction not in named
    assert takes["names-only"][0]["retrieved"] == takes["bci-topic"][0]["retrieved"]
    assert all(f"\n{name}\n" in named for name in takes["names-only"][0]["retrieved"])


def test_vectors_that_are_missing_are_computed_first(bouts: Bouts) -> None:
    """Also those of labelled problems, which vote on the topic."""
    labelled = NewProblem("How many digits are in a row?", "1", "Counting")
    sets.import_set(bouts.app.store, "labelled", [labelled], by="tester")
    assert bouts.app.vectors is not None
    assert bouts.app.vectors.missing([labelled.text])
    bouts.do("plain concise bci-fixed", fixed=(bouts.ids["behavior_halve"],))
    assert bouts.app.vectors.missing([labelled.text])  # nothing is looked for
    bouts.do("plain bci-topic")
    assert not bouts.app.vectors.missing([labelled.text])


def test_those_picked_by_hand_are_given(bouts: Bouts, fake: FakeOpenAI) -> None:
    fixed = (bouts.ids["behavior_halve"], bouts.ids["behavior_look_back"])
    job = bouts.do("bci-fixed names-only", fixed=fixed)
    takes = bouts.takes(job)
    assert names(takes["bci-fixed"][0]) == names(takes["names-only"][0]) == ["halve", "look_back"]
    content = sent(fake, job, bouts)["bci-fixed"][-1]["content"]
    assert "behavior_halve: When a diameter is given, halve it.\n" in content


def test_random_ones_are_as_many_and_others(bouts: Bouts, fake: FakeOpenAI) -> None:
    takes = bouts.takes(bouts.do("plain bci random", samples=2))
    (first, second), (one, other) = takes["bci"], takes["random"]
    assert len(one["retrieved"]) == len(first["retrieved"]) == 3
    assert not set(one["retrieved"]) & set(first["retrieved"])
    assert (first["retrieved"], one["retrieved"]) == (second["retrieved"], other["retrieved"])


def test_controls_go_by_the_arm_on_their_own_handbook(bouts: Bouts) -> None:
    bouts.another("other", "behavior_split_cases", "behavior_halve", "behavior_bound_first")
    asked = "bci-topic:other bci-topic names-only names-only:other random random:other"
    takes = bouts.takes(bouts.do(asked, topic="Counting"))
    given = {label: take["retrieved"] for label, (take,) in takes.items()}
    assert given["bci-topic:other"] == given["names-only:other"]
    assert given["names-only:other"] == ["behavior_split_cases_of_other"]
    assert given["names-only"] == given["bci-topic"]
    assert len(given["random"]) == len(given["bci-topic"]) == 3
    assert set(given["random"]) <= set(BOOK)
    (drawn,) = given["random:other"]
    assert drawn in ("behavior_halve_of_other", "behavior_bound_first_of_other")


def test_a_control_alone_on_its_handbook_draws_on_that(bouts: Bouts) -> None:
    bouts.another("other", "behavior_split_cases", "behavior_halve")
    takes = bouts.takes(bouts.do("plain bci-topic names-only:other", topic="Counting"))
    assert takes["names-only:other"][0]["retrieved"] == ["behavior_split_cases_of_other"]


def test_without_a_behavior_that_fits_the_plain_prompt_is_sent(bouts: Bouts) -> None:
    job = bouts.do("plain bci-topic", topic="Cooking")
    plain, given = bouts.traces(job, "plain")[0], bouts.traces(job, "bci-topic")[0]
    assert (given.messages, given.prompt_hash) == (plain.messages, plain.prompt_hash)


def test_all_arms_get_the_same_sampling_budget_and_seeds(bouts: Bouts, fake: FakeOpenAI) -> None:
    job = bouts.do("plain concise bci random", samples=3)
    seen: dict[str | None, Counter[tuple[Any, ...]]] = {}
    for body in fake.requests:
        fields = ("temperature", "top_p", "max_tokens", "seed")
        sampling = tuple(body[field] for field in fields)
        seen.setdefault(prompt_of(body), Counter())[sampling] += 1
    each = Counter({(0.5, 0.9, 400, seed): 1 for seed in (7, 8, 9)})
    assert seen["solve"] == seen["concise"] == each
    assert seen["condition"] == each + each
    assert {(t.sample, t.seed) for t in bouts.traces(job)} == {(0, 7), (1, 8), (2, 9)}


def test_without_a_seed_one_is_drawn_for_all_arms(bouts: Bouts, fake: FakeOpenAI) -> None:
    job = bouts.do("plain concise", samples=2, sampling=Sampling(None, None, 400, None))
    seed = bouts.document(job)["settings"]["seed"]
    assert 0 <= seed < SEEDS
    for body in fake.requests:
        assert not {"temperature", "top_p"} & body.keys()
    sent = Counter((prompt_of(body), body["seed"]) for body in fake.requests)
    assert sent == Counter((p, seed + n) for p in ("solve", "concise") for n in range(2))
    assert {(t.sample, t.seed) for t in bouts.traces(job)} == {(0, seed), (1, seed + 1)}


def test_an_arm_may_ask_another_model(bouts: Bouts, fake: FakeOpenAI) -> None:
    with FakeOpenAI(Worded("It is \\boxed{7}.")) as large:
        endpoints.add(bouts.app.store, endpoint_of(large, "large", model="large-model"))
        takes = bouts.takes(bouts.do("plain plain@large"))
        assert [body["model"] for body in large.requests] == ["large-model"]
    assert (takes["plain"][0]["correct"], takes["plain@large"][0]["correct"]) == (True, False)
    assert takes["plain@large"][0]["endpoint"] == "large"


@pytest.mark.parametrize(
    ("arms", "changes", "words"),
    [
        ("plain", {}, "2 to 6 arms"),
        ("plain concise", {"samples": 0}, "between 1 and 64"),
        ("plain concise", {"samples": 65}, "between 1 and 64"),
        ("plain concise", {"sampling": Sampling(0, 1, 5)}, "budget"),
        ("plain bci-fixed", {}, "bci-fixed needs behaviors"),
        ("plain bci-dynamic", {"offered_from": 1.5}, "from 0 to 1"),
        ("plain plain@nobodys", {}, "nobodys"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_kept(
    arms: str, changes: dict[str, Any], words: str, bouts: Bouts
) -> None:
    with pytest.raises(BadInput, match=words):
        bouts.add(arms, **changes)
    with bouts.app.store.read() as session:
        assert run_rows.latest_of_kind("compare", 9, session=session) == []


def test_the_run_says_what_was_asked_for(bouts: Bouts) -> None:
    job = bouts.do("plain bci", samples=2, at_least=0.25, diversity=0.5, offered_from=0.75)
    with bouts.app.store.read() as session:
        run = run_rows.run(job.run_id or 0, session=session)
    plan = Comparison.of(run)
    assert [one.label for one in plan.arms] == ["plain", "bci"]
    assert (plan.sampling, plan.samples, plan.k, plan.width) == (SAMPLING, 2, 3, 2)
    assert (plan.at_least, plan.diversity, plan.offered_from) == (0.25, 0.5, 0.75)
    for name in ("solve", "concise", "condition", "dynamic"):
        assert run.prompts[name] == prompts.load(name).hash
    assert run.params["handbook"]["step"] == len(BOOK)


# In which order


def order(bouts: Bouts, job: Job) -> list[tuple[int, str]]:
    return [(trace.sample, trace.arm) for trace in bouts.traces(job)]


def test_one_at_a_time_the_arms_come_in_a_drawn_order(bouts: Bouts, fake: FakeOpenAI) -> None:
    narrow(bouts, fake)
    job = bouts.do("plain concise bci", samples=8)
    assert fake.most_in_flight == 1
    came = order(bouts, job)
    assert [sample for sample, _ in came] == [n for n in range(8) for _ in range(3)]
    orders = [tuple(label for n, label in came if n == sample) for sample in range(8)]
    assert all(sorted(one) == ["bci", "concise", "plain"] for one in orders)
    assert len(set(orders)) > 1
    assert len({one[0] for one in orders}) > 1
    assert bouts.document(job)["served"] == "in turn"


def test_the_order_is_the_same_when_resumed(bouts: Bouts, fake: FakeOpenAI) -> None:
    narrow(bouts, fake)
    fake.answer = Reply(fault="bad_request")
    job = bouts.do("plain concise bci", samples=4)
    first = order(bouts, job)
    fake.answer = Arms()
    assert bouts.again(job).note == ""
    assert order(bouts, job) == [*first, *first]


def test_where_the_endpoint_allows_it_they_go_on_together(bouts: Bouts, fake: FakeOpenAI) -> None:
    fake.answer = Worded("one two three", first_delay=0.5)
    job = bouts.do("plain concise bci")
    assert fake.most_in_flight == 3
    assert bouts.document(job)["served"] == "together"


def test_arms_that_share_a_narrow_endpoint_were_not_served_together(
    bouts: Bouts, fake: FakeOpenAI
) -> None:
    narrow(bouts, fake)
    with FakeOpenAI(Worded("one two")) as other:
        endpoints.add(bouts.app.store, endpoint_of(other, "wide"))
        job = bouts.do("plain concise bci plain@wide")
    assert fake.most_in_flight == 1
    assert bouts.document(job)["served"] == "in turn"


def arriving(bouts: Bouts, job: Job) -> list[Trace]:
    return [t for t in bouts.traces(job) if t.finish_reason is None and t.text]


def test_when_it_was_sent_and_began_is_told_while_it_arrives(
    bouts: Bouts, fake: FakeOpenAI
) -> None:
    held = threading.Event()
    fake.answer = Worded("It is, as one sees, \\boxed{42}.", held=held)
    job = bouts.start("plain concise")
    live, *_ = wait_until(lambda: arriving(bouts, job), 60)
    held.set()
    bouts.ended(job)
    (ended,) = bouts.traces(job, live.arm)
    assert live.seconds is None
    assert live.first_token_seconds is not None
    assert (live.first_token_seconds, live.created) == (ended.first_token_seconds, ended.created)


def test_the_wait_for_a_turn_is_no_time_of_an_arm(bouts: Bouts, fake: FakeOpenAI) -> None:
    narrow(bouts, fake)
    held = threading.Event()
    fake.answer = Worded("It is, as one sees, \\boxed{42}.", held=held)
    first = bouts.start("plain concise")
    wait_until(lambda: arriving(bouts, first), 60)
    second = bouts.start("plain concise")
    (waiting,) = wait_until(lambda: [t for t in bouts.traces(second) if is_waiting(t.note)], 60)
    released = now()
    held.set()
    bouts.ended(first)
    bouts.ended(second)
    (served,) = bouts.traces(second, waiting.arm)
    assert waiting.created < released < served.created


# Stopped, killed, resumed


def test_what_has_ended_is_not_asked_again(bouts: Bouts, fake: FakeOpenAI) -> None:
    job = bouts.do("plain bci", samples=2)
    before = bouts.traces(job)
    assert bouts.again(job).status == "done"
    assert len(fake.requests) == 4
    assert bouts.traces(job) == before


def test_a_stopped_run_goes_on_where_it_was(bouts: Bouts, fake: FakeOpenAI) -> None:
    narrow(bouts, fake)
    asked: list[str | None] = []

    def answer(body: dict[str, Any]) -> Reply:
        asked.append(prompt_of(body))
        return SLOW if len(asked) == 3 else Worded("\\boxed{42}")

    fake.answer = answer
    job = bouts.start("plain concise", samples=3)
    wait_until(lambda: len(asked) == 3 and bouts.traces(job)[-1].text, 60)
    bouts.app.jobs.stop(job.id)
    assert bouts.ended(job).status == "stopped"
    stopped = bouts.traces(job)[-1]
    assert (stopped.finish_reason, stopped.error) == ("cancelled", None)
    assert LONG.startswith(stopped.text)
    assert bouts.document(job)["status"] == "stopped"
    ended = bouts.again(job)
    assert (ended.status, ended.note, ended.done) == ("done", "", 6)
    assert len(fake.requests) == 7  # one of them twice
    kept = bouts.attempts(job)
    assert kept[stopped.arm, 1, 1, "cancelled"] == 1
    assert kept[stopped.arm, 1, 2, "stop"] == 1
    assert sum(kept.values()) == 7
    take = bouts.takes(job)[stopped.arm][1]
    assert (take["attempt"], take["finish_reason"]) == (2, "stop")


def test_what_a_killed_process_left_is_asked_again(bouts: Bouts, fake: FakeOpenAI) -> None:
    job = bouts.do("plain bci", samples=2)
    left = bouts.traces(job, "bci")[1]
    with bouts.app.store.write() as session:  # as it stands while it arrives
        run_rows.update_trace(left.id, session=session, finish_reason=None, text="So")
        job_rows.move(job.id, ("done",), "interrupted", session=session)
    assert bouts.again(job).note == ""
    assert len(fake.requests) == 5
    assert set(bouts.attempts(job).values()) == {1}
    assert all(attempt == 1 for _arm, _sample, attempt, _end in bouts.attempts(job))


def test_failed_ones_are_asked_again_as_another_attempt(bouts: Bouts, fake: FakeOpenAI) -> None:
    fake.answer = Arms(concise=Reply(fault="bad_request"))
    job = bouts.do("plain concise bci", samples=2)
    assert (job.status, job.note, job.done) == ("done", "2 of 6 have no outcome", 6)
    takes = bouts.takes(job)
    for take in takes["concise"]:
        assert (take["finish_reason"], take["error_kind"]) == ("error", "bad_request")
        assert take["error"]
        assert (take["correct"], take["grader"]) == (None, None)
    assert all(
        take["finish_reason"] == "stop" for label in ("plain", "bci") for take in takes[label]
    )
    fake.answer = Arms()
    assert bouts.again(job).note == ""
    assert Counter(prompt_of(body) for body in fake.requests) == {
        "solve": 2,
        "concise": 4,
        "condition": 2,
    }
    assert [take["attempt"] for take in bouts.takes(job)["concise"]] == [2, 2]


def test_an_arm_goes_on_with_what_it_gave(bouts: Bouts, fake: FakeOpenAI) -> None:
    failing = {"seed": 8}

    def answer(body: dict[str, Any]) -> Reply:
        return Reply(fault="bad_request") if body["seed"] == failing["seed"] else Worded("So.")

    fake.answer = answer
    job = bouts.do("bci-topic random", samples=2, topic="Counting")
    gave = {label: takes[0]["given"] for label, takes in bouts.takes(job).items()}
    bouts.change("behavior_split_cases")
    bouts.change(gave["random"][0]["name"])
    bouts.write("behavior_new_one", "Counting", "Look for digits in the circle first.")
    failing["seed"] = 0
    assert bouts.again(job).note == ""
    for label, takes in bouts.takes(job).items():
        assert [take["attempt"] for take in takes] == [1, 2]
        assert [take["given"] for take in takes] == [gave[label], gave[label]]
        assert takes[0]["messages"] == takes[1]["messages"]


def test_a_control_goes_by_what_its_arm_gave(bouts: Bouts, fake: FakeOpenAI) -> None:
    """The controls have not begun yet when the handbook changes."""
    job = bouts.do("bci-topic names-only random", topic="Counting")
    with bouts.app.store.write() as session:
        for trace in bouts.traces(job):
            if trace.arm != "bci-topic":
                run_rows.update_trace(trace.id, session=session, finish_reason=None)
    bouts.change("behavior_split_cases")
    bouts.again(job)
    takes = {label: one for label, (one,) in bouts.takes(job).items()}
    assert takes["names-only"]["retrieved"] == takes["bci-topic"]["retrieved"]
    assert len(takes["random"]["retrieved"]) == len(takes["bci-topic"]["retrieved"])
    assert not set(takes["random"]["retrieved"]) & set(takes["bci-topic"]["retrieved"])


def test_one_arm_is_stopped_and_the_others_go_on(bouts: Bouts, fake: FakeOpenAI) -> None:
    fake.answer = Arms(concise=SLOW, solve=Worded("one two \\boxed{42}", delay=0.3))
    job = bouts.start("plain concise")
    wait_until(bouts.has_text(job, "concise"), 60)
    bouts.app.jobs.stop_part(job.id, "concise")
    ended = bouts.ended(job)
    assert (ended.status, ended.note) == ("done", "1 of 2 have no outcome")
    takes = bouts.takes(job)
    (plain,), (stopped,) = takes["plain"], takes["concise"]
    assert (plain["finish_reason"], plain["correct"]) == ("stop", True)
    assert (stopped["finish_reason"], stopped["error"]) == ("cancelled", None)
    assert stopped["text"]
    assert LONG.startswith(stopped["text"])
    assert sum(chunk[2] for chunk in stopped["chunks"]) == len(stopped["text"])
    fake.answer = Arms()
    assert bouts.again(job).note == ""
    assert Counter(prompt_of(body) for body in fake.requests) == {"solve": 1, "concise": 2}
    assert bouts.takes(job)["concise"][0]["attempt"] == 2


def test_an_arm_that_is_stopped_before_its_turn_is_left_out(bouts: Bouts, fake: FakeOpenAI) -> None:
    narrow(bouts, fake)
    job = bouts.add("plain concise", samples=2)
    bouts.app.jobs.stop_part(job.id, "plain")
    ended = bouts.app.jobs.run_here(job.id)
    assert ended.status == "done"
    assert [prompt_of(body) for body in fake.requests] == ["concise"] * 2
    assert bouts.takes(job)["plain"] == []
    assert bouts.again(job).note == ""
    assert [prompt_of(body) for body in fake.requests[2:]] == ["solve"] * 2
    assert ended.note == "2 of 4 have no outcome"


def test_a_stop_reaches_every_arm_at_once(bouts: Bouts, fake: FakeOpenAI) -> None:
    fake.answer = SLOW
    job = bouts.start("plain concise bci", samples=2)
    wait_until(lambda: fake.in_flight == 3, 60)
    began = time.monotonic()
    bouts.app.jobs.stop(job.id)
    assert bouts.ended(job).status == "stopped"
    assert time.monotonic() - began < 10
    assert len(fake.requests) == 3
    assert {trace.finish_reason for trace in bouts.traces(job)} == {"cancelled"}


# How replies end


def test_thinking_that_uses_up_the_budget_is_an_outcome(bouts: Bouts, fake: FakeOpenAI) -> None:
    endless = Worded(thinking=LONG, thinking_form="reasoning_content")
    fake.answer = Arms(solve=lambda body: counted(body, endless))
    job = bouts.do("plain concise", sampling=replace(SAMPLING, max_tokens=30))
    (take,) = bouts.takes(job)["plain"]
    assert (job.note, take["finish_reason"], take["text"], take["error"]) == (
        "",
        "length",
        "",
        None,
    )
    assert (take["output_tokens"], len(take["thinking"].split())) == (30, 30)
    assert (take["answer"], take["correct"], take["grader"]) == (None, False, "no-answer")
    assert bouts.again(job).status == "done"
    assert len(fake.requests) == 2


def test_a_reply_in_circles_costs_its_budget_and_is_wrong(bouts: Bouts, fake: FakeOpenAI) -> None:
    circles = Worded("Let me check this again. " * 400)
    fake.answer = Arms(solve=lambda body: counted(body, circles))
    job = bouts.do("plain concise", sampling=replace(SAMPLING, max_tokens=512))
    assert (job.status, job.note) == ("done", "")
    (take,) = bouts.takes(job)["plain"]
    assert (take["finish_reason"], take["output_tokens"], take["correct"]) == ("length", 512, False)


def test_without_a_gold_answer_nothing_is_right_or_wrong(bouts: Bouts) -> None:
    (take,) = bouts.takes(bouts.do("plain concise", gold=None))["plain"]
    assert (take["answer"], take["correct"], take["grader"]) == ("42", None, "none")


def test_a_handbook_without_an_embedder_fails_with_a_sentence(
    settings: Settings, store: Store, fake: FakeOpenAI
) -> None:
    app = App(settings, store)
    endpoints.add(store, endpoint_of(fake))
    job = Bouts(app).do("plain bci")
    app.models.close()
    assert job.status == "failed"
    assert "models pull all-minilm-l6-v2" in job.note
    assert fake.requests == []
