"""Screens that are a form at first and then the run that it began."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

View = Literal["form", "run"]
VIEWS: tuple[View, ...] = ("form", "run")


@contextmanager
def place_of(view: View) -> Iterator[None]:
    """Where one of the two is drawn. What is left of the other is gone at once: otherwise it would
    stand below until all of this one is there.
    """
    places = {one: st.container() if one == view else st.empty() for one in VIEWS}
    with places[view]:
        yield
