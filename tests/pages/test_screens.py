"""Every screen, empty and full, through app.py; what clicks do is told by the store."""

import re
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.app import App
from core.evaluation.problems import NewProblem
from core.handbook import curation
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.plan import Plan
from core.store import Store
from core.store import behaviors as behavior_rows
from core.store import jobs as job_rows
from tests.fake_openai import FakeOpenAI, Reply, endpoint_of, wait_until


def shown(at: AppTest) -> str:
    """All texts of a screen."""
    parts = [*at.header, *at.subheader, *at.markdown, *at.caption, *at.error, *at.info, *at.text]
    return "\n".join(str(part.value) for part in parts)


def solved(app: App) -> int:
    """A finished run; gives its number."""
    models = dict.fromkeys(("solve", "reflect", "extract"), "fake")
    plan = Plan(models=models, sampling=Sampling())
    problem = NewProblem("What is 2 + 3?", "5", "Prealgebra")
    job = app.add_solve([problem], "mine", plan, topic="", by="tester")
    app.jobs.run_here(job.id)
    assert job.run_id is not None
    return job.run_id


def test_a_fresh_workbench_offers_the_default_model(screen) -> None:
    at = screen("build/solve")
    assert not at.exception
    assert "no model to work with yet" in shown(at)
    assert at.button(key="solve_download")


def test_a_fresh_workbench_has_the_starters(screen) -> None:
    at = screen("explore/handbook")
    assert not at.exception
    assert {"countdown", "math-foundations", "multi-hop-qa"} <= set(at.selectbox[0].options)


def test_solve_needs_a_problem(screen, endpoint: FakeOpenAI) -> None:
    at = screen("build/solve")
    at.button(key="solve_start").click().run()
    assert not at.exception
    assert "There is no problem yet" in shown(at)
    at.text_area(key="solve_text").set_value("What is $2 + 3$?").run()
    assert "What is $2 + 3$?" in shown(at)


def test_a_model_that_was_removed_is_no_longer_chosen(
    screen, endpoint: FakeOpenAI, app: App
) -> None:
    endpoints.add(app.store, endpoint_of(endpoint, "other"))
    at = screen("build/solve")
    at.selectbox(key="solve_model").set_value("other").run()
    endpoints.remove(app.store, "other")
    at.run()
    assert not at.exception
    assert at.selectbox(key="solve_model").value == "fake"


def test_one_gold_answer_for_several_problems_is_told(screen, endpoint: FakeOpenAI) -> None:
    at = screen("build/solve")
    at.text_area(key="solve_text").set_value("a\n---\nb")
    at.text_input(key="solve_gold").set_value("5").run()
    assert "cannot belong to several problems" in shown(at)
    assert at.text_area(key="solve_text").value == "a\n---\nb"


def test_start_makes_a_run_and_shows_it(screen, endpoint: FakeOpenAI, store: Store) -> None:
    at = screen("build/solve")
    at.text_area(key="solve_text").set_value("What is 2 + 3?").run()
    at.button(key="solve_start").click().run()
    assert not at.exception
    assert at.query_params["run"] == "1"

    def ended() -> bool:
        with store.read() as session:
            return not job_rows.jobs(session=session)[0].active

    wait_until(ended)
    at.run()
    assert "Proposed behaviors" in shown(at)


def test_accept_and_take_back(screen, endpoint: FakeOpenAI, app: App) -> None:
    run_id = solved(app)
    at = screen("build/solve", run=str(run_id))
    accept = next(button for button in at.button if button.key.startswith("accept_"))
    behavior_id = int(accept.key.removeprefix("accept_"))
    accept.click().run()
    assert not at.exception
    assert status_of(app.store, behavior_id) == "accepted"
    at.button(key=f"reopen_{behavior_id}").click().run()
    assert status_of(app.store, behavior_id) == "proposed"


def status_of(store: Store, behavior_id: int) -> str:
    with store.read() as session:
        return behavior_rows.behavior(behavior_id, session=session).status


def test_a_decision_on_a_changed_behavior_is_refused(
    screen, endpoint: FakeOpenAI, app: App
) -> None:
    at = screen("build/solve", run=str(solved(app)))
    accept = next(button for button in at.button if button.key.startswith("accept_"))
    behavior_id = int(accept.key.removeprefix("accept_"))
    curation.reject(app.store, behavior_id, version=1, by="somebody else")
    accept.click().run()
    assert status_of(app.store, behavior_id) == "rejected"
    assert "was changed by somebody else" in shown(at)


def test_a_failed_stage_shows_its_sentence(screen, endpoint: FakeOpenAI, app: App) -> None:
    endpoint.answer = Reply(fault="unauthorized")
    at = screen("build/solve", run=str(solved(app)))
    assert not at.exception
    assert "refused the key" in shown(at)


def test_an_address_of_no_run_is_told(screen) -> None:
    at = screen("build/solve", run="999")
    assert not at.exception
    assert "There is no run number 999" in shown(at)


@pytest.mark.parametrize("name", ["build/solve", "prove/compare", "prove/evaluate"])
def test_an_address_that_was_cut_off_is_told(screen, name: str) -> None:
    at = screen(name, run="12a")
    assert not at.exception
    assert [part.value for part in at.warning] == [
        "There is no run 12a: the address needs a run's number."
    ]


def test_runs_lists_what_ran(screen, endpoint: FakeOpenAI, app: App) -> None:
    solved(app)
    at = screen("work/runs")
    assert not at.exception
    assert "What is 2 \\+ 3?" in shown(at)
    assert "3 traces" in shown(at)


def test_the_duration_of_a_last_piece_is_not_told_as_the_whole(
    screen, endpoint: FakeOpenAI, app: App
) -> None:
    def told() -> str:
        return next(one.value for one in screen("work/runs").caption if "3 traces" in one.value)

    run_id = solved(app)
    assert re.search(r"ago · \d+\.\d s · 3 traces", told())
    with app.store.write() as session:
        (job,) = job_rows.jobs(run_id=run_id, session=session)
        later = job.created + timedelta(minutes=5)
        job_rows.move(job.id, ("done",), "done", session=session, started=later, finished=later)
    assert re.search(r"ago · 3 traces", told())


def test_runs_is_empty_at_first(screen) -> None:
    at = screen("work/runs")
    assert not at.exception
    assert "Nothing has run yet" in shown(at)


def test_models_tests_an_endpoint(screen, endpoint: FakeOpenAI) -> None:
    at = screen("work/models")
    at.button(key="test_fake").click().run()
    assert not at.exception
    assert {metric.label: metric.value for metric in at.metric}["Token counts"] == "yes"


def test_handbook_filters(screen) -> None:
    at = screen("explore/handbook", handbook="math-foundations")
    assert not at.exception
    at.text_input(key="handbook_words").set_value("complement").run()
    assert not at.exception
    assert " of 98 accepted behaviors" in shown(at)
