"""The workbench behind the screens: one for the whole server, opened anew when its code changes."""

import streamlit as st

from core.app import App
from core.settings import Settings


@st.cache_resource(max_entries=1, show_spinner=False, on_release=lambda app: app.close())
def _open(code: int, settings: Settings) -> App:  # noqa: ARG001  part of the cache's key
    return App.open(settings)


def app() -> App:
    # id(App) changes when Streamlit imports edited code again: then a fresh App is opened.
    return _open(id(App), Settings.from_env())
