"""Logs on the Evaluate screen: taken in, shown as a finished evaluation, and saved again."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.logs import keep_logs
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.store import Store
from pages.ui.evaluate import saving
from tests.core.evaluation.logs import harness_row, inspect_log, inspect_sample, lines
from tests.fake_openai import FakeOpenAI
from tests.pages.conftest import Screen
from tests.pages.test_compare_screen import shown as written

SCREEN = "prove/evaluate"
JSON = "application/json"
INSPECT = json.dumps(inspect_log(inspect_sample(1), inspect_sample(2))).encode()
HARNESS = lines(harness_row(1, resps=[["By behavior_add_up and behavior_made_up it is 18"]]))


@pytest.fixture
def book(store: Store) -> str:
    made = shelf.create(store, "notes", by="founder")
    draft = Draft("behavior_add_up", "Add the digits of the same place.", "Algebra")
    curation.write(store, made.id, draft, by="founder")
    return made.slug


def shown(at: AppTest) -> str:
    """Without the marks that keep Markdown out."""
    return written(at).replace("\\", "")


def with_files(at: AppTest) -> AppTest:
    files = [("apples.json", INSPECT, JSON), ("samples_gsm8k.jsonl", HARNESS, JSON)]
    at.file_uploader(key="evaluate_logs_files").set_value(files).run()
    assert not at.exception
    return at


def test_logs_are_taken_in_with_their_labels(
    screen: Screen, book: str, endpoint: FakeOpenAI
) -> None:
    at = with_files(screen(SCREEN, handbook=book))
    at.text_input(key="evaluate_logs_label_1").set_value("mine")
    at.checkbox(key="evaluate_logs_given_1").check()
    at.selectbox(key="evaluate_logs_handbook").set_value(book)
    at.button(key="evaluate_logs_do").click().run()
    assert not at.exception
    text = shown(at)
    assert "Evaluation 1" in text
    assert "mine against org/small" in text
    assert "mine: 1 of 1 replies name a behavior of the handbook" in text
    assert "Extend this evaluation" not in [one.label for one in at.expander]
    frames = [list(frame.value.columns) for frame in at.dataframe]
    assert ["Name", "Replies"] in frames


def test_what_cannot_be_taken_in_is_told(screen: Screen, book: str, endpoint: FakeOpenAI) -> None:
    at = screen(SCREEN, handbook=book)
    at.file_uploader(key="evaluate_logs_files").set_value([("x.json", b"{broken", JSON)]).run()
    at.button(key="evaluate_logs_do").click().run()
    assert not at.exception
    assert "x.json, line 1 is not readable JSON" in shown(at)


def test_an_imported_one_without_a_handbook_is_shown_and_listed(
    screen: Screen, book: str, store: Store, endpoint: FakeOpenAI
) -> None:
    run = keep_logs(store, [("apples.json", INSPECT)], by="ann")
    at = screen(SCREEN, run=str(run.id))
    assert not at.exception
    assert "imported" in shown(at)
    assert "no behaviors are looked for" in shown(at)
    listed = shown(screen(SCREEN, handbook=book))
    assert "imported · 2 problems · org/small" in listed


def test_replies_are_saved_for_one_arm_or_all(
    screen: Screen, book: str, store: Store, endpoint: FakeOpenAI
) -> None:
    run = keep_logs(store, [("a.json", INSPECT), ("b.jsonl", HARNESS)], by="ann")
    at = screen(SCREEN, run=str(run.id))
    choice = at.selectbox(key="evaluate_replies_of")
    assert choice.options == [saving.ALL, "org/small", "b"]
    choice.set_value("b").run()
    assert not at.exception
    with zipfile.ZipFile(BytesIO(saving.replies(store, run.id, saving.ALL))) as files:
        assert [Path(name).parent.name for name in files.namelist()] == ["org__small", "b"]
        assert files.read(files.namelist()[1]) == saving.replies(store, run.id, "b")
