"""The screens and the way between them. Everything on a screen is in pages/, all work in core/."""

import streamlit as st

from pages.ui.errors import shown_errors
from pages.ui.sidebar import draw_sidebar

st.set_page_config(page_title="Vademecum", page_icon=":material/menu_book:", layout="wide")

page = st.navigation(
    {
        "": [st.Page("pages/work/start.py", default=True, visibility="hidden")],
        "Build": [st.Page("pages/build/solve.py", title="Solve", icon=":material/lightbulb:")],
        "Explore": [
            st.Page("pages/explore/handbook.py", title="Handbook", icon=":material/menu_book:")
        ],
        "Work": [
            st.Page("pages/work/runs.py", title="Runs", icon=":material/play_circle:"),
            st.Page("pages/work/models.py", title="Models", icon=":material/memory:"),
        ],
    }
)

with shown_errors():
    draw_sidebar()
    page.run()
