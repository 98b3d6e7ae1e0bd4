"""Over https: a reply, a stop, a silent server, and a server that nobody vouches for."""

import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from core.llm.chat import ChatRequest, Sampling
from core.llm.probe import probe
from core.llm.trust import trusted
from tests.core.llm.conftest import MakeChat
from tests.fake_openai import FakeOpenAI, Reply, wait_until

REQUEST = ChatRequest([{"role": "user", "content": "How many?"}], Sampling(0.0, None, 100, None))
TEXT = "There are seven of them."


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def fake(authority: trustme.CA) -> Iterator[FakeOpenAI]:
    """In place of the one that speaks http."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FakeOpenAI(Reply(TEXT), tls=context) as server:
        yield server


@pytest.fixture
def believed(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    trusted.cache_clear()
    yield
    trusted.cache_clear()


@pytest.mark.usefixtures("believed")
def test_replies_come_over_one_connection(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    chat = make_chat()
    assert [chat.complete(REQUEST).text for _ in range(3)] == [TEXT] * 3
    assert chat.endpoint.base_url.startswith("https://")


@pytest.mark.usefixtures("believed")
def test_a_stop_ends_a_reply_where_nothing_arrives(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    fake.answer = Reply(TEXT * 20, held=threading.Event())
    chat, stop = make_chat(), threading.Event()
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    begun = time.monotonic()
    reply = chat.complete(REQUEST, stop=stop.is_set)
    timer.join()
    assert (reply.finish_reason, time.monotonic() - begun < 5) == ("cancelled", True)
    wait_until(lambda: fake.in_flight == 0)
    fake.answer = Reply(TEXT)
    assert chat.complete(REQUEST).text == TEXT


@pytest.mark.usefixtures("believed", "impatient")
@pytest.mark.parametrize("fault", ["no_headers", "stall", "drop"])
def test_faults_are_told_as_they_are_without_tls(
    fault: str, fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    fake.answer = Reply(TEXT, fault=fault, fault_after=3)  # type: ignore[arg-type]
    reply = make_chat().complete(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind == ("dropped" if fault == "drop" else "stalled")
    assert reply.text == ("" if fault == "no_headers" else TEXT[:15])


def test_a_server_that_nobody_vouches_for_is_told_and_asked_once(
    fake: FakeOpenAI, make_chat: MakeChat
) -> None:
    begun = time.monotonic()
    reply = make_chat().complete(REQUEST)
    assert reply.failure is not None
    assert "does not trust" in reply.failure.sentence
    assert "SSL_CERT_FILE" in reply.failure.sentence
    assert time.monotonic() - begun < 5
    assert fake.requests == []


def test_the_test_of_such_a_server_says_so(fake: FakeOpenAI, make_chat: MakeChat) -> None:
    chat = make_chat()
    found = probe(chat.endpoint, lambda _endpoint: chat)
    assert "does not trust" in (found.problem or "")
