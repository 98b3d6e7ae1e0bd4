"""The runs of one kind that are kept, also imported ones: a page of them, the latest first."""

import streamlit as st

from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Job, Run
from pages.ui import services

PAGE_LENGTH = 10
LONGEST = 90  # characters: what was imported may be titled with a whole problem


def page_of_runs(kind: str) -> tuple[list[tuple[Run, Job | None]], int]:
    """The runs of the chosen page, each with its job, and how many pages there are.

    The choice has the key `KIND_page`. A run that was imported has no job.
    """
    with services.app().store.read() as session:
        pages = max(1, -(-run_rows.count_of_kind(kind, session=session) // PAGE_LENGTH))
        chosen = st.session_state.get(f"{kind}_page", 1)
        skip = (chosen - 1) * PAGE_LENGTH if chosen <= pages else 0
        shown = run_rows.latest_of_kind(kind, PAGE_LENGTH, skip=skip, session=session)
        jobs = [job_rows.jobs(run_id=run.id, session=session) for run in shown]
    return [(run, own[0] if own else None) for run, own in zip(shown, jobs, strict=True)], pages


def one_line(text: str) -> str:
    """As much of a text as stands in one row of a list."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()} …"
