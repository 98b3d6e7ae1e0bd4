"""A problem that is compared, as its author wrote it; a long one leaves room for what follows."""

import streamlit as st

from pages.ui.markdown import answer_markdown, escaped, model_markdown

LONG = 1_500  # characters
LONG_LINES = 15
HEIGHT = 272  # not whole lines: that there are more is seen


def draw_problem(text: str, gold: str | None, topic: str = "") -> None:
    is_long = len(text) > LONG or text.count("\n") >= LONG_LINES
    with st.container(border=True):
        with st.container(height=HEIGHT if is_long else "content", border=False):
            st.markdown(model_markdown(text), anchors=False)
        facts = [escaped(topic)] if topic else []
        facts += [f"right answer {answer_markdown(gold)}"] if gold else []
        if facts:
            st.caption(" · ".join(facts))
