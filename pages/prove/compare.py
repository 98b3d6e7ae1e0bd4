"""Compare: one problem in several ways, side by side; live, and played again afterwards."""

import streamlit as st

from pages.ui.compare.form import draw_form
from pages.ui.compare.kept import draw_kept
from pages.ui.compare.run import draw_run
from pages.ui.form_or_run import place_of
from pages.ui.no_run import draw_no_run, is_there
from pages.ui.state import run_in_url

run_id = run_in_url()

if run_id is None:
    with place_of("form"):
        st.header("Compare with and without behaviors", anchor=False)
        st.caption(
            "The same problem, model, sampling and budget; only what the prompt says differs. "
            "Watch the arms side by side, then see what each took and whether it was right."
        )
        draw_form()
        draw_kept()
else:
    with place_of("run"):
        if is_there(run_id):
            draw_run(run_id)
        else:
            draw_no_run(run_id, "comparison")
