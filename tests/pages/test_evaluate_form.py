"""The form of the Evaluate screen: several models, and behaviors picked by hand."""

from typing import Any

import pytest

from core.llm import endpoints
from core.store import Store
from core.store import behaviors as behavior_rows
from core.store import runs as run_rows
from core.store.records import Handbook
from tests.fake_openai import FakeOpenAI, endpoint_of
from tests.pages.conftest import Screen
from tests.pages.test_compare_screen import shown
from tests.pages.test_evaluate_screen import (
    SCREEN,
    answer,
    book,  # noqa: F401  fixtures
    has_ended,
    number_of_problems,
    sums,  # noqa: F401
)


@pytest.fixture
def other(store: Store, endpoint: FakeOpenAI) -> str:
    endpoint.answer = answer
    return endpoints.add(store, endpoint_of(endpoint, "other")).name


def params(store: Store) -> dict[str, Any]:
    with store.read() as session:
        return run_rows.run(1, session=session).params


def test_arms_are_asked_of_every_model(
    screen: Screen,
    store: Store,
    sums: list[int],  # noqa: F811
    other: str,
) -> None:
    at = screen(SCREEN, handbook="notes")
    at.selectbox(key="evaluate_model").set_value("fake")
    at.button_group(key="evaluate_arms").set_value(["plain", "concise"]).run()
    number_of_problems(at).set_value(5)
    at.multiselect(key="evaluate_beside").set_value([other]).run()
    assert not at.exception
    assert {metric.label: metric.value for metric in at.metric}["Replies"] == "20"
    assert "corrected for 3 comparisons" in shown(at)
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    has_ended(store, 1)
    assert [(one["label"], one["model"]) for one in params(store)["arms"]] == [
        ("plain", "fake"),
        ("concise", "fake"),
        ("plain@other", "other"),
        ("concise@other", "other"),
    ]


def test_one_model_alone_offers_no_other(
    screen: Screen,
    sums: list[int],  # noqa: F811
    endpoint: FakeOpenAI,
) -> None:
    at = screen(SCREEN, handbook="notes")
    assert not at.multiselect


def test_behaviors_are_picked_by_hand_for_all_problems(
    screen: Screen,
    store: Store,
    book: Handbook,  # noqa: F811
    sums: list[int],  # noqa: F811
    endpoint: FakeOpenAI,
) -> None:
    endpoint.answer = answer
    at = screen(SCREEN, handbook="notes")
    at.button_group(key="evaluate_arms").set_value(["plain", "bci-fixed"]).run()
    assert "Say what they are for" in shown(at)
    assert not at.error
    at.text_area(key="evaluate_fixed_for").set_value("Sums of digits").run()
    at.button_group(key="evaluate_fixed_by").set_value("topic").run()
    at.selectbox(key="evaluate_fixed_topic").set_value("Algebra").run()
    assert not at.exception
    assert "behavior_add_up" in shown(at)
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    has_ended(store, 1)
    with store.read() as session:
        (behavior,) = behavior_rows.behaviors(book.id, session=session, statuses=("accepted",))
    assert params(store)["fixed"] == [behavior.id]
