"""The workbench behind the screens: one for the whole server, opened anew when its code changes."""

import streamlit as st

from core.app import App
from core.settings import Settings


@st.cache_resource(max_entries=1, show_spinner=False, on_release=lambda app: app.close())
def _open(code: int, written: str, _settings: Settings) -> App:  # noqa: ARG001  the cache's key
    return App.open(_settings)


def app() -> App:
    settings = Settings.from_env()
    # id(App) changes when Streamlit imports edited code again: then a fresh App is opened. The key
    # has the settings as text, because Streamlit takes long over a dataclass, and this is asked for
    # many times on a screen.
    return _open(id(App), repr(settings), settings)
