"""A table of figures for one arm a row."""

from collections.abc import Collection

import pandas as pd
import streamlit as st


def draw_figure_table(
    frame: pd.DataFrame, key: str, alt: str, *, words: Collection[str] = ()
) -> None:
    """Figures stand to the right, so that digits meet; the first column and `words` hold none.

    The first stays in sight while one looks to the right: a table may be wider than a page.
    """
    first = str(frame.columns[0])
    figures = [str(name) for name in frame.columns[1:] if name not in words]
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        alt=alt,
        column_config={
            first: st.column_config.Column(pinned=True),
            **{name: st.column_config.Column(alignment="right") for name in figures},
        },
    )
