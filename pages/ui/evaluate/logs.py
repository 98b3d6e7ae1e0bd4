"""Logs of other tools, taken in as an evaluation: an arm for each, compared like any others."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.evaluation.logs import WITH_BEHAVIORS, keep_logs
from core.evaluation.logs.reading import MOST_BYTES
from core.handbook import shelf
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped
from pages.ui.state import curator


def draw_import() -> None:
    with st.popover("Import logs", icon=":material/upload:", key="evaluate_logs"):
        files = st.file_uploader(
            "Logs of lm-evaluation-harness (samples_*.jsonl) or Inspect (JSON)",
            ["jsonl", "json"],
            accept_multiple_files=True,
            key="evaluate_logs_files",
            max_upload_size=MOST_BYTES // 1_000_000,
        )
        st.caption(
            "Replies with their scores, as those tools write them. Several logs become the "
            "arms of one evaluation, compared on the problems they share."
        )
        if files:
            _draw_choices(files)


def _draw_choices(files: Sequence[Any]) -> None:
    labels, kinds = [], []
    for place, file in enumerate(files):
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        label = left.text_input(
            escaped(file.name),
            placeholder="called by its model",
            key=f"evaluate_logs_label_{place}",
        )
        given = right.checkbox("with behaviors", key=f"evaluate_logs_given_{place}")
        labels.append(label)
        kinds.append(WITH_BEHAVIORS if given else "")
    books = {one.handbook.slug: one.handbook.title for one in _books()}
    book = st.selectbox(
        "Count which behaviors the replies name, of the handbook",
        list(books),
        index=None,
        format_func=lambda slug: books[slug],
        placeholder="none",
        key="evaluate_logs_handbook",
    )
    if st.button("Import", type="primary", icon=":material/upload:", key="evaluate_logs_do"):
        with shown_errors():
            run = keep_logs(
                services.app().store,
                [(file.name, file.getvalue()) for file in files],
                handbook=book,
                labels=labels,
                kinds=kinds,
                by=curator(),
            )
            st.query_params["run"] = str(run.id)
            st.rerun()


def _books() -> list[shelf.Summary]:
    return shelf.summaries(services.app().store)
