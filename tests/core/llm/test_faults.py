"""Whatever an endpoint does wrong ends as a reply with its own kind and a sentence for a person."""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.llm.arrival import Arrival
from core.llm.chat import ChatRequest, Partial, Sampling, is_waiting
from core.store.records import now
from tests.core.llm.conftest import MakeChat
from tests.fake_openai import (
    FakeOpenAI,
    Fault,
    Reply,
    Script,
    endpoint_of,
    nothing_listening,
    wait_until,
)

REQUEST = ChatRequest([{"role": "user", "content": "How many?"}], Sampling(0.0, None, 100, None))
TEXT = "There are seven of them, as one sees by counting."
KEY = "sk-secret-of-the-tester"
LONG = 15  # seconds; the slowest fault needs three


@dataclass(frozen=True)
class Expected:
    """The kind a fault is recorded as, words of its sentence, and what is kept of the text."""

    kind: str
    words: str
    text: str = ""


ARRIVED = TEXT[:15]
FAULTS: dict[Fault, Expected] = {
    "unauthorized": Expected("key", "the environment variable FAKE_KEY"),
    "not_found": Expected("unknown_model", "does not know the model 'fake-model'"),
    "bad_request": Expected("bad_request", "refused the request"),
    "context_overflow": Expected("context_overflow", "Lower the budget"),
    "rate_limited": Expected("rate_limited", "lower the endpoint's concurrency"),
    "server_error": Expected("server_error", "status 500"),
    "no_headers": Expected("stalled", "before the first token"),
    "stall": Expected("stalled", "in the middle of the reply", ARRIVED),
    "drop": Expected("dropped", "closed the connection in the middle", ARRIVED),
    "cut_short": Expected("dropped", "closed the connection in the middle", ARRIVED),
    "malformed": Expected("malformed", "not an event of the OpenAI protocol", ARRIVED),
    "wrong_shape": Expected("malformed", "not an event of the OpenAI protocol", ARRIVED),
    "error_event": Expected("server_error", "out of memory", ARRIVED),
    "web_page": Expected("malformed", "base URL"),
    "empty": Expected("empty", "without writing any text"),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_own_outcome(
    fault: Fault, fake: FakeOpenAI, make_chat: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_KEY", KEY)
    fake.answer = Reply(TEXT, fault=fault, fault_after=3)
    begun = time.monotonic()
    reply = make_chat(key_env="FAKE_KEY").complete(REQUEST)
    assert time.monotonic() - begun < LONG
    expected = FAULTS[fault]
    assert reply.finish_reason == "error"
    assert reply.failure is not None
    assert reply.failure.kind == expected.kind
    assert expected.words in reply.failure.sentence
    assert "fake" in reply.failure.sentence
    assert reply.failure.sentence.endswith(".")
    assert KEY not in repr(reply)
    assert reply.text == expected.text


def test_nobody_listens(make_chat: MakeChat) -> None:
    with nothing_listening() as base_url:
        reply = make_chat(base_url).complete(REQUEST)
    assert reply.finish_reason == "error"
    assert reply.failure is not None
    assert reply.failure.kind == "unreachable"
    assert base_url in reply.failure.sentence


def test_a_refused_key_says_that_none_was_sent(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.key = KEY
    reply = make_chat().complete(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind == "key"
    assert "No key was sent" in reply.failure.sentence


@pytest.mark.parametrize("fault", ["rate_limited", "server_error"])
def test_what_passes_by_itself_is_asked_again(
    fault: Fault, fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Script(Reply(fault=fault), Reply(TEXT))
    reply = make_chat().complete(REQUEST)
    assert (reply.failure, reply.text) == (None, TEXT)
    assert len(fake.requests) == 2


@pytest.mark.parametrize("fault", ["rate_limited", "server_error"])
def test_asking_again_ends(fault: Fault, fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply(fault=fault)
    make_chat().complete(REQUEST)
    assert len(fake.requests) == 2  # the settings of the tests: one retry


@pytest.mark.parametrize("fault", ["unauthorized", "not_found", "bad_request", "context_overflow"])
def test_what_cannot_pass_is_asked_once(
    fault: Fault, fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Reply(fault=fault)
    make_chat().complete(REQUEST)
    assert len(fake.requests) == 1


def test_retry_after_is_obeyed(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    """Without the header the next try would come after half a second at most."""
    fake.answer = Script(Reply(fault="rate_limited", retry_after=1.2), Reply(TEXT))
    begun = time.monotonic()
    reply = make_chat().complete(REQUEST)
    assert reply.text == TEXT
    assert time.monotonic() - begun >= 1.2


def test_a_wait_between_tries_is_no_time_of_the_reply(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Script(Reply(fault="rate_limited", retry_after=1.2), Reply(TEXT))
    begun, at = time.monotonic(), now()
    reply = make_chat().complete(REQUEST)
    assert reply.text == TEXT
    assert reply.seconds <= time.monotonic() - begun - 1.2
    assert reply.first_token_seconds is not None
    assert reply.first_token_seconds <= reply.seconds
    assert reply.chunks[-1][0] <= 1000 * reply.seconds + 1
    assert reply.sent is not None
    assert reply.sent >= at + timedelta(seconds=1.2)


def test_a_wait_between_tries_is_no_silence() -> None:
    arrival = Arrival(endpoint_of("http://x/v1"), REQUEST)
    arrival.begin()
    arrival.wait(60)
    assert arrival.silence < 0
    assert is_waiting(arrival.partial.note)
    assert (arrival.partial.note[-7:], arrival.partial.sent) == ("in 60 s", None)
    arrival.begin()
    assert not is_waiting(arrival.partial.note)
    assert arrival.partial.sent is not None


def test_a_loop_is_cut_and_kept(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply(fault="repetition")
    reply = make_chat().complete(ChatRequest(REQUEST.messages, Sampling(max_tokens=100_000)))
    assert reply.failure is not None
    assert reply.failure.kind == "repetition"
    assert "Let me check this again." in reply.failure.sentence
    assert reply.text.startswith("Let me check this again. Let me check")
    wait_until(lambda: fake.hung_up == 1)


def test_loops_may_be_allowed(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply("Again and again. " * 60, chunk_size=17)
    request = ChatRequest(REQUEST.messages, REQUEST.sampling, stop_loops=False)
    reply = make_chat().complete(request)
    assert (reply.failure, reply.finish_reason) == (None, "stop")


def test_a_server_that_ignores_the_budget_is_cut_off(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply(fault="endless_text")
    reply = make_chat().complete(REQUEST)
    assert (reply.failure, reply.finish_reason) == (None, "length")
    assert REQUEST.sampling.max_tokens <= reply.text.count("Number") < 300
    wait_until(lambda: fake.hung_up == 1)


def test_the_budget_ends_a_reply(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply("word " * 300)
    reply = make_chat().complete(ChatRequest(REQUEST.messages, Sampling(max_tokens=20)))
    assert (reply.failure, reply.finish_reason) == (None, "length")
    assert reply.usage.output == 20


def test_thinking_that_uses_up_the_budget_is_no_empty_reply(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Reply("42", thinking="so " * 100, thinking_form="reasoning_content")
    reply = make_chat().complete(ChatRequest(REQUEST.messages, Sampling(max_tokens=20)))
    assert (reply.failure, reply.finish_reason, reply.text) == (None, "length", "")
    assert reply.thinking.startswith("so so")


def test_a_stop_ends_a_silent_stream(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    """The stream hangs after a few pieces; a stop does not wait for the next one."""
    fake.answer = Reply(TEXT, fault="stall", fault_after=3)
    arrived, stopped = threading.Event(), []

    def watch(partial: Partial) -> None:
        if partial.text == ARRIVED and not stopped:
            stopped.append(time.monotonic())
            arrived.set()

    reply = make_chat().complete(REQUEST, watch=watch, stop=arrived.is_set)
    assert time.monotonic() - stopped[0] < 1
    assert (reply.finish_reason, reply.failure, reply.text) == ("cancelled", None, ARRIVED)
    wait_until(lambda: fake.hung_up == 1)


def test_a_stop_ends_a_request_that_nobody_answers(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply(fault="no_headers")
    reply = make_chat().complete(REQUEST, stop=lambda: fake.in_flight == 1)
    assert (reply.finish_reason, reply.failure) == ("cancelled", None)
    assert reply.seconds < 2
    wait_until(lambda: fake.hung_up == 1)


@pytest.mark.usefixtures("impatient")
def test_a_silent_server_is_hung_up_on(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply(TEXT, fault="stall")
    make_chat().complete(REQUEST)
    wait_until(lambda: fake.hung_up == 1 and fake.in_flight == 0)
