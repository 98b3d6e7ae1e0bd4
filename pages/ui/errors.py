"""Errors a person can act on are shown as their sentence; all others keep their traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import VademecumError
from pages.ui.markdown import told


@contextmanager
def shown_errors() -> Iterator[None]:
    try:
        yield
    except VademecumError as error:
        st.error(told(str(error)), icon=":material/error:")
