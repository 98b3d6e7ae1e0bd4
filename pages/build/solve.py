"""Solve: problems in, a live run, proposals to decide on."""

import streamlit as st

from pages.ui.form_or_run import place_of
from pages.ui.no_run import draw_no_run, is_there
from pages.ui.run_view import draw_run
from pages.ui.solve_form import draw_form
from pages.ui.state import number_in_url, run_in_url

run_id = run_in_url()

if run_id is None:
    with place_of("form"):
        st.header("Solve a problem, keep what it teaches", anchor=False)
        st.caption(
            "A model solves it, reviews its own solution and proposes behaviors: named, reusable "
            "notes on how to reason. You decide which ones enter the handbook."
        )
        draw_form()
else:
    with place_of("run"):
        if is_there(run_id):
            draw_run(run_id, spot=number_in_url("spot"))
        else:
            draw_no_run(run_id, "run")
