"""A line: used again while the server keeps it, broken off by another thread, asking once."""

import threading
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from core.llm.line import Line
from tests.fake_openai import FakeOpenAI, Reply

BODY: dict[str, Any] = {
    "model": "fake-model",
    "messages": [{"role": "user", "content": "Hello."}],
    "stream": True,
    "max_tokens": 64,
}


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One for each connection that a line makes."""
    made: list[Any] = []
    trace = Line._trace

    def traced(self: Line, event: str, told: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            made.append(told["return_value"])
        trace(self, event, told)

    monkeypatch.setattr(Line, "_trace", traced)
    return made


@pytest.fixture
def line(fake: FakeOpenAI) -> Iterator[Line]:
    made = Line(fake.base_url, None)
    yield made
    made.close()


def test_the_next_request_takes_the_same_connection(
    fake: FakeOpenAI, line: Line, connections: list[Any]
) -> None:
    fake.answer = Reply("Four.")
    for _ in range(5):
        assert list(line.ask(BODY))
        assert line.complete
    assert len(connections) == 1


def test_after_a_reply_that_was_not_read_to_its_end_there_is_another(
    fake: FakeOpenAI, line: Line, connections: list[Any]
) -> None:
    fake.answer = Reply("Four. " * 50, delay=0.01)
    chunks = line.ask(BODY)
    next(chunks)
    chunks.close()
    assert not line.complete
    fake.answer = Reply("Four.")
    assert list(line.ask(BODY))
    assert len(connections) == 2


def test_another_thread_breaks_it_off_while_nothing_arrives(fake: FakeOpenAI, line: Line) -> None:
    fake.answer = Reply("Four. " * 50, held=threading.Event())
    chunks = line.ask(BODY)
    next(chunks)
    timer = threading.Timer(0.2, line.hang_up)
    timer.start()
    with pytest.raises(openai.APIConnectionError):
        list(chunks)
    timer.join()
    fake.answer = Reply("Four.")
    assert list(line.ask(BODY))  # it can be used again


def test_it_asks_once(fake: FakeOpenAI, line: Line) -> None:
    fake.answer = Reply(fault="server_error")
    with pytest.raises(openai.InternalServerError):
        list(line.ask(BODY))
    assert len(fake.requests) == 1
