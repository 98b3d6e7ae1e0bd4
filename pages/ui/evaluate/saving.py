"""An evaluation as files: its report as a page, CSV or JSON, and the replies as logs."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from core.evaluation.logs import exported, log_name
from core.evaluation.report.page import page
from core.evaluation.report.tables import flips_table, table
from core.store import Store
from pages.ui import services

ALL = "all arms, as a zip"


def draw_saving(made: Mapping[str, Any]) -> None:
    name = f"evaluation-{made['run']}"
    with st.container(horizontal=True):
        st.download_button(
            "Save as a page",
            data=lambda: page(made),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/web:",
            key="evaluate_save_page",
            on_click="ignore",
        )
        st.download_button(
            "Save the figures",
            data=lambda: as_csv(table(made)),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/table:",
            key="evaluate_save_csv",
            on_click="ignore",
        )
        st.download_button(
            "Save the flips",
            data=lambda: as_csv(flips_table(made)),
            file_name=f"{name}-flips.csv",
            mime="text/csv",
            icon=":material/swap_vert:",
            key="evaluate_save_flips",
            on_click="ignore",
        )
        st.download_button(
            "Save everything",
            data=lambda: json.dumps(made, ensure_ascii=False),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/download:",
            key="evaluate_save_json",
            on_click="ignore",
        )
        with st.popover("Save the replies", icon=":material/forum:", key="evaluate_replies"):
            _draw_replies(made)


def _draw_replies(made: Mapping[str, Any]) -> None:
    store, run = services.app().store, made["run"]
    arms = dict.fromkeys(one["arm"] for one in made["arms"])
    chosen = st.selectbox("Of", [ALL, *arms], key="evaluate_replies_of")
    every = chosen == ALL
    task = str(made["problems"].get("set") or made["title"])
    one_log = log_name(task, datetime.fromisoformat(made["created"]))
    st.download_button(
        "Save",
        data=lambda: replies(store, run, chosen),
        file_name=f"evaluation-{run}-replies.zip" if every else one_log,
        mime="application/zip" if every else "application/jsonl",
        icon=":material/download:",
        key="evaluate_save_replies",
        help="As samples of lm-evaluation-harness (JSON Lines); its readers and ours take them.",
        on_click="ignore",
    )


def replies(store: Store, run: int, arm: str) -> bytes:
    """The log of one arm, or a zip with those of all."""
    if arm != ALL:
        return "".join(one.text for one in exported(store, run, arm)).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as files:
        for one in exported(store, run):
            files.writestr(one.path, one.text)
    return written.getvalue()


def as_csv(rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
