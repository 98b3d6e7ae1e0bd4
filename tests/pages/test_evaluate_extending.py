"""The Evaluate screen: leaks to what arms draw on, before a start and where one is extended."""

import pytest

from core.evaluation import sets
from core.evaluation.problems import NewProblem
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.store import Store
from core.store import runs as run_rows
from core.store.records import Handbook
from pages.ui.evaluate.questions import CURATION
from tests.fake_openai import FakeOpenAI
from tests.pages.conftest import Screen
from tests.pages.test_compare_screen import shown
from tests.pages.test_evaluate_screen import (  # noqa: F401  fixtures
    SCREEN,
    book,
    evaluated,
    has_ended,
    sums,
)

LEAKY = "What is 3 plus 3 if 4711 counters are moved from 8128 boxes to 377 shelves?"
CARRYING = "When 4711 counters move from 8128 boxes to 377 shelves, add 3."


@pytest.fixture
def leaky(store: Store, book: Handbook) -> list[int]:  # noqa: F811
    """Of these problems the handbook carries none yet."""
    found = [NewProblem(f"What is {n} plus {n}?", str(2 * n), "Algebra") for n in range(1, 8)]
    sets.import_set(store, "sums", [*found, NewProblem(LEAKY, "6", "Algebra")], by="ann")
    return [problem.id for problem in sets.problems_of(store, "sums")]


def test_what_an_extension_takes_is_told(
    screen: Screen,
    sums: list[int],  # noqa: F811
    endpoint: FakeOpenAI,
) -> None:
    run = evaluated(sums, endpoint)
    at = screen(SCREEN, run=str(run))
    assert "further reply" not in shown(at)
    assert "About 16 replies" not in shown(at)
    at.number_input(key=f"evaluate_more_samples_{run}").set_value(2).run()
    assert "About 16 replies" in shown(at)
    at.number_input(key=f"evaluate_more_samples_{run}").set_value(1).run()
    at.text_input(key=f"evaluate_more_budgets_{run}").set_value("32").run()
    assert "No further reply is asked for" in shown(at)


def test_an_added_arm_brings_no_leaks_in_unasked(
    screen: Screen,
    store: Store,
    leaky: list[int],
    book: Handbook,  # noqa: F811
    endpoint: FakeOpenAI,
) -> None:
    run = evaluated(leaky, endpoint)
    draft = Draft("behavior_move", CARRYING, "Algebra")
    curation.write(store, book.id, draft, by="founder")
    at = screen(SCREEN, run=str(run))
    at.button_group(key=f"evaluate_more_arms_{run}").set_value(["bci-topic"]).run()
    assert not at.exception
    box = at.checkbox(key=f"evaluate_keep_leaks_{run}")
    assert box.label == "Keep 1 of the 8 problems that leak to what is added"
    at.button(key="evaluate_extend").click().run()
    assert "1 of the run's 8 problems leak to what is added" in at.error[0].value
    at.checkbox(key=f"evaluate_keep_leaks_{run}").set_value(True).run()
    at.button(key="evaluate_extend").click().run()
    assert not at.error
    has_ended(store, run)
    with store.read() as session:
        params = run_rows.run(run, session=session).params
    assert [one["label"] for one in params["arms"]] == ["plain", "concise", "bci-topic"]
    assert params["problems"]["leaks"]["kept"] == {"behavior carries it": 1}


def test_what_was_rejected_counts_where_curation_is_looked_at(
    screen: Screen,
    store: Store,
    leaky: list[int],
    book: Handbook,  # noqa: F811
    endpoint: FakeOpenAI,
) -> None:
    with store.write() as session:
        draft = Draft("behavior_move", CARRYING, "Algebra")
        (one,) = curation.propose(book.id, [draft], by="a-model", session=session)
    curation.reject(store, one.id, version=one.version, by="founder")
    at = screen(SCREEN, handbook="notes")
    assert "no behavior carries one" in shown(at)
    at.button_group(key="evaluate_question").set_value(CURATION).run()
    at.button_group(key="evaluate_way").set_value("bci-topic").run()
    assert not at.exception
    assert "7 of 8 problems; 1 left out as leaks" in shown(at)
    assert {one.handbook.slug for one in shelf.summaries(store)} == {"notes"}
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    with store.read() as session:
        told = run_rows.run(1, session=session).params["problems"]
    assert (told["left_out"], told["leaks"]["flagged"]) == (1, {"behavior carries it": 1})
