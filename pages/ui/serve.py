"""Starts the server: `python -m pages.ui.serve`, with options of `streamlit run` after it.

Streamlit takes a folder called pages/ for its older kind of multipage app until app.py has run
once. A deep link that reaches a fresh server before that is answered with a "Page not found" dialog
on top of the right page (streamlit/streamlit#8860). So the old kind is switched off here.
"""

import gc
import sys
from importlib import import_module
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

APP = Path(__file__).parents[2] / "app.py"
# What the screens stand on, and what charts and tables are drawn with.
WANTED_SOON = ("core.app", "pandas", "plotly.graph_objects", "pyarrow")


def import_ahead() -> None:
    """So that the first visitor need not wait for it.

    What was imported stays until the end. The garbage collector is told to leave it alone: looking
    through all of it, every few seconds, takes as long as drawing a whole screen.
    """
    for name in WANTED_SOON:
        import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    import_ahead()
    # Nobody edits the code of a running workbench, and watching it costs the model processor time.
    quiet = ["--server.fileWatcherType", "none"]
    sys.argv = ["streamlit", "run", str(APP), *quiet, *sys.argv[1:]]
    main()
