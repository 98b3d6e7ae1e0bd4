"""The Evaluate screen: the form and its estimate, a finished evaluation, extending it."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import planning
from core.app import App
from core.evaluation import sets
from core.evaluation.problems import NewProblem
from core.evaluation.report.document import report
from core.evaluation.report.tables import flips_table
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.arms import arm
from core.pipeline.evaluation import Evaluation
from core.retrieval.vectors import Vectors
from core.store import Store
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Handbook
from pages.ui import services
from pages.ui.evaluate import saving
from pages.ui.evaluate.questions import CURATION, WORTH
from tests.core.evaluation.test_problems_hugging_face import Hub, hub  # noqa: F401  a fixture
from tests.core.retrieval.counting import CountingEmbedder
from tests.fake_openai import (
    FakeOpenAI,
    Reply,
    Worded,
    counted,
    endpoint_of,
    prompt_of,
    wait_until,
)
from tests.pages.conftest import Screen
from tests.pages.test_compare_screen import shown

SCREEN = "prove/evaluate"


@pytest.fixture
def book(store: Store) -> Handbook:
    made = shelf.create(store, "notes", by="founder")
    draft = Draft("behavior_add_up", "Add the digits of the same place.", "Algebra")
    curation.write(store, made.id, draft, by="founder")
    return made


@pytest.fixture
def sums(store: Store, book: Handbook) -> list[int]:
    level = {"level": 5}
    found = [
        NewProblem(f"What is {n} plus {n}?", str(2 * n), "Algebra", level) for n in range(1, 9)
    ]
    sets.import_set(store, "sums", found, by="ann")
    return [problem.id for problem in sets.problems_of(store, "sums")]


def answer(body: dict[str, Any]) -> Reply:
    n = int(body["messages"][-1]["content"].split("What is ")[1].split()[0])
    long = prompt_of(body) == "solve"
    value = 0 if long and n < 3 else 2 * n
    return counted(body, Worded("word " * (30 if long else 10) + f"\\boxed{{{value}}}"))


def evaluated(ids: list[int], endpoint: FakeOpenAI, **changes: Any) -> int:
    """The number of a finished run."""
    endpoint.answer = answer
    app = services.app()
    arms = changes.pop("arms", (arm("plain", "fake"), arm("concise", "fake")))
    plan = Evaluation(
        arms,
        Sampling(max_tokens=64, seed=1),
        budgets=(20, 64),
        problems={"set": "sums", "left_out": 0, "leaks": {}},
        **changes,
    )
    job = planning.add_evaluation(app, ids, "notes", plan, title="sums", by="ann")
    assert app.jobs.run_here(job.id).status == "done"
    return job.run_id or 0


def number_of_problems(at: AppTest) -> Any:
    (found,) = [one for one in at.number_input if one.label == "Problems, drawn at random"]
    return found


def test_what_was_chosen_is_there_when_one_comes_back(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN, handbook="notes")
    number_of_problems(at).set_value(5)
    at.number_input(key="evaluate_draw").set_value(3)
    at.number_input(key="evaluate_limit").set_value(0.5)
    at.selectbox(key="evaluate_judge").set_value("fake")
    at.checkbox(key="evaluate_forced").set_value(True)
    at.run()
    at.switch_page("pages/work/runs.py").run()
    at.switch_page(f"pages/{SCREEN}.py").run()
    assert not at.exception
    assert number_of_problems(at).value == 5
    assert at.number_input(key="evaluate_draw").value == 3
    assert at.number_input(key="evaluate_limit").value == 0.5
    assert at.selectbox(key="evaluate_judge").value == "fake"
    assert at.checkbox(key="evaluate_forced").value


def test_without_a_model_or_a_set_it_says_what_to_do(
    screen: Screen, book: Handbook, endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN, handbook="notes")
    assert not at.exception
    assert "An evaluation needs a set of problems" in shown(at)
    assert at.button(key="evaluate_import")


def test_the_form_estimates_and_starts(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI
) -> None:
    endpoint.answer = answer
    at = screen(SCREEN, handbook="notes")
    at.button_group(key="evaluate_arms").set_value(["plain", "concise"]).run()
    number_of_problems(at).set_value(5).run()
    assert not at.exception
    figures = {metric.label: metric.value for metric in at.metric}
    assert figures["Replies"] == "10"
    assert figures["Cost, about"] == "unknown"
    assert "With 5 problems" in shown(at)
    assert "corrected for" not in shown(at)
    at.text_input(key="evaluate_budgets").set_value("64 1024").run()
    assert "corrected for 2 comparisons" in shown(at)
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    assert "Evaluation 1" in shown(at)


@pytest.mark.parametrize(
    ("typed", "told", "asked"),
    [
        ("16", "", [16]),
        ("512, 64", "2 budgets: 64, 512 tokens.", [64, 512]),
        ("64 -3 many 999999", "Left out: -3, many, 999999.", [64]),
    ],
)
def test_budgets_are_those_that_were_typed(
    screen: Screen,
    store: Store,
    sums: list[int],
    endpoint: FakeOpenAI,
    typed: str,
    told: str,
    asked: list[int],
) -> None:
    endpoint.answer = answer
    at = screen(SCREEN, handbook="notes")
    at.button_group(key="evaluate_arms").set_value(["plain", "concise"]).run()
    at.text_input(key="evaluate_budgets").set_value(typed).run()
    assert told in shown(at).replace("\\", "")
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    with store.read() as session:
        assert run_rows.run(1, session=session).params["budgets"] == asked


def test_without_an_arm_or_a_budget_nothing_starts(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN, handbook="notes")
    at.button_group(key="evaluate_arms").set_value(["plain"]).run()
    at.text_input(key="evaluate_budgets").set_value("").run()
    assert "A budget is a number of tokens from 16 to 131,072" in shown(at)
    assert at.button(key="evaluate_start").disabled
    at.button_group(key="evaluate_arms").set_value([]).run()
    assert "Choose an arm" in shown(at)
    assert not at.exception


def test_a_limit_that_stopped_a_run_is_raised(
    screen: Screen, store: Store, sums: list[int], endpoint: FakeOpenAI
) -> None:
    endpoints.add(
        store, endpoint_of(endpoint, "priced", concurrency=1, price_in=1.0, price_out=9.0)
    )
    endpoint.answer = answer
    app = services.app()
    arms = (arm("plain", "priced"),)
    sampling = Sampling(max_tokens=64, seed=1)
    plan = Evaluation(arms, sampling, budgets=(64,), spend_at_most=0.0004, problems={})
    job = planning.add_evaluation(app, sums, "notes", plan, title="sums", by="ann")
    assert "raise the limit: under Extend" in app.jobs.run_here(job.id).note
    at = screen(SCREEN, run=str(job.run_id))
    assert "8 replies have no outcome" in shown(at)
    assert at.button(key="evaluate_extend").disabled
    at.number_input(key=f"evaluate_more_limit_{job.run_id}").set_value(0.0).run()
    at.button(key="evaluate_extend").click().run()
    assert "spending limit has to be above 0" in at.error[0].value
    at.number_input(key=f"evaluate_more_limit_{job.run_id}").set_value(1.0).run()
    at.button(key="evaluate_extend").click().run()
    assert not at.exception

    def ended() -> bool:
        with store.read() as session:
            return job_rows.job(job.id, session=session).status == "done"

    wait_until(ended)


def test_a_finished_one_shows_verdict_figures_and_flips(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI
) -> None:
    run = evaluated(sums, endpoint)
    at = screen(SCREEN, run=str(run))
    assert not at.exception
    text = shown(at)
    assert "concise against plain at 64 tokens" in text
    frames = [frame.value for frame in at.dataframe]
    arms = next(frame for frame in frames if "Output tokens" in frame and "Budget" in frame)
    assert list(arms["Arm"]) == ["plain", "concise", "plain", "concise"]
    assert list(arms["Budget"]) == [20, 20, 64, 64]
    flips = [button for button in at.button if (button.key or "").startswith("evaluate_flip_")]
    assert {button.label for button in flips} == {"Read both replies"}
    dialog = flips[0].click().run()
    assert not dialog.exception
    assert {"**plain**", "**concise**"} <= {line.value for line in dialog.markdown}
    told = shown(dialog)
    assert "Algebra · level 5 · answer 2" in told
    assert "Cut at the budget of 20 tokens: there it counts as wrong, whatever its answer" in told


def test_the_replies_of_a_flip_stand_beside_each_other_by_steps(
    screen: Screen,
    store: Store,
    sums: list[int],
    endpoint: FakeOpenAI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = evaluated(sums, endpoint)
    flip = report(store, run)["flips"][0]
    numbers = "_".join(str(one) for own in flip["traces"].values() for one in own)

    def opened() -> str:
        at = screen(SCREEN, run=str(run))
        at.session_state[f"evaluate_traces_{numbers}_view"] = "By steps"
        key = f"evaluate_flip_{flip['arm']}_{flip['budget']}_{flip['problem_id']}"
        at.button(key=key).click().run()
        assert not at.exception
        return shown(at)

    assert "Steps are put beside each other by meaning, which needs an embedder." in opened()
    same_for_all = CountingEmbedder()
    monkeypatch.setattr(same_for_all, "row", lambda _text: np.eye(8, dtype=np.float32)[0])
    monkeypatch.setattr(App, "vectors", property(lambda one: Vectors(one.store, same_for_all)))
    st.cache_resource.clear()
    assert "Stretches that say alike stand beside each other" in opened()
    assert same_for_all.calls == [2]  # one step each


def test_the_balance_is_drawn_where_the_making_of_the_handbook_is_known(
    screen: Screen, store: Store, sums: list[int], book: Handbook, endpoint: FakeOpenAI
) -> None:
    arms = (arm("plain", "fake"), arm("bci-topic", "fake"))
    before = screen(SCREEN, run=str(evaluated(sums, endpoint, arms=arms)))
    made = {"title": "made", "handbook_id": book.id, "problem_ids": sums[:1], "by": "ann"}
    with store.write() as session:
        run = run_rows.add_run(kind="solve", **made, session=session)
        run_rows.add_trace(
            run_id=run.id,
            problem_id=sums[0],
            arm="",
            stage="solve",
            endpoint="fake",
            model="fake",
            prompt_hash="",
            finish_reason="stop",
            input_tokens=100,
            output_tokens=50,
            session=session,
        )
    after = screen(SCREEN, run="1")
    assert not after.exception
    assert len(after.get("plotly_chart")) == len(before.get("plotly_chart")) + 1


def test_figures_and_flips_are_saved_as_tables(
    screen: Screen, store: Store, sums: list[int], endpoint: FakeOpenAI
) -> None:
    run = evaluated(sums, endpoint)
    at = screen(SCREEN, run=str(run))
    labels = [one.proto.label for one in at.get("download_button")]
    assert {"Save the figures", "Save the flips"} <= set(labels)
    read = csv.DictReader(io.StringIO(saving.as_csv(flips_table(report(store, run)))))
    assert {one["direction"] for one in read} == {"wrong_to_right"}


def test_whether_curation_pays_is_told_first(
    screen: Screen, store: Store, sums: list[int], endpoint: FakeOpenAI
) -> None:
    raw = shelf.create(store, "notes-raw", by="founder")
    draft = Draft("behavior_carry_over", "Carry what is above nine.", "Algebra")
    curation.write(store, raw.id, draft, by="founder")
    arms = tuple(arm(one, "fake") for one in ("plain", "bci-topic:notes-raw", "bci-topic"))
    at = screen(SCREEN, run=str(evaluated(sums, endpoint, arms=arms)))
    assert not at.exception
    told = [part.value for part in at.markdown if " against " in part.value]
    assert "bci-topic against bci-topic:notes-raw" in told[0].replace("\\", "")
    folded = next(one.label for one in at.expander if one.label.startswith("Beside plain"))
    assert "bci-topic: not shown" in folded.replace("\\", "")


def has_ended(store: Store, run: int) -> None:
    def ended() -> bool:
        with store.read() as session:
            return job_rows.jobs(run_id=run, session=session)[0].status == "done"

    wait_until(ended)


def test_only_what_more_samples_need_is_asked_for(
    screen: Screen, store: Store, sums: list[int], endpoint: FakeOpenAI
) -> None:
    run = evaluated(sums, endpoint)
    asked = len(endpoint.requests)
    at = screen(SCREEN, run=str(run))
    at.number_input(key=f"evaluate_more_samples_{run}").set_value(2).run()
    at.button(key="evaluate_extend").click().run()
    assert not at.exception
    has_ended(store, run)
    assert len(endpoint.requests) == 2 * asked


def test_a_smaller_budget_takes_the_replies_there_are(
    screen: Screen, store: Store, sums: list[int], endpoint: FakeOpenAI
) -> None:
    run = evaluated(sums, endpoint)
    asked = len(endpoint.requests)
    at = screen(SCREEN, run=str(run))
    field = at.text_input(key=f"evaluate_more_budgets_{run}")
    field.set_value("many").run()
    assert "Left out: many." in shown(at)
    assert at.button(key="evaluate_extend").disabled
    field.set_value("64, 32").run()
    at.button(key="evaluate_extend").click().run()
    assert not at.exception
    has_ended(store, run)
    assert len(endpoint.requests) == asked
    with store.read() as session:
        assert run_rows.run(run, session=session).params["budgets"] == [20, 32, 64]


def test_a_run_that_is_not_there_is_told_with_a_way_out(
    screen: Screen, book: Handbook, endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN, run="77")
    assert not at.exception
    assert "no run number 77" in at.error[0].value
    at.button(key="no_run_new").click().run()
    assert not at.error
    assert "Evaluations" in shown(at)


@pytest.mark.parametrize("samples", [1, 2])
def test_any_report_can_be_drawn(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI, samples: int
) -> None:
    at: AppTest = screen(SCREEN, run=str(evaluated(sums, endpoint, samples=samples)))
    assert not at.exception


def test_an_experiment_says_how_many_samples_it_takes(
    screen: Screen, store: Store, sums: list[int], endpoint: FakeOpenAI
) -> None:
    endpoint.answer = answer
    found = [NewProblem(f"What is {n} plus {n}?", str(2 * n), "Algebra") for n in range(1, 90)]
    sets.import_set(store, "many", found, by="ann")
    at = screen(SCREEN, handbook="notes")
    at.selectbox(key="evaluate_set").set_value("many").run()
    at.button_group(key="evaluate_question").set_value(WORTH).run()
    at.button_group(key="evaluate_way").set_value("bci-topic").run()
    assert not at.exception
    assert "60 problems retrieve 1 behavior" in shown(at)
    assert at.button(key="evaluate_start").disabled
    at.button(key="evaluate_enough").click().run()
    needed = at.number_input(key="evaluate_samples").value
    assert needed > 2
    at.number_input(key="evaluate_samples").set_value(4).run()
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    with services.app().store.read() as session:
        params = run_rows.run(1, session=session).params
    assert params["parts"] is True
    assert [arm["kind"] for arm in params["arms"]] == ["plain", "bci-topic"]


def test_what_an_experiment_found_is_shown(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI
) -> None:
    arms = (arm("plain", "fake"), arm("bci-topic", "fake"))
    at = screen(SCREEN, run=str(evaluated(sums, endpoint, arms=arms, parts=True, samples=4)))
    assert not at.exception
    assert "Worth of behaviors" in [tab.label for tab in at.tabs]
    frame = next(frame.value for frame in at.dataframe if "Left out" in frame.value)
    assert list(frame["Behavior"]) == ["behavior_add_up"]
    assert list(frame["Given"]) == [16]


def test_whether_curation_pays_is_asked_in_one_click(
    screen: Screen, store: Store, sums: list[int], book: Handbook, endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN, handbook="notes")
    at.button_group(key="evaluate_question").set_value(CURATION).run()
    assert not at.exception
    assert "No model ever proposed a behavior for notes" in at.error[0].value
    drafts = [Draft(f"behavior_{n}", f"Add {n} by {n}.", "Algebra") for n in range(6)]
    with store.write() as session:
        curation.propose(book.id, drafts, by="a-model", session=session)
    at.button_group(key="evaluate_way").set_value("bci-topic").run()
    assert "2. The raw extraction: 6 behaviors" in shown(at)
    assert "4. The handbook as it was curated: 1 accepted" in shown(at)
    at.button(key="evaluate_start").click().run()
    assert not at.exception
    assert {one.handbook.slug for one in shelf.summaries(store)} >= {"notes-raw", "notes-raw-1"}
    with store.read() as session:
        labels = [one["label"] for one in run_rows.run(1, session=session).params["arms"]]
    assert labels == ["plain", "bci-topic:notes-raw", "bci-topic:notes-raw-1", "bci-topic"]


def asked_of_the_hub(screen: Screen, data_set: str) -> AppTest:
    """The dialog as it is after Fetch; a test's next click would close it."""
    at = screen(SCREEN, handbook="notes")
    for name, value in (("source", "Hugging Face"), ("hub", data_set), ("asked", data_set)):
        at.session_state[f"problems_{name}"] = value
    return at.button(key="evaluate_import").click().run()


