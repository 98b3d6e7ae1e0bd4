"""Evaluate: a handbook on many problems; accuracy against tokens, in pairs, with intervals."""

import streamlit as st

from pages.ui.evaluate.form import draw_form
from pages.ui.evaluate.kept import draw_kept
from pages.ui.evaluate.run import draw_run
from pages.ui.form_or_run import place_of
from pages.ui.no_run import draw_no_run, is_there
from pages.ui.state import run_in_url

run_id = run_in_url()

if run_id is None:
    with place_of("form"):
        st.header("Evaluate on many problems", anchor=False)
        st.caption(
            "Does this handbook help this model, by how much, how sure is that, and what does it "
            "cost? Every arm gets the same problems, sampling and budgets; they are compared in "
            "pairs."
        )
        draw_form()
        draw_kept()
else:
    with place_of("run"):
        if is_there(run_id):
            draw_run(run_id)
        else:
            draw_no_run(run_id, "evaluation")
