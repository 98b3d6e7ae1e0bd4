"""The ledger: what behaviors save and cost a problem, and when the handbook has paid for itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.report.amounts import UNKNOWN, price, signed, tokens
from core.evaluation.report.paying import is_free, ledger_sentences, problems_to_pay
from core.figures.worth import ledger_figure
from pages.ui.figure_table import draw_figure_table
from pages.ui.markdown import escaped

PAYS = "Pays for the handbook after"


def draw_ledger(made: Mapping[str, Any]) -> None:
    ledger = made["ledger"]
    if not ledger["entries"]:
        st.caption("The ledger needs a baseline and an arm beside it.")
        return
    for sentence in ledger_sentences(ledger):
        st.markdown(escaped(sentence))
    _draw_balance(made)
    frame = pd.DataFrame([_row(one) for one in ledger["entries"]])
    draw_figure_table(frame, "evaluate_ledger", "Ledger for each arm", words=[PAYS])
    st.caption(
        "Means per problem beside the baseline, at the largest budget. Net is output saved less "
        "the input that the behaviors take, uncached and cached at their prices. What nobody "
        "counted or priced is unknown."
    )


def _draw_balance(made: Mapping[str, Any]) -> None:
    """In money where any is spent, else with every token counted alike."""
    ledger = made["ledger"]
    priced = [one for one in ledger["entries"] if one["net_price"] is not None]
    in_tokens = all(is_free(one) for one in priced)
    figure = ledger_figure(ledger, [one["arm"] for one in made["asked"]], in_tokens)
    if figure.data:
        st.plotly_chart(figure, key="evaluate_balance")
        st.caption(_begins(ledger["entries"], in_tokens))


def _begins(entries: Sequence[Mapping[str, Any]], in_tokens: bool) -> str:
    least = any(one["at_least_in_tokens" if in_tokens else "at_least"] for one in entries)
    known = "took to make at least: of some replies it is unknown" if least else "took to make"
    return f"An arm that uses a handbook begins below zero, with what that {known}."


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Arm": one["arm"],
        "Problems": one["problems"],
        "Output tokens saved": signed(tokens, one["saved_output"]),
        "More input, uncached": signed(tokens, one["extra_uncached"]),
        "More input, cached": signed(tokens, one["extra_cached"]),
        "Net tokens": signed(tokens, one["net_tokens"]),
        "Saved": signed(price, one["saved_price"]),
        "Behaviors cost": signed(price, one["behaviors_price"]),
        "Net": signed(price, one["net_price"]),
        PAYS: _pays(one),
    }


def _pays(one: Mapping[str, Any]) -> str:
    if not one["uses_handbook"]:
        return "it uses none"
    if one["problems_to_pay"] is not None:
        return problems_to_pay(one["problems_to_pay"], one["at_least"])
    if is_free(one):
        return "no money is spent"
    if one["pays"] is False:
        return "never: it costs more than it saves"
    return UNKNOWN
