"""The figure as a page that opens anywhere. Pictures are saved by the plot's own buttons."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from core.figures.map import standalone
from core.store.records import Handbook


def draw_saving(book: Handbook, make: Callable[[], go.Figure]) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.download_button(
            "Save as HTML",
            data=lambda: standalone(make(), book.title),
            file_name=f"{book.slug}-map.html",
            mime="text/html",
            icon=":material/download:",
            type="tertiary",
            key="map_html",
            on_click="ignore",
            help="Opens in any browser, without the app and without a network. PNG and SVG are "
            "saved by the buttons over the map.",
        )
