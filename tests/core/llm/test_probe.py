"""The test of an endpoint finds out what it can do, from real replies of the fake server."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from core.app import App
from core.llm import endpoints
from core.llm.chat import ChatRequest, Sampling
from core.llm.probe import Probe, probe
from tests.fake_openai import FakeOpenAI, Reply, endpoint_of, nothing_listening
from tests.fake_openai.replies import ThinkingForm


def run(app: App, server: FakeOpenAI | str, **changes: Any) -> Probe:
    return probe(endpoint_of(server, **changes), app.models.chat_of)


def test_a_server_that_can_do_all(app: App, fake: FakeOpenAI) -> None:
    fake.answer = lambda body: Reply(
        '{"answer": 42}' if "response_format" in body else "There are 42.", chunk_size=2, delay=0.01
    )
    seen = run(app, fake)
    assert seen.problem is None
    assert (seen.model, seen.said) == ("fake-model", "There are 42.")
    assert (seen.usage, seen.schema, seen.thinking) == (True, True, "none")
    assert (seen.server, seen.offered) == ("other", ("fake-model",))
    assert seen.tokens_per_second is not None
    assert seen.tokens_per_second > 0
    assert seen.first_token_seconds is not None


@pytest.mark.parametrize("form", get_args(ThinkingForm))
def test_how_thinking_arrives(form: ThinkingForm, app: App, fake: FakeOpenAI) -> None:
    fake.answer = Reply("42", thinking="Let me see.", thinking_form=form)
    own_field = form in ("reasoning_content", "reasoning")
    assert run(app, fake).thinking == ("reasoning_content" if own_field else "tags")


@pytest.mark.parametrize("text", ["Forty-two.", '{"answer": "42"}', "[42]", '{"answer": 42'])
def test_a_server_that_does_not_hold_to_a_schema(text: str, app: App, fake: FakeOpenAI) -> None:
    fake.answer = Reply(text)
    seen = run(app, fake)
    assert (seen.problem, seen.schema) == (None, False)


def test_a_server_that_does_not_count(app: App, fake: FakeOpenAI) -> None:
    fake.answer = Reply("42", usage=False)
    seen = run(app, fake)
    assert (seen.problem, seen.usage, seen.tokens_per_second) == (None, False, None)


def test_a_server_that_refuses_to_be_asked_for_usage(app: App, fake: FakeOpenAI) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Reply(fault="bad_request") if "stream_options" in body else Reply('{"answer": 42}')

    fake.answer = answer
    seen = run(app, fake)
    assert (seen.problem, seen.usage, seen.schema) == (None, False, True)


@pytest.mark.parametrize("refused", [{"seed"}, {"seed", "stream_options"}])
def test_a_server_that_refuses_a_seed_is_asked_without(
    refused: set[str], app: App, fake: FakeOpenAI
) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Reply(fault="bad_request") if refused & set(body) else Reply('{"answer": 42}')

    fake.answer = answer
    seen = run(app, fake)
    assert (seen.problem, seen.found["seed"]) == (None, False)
    tested = app.models.chat_of(replace(endpoint_of(fake), found=seen.found))
    assert tested.complete(
        ChatRequest([{"role": "user", "content": "6?"}], Sampling(seed=3))
    ).usable


@pytest.mark.parametrize(
    ("owner", "server"), [("llamacpp", "llama.cpp"), ("vllm", "vllm"), ("library", "ollama")]
)
def test_the_kind_of_server_is_recognised(owner: str, server: str, app: App) -> None:
    with FakeOpenAI(owned_by=owner) as fake:
        assert run(app, fake).server == server


def test_a_wrong_model_name_is_said_with_the_right_ones(app: App, fake: FakeOpenAI) -> None:
    fake.models = ("gpt-small", "gpt-large")
    fake.answer = Reply(fault="not_found")
    seen = run(app, fake, model="gpt-smal")
    assert seen.problem is not None
    assert "'gpt-smal'" in seen.problem
    assert "gpt-small, gpt-large" in seen.problem


def test_nobody_there(app: App) -> None:
    with nothing_listening() as base_url:
        seen = run(app, base_url)
    assert seen.problem is not None
    assert "does not answer" in seen.problem
    assert seen.usage is False


def test_a_missing_key_is_a_problem_with_a_sentence(
    app: App, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAKE_KEY", raising=False)
    seen = run(app, fake, key_env="FAKE_KEY")
    assert seen.problem is not None
    assert "FAKE_KEY" in seen.problem
    assert fake.requests == []


def test_what_was_found_is_used_from_then_on(app: App, fake: FakeOpenAI) -> None:
    kept = endpoints.add(app.store, endpoint_of(fake))
    fake.answer = Reply('{"answer": 42}')
    seen = probe(kept, app.models.chat_of)
    endpoints.note_found(app.store, kept, seen.found)
    now_kept = app.models.endpoint("fake")
    assert now_kept.found["schema"] is True
    assert replace(now_kept, found={}) == replace(kept, found={})
