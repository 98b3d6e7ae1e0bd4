"""What an experiment found of single behaviors."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.report.amounts import between, points, probability
from core.evaluation.report.effects import by_effect, change, does, measured
from core.figures.worth import effects_figure
from pages.ui.markdown import escaped


def draw_effects(made: Mapping[str, Any]) -> None:
    for at, found in enumerate(made["worth"]):
        for sentence in found["sentences"]:
            st.markdown(escaped(sentence))
        if any(map(measured, found["behaviors"])):
            st.plotly_chart(effects_figure(found["behaviors"]), key=f"evaluate_effects_figure_{at}")
        frame = pd.DataFrame([_row(one) for one in by_effect(found["behaviors"])])
        st.dataframe(
            frame, hide_index=True, key=f"evaluate_effects_{at}", alt="Effects of behaviors"
        )


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    tokens, right = one["tokens"] or {}, one["right"] or {}
    return {
        "Behavior": one["name"],
        "It": does(one),
        "Output tokens": change(tokens.get("size")),
        "95% interval": between(tokens.get("interval"), change),
        "corrected p": probability(tokens.get("corrected_p")),
        "Accuracy, points": points(right.get("size")),
        "Its 95% interval": between(right.get("interval"), points),
        "its corrected p": probability(right.get("corrected_p")),
        "Given": one["given"],
        "Left out": one["left_out"],
        "Problems": one["problems"],
    }
