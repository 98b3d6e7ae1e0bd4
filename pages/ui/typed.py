"""A field to type into, with what is usual below it to click.

Streamlit's choices that accept new options forget what was typed and not confirmed with Enter; a
plain field keeps it.
"""

from collections.abc import Sequence

import streamlit as st

MOST = 10


def typed_text(
    label: str, value: str, usual: Sequence[str], key: str, *, length: int, placeholder: str = ""
) -> str:
    """One line, without extra spaces."""
    text = st.text_input(label, value, key=key, max_chars=length, placeholder=placeholder)
    _draw_usual(label, usual, key, _take)
    return " ".join(text.split())


def typed_list(label: str, values: Sequence[str], usual: Sequence[str], key: str) -> list[str]:
    """Several, separated by commas."""
    before = ", ".join(values)
    text = st.text_input(label, before, key=key, placeholder="Separated by commas")
    _draw_usual(label, [one for one in usual if one not in values], key, _add)
    if text == before:  # also where one of them holds a comma
        return list(values)
    return list(dict.fromkeys(" ".join(one.split()) for one in text.split(",") if one.strip()))


def _draw_usual(label: str, usual: Sequence[str], key: str, act: object) -> None:
    if usual:
        st.pills(
            f"{label}: usual ones",
            list(usual[:MOST]),
            key=f"{key}_usual",
            label_visibility="collapsed",
            on_change=act,
            args=(key,),
        )


def _take(key: str) -> None:
    if chosen := st.session_state.get(f"{key}_usual"):
        st.session_state[key] = chosen


def _add(key: str) -> None:
    chosen = st.session_state.get(f"{key}_usual")
    there = [one.strip() for one in st.session_state.get(key, "").split(",") if one.strip()]
    if chosen and chosen not in there:
        st.session_state[key] = ", ".join([*there, chosen])
