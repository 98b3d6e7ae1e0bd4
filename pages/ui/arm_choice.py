"""Which arms are asked: one pill for each, and what the chosen ones are."""

from collections.abc import Sequence

import streamlit as st

from core.evaluation.comparison.board import about, title
from core.pipeline.arms import ArmKind


def choose_arms(
    form: str, label: str, offered: Sequence[ArmKind], usual: Sequence[ArmKind]
) -> list[ArmKind]:
    kinds = st.pills(
        label,
        offered,
        selection_mode="multi",
        default=usual,
        format_func=title,
        key=f"{form}_arms",
        persist_state="session",
        wrap=True,
    )
    st.caption("  \n".join(f"**{title(kind)}**: {about(kind)}" for kind in kinds))
    return list(kinds)
