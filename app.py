"""The screens and the way between them. Everything on a screen is in pages/, all work in core/."""

import streamlit as st

from pages.ui.errors import shown_errors
from pages.ui.sidebar import draw_sidebar
from pages.ui.state import leave_drawers

st.set_page_config(page_title="Vademecum", page_icon="pages/ui/pictures/icon.svg", layout="wide")

# Section -> screens and their icons; each is a file of its name in the folder of its section.
SCREENS = {
    "Build": {"Solve": "lightbulb", "Review": "rule", "Duplicates": "content_copy"},
    "Explore": {
        "Handbook": "menu_book",
        "Behavior": "article",
        "Map": "scatter_plot",
        "History": "history",
    },
    "Prove": {"Compare": "compare_arrows", "Evaluate": "monitoring"},
    "Work": {"Runs": "play_circle", "Models": "memory"},
}
pages = {
    section: [
        st.Page(
            f"pages/{section.lower()}/{title.lower()}.py",
            title=title,
            icon=f":material/{icon}:",
        )
        for title, icon in screens.items()
    ]
    for section, screens in SCREENS.items()
}
start = st.Page("pages/work/start.py", default=True, visibility="hidden")
page = st.navigation({"": [start], **pages})

with shown_errors():
    leave_drawers(page.url_path)
    draw_sidebar()
    page.run()
