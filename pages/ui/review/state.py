"""What a review desk remembers between two key presses: ids and words, nothing else."""

from collections.abc import Sequence

import streamlit as st

FOCUS = "review_focus"
# Where the desk goes on once the focus has left the queue: decided in a drawer, or elsewhere.
FOLLOWING = "review_following"
SKIPPED = "review_skipped"
# What the desk asks for before it decides, a reason or a topic, and about which behavior.
ASKING = "review_asking"
# What happened to the last key press, where it was not what was wanted.
SAID = "review_said"


def focus_among(ids: Sequence[int]) -> int | None:
    focus = st.session_state.get(FOCUS)
    return focus if focus in ids else st.session_state.get(FOLLOWING)


def set_focus(behavior_id: int | None) -> None:
    st.session_state[FOCUS] = behavior_id


def set_following(behavior_id: int | None) -> None:
    st.session_state[FOLLOWING] = behavior_id


def skipped() -> list[int]:
    return st.session_state.get(SKIPPED, [])


def skip(behavior_id: int) -> None:
    st.session_state[SKIPPED] = [n for n in skipped() if n != behavior_id] + [behavior_id]


def asking() -> tuple[str, int] | None:
    return st.session_state.get(ASKING)


def ask(what: str, about: int) -> None:
    st.session_state[ASKING] = (what, about)


def ask_nothing() -> None:
    st.session_state[ASKING] = None


def say(sentence: str) -> None:
    st.session_state[SAID] = sentence


def take_said() -> str | None:
    return st.session_state.pop(SAID, None)
