"""How something can be put into a model's reply is found out once, by asking the model."""

from typing import Any

import pytest

from core.app import App
from core.llm import endpoints
from core.llm.chat import Failure
from core.llm.midway import BEGINNING, midway
from core.llm.probe import probe
from tests.fake_openai import FakeOpenAI, Fault, Reply, Worded, endpoint_of, nothing_listening

CALL = ("look_up_number", '{"name": "Ada Byron"}')


def continuing(body: dict[str, Any]) -> Reply:
    """Goes on from what was begun, as llama.cpp and vLLM do."""
    begun = body["messages"][-1]["role"] == "assistant"
    return Worded(" six, seven, eight" if begun else '{"answer": 42}')


def echoing(body: dict[str, Any]) -> Reply:
    begun = body["messages"][-1]["role"] == "assistant"
    return Worded(f"{BEGINNING} six, seven" if begun else '{"answer": 42}')


def calling(body: dict[str, Any]) -> Reply:
    """Begins its reply anew, but calls a function where it is offered one."""
    if body.get("tools"):
        usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
        return Worded(calls=(CALL,), finish_reason="tool_calls", usage=usage)
    return Worded("Hello! How can I help?")


def neither(body: dict[str, Any]) -> Reply:
    return Worded("Hello! How can I help?")


def refusing(body: dict[str, Any]) -> Reply:
    """A server that takes neither the beginning of a reply nor functions."""
    strange = body.get("tools") or body["messages"][-1]["role"] == "assistant"
    return Reply(fault="bad_request") if strange else Worded("There are 42.")


def thinking(body: dict[str, Any]) -> Reply:
    """Thinks before it goes on: in the middle of a reply it would do so as well."""
    return Worded(" six, seven", thinking="Hm.", thinking_form="reasoning_content")


KINDS = [
    (continuing, "continue"),
    (echoing, "continue"),
    (calling, "tool"),
    (neither, "none"),
    (refusing, "none"),
    (thinking, "none"),
]


def patience() -> Any:
    return lambda: False


@pytest.mark.parametrize(("answer", "way"), KINDS)
def test_how_it_can_be_done(answer: Any, way: str, app: App, fake: FakeOpenAI) -> None:
    fake.answer = answer
    assert midway(app.models.chat_of(endpoint_of(fake)), patience) == way
    assert len(fake.requests) == (1 if way == "continue" else 2)


@pytest.mark.parametrize(("answer", "way"), KINDS[:4])
def test_it_is_found_out_once_and_kept(answer: Any, way: str, app: App, fake: FakeOpenAI) -> None:
    endpoints.add(app.store, endpoint_of(fake, found={"server": "other"}))
    fake.answer = answer
    assert app.models.midway("fake") == way
    asked = len(fake.requests)
    assert app.models.midway("fake") == way
    assert len(fake.requests) == asked
    assert app.models.endpoint("fake").found == {"server": "other", "midway": way}


@pytest.mark.parametrize(("answer", "way"), KINDS[:4])
def test_the_test_of_an_endpoint_finds_it_too(
    answer: Any, way: str, app: App, fake: FakeOpenAI
) -> None:
    fake.answer = answer
    seen = probe(endpoint_of(fake), app.models.chat_of)
    assert (seen.problem, seen.midway, seen.found["midway"]) == (None, way, way)


def test_vllm_is_told_to_go_on(app: App, fake: FakeOpenAI) -> None:
    fake.answer = continuing
    chat = app.models.chat_of(endpoint_of(fake, found={"server": "vllm"}))
    assert midway(chat, patience) == "continue"
    (body,) = fake.requests
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert body["messages"][-1] == {"role": "assistant", "content": BEGINNING}


def test_an_endpoint_that_does_not_answer_is_not_judged_for_good(
    app: App, fake: FakeOpenAI
) -> None:
    with nothing_listening() as base_url:
        endpoints.add(app.store, endpoint_of(base_url))
        found = app.models.midway("fake")
        assert isinstance(found, Failure)
        assert (found.kind, "does not answer" in found.sentence) == ("unreachable", True)
    fake.answer = continuing
    kept = app.models.endpoint("fake").found
    endpoints.change(app.store, endpoint_of(fake, found=kept))  # it runs again
    assert app.models.midway("fake") == "continue"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("unauthorized", "key"),
        ("not_found", "unknown_model"),
        ("rate_limited", "rate_limited"),
        ("server_error", "server_error"),
        ("web_page", "malformed"),
    ],
)
def test_why_there_was_no_answer_is_told(
    fault: Fault, kind: str, app: App, fake: FakeOpenAI
) -> None:
    endpoints.add(app.store, endpoint_of(fake))
    fake.answer = Reply(fault=fault)
    found = app.models.midway("fake")
    assert isinstance(found, Failure)
    assert found.kind == kind
    assert app.models.endpoint("fake").found == {}


def test_a_busy_endpoint_is_not_judged(
    app: App, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.llm.models.deadline", lambda: lambda: True)
    endpoints.add(app.store, endpoint_of(fake))
    fake.answer = Reply(fault="no_headers")
    found = app.models.midway("fake")
    assert isinstance(found, Failure)
    assert (found.kind, "did not answer in time" in found.sentence) == ("stalled", True)
    assert app.models.endpoint("fake").found == {}


def test_waiting_has_an_end(app: App, fake: FakeOpenAI) -> None:
    fake.answer = Reply(fault="no_headers")
    found = midway(app.models.chat_of(endpoint_of(fake)), lambda: lambda: True)
    assert isinstance(found, Failure)
    assert found.kind == "stalled"


def test_a_test_that_could_not_find_out_keeps_nothing_of_it(app: App, fake: FakeOpenAI) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Reply(fault="rate_limited") if body.get("tools") else neither(body)

    fake.answer = answer
    seen = probe(endpoint_of(fake), app.models.chat_of)
    assert (seen.problem, seen.midway) == (None, None)
    assert "midway" not in seen.found
