"""Behaviors offered during a reply, by going on from it and by a function the model calls."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from core.app import App
from core.errors import ModelUnavailable
from core.llm import endpoints, pieces
from core.llm.chat import ChatRequest, Failure, Partial, Sampling, ToolCall, Usage
from core.llm.chat import Reply as Answer
from core.llm.midway import Midway
from core.pipeline.calling import FIND
from core.pipeline.condition import condition
from core.pipeline.dynamic import MOST_OFFERS, DynamicChat
from core.pipeline.finding import Finder
from core.retrieval.embedder import Matrix
from core.settings import Settings
from core.store import Store
from core.store.records import now
from tests.core.pipeline.test_comparer import (
    BOOK,
    LONG,
    PROBLEM,
    SAMPLING,
    Bouts,
    Words,
    bouts,  # noqa: F401  fixtures
    words_app,  # noqa: F401
)
from tests.fake_openai import (
    FakeOpenAI,
    Fault,
    Reply,
    Worded,
    Writer,
    counted,
    endpoint_of,
    wait_until,
)
from tests.fake_openai.arms import beginning, own_words
from tests.fake_openai.tokenizer import templated

CIRCLE = "We are asked for the seats around a circle, so let us look at who sits where at first."
PLAIN = "Nothing in this paragraph is like anything that stands in the book of all of those notes."
CASES = "There are several cases now, and each of them has to be looked at on its own, one by one."
END = "All in all that makes six, so the answer is $\\boxed{42}$."
TEXT = f"{CIRCLE}\n\n{PLAIN}\n\n{CASES}\n\n{END}"
MESSAGES = condition("bci-dynamic", PROBLEM).messages
UNCOUNTED = {"usage": False}


def note(name: str) -> str:
    return f"> Note: {name}: {BOOK[name][1]}"


class Dynamic:
    """Asks a fake server as the arm does. `given` tells of what was offered."""

    def __init__(self, bouts: Bouts, fake: FakeOpenAI, way: Midway):  # noqa: F811
        self.bouts, self.fake, self.way = bouts, fake, way
        self.at_least = 0.5

    def ask(self, answer: Any, budget: int = 400, stop: Any = lambda: False) -> Answer:
        self.fake.answer = answer
        app = self.bouts.app
        finder = Finder(app.sources, self.bouts.book, self.at_least)
        chat = DynamicChat(app.models.chat_of(endpoint_of(self.fake)), self.way, finder)
        request = ChatRequest(MESSAGES, Sampling(0.0, None, budget, 3))
        reply = chat.complete(request, stop=stop)
        check(reply, self.fake, budget)
        return reply


def check(reply: Answer, fake: FakeOpenAI, budget: int) -> None:
    """What always holds."""
    assert [one["messages"] for one in reply.requests] == [b["messages"] for b in fake.requests]
    for side, text in (("text", reply.text), ("thinking", reply.thinking)):
        assert sum(length for _, of, length, _ in reply.chunks if of == side) == len(text)
    assert all(one[0] <= other[0] for one, other in pairwise(reply.chunks))
    ids = [one["id"] for one in reply.offered]
    assert len(set(ids)) == len(ids) <= MOST_OFFERS
    for one in reply.offered:
        assert 0 <= one["at"] <= len(reply.text)
        assert any(one["instruction"] in json.dumps(b["messages"]) for b in fake.requests)
        assert one["instruction"] not in reply.text
    assert "> Note" not in reply.text
    for what in ("input", "cached", "output"):
        counts = [one[f"{what}_tokens"] for one in reply.requests]
        whole = None if None in counts else sum(counts)
        assert getattr(reply.usage, what) == whole
    if reply.usage.output is not None:
        assert reply.usage.output <= budget
    assert fake.requests[0]["max_tokens"] == budget
    assert all(a["max_tokens"] >= b["max_tokens"] for a, b in pairwise(fake.requests))
    assert {b["seed"] for b in fake.requests} == {3}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bouts]:
    """A handbook that nothing here changes."""
    home = tmp_path_factory.mktemp("dynamic")
    settings = Settings.from_env({"VADEMECUM_HOME": str(home), "VADEMECUM_RETRIES": "1"})
    store = Store.open(settings.database_url)
    app = App(settings, store, Words())
    yield Bouts(app)
    app.close()


@pytest.fixture
def going_on(shared: Bouts) -> Iterator[Dynamic]:
    with FakeOpenAI(tokenizer="llama.cpp") as server:
        yield Dynamic(shared, server, "continue")


@pytest.fixture
def calling(shared: Bouts, fake: FakeOpenAI) -> Dynamic:
    return Dynamic(shared, fake, "tool")


# By going on


def test_a_paragraph_brings_up_a_behavior(going_on: Dynamic) -> None:
    reply = going_on.ask(Writer(TEXT, **UNCOUNTED))
    assert (reply.finish_reason, reply.text, reply.failure) == ("stop", TEXT, None)
    first, second, third = (body["messages"] for body in going_on.fake.requests)
    circle, cases = note("behavior_circle_row"), note("behavior_split_cases")
    assert first == MESSAGES
    begun = {"role": "assistant", "content": f"{CIRCLE}\n\n{circle}\n\n"}
    assert second == [*MESSAGES, begun]
    rest = f"{PLAIN}\n\n{CASES}\n\n{cases}\n\n"
    assert third == [*MESSAGES, {"role": "assistant", "content": begun["content"] + rest}]
    told = [(one["name"], one["at"], one["note"], one["rank"]) for one in reply.offered]
    assert told == [
        ("behavior_circle_row", TEXT.index(PLAIN), circle, 1),
        ("behavior_split_cases", TEXT.index(END), cases, 2),
    ]
    assert [one["score"] for one in reply.offered] == [pytest.approx(1.0)] * 2
    assert [one["finish_reason"] for one in reply.requests] == ["cut", "cut", "stop"]


def test_all_that_was_read_and_written_is_counted(going_on: Dynamic) -> None:
    reply = going_on.ask(Writer(TEXT, **UNCOUNTED))
    read = [len(templated(body["messages"]).split()) for body in going_on.fake.requests]
    assert [one["input_tokens"] for one in reply.requests] == read
    assert reply.usage.input == sum(read)
    # Where a paragraph is cut, the word that showed its end was written and thrown away.
    written = [len(CIRCLE.split()) + 1, len((PLAIN + " " + CASES).split()) + 1, len(END.split())]
    assert [one["output_tokens"] for one in reply.requests] == written
    assert reply.usage.by == "tokenizer"


def test_the_document_tells_of_it(bouts: Bouts) -> None:  # noqa: F811
    with FakeOpenAI(Writer(TEXT, **UNCOUNTED), tokenizer="llama.cpp") as server:
        found = {"midway": "continue"}
        endpoints.change(bouts.app.store, endpoint_of(server, found=found))
        job = bouts.do("plain bci-dynamic")
        asked = [b for b in server.requests if b["messages"][0] == MESSAGES[0]]
    made = bouts.document(job)
    (take,) = made["arms"]["bci-dynamic"]
    assert (take["text"], take["correct"]) == (TEXT, True)
    assert take["retrieved"] == ["behavior_circle_row", "behavior_split_cases"]
    assert [one["at"] for one in take["given"]] == [TEXT.index(PLAIN), TEXT.index(END)]
    assert take["messages"] == MESSAGES
    assert [one["messages"] for one in take["requests"]] == [body["messages"] for body in asked]
    inputs = [len(templated(body["messages"]).split()) for body in asked]
    assert take["input_tokens"] == sum(inputs)
    assert take["read_again_tokens"] == sum(inputs[1:])
    assert made["arms"]["plain"][0]["read_again_tokens"] == 0
    assert sum(chunk[2] for chunk in take["chunks"]) == len(TEXT)


@pytest.mark.parametrize(
    "paragraph",
    [PLAIN, "A circle has an area, so there is more than one thing here that one could look at."],
)
def test_where_nothing_fits_nothing_is_asked_twice(paragraph: str, going_on: Dynamic) -> None:
    going_on.at_least = 0.75  # what speaks of two things is like either by 0.71
    text = f"{paragraph}\n\n{paragraph}\n\n{END}"
    reply = going_on.ask(Writer(text, **UNCOUNTED))
    assert (reply.text, reply.offered) == (text, ())
    assert len(going_on.fake.requests) == 1


def test_nothing_is_offered_twice(going_on: Dynamic) -> None:
    text = f"{CIRCLE}\n\n{CIRCLE}\n\n{CIRCLE}\n\n{END}"
    reply = going_on.ask(Writer(text, **UNCOUNTED))
    assert (reply.text, len(reply.offered)) == (text, 1)
    assert len(going_on.fake.requests) == 2


def test_there_is_a_limit_to_what_is_offered(going_on: Dynamic) -> None:
    words = ("digits", "circle", "odd numbers", "cases", "diameter", "area", "bound")
    paragraphs = [
        f"Here it is all about the {w}, and it goes on for a while after it." for w in words
    ]
    text = "\n\n".join([*paragraphs, END])
    reply = going_on.ask(Writer(text, **UNCOUNTED))
    assert (reply.text, len(reply.offered)) == (text, MOST_OFFERS)
    assert len(going_on.fake.requests) == MOST_OFFERS + 1


def test_a_short_paragraph_is_looked_at_with_the_next(going_on: Dynamic) -> None:
    text = f"In a circle.\n\nSo it is.\n\n{PLAIN}\n\n{END}"
    reply = going_on.ask(Writer(text, **UNCOUNTED))
    assert reply.text == text
    assert [one["at"] for one in reply.offered] == [text.index(END)]


def test_the_answer_to_a_part_does_not_end_the_offers(going_on: Dynamic) -> None:
    text = f"In a circle of this size the answer can only be one thing: $\\boxed{{42}}$.\n\n{PLAIN}"
    (offered,) = going_on.ask(Writer(text, **UNCOUNTED)).offered
    assert offered["at"] == text.index("\n\n") + 2


def test_behind_a_heading_a_behavior_comes_in_time(going_on: Dynamic) -> None:
    heading = "### Step 2: seat six people in a circle around a table\n"
    text = f"{PLAIN}\n\n{heading}{PLAIN}"
    (offered,) = going_on.ask(Writer(text, **UNCOUNTED)).offered
    assert offered["at"] == text.index(heading) + len(heading)


@pytest.mark.parametrize("budget", [16, 20, 21, 58])
@pytest.mark.parametrize("tokenizer", ["llama.cpp", None])
def test_the_budget_holds_for_all_requests_together(
    budget: int, tokenizer: Any, going_on: Dynamic
) -> None:
    going_on.fake.tokenizer = tokenizer
    reply = going_on.ask(Writer(TEXT, **UNCOUNTED), budget=budget)
    assert TEXT.startswith(reply.text)
    assert len(reply.text.split()) <= budget
    assert reply.finish_reason == "length"


def test_a_server_that_echoes_gives_the_same(going_on: Dynamic) -> None:
    reply = going_on.ask(Writer(TEXT, echoes=True, **UNCOUNTED))
    assert (reply.text, len(reply.offered)) == (TEXT, 2)
    assert [one["output_tokens"] for one in reply.requests] == [20, 38, len(END.split())]


def test_a_stop_in_the_middle(going_on: Dynamic) -> None:
    def stop() -> bool:
        return len(going_on.fake.requests) == 2 and going_on.fake.in_flight == 1

    slow = Writer(f"{CIRCLE}\n\n{LONG}", delay=0.01, **UNCOUNTED)
    reply = going_on.ask(slow, budget=900, stop=late(stop, 12))
    assert (reply.finish_reason, reply.failure) == ("cancelled", None)
    assert reply.text.startswith(CIRCLE)
    assert slow.text.startswith(reply.text)
    assert [one["finish_reason"] for one in reply.requests] == ["cut", "cancelled"]


def late(stop: Callable[[], bool], looks: int) -> Callable[[], bool]:
    """Says so after it was so that many times."""
    seen = 0

    def so() -> bool:
        nonlocal seen
        seen += stop()
        return seen > looks

    return so


def test_a_failure_after_an_offer_keeps_what_was_written(going_on: Dynamic) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Reply(fault="bad_request") if beginning(body) else Worded(TEXT, **UNCOUNTED)

    reply = going_on.ask(answer)
    assert reply.finish_reason == "error"
    assert reply.failure is not None
    assert reply.text == CIRCLE


def test_a_model_that_has_nothing_to_add(going_on: Dynamic) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Worded("" if beginning(body) else TEXT, **UNCOUNTED)

    reply = going_on.ask(answer)
    assert (reply.finish_reason, reply.text, len(reply.offered)) == ("stop", CIRCLE, 1)


def test_what_is_shown_while_it_arrives(bouts: Bouts) -> None:  # noqa: F811
    held = threading.Event()
    writer = Writer(TEXT, held=held, **UNCOUNTED)
    with FakeOpenAI(writer, tokenizer="llama.cpp") as server:
        found = {"midway": "continue"}
        endpoints.change(bouts.app.store, endpoint_of(server, found=found))
        job = bouts.start("bci-dynamic concise")
        seen: list[str] = []
        notes: list[str] = []

        def offered() -> bool:
            traces = bouts.traces(job, "bci-dynamic")
            if traces and traces[0].text:
                seen.append(traces[0].text)
            live = [t for t in traces if t.finish_reason is None and len(t.given) == 1]
            notes.extend(trace.note for trace in live)
            return any(len(trace.text) > len(CIRCLE) + 20 for trace in live)

        wait_until(offered)
        held.set()
        bouts.ended(job)
    assert all(TEXT.startswith(text) for text in seen)
    assert all(len(one) <= len(other) for one, other in pairwise(seen))
    # Of both requests, the first of which wrote the paragraph that brought it up.
    assert (pieces.counted(notes[-1]) or 0) > len(CIRCLE.split()) + 1


WAIT = 0.2


class Waiting:
    """A model whose every request waits for its turn; after a call it says how it ends."""

    endpoint = endpoint_of("http://127.0.0.1:9/v1")

    def __init__(self) -> None:
        self.sent = now()

    def complete(self, request: ChatRequest, *, watch: Any, **_: Any) -> Answer:
        time.sleep(WAIT)
        watch(Partial(sent=self.sent, first_token_seconds=0.25))
        first = len(request.messages) == len(MESSAGES)
        calls = (ToolCall("one", "find_behavior", '{"step": "a circle"}'),)
        return Answer(
            "stop",
            text="" if first else END,
            usage=Usage(1, 0, 0, 1),
            first_token_seconds=0.5,
            seconds=0.0,
            tool_calls=calls if first else (),
            sent=self.sent,
        )


def test_the_wait_for_a_turn_is_no_time_of_the_reply(shared: Bouts) -> None:
    finder = Finder(shared.app.sources, shared.book, 0.5)
    finder.warm_up()
    model: Any = Waiting()
    seen: list[Partial] = []
    begun = time.monotonic()
    reply = DynamicChat(model, "tool", finder).complete(
        ChatRequest(MESSAGES, SAMPLING), watch=seen.append
    )
    assert len(reply.requests) == 2
    assert reply.seconds <= time.monotonic() - begun - 2 * WAIT
    assert [partial.first_token_seconds for partial in seen] == [0.25, 0.5]
    # As much later as the second was sent in the reply's own time: without the first one's wait.
    own = timedelta(seconds=reply.seconds)
    assert all(model.sent - own <= partial.sent <= model.sent for partial in seen if partial.sent)
    assert reply.sent == seen[-1].sent


# By a function


def call(step: Any) -> tuple[str, str]:
    return ("find_behavior", json.dumps({"step": step}))


def calls_then(*turns: Worded) -> Any:
    """A reply for each request of a talk, counted."""

    def answer(body: dict[str, Any]) -> Reply:
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        turn -= sum(message["role"] == "assistant" for message in MESSAGES)
        return counted(body, turns[min(turn, len(turns) - 1)])

    return answer


def test_a_function_finds_behaviors(calling: Dynamic) -> None:
    reply = calling.ask(
        calls_then(
            Worded("First the seats.", calls=(call("people in a circle"),)),
            Worded(calls=(call("all the cases"),)),
            Worded(END),
        )
    )
    assert (reply.finish_reason, reply.text) == ("stop", f"First the seats.\n\n{END}")
    told = [(one["name"], one["at"]) for one in reply.offered]
    assert told == [("behavior_circle_row", 16), ("behavior_split_cases", 18)]
    first, second, third = calling.fake.requests
    assert first["tools"] == second["tools"] == [FIND]
    asked, answered = second["messages"][-2:]
    assert (asked["role"], asked["content"]) == ("assistant", "First the seats.")
    assert asked["tool_calls"][0]["function"]["arguments"] == '{"step": "people in a circle"}'
    assert answered == {
        "role": "tool",
        "tool_call_id": asked["tool_calls"][0]["id"],
        "content": f"behavior_circle_row: {BOOK['behavior_circle_row'][1]}",
    }
    assert third["messages"][: len(second["messages"])] == second["messages"]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ('{"step": "a circle"', "behavior_circle_row"),
        ("a circle", "behavior_circle_row"),
        ('["a circle"]', "behavior_circle_row"),
        ('{"what": "a circle"}', "behavior_circle_row"),
        ('{"step": ["a circle"]}', "behavior_circle_row"),
        ("", None),
        ("null", None),
        ('{"step": null}', None),
        ('{"step": "' + "[" * 5000, None),
        ("[" * 5000, None),
    ],
)
def test_arguments_that_a_model_got_wrong(
    arguments: str, name: str | None, calling: Dynamic
) -> None:
    reply = calling.ask(calls_then(Worded(calls=(("find_behavior", arguments),)), Worded(END)))
    assert (reply.finish_reason, reply.text) == ("stop", END)
    assert [one["name"] for one in reply.offered] == ([name] if name else [])
    if name is None:
        assert calling.fake.requests[1]["messages"][-1]["content"] == "There is none that fits."


def test_many_calls_at_once_have_the_same_limit(calling: Dynamic) -> None:
    words = ("digits", "circle", "odd", "cases", "diameter", "area", "bound")
    reply = calling.ask(calls_then(Worded(calls=tuple(map(call, words))), Worded(END)))
    assert reply.text == END
    asked, *answers = calling.fake.requests[1]["messages"][len(MESSAGES) :]
    assert [one["tool_call_id"] for one in answers] == [one["id"] for one in asked["tool_calls"]]
    assert len(reply.offered) == MOST_OFFERS


@pytest.mark.parametrize("usage", [True, False])
def test_a_model_that_never_stops_calling_comes_to_an_end(usage: bool, calling: Dynamic) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        if len(calling.fake.requests) > 12:
            return Worded("Enough.", usage={"prompt_tokens": 1, "completion_tokens": 1})
        reply = Worded(calls=(call("the weather"),))
        sent = counted(body, reply) if usage else replace(reply, usage=False)
        return sent if body.get("tools") else replace(Worded(END), usage=sent.usage)

    reply = calling.ask(answer, budget=400)
    assert len(calling.fake.requests) <= 12
    assert reply.offered == ()


def test_calls_that_nobody_counts_are_not_counted_as_nothing(calling: Dynamic) -> None:
    """The tokenizer sees only what was said, not the calls, which the model wrote as well."""
    calling.fake.tokenizer = "llama.cpp"
    turns = [
        replace(Worded(calls=(call("a circle"),)), usage=False),
        replace(Worded(END), usage=False),
    ]

    def answer(body: dict[str, Any]) -> Reply:
        return turns[len(body["messages"]) > len(MESSAGES)]

    reply = calling.ask(answer)
    assert reply.text == END
    assert reply.requests[0]["output_tokens"] != 0


def test_without_either_way_it_is_said(bouts: Bouts, fake: FakeOpenAI) -> None:  # noqa: F811
    endpoints.change(bouts.app.store, endpoint_of(fake, found={"midway": "none"}))
    job = bouts.do("plain bci-dynamic")
    assert job.note == "1 of 2 have no outcome"
    (take,) = bouts.takes(job)["bci-dynamic"]
    assert "can neither go on from a begun reply nor call a function" in take["error"]
    assert (take["finish_reason"], take["error_kind"]) == ("error", "bad_request")
    assert bouts.takes(job)["plain"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(("fault", "kind"), [("unauthorized", "key"), ("rate_limited",) * 2])
def test_what_could_not_be_found_out_is_not_told_as_found(
    fault: Fault,
    kind: str,
    bouts: Bouts,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Reply(fault=fault) if beginning(body) else Worded(END)

    fake.answer = answer
    takes = bouts.takes(bouts.do("plain bci-dynamic"))
    (take,) = takes["bci-dynamic"]
    assert (take["finish_reason"], take["error_kind"]) == ("error", kind)
    assert "can neither" not in take["error"]
    assert takes["plain"][0]["finish_reason"] == "stop"


def test_how_it_can_be_done_is_found_out_on_the_way(
    bouts: Bouts,  # noqa: F811
    words_app: App,  # noqa: F811
    fake: FakeOpenAI,
) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        begun = beginning(body)
        if own_words(begun).startswith("One, two"):
            return Worded(" six, seven")
        return Writer(TEXT)(body)

    fake.answer = answer
    (take,) = bouts.takes(bouts.do("plain bci-dynamic", sampling=SAMPLING))["bci-dynamic"]
    assert (take["text"], len(take["given"])) == (TEXT, 2)
    assert words_app.models.endpoint("fake").found["midway"] == "continue"


# The embedder


def gone(_texts: Sequence[str]) -> Matrix:
    raise ModelUnavailable("The embedder is gone. Pull it again.")


def test_the_embedder_is_loaded_before_the_first_reply(
    bouts: Bouts,  # noqa: F811
    fake: FakeOpenAI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert bouts.do("plain bci-embedding").status == "done"  # after it no vector is missing
    assert bouts.app.vectors is not None
    asked = len(fake.requests)
    monkeypatch.setattr(bouts.app.vectors.embedder, "embed", gone)
    job = bouts.do("plain bci-dynamic")
    assert (job.status, job.note) == ("failed", "The embedder is gone. Pull it again.")
    assert len(fake.requests) == asked


@pytest.mark.parametrize("way", ["continue", "tool"])
def test_an_embedder_that_fails_on_the_way_is_told(
    way: Midway, shared: Bouts, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shared.app.vectors is not None
    monkeypatch.setattr(shared.app.vectors.embedder, "embed", gone)
    calls = (call("a circle"),) if way == "tool" else ()
    reply = Dynamic(shared, fake, way).ask(Worded(TEXT, calls=calls))
    assert reply.finish_reason == "error"
    assert reply.failure == Failure("model_unavailable", "The embedder is gone. Pull it again.")
    assert reply.text.startswith(CIRCLE)
