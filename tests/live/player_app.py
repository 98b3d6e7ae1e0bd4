"""A screen with nothing but the player, for test_player.py."""

import time
from typing import Any

import streamlit as st

from pages.ui.compare.player import draw_player, shown_sample, stopped_arm
from tests.core.evaluation.comparison import document

KEY = "player"
SECONDS = 4.0


def note_stop() -> None:
    st.session_state["stopped"] = stopped_arm(KEY)


def arriving(arms: int) -> dict[str, Any]:
    """The comparison as it is so long after its beginning, and done in the end."""
    began = st.session_state.setdefault("began", time.monotonic())
    share = min(1.0, (time.monotonic() - began) / SECONDS)
    if share == 1:
        return document(arms)
    made = document(arms, live=True)
    for takes in made["arms"].values():
        for take in takes:
            if take["finish_reason"] is None:
                cut = int(len(take["text"]) * share)
                take["text"], take["output_tokens"] = take["text"][:cut], int(100 * share)
                take["citations"] = [one for one in take["citations"] if one["end"] <= cut]
    return made


@st.fragment(run_every=0.15)
def live(arms: int) -> None:
    made = arriving(arms)
    draw_player(made, key=KEY, on_stop=note_stop)
    st.text(f"stopped: {st.session_state.get('stopped')} {made['status']}")


st.set_page_config(layout="wide")
st.sidebar.header("A sidebar")
st.header("A player")
mode = st.query_params.get("mode", "done")
arms = int(st.query_params.get("arms", 3))
if mode == "live":
    live(arms)
elif mode == "still":
    draw_player(document(arms, live=True), key=KEY, on_stop=note_stop)
    st.text(f"stopped: {st.session_state.get('stopped')}")
elif mode == "blind":
    draw_player(document(arms), key=KEY, hide=["bci", "plain"])
else:
    draw_player(document(arms, samples=2), key=KEY, height=300)
    st.text(f"sample: {shown_sample(KEY)}")
