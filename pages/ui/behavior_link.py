"""The link to one behavior's file, the same everywhere."""

import streamlit as st


def draw_link(behavior_id: int, label: str = "Its file") -> None:
    st.page_link(
        "pages/explore/behavior.py",
        label=label,
        icon=":material/article:",
        query_params={"b": str(behavior_id)},
    )
