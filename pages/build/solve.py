"""Solve: problems in, a live run, proposals to decide on."""

import streamlit as st

from pages.ui.no_run import draw_no_run, is_there
from pages.ui.run_view import draw_run
from pages.ui.solve_form import draw_form
from pages.ui.state import number_in_url, run_in_url

run_id = run_in_url()

if run_id is None:
    st.header("Solve a problem, keep what it teaches", anchor=False)
    st.caption(
        "A model solves it, reviews its own solution and proposes behaviors: named, reusable notes "
        "on how to reason. You decide which ones enter the handbook."
    )
    draw_form()
elif not is_there(run_id):
    draw_no_run(run_id, "run")
else:
    draw_run(run_id, spot=number_in_url("spot"))
