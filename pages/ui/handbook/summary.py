"""The summary of a handbook: its composition, and its growth against the traces read."""

import streamlit as st

from core.figures import handbook as figures
from core.handbook import growth
from core.store.records import Handbook
from pages.ui import services, similar


@st.cache_data(max_entries=8, show_spinner=False)
def _numbers(stamp: str, handbook_id: int) -> tuple[dict, dict, list]:  # noqa: ARG001  the key
    store = services.app().store
    return (
        growth.composition(store, handbook_id, "topic"),
        growth.composition(store, handbook_id, "source_model"),
        growth.growth(store, handbook_id),
    )


def draw_summary(handbook: Handbook) -> None:
    topics, models, points = _numbers(similar.stamp(handbook.id), handbook.id)
    if not points:
        st.caption("Nothing has come into this handbook yet.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        figure = figures.by_group(topics, "By topic and status")
        st.plotly_chart(figure, key="summary_topics", alt="Behaviors by topic and status")
    with right:
        figure = figures.by_group(models, "By source")
        st.plotly_chart(figure, key="summary_models", alt="Behaviors by source model and status")
        traces = points[-1][3]
        across = "time"
        if traces:
            across = st.segmented_control(
                "Growth over",
                ["traces read", "time"],
                default="traces read",
                required=True,
                key="summary_across",
            )
        figure = figures.growth(points, by_traces=across == "traces read")
        st.plotly_chart(figure, key="summary_growth", alt="Growth of the handbook")
        if traces:
            _, accepted, proposed, _ = points[-1]
            st.caption(
                f"{traces:,} traces read, {proposed:,} proposed ({proposed / traces:.1f} a trace), "
                f"{accepted:,} accepted now."
            )
