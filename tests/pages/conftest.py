"""Screens are tested through app.py, on a home folder of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.llm import endpoints
from core.settings import Settings
from core.store import Store
from tests.fake_openai import FakeOpenAI, endpoint_of

APP = Path(__file__).parents[2] / "app.py"
Screen = Callable[[str], AppTest]


@pytest.fixture
def screen(settings: Settings) -> Iterator[Screen]:
    """Opens a screen by its file; the workbench is closed at the end."""

    def opened(path: str, **query: str) -> AppTest:
        at = AppTest.from_file(APP, default_timeout=20)
        for name, value in query.items():
            at.query_params[name] = value
        return at.switch_page(f"pages/{path}.py").run()

    st.cache_resource.clear()
    st.cache_data.clear()
    yield opened
    st.cache_resource.clear()


@pytest.fixture
def endpoint(store: Store, fake: FakeOpenAI) -> FakeOpenAI:
    """The fake server, known to the workbench as `fake`."""
    endpoints.add(store, endpoint_of(fake))
    return fake