def test_problems_come_from_hugging_face(
    screen: Screen,
    book: Handbook,
    endpoint: FakeOpenAI,
    hub: Hub,  # noqa: F811
) -> None:
    hub.branches["main"] = {"data/test.jsonl": b'{"problem": "What is 3 plus 3?", "answer": "6"}\n'}
    at = asked_of_the_hub(screen, "owner/sums:test")
    assert not at.exception
    assert "What is 3 plus 3?" in shown(at)
    assert at.button(key="problems_do").label == "Import 1"
    assert at.text_input(key="problems_name_sums").value == "sums"


def test_rows_that_repeat_another_are_told(
    screen: Screen,
    book: Handbook,
    endpoint: FakeOpenAI,
    hub: Hub,  # noqa: F811
) -> None:
    row = b'{"problem": "What is 3 plus 3?", "answer": "6"}\n'
    hub.branches["main"] = {"data/test.jsonl": 3 * row}
    at = asked_of_the_hub(screen, "owner/sums:test")
    assert "2 rows repeat another one" in shown(at)
    assert at.button(key="problems_do").label == "Import 1"


def test_an_import_that_replaces_a_set_says_so_before(
    screen: Screen,
    store: Store,
    sums: list[int],
    endpoint: FakeOpenAI,
    hub: Hub,  # noqa: F811
) -> None:
    hub.branches["main"] = {"data/test.jsonl": b'{"problem": "What is 3 plus 3?", "answer": "6"}\n'}
    at = asked_of_the_hub(screen, "owner/sums:test")
    assert "replaces the set of this name (8 problems)" in shown(at)
    same = [
        {"problem": p.text, "answer": p.gold, "topic": p.topic}
        for p in sets.problems_of(store, "sums")
    ]
    hub.branches["main"] = {"data/train.jsonl": "\n".join(map(json.dumps, same)).encode()}
    at = asked_of_the_hub(screen, "owner/sums:train")
    assert at.button(key="problems_do").label == "Import 8"
    assert "replaces the set" not in shown(at)


