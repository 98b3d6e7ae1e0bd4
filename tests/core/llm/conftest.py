"""Fixtures of the model tests: a client of the fake server, with the tests' short patience."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.llm.client import OpenAIChat
from core.settings import Settings
from tests.fake_openai import FakeOpenAI, endpoint_of

MakeChat = Callable[..., OpenAIChat]


@pytest.fixture
def make_chat(settings: Settings, fake: FakeOpenAI) -> Iterator[MakeChat]:
    """Makes clients: of the fake server, or of another base URL; `changes` go to the endpoint."""
    made: list[OpenAIChat] = []

    def make(
        base_url: str = "", gate: threading.Semaphore | None = None, **changes: Any
    ) -> OpenAIChat:
        endpoint = endpoint_of(base_url or fake, **changes)
        chat = OpenAIChat(
            endpoint,
            settings,
            address=lambda: endpoint.base_url,
            gate=gate or threading.Semaphore(8),
        )
        made.append(chat)
        return chat

    yield make
    for chat in made:
        chat.close()
