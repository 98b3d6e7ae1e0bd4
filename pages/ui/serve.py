"""Starts the server: `python -m pages.ui.serve`, with options of `streamlit run` after it.

Streamlit takes a folder called pages/ for its older kind of multipage app until app.py has run
once. A deep link that reaches a fresh server before that is answered with a "Page not found" dialog
on top of the right page (streamlit/streamlit#8860). So the old kind is switched off here.
"""

import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

APP = Path(__file__).parents[2] / "app.py"

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    # Nobody edits the code of a running workbench, and watching it costs the model processor time.
    quiet = ["--server.fileWatcherType", "none"]
    sys.argv = ["streamlit", "run", str(APP), *quiet, *sys.argv[1:]]
    main()
