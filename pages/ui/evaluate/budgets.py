"""Budgets to type in: one, or several, the same where an evaluation begins and where it grows."""

import streamlit as st

from core.pipeline.evaluation import LEAST_BUDGET
from core.pipeline.plan import MOST_TOKENS
from pages.ui.markdown import escaped


def read_budgets(typed: str, *, least: int = 1) -> list[int]:
    """The smallest first. What is no budget is left out and told, and so is how several are read:
    16,384 are two. Fewer than `least` are told, too.
    """
    words = typed.replace(",", " ").replace(";", " ").split()
    found, wrong = set(), []
    for word in words:
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 9 else 0
        if LEAST_BUDGET <= number <= MOST_TOKENS:
            found.add(number)
        else:
            wrong.append(word)
    budgets = sorted(found)
    if wrong or len(words) < least:
        left = f" Left out: {escaped(', '.join(wrong)[:60])}." if wrong else ""
        st.caption(
            f":material/warning: A budget is a number of tokens from {LEAST_BUDGET} to "
            f"{MOST_TOKENS:,}, without commas in it.{left}"
        )
    if len(budgets) > 1:
        st.caption(f"{len(budgets)} budgets: {', '.join(map(str, budgets))} tokens.")
    return budgets
