"""The client: what it sends, and what it makes of a reply that is in order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import pytest

from core.app import App
from core.errors import ModelUnavailable
from core.llm import endpoints
from core.llm.chat import (
    WAITING,
    ChatRequest,
    Failure,
    Partial,
    Reply,
    Sampling,
    Usage,
    price,
    price_at_most,
)
from core.store.records import Endpoint
from tests.core.llm.conftest import MakeChat
from tests.fake_openai import FakeOpenAI, endpoint_of
from tests.fake_openai import Reply as Said
from tests.fake_openai.replies import ThinkingForm

REQUEST = ChatRequest([{"role": "user", "content": "How many?"}], Sampling(max_tokens=200))
THINKING = "Seven or eight?\nLet me count: <7> it is."
TEXT = "First I count.\n\nThere are $\\boxed{7}$."
SCHEMA = {"type": "object", "properties": {"answer": {"type": "integer"}}}
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 30,
    "total_tokens": 130,
    "prompt_tokens_details": {"cached_tokens": 80},
    "completion_tokens_details": {"reasoning_tokens": 20},
}


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("form", get_args(ThinkingForm))
def test_thinking_arrives_in_every_form(
    form: ThinkingForm, chunk_size: int, fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Said(TEXT, thinking=THINKING, thinking_form=form, chunk_size=chunk_size)
    reply = make_chat().complete(REQUEST)
    assert (reply.thinking, reply.text) == (THINKING, TEXT)
    assert reply.finish_reason == "stop"
    own_field = form in ("reasoning_content", "reasoning")
    assert reply.thinking_format == ("reasoning_content" if own_field else "tags")
    assert _lengths(reply) == {"thinking": len(THINKING), "text": len(TEXT)}


@pytest.mark.parametrize("chunk_size", [1, 3, 1000])
def test_a_reply_without_thinking(chunk_size: int, fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said(TEXT, chunk_size=chunk_size)
    reply = make_chat().complete(REQUEST)
    assert (reply.thinking, reply.text, reply.thinking_format) == ("", TEXT, "none")
    assert _lengths(reply) == {"text": len(TEXT)}


@pytest.mark.parametrize("chunk_size", [1, 4, 1000])
def test_chunks_replay_the_text_as_it_is_kept(
    chunk_size: int, fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    """White space around a reply is not kept, so no chunk may count it."""
    fake.answer = Said(
        f" \n {TEXT}\n\n", thinking=f"\n{THINKING}\n", thinking_form="tags", chunk_size=chunk_size
    )
    reply = make_chat().complete(REQUEST)
    assert (reply.thinking, reply.text) == (THINKING, TEXT)
    assert _lengths(reply) == {"thinking": len(THINKING), "text": len(TEXT)}


def test_chunks_come_in_the_order_of_time(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said(TEXT, thinking=THINKING, thinking_form="reasoning", delay=0.02)
    reply = make_chat().complete(REQUEST)
    times = [milliseconds for milliseconds, *_ in reply.chunks]
    assert times == sorted(times)
    assert times[-1] > times[0]
    assert reply.first_token_seconds is not None
    assert 0 < reply.first_token_seconds <= reply.seconds


def test_an_endpoint_said_to_have_no_thinking_keeps_its_tags(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Said("7", thinking="Hm.", thinking_form="tags")
    reply = make_chat(thinking="none").complete(REQUEST)
    assert (reply.thinking, reply.text) == ("", "<think>\nHm.\n</think>\n\n7")


def test_an_endpoint_said_to_use_a_field_keeps_tags_in_its_text(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Said("<think> is a tag", thinking="Hm.", thinking_form="reasoning_content")
    reply = make_chat(thinking="reasoning_content").complete(REQUEST)
    assert (reply.thinking, reply.text) == ("Hm.", "<think> is a tag")


def test_usage_is_taken_as_the_endpoint_counts(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said(TEXT, usage=USAGE)
    assert make_chat().complete(REQUEST).usage == Usage(100, 80, 20, 30, by="endpoint")


def test_usage_that_nobody_counted_is_unknown(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said(TEXT, usage=False)
    assert make_chat().complete(REQUEST).usage == Usage(None, None, None, None)


def test_details_that_nobody_counted_are_unknown(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said(TEXT, thinking="Hm.", thinking_form="reasoning_content", chunk_size=100)
    usage = make_chat().complete(REQUEST).usage
    assert (usage.cached, usage.reasoning, usage.output) == (None, None, 2)


def test_a_reply_without_thinking_has_no_reasoning_tokens(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Said(TEXT)
    assert make_chat().complete(REQUEST).usage.reasoning == 0


def test_llama_cpp_counts_thinking_by_its_own_tokenizer(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Said(TEXT, thinking="one two three", thinking_form="reasoning_content")
    fake.tokenizer = "llama.cpp"
    usage = make_chat(found={"server": "llama.cpp"}).complete(REQUEST).usage
    assert usage.reasoning == 3  # the fake's tokenizer: words


@pytest.mark.parametrize(
    ("found", "tokenizer", "count"),
    [
        ("llama.cpp", "llama.cpp", 3),
        ("vllm", "vllm", 3),
        ("other", "llama.cpp", 3),  # nobody has looked which server it is
        ("other", "vllm", 3),
        ("ollama", None, None),
        ("llama.cpp", None, None),
    ],
)
def test_a_text_is_counted_where_the_server_has_a_tokenizer(
    fake: FakeOpenAI, make_chat: MakeChat, found: str, tokenizer: Any, count: int | None
) -> None:
    fake.tokenizer = tokenizer
    assert make_chat(found={"server": found}).count_tokens("one two three") == count


@pytest.mark.parametrize("tokenizer", ["llama.cpp", "vllm"])
def test_a_server_without_usage_is_counted_by_its_tokenizer(
    fake: FakeOpenAI, make_chat: MakeChat, tokenizer: Any
) -> None:
    fake.tokenizer = tokenizer
    fake.answer = Said("four words of text", usage=False)
    words = sum(len(message["content"].split()) for message in REQUEST.messages)
    marks = 2 * len(REQUEST.messages)
    expected = Usage(words + marks, None, 0, 4, by="tokenizer")
    assert make_chat().complete(REQUEST).usage == expected


def test_without_usage_and_tokenizer_nothing_is_counted(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Said("four words of text", usage=False)
    assert make_chat().complete(REQUEST).usage == Usage()


def test_usage_is_not_asked_of_a_server_that_refuses_it(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    assert make_chat(found={"usage": False}).complete(REQUEST).usage.output is None
    assert "stream_options" not in fake.requests[0]


def test_what_is_asked_is_what_is_sent(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How?"}]
    make_chat(model="m-7b").complete(ChatRequest(messages, Sampling(0.3, 0.9, 77, 5)))
    body = fake.requests[0]
    assert body["messages"] == messages
    assert (body["model"], body["max_tokens"], body["stream"]) == ("m-7b", 77, True)
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.3, 0.9, 5)
    assert "response_format" not in body


def test_what_is_left_to_the_server_is_not_sent(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    make_chat().complete(ChatRequest(REQUEST.messages, Sampling(None, None, 77, None)))
    assert not {"temperature", "top_p", "seed"} & set(fake.requests[0])


@pytest.mark.parametrize(("found", "is_sent"), [({"schema": True}, True), ({}, False)])
def test_a_schema_goes_where_it_is_understood(
    found: dict[str, bool], is_sent: bool, fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    make_chat(found=found).complete(ChatRequest(REQUEST.messages, schema=SCHEMA))
    sent = fake.requests[0].get("response_format")
    assert (sent is not None) == is_sent
    assert sent is None or sent["json_schema"]["schema"] == SCHEMA


def test_the_key_comes_from_its_variable(
    fake: FakeOpenAI, make_chat: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.key = "first"
    monkeypatch.setenv("FAKE_KEY", "first")
    chat = make_chat(key_env="FAKE_KEY")
    assert chat.complete(REQUEST).failure is None
    fake.key = "second"
    monkeypatch.setenv("FAKE_KEY", "second")
    assert chat.complete(REQUEST).failure is None
    assert [seen.headers["authorization"] for seen in fake.seen] == [
        "Bearer first",
        "Bearer second",
    ]


def test_a_missing_key_is_said_before_anything_is_sent(
    fake: FakeOpenAI, make_chat: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAKE_KEY", raising=False)
    reply = make_chat(key_env="FAKE_KEY").complete(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind == "model_unavailable"
    assert "FAKE_KEY" in reply.failure.sentence
    assert fake.requests == []


def test_watching_sees_the_reply_grow(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said("abcdefghij" * 3, chunk_size=10, delay=0.2)
    seen: list[Partial] = []
    reply = make_chat().complete(REQUEST, watch=seen.append)
    texts = [partial.text for partial in seen]
    assert texts[0] == ""
    assert (seen[0].note, seen[0].sent) == (WAITING, None)
    assert texts == sorted(texts, key=len)
    assert len(set(texts)) >= 3
    assert all(reply.text.startswith(text) for text in texts)
    assert {partial.sent for partial in seen if partial.text} == {reply.sent}
    began = [partial.first_token_seconds for partial in seen if partial.text]
    assert set(began) == {reply.first_token_seconds}


def test_no_more_requests_at_a_time_than_the_endpoint_takes(app: App, fake: FakeOpenAI) -> None:
    fake.answer = Said(TEXT, first_delay=0.1)
    endpoints.add(app.store, endpoint_of(fake, concurrency=2))
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: app.models.chat("fake").complete(REQUEST), range(6)))
    assert [reply.text for reply in replies] == [TEXT] * 6
    assert fake.most_in_flight == 2


def test_a_stop_ends_the_wait_for_a_turn(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    taken = threading.Semaphore(0)
    reply = make_chat(gate=taken).complete(REQUEST, stop=lambda: True)
    assert (reply.finish_reason, fake.requests) == ("cancelled", [])


def test_the_embedder_that_fails_a_cut_is_told(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Said(TEXT)

    def cut(text: str) -> bool:
        if "count" in text:
            raise ModelUnavailable("The embedder is gone. Pull it again.")
        return False

    reply = make_chat().complete(REQUEST, cut=cut)
    assert reply.failure == Failure("model_unavailable", "The embedder is gone. Pull it again.")
    assert (reply.finish_reason, reply.cut) == ("error", False)
    assert reply.text.startswith("First I count")


def test_a_bug_in_a_cut_is_no_failure_of_the_endpoint(make_chat: MakeChat) -> None:
    def cut(_text: str) -> bool:
        raise KeyError("a bug")

    chat = make_chat(gate=threading.Semaphore(1))
    with pytest.raises(KeyError, match="a bug"):
        chat.complete(REQUEST, cut=cut)
    assert chat.complete(REQUEST).ended


def test_a_turn_is_given_back_after_a_failure(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    chat = make_chat(gate=threading.Semaphore(1))
    fake.answer = Said(fault="bad_request")
    assert chat.complete(REQUEST).failure is not None
    fake.answer = Said(TEXT)
    assert chat.complete(REQUEST).text == TEXT


@pytest.mark.parametrize(
    ("usage", "prices", "expected"),
    [
        (Usage(1_000_000, None, None, 1_000_000), (2.0, None, 8.0), 10.0),
        (Usage(1_000_000, 400_000, None, 0), (2.0, 0.5, 8.0), 1.4),
        (Usage(1_000_000, 400_000, None, 0), (2.0, None, 8.0), 2.0),
        (Usage(10, None, None, 10), (0.0, 0.0, 0.0), 0.0),
        (Usage(10, None, None, 10), (2.0, 0.5, 8.0), None),  # what was cached decides it
        (Usage(1_000_000, None, None, 0), (2.0, 2.0, 8.0), 2.0),
        (Usage(None, None, None, 10), (2.0, None, 8.0), None),
        (Usage(10, None, None, None), (2.0, None, 8.0), None),
        (Usage(10, None, None, 10), (None, None, 8.0), None),
        (Usage(10, None, None, 10), (2.0, None, None), None),
    ],
)
def test_price(
    usage: Usage, prices: tuple[float | None, float | None, float | None], expected: float | None
) -> None:
    assert price(usage, _priced(*prices)) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("usage", "prices", "expected"),
    [
        (Usage(1_000_000, None, None, 1_000_000), (2.0, 0.5, 8.0), 10.0),
        (Usage(1_000_000, None, None, 1_000_000), (2.0, 3.0, 8.0), 11.0),
        (Usage(1_000_000, 400_000, None, 0), (2.0, 0.5, 8.0), 1.4),  # as it is
        (Usage(None, None, None, 10), (2.0, 0.5, 8.0), None),
        (Usage(10, None, None, None), (2.0, 0.5, 8.0), None),
        (Usage(10, None, None, 10), (2.0, 0.5, None), None),
    ],
)
def test_the_most_that_a_reply_can_have_cost(
    usage: Usage, prices: tuple[float | None, float | None, float | None], expected: float | None
) -> None:
    assert price_at_most(usage, _priced(*prices)) == (
        None if expected is None else pytest.approx(expected)
    )


def _priced(
    price_in: float | None, price_cached: float | None, price_out: float | None
) -> Endpoint:
    return endpoint_of(
        "http://x/v1", price_in=price_in, price_cached=price_cached, price_out=price_out
    )


def _lengths(reply: Reply) -> dict[str, int]:
    sums: dict[str, int] = {}
    for _milliseconds, side, length, _tokens in reply.chunks:
        sums[side] = sums.get(side, 0) + length
    return sums
