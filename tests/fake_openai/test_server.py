"""The fake server itself: what the other tests rely on."""

import json
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from core import prompts
from tests.fake_openai import FakeOpenAI, Reply, asked, nothing_listening

PROJECT = Path(__file__).parents[2]
VALUES = {
    "problem": "What is\n\n{{solution}} + 1?",
    "solution": "Problem:\nIt is 7.",
    "reflection": "Fine.",
    "name": "behavior_one",
    "instruction": "When one is given: take one.",
}


def post(server: FakeOpenAI | str, **fields: object) -> httpx2.Response:
    base_url = server if isinstance(server, str) else server.base_url
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}
    return httpx2.post(f"{base_url}/chat/completions", json=body, timeout=10)


@pytest.mark.parametrize("name", ["solve", "reflect", "extract", "judge"])
def test_every_prompt_is_recognised(name: str) -> None:
    question = asked({"messages": prompts.load(name).messages(**VALUES)})
    assert question is not None
    assert question.stage == name
    assert question.values == {key: VALUES[key] for key in question.values}
    assert question.problem == VALUES["problem"]


def test_what_is_no_prompt_of_ours_is_not_recognised() -> None:
    assert asked({"messages": [{"role": "user", "content": "Hi"}]}) is None


def test_a_reply_that_does_not_stream(fake: FakeOpenAI) -> None:
    fake.answer = Reply("Hello there", thinking="Hm.", thinking_form="reasoning_content")
    document = post(fake).json()
    message = document["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("Hello there", "Hm.")
    assert document["usage"]["completion_tokens"] == 4


@pytest.mark.parametrize("wanted", [True, False])
def test_usage_is_sent_when_asked_for(wanted: bool, fake: FakeOpenAI) -> None:
    options = {"stream_options": {"include_usage": True}} if wanted else {}
    lines = post(fake, stream=True, **options).text.split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if "{" in line]
    assert any("usage" in event for event in events) == wanted
    assert lines[-2] == "data: [DONE]"


def test_nobody_listens_where_nobody_should() -> None:
    with nothing_listening() as base_url, pytest.raises(httpx2.ConnectError):
        post(base_url)


def test_by_hand() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fake_openai", "--fault", "server_error"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        status = post(process.stdout.readline().strip()).status_code
        process.terminate()
    assert status == 500