def test_western_text_is_told_where_it_is_taken_in(
    screen: Screen,
    book: Handbook,
    endpoint: FakeOpenAI,
    hub: Hub,  # noqa: F811
) -> None:
    hub.branches["main"] = {"data/test.csv": "problem;answer\nGrün?;ja\n".encode("cp1252")}
    at = asked_of_the_hub(screen, "owner/sums:test")
    assert "it may have wrong letters" in shown(at)
    assert "Grün?" in shown(at)


def test_kept_ones_are_told_apart_by_their_model_and_handbook(
    screen: Screen, sums: list[int], endpoint: FakeOpenAI
) -> None:
    evaluated(sums, endpoint)
    assert "8 problems · fake · Notes · plain, concise" in shown(screen(SCREEN))


def test_columns_of_unusual_names_are_chosen(
    screen: Screen,
    book: Handbook,
    endpoint: FakeOpenAI,
    hub: Hub,  # noqa: F811
) -> None:
    row = b'{"Frage": "What is 3 plus 3?", "Loesung": "6", "Fach": "Sums"}\n'
    hub.branches["main"] = {"data/test.jsonl": row}
    at = asked_of_the_hub(screen, "owner/sums:test")
    assert "Say which column holds the problem" in shown(at)
    for part, column in (("text", "Frage"), ("gold", "Loesung"), ("topic", "Fach")):
        at.selectbox(key=f"problems_{part}_sums_generic").set_value(column)
    at.button(key="evaluate_import").click().run()  # here a dialog is closed by every run
    assert not at.exception
    assert at.button(key="problems_do").label == "Import 1"
    assert "What is 3 plus 3?" in shown(at)
    assert "Sums · answer 6" in shown(at)


def test_a_data_set_that_is_not_there_is_told(
    screen: Screen,
    book: Handbook,
    endpoint: FakeOpenAI,
    hub: Hub,  # noqa: F811
) -> None:
    hub.status = 404
    at = asked_of_the_hub(screen, "owner/nothing")
    assert not at.exception
    assert "gives nobody owner/nothing" in at.error[0].value.replace("\\", "")
