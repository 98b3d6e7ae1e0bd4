"""Whether a comparison is judged blind, and which letter stands for which arm then.

The page's address says so: a reload does not give the names away, and a link can ask somebody else
for a blind judgement.
"""

import random
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui.state import curator

BLIND = "blind"


def is_blind() -> bool:
    return st.query_params.get(BLIND) == "1"


def go_blind() -> None:
    st.query_params[BLIND] = "1"


def show_names() -> None:
    st.query_params.pop(BLIND, None)


def draw_show_names() -> None:
    st.button(
        "Show the names",
        icon=":material/visibility:",
        key="compare_show_names",
        on_click=show_names,
    )


def written(made: Mapping[str, Any], sample: int | None = None) -> list[str]:
    """The arms that wrote something, in this sample or in any: on nothing nobody can vote."""
    return [
        one["arm"]
        for one in made["asked"]
        if any(
            take["text"] and sample in (None, take["sample"])
            for take in made["arms"].get(one["arm"], ())
        )
    ]


def shuffled(made: Mapping[str, Any]) -> list[str]:
    """The arms in an order that nobody can guess, the same at every look of the same person."""
    arms = written(made)
    random.Random(f"{made['run']} {curator()}").shuffle(arms)  # noqa: S311  no secret
    return arms
