"""The Compare screen: the form, a finished comparison, recordings, a vote; no browser needed."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.evaluation.comparison.document import document
from core.evaluation.problems import NewProblem
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.arms import arm
from core.pipeline.comparison import Comparison
from core.store import Store, votes
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Handbook
from pages.ui import services
from pages.ui.compare.blind import shuffled
from pages.ui.compare.live import document_now
from pages.ui.compare.run import in_turn
from tests.fake_openai import FakeOpenAI, Reply, endpoint_of
from tests.pages.conftest import Screen

SCREEN = "prove/compare"
NAME = "behavior_halve_first"
PROBLEM = NewProblem("A circle has the diameter $14$. Its radius?", "7")
USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 90},
    "completion_tokens_details": {"reasoning_tokens": 4},
}


def shown(at: AppTest) -> str:
    parts = [*at.header, *at.subheader, *at.markdown, *at.caption, *at.error, *at.info]
    return "\n".join(str(part.value) for part in parts)


def answer(body: dict[str, Any]) -> Reply:
    given = NAME in body["messages"][-1]["content"]
    words = f"**{NAME}** says half of 14 is 7. As **behavior_made_up** says" if given else "Long"
    return Reply(f"{words}, so $7$.\n\nThe answer is \\boxed{{7}}.", usage=USAGE)


@pytest.fixture
def book(store: Store) -> Handbook:
    made = shelf.create(store, "notes", by="founder")
    curation.write(store, made.id, Draft(NAME, "Halve it first.", "Geometry"), by="founder")
    return made


def compared(
    store: Store,
    book: Handbook,
    fake: FakeOpenAI,
    samples: int = 1,
    kinds: str = "plain bci-fixed",
) -> int:
    """The number of a finished run; made by the workbench of the screens."""
    fake.answer = answer
    app = services.app()
    plan = planned(store, book, kinds, samples)
    job = app.jobs.run_here(app.add_compare(PROBLEM, "notes", plan, by="ann").id)
    assert job.status == "done"
    return job.run_id or 0


def planned(store: Store, book: Handbook, kinds: str, samples: int) -> Comparison:
    (behavior,) = shelf.behaviors(store, book)
    arms = tuple(arm(kind, "fake") for kind in kinds.split())
    return Comparison(arms, Sampling(max_tokens=64), samples, fixed=(behavior.id,))


def test_without_a_model_one_can_get_one_and_recordings_are_still_there(
    screen: Screen, book: Handbook
) -> None:
    at = screen(SCREEN)
    assert not at.exception
    assert at.button(key="compare_download")
    assert "Recordings" in shown(at)


def test_the_form_starts_a_comparison(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    endpoint.answer = answer
    at = screen(SCREEN, handbook="notes")
    at.button(key="compare_ex").click().run()
    at.button_group(key="compare_arms").set_value(["plain", "concise"]).run()
    at.number_input(key="compare_samples").set_value(2).run()
    at.button(key="compare_start").click().run()
    assert not at.exception
    assert not at.error
    assert "blind" not in at.query_params
    number = int(at.query_params["run"][0])
    made = document(store, number)
    assert [one["kind"] for one in made["asked"]] == ["plain", "concise"]
    assert made["settings"]["samples"] == 2
    assert f"Comparison {number}" in shown(at)


def test_the_form_opens_a_comparison_blind(
    screen: Screen, book: Handbook, endpoint: FakeOpenAI
) -> None:
    endpoint.answer = answer
    at = screen(SCREEN, handbook="notes")
    at.button(key="compare_ex").click().run()
    at.button_group(key="compare_arms").set_value(["plain", "concise"]).run()
    at.toggle(key="compare_judge_blind").set_value(True).run()
    at.button(key="compare_start").click().run()
    assert not at.exception
    assert at.query_params["blind"] == "1"
    assert not at.dataframe


@pytest.mark.parametrize(
    ("arms", "text", "said"),
    [
        (["plain"], "What is 1 + 1?", "2 to 6 arms"),
        (["plain", "concise"], "", "no problem yet"),
        (["plain", "bci-fixed"], "", "no problem yet"),
        (["plain", "concise"], "One?\n---\nTwo?", "one problem"),
    ],
)
def test_what_cannot_be_compared_is_said(
    screen: Screen, book: Handbook, endpoint: FakeOpenAI, arms: list[str], text: str, said: str
) -> None:
    at = screen(SCREEN, handbook="notes")
    at.text_area(key="compare_text").set_value(text).run()
    at.button_group(key="compare_arms").set_value(arms).run()
    at.button(key="compare_start").click().run()
    assert not at.exception
    assert any(said in error.value for error in at.error)
    assert "run" not in at.query_params


def test_a_finished_comparison_shows_every_figure(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN)
    number = compared(store, book, endpoint)
    at = screen(SCREEN, run=str(number))
    assert not at.exception
    assert "From one sample" in shown(at)
    frame = at.dataframe[0].value.set_index("Arm").loc["BCI by hand"]
    assert frame["Output tokens"] == "30"
    assert frame["of them reasoning"] == "4"
    assert frame["Input tokens"] == "120"
    assert frame["of them cached"] == "90"
    assert frame["Right"] == "right"
    assert frame["Cited"] == NAME
    assert frame["Invented"] == "behavior_made_up"
    assert frame["Counted by"] == "the endpoint"
    assert frame["Price"] == "unknown"


def test_what_was_broken_off_is_not_called_on_its_way_and_what_nobody_graded_not_0_of_0(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint, samples=2)
    with store.write() as session:
        first, second = run_rows.traces(number, arm="plain", session=session)
        run_rows.set_verdict(first.id, correct=None, session=session)
        run_rows.update_trace(second.id, finish_reason=None, session=session)
    at = screen(SCREEN, run=str(number))
    assert list(at.dataframe[0].value["End"])[1] == "broken off"
    means = at.dataframe[1].value.set_index("Arm")["Right"]
    assert list(means) == ["not graded", "2 of 2"]


@pytest.mark.parametrize(("width", "said"), [(1, "they run in turn"), (4, "at most 4 at a time")])
def test_how_many_arms_run_at_a_time_is_told(width: int, said: str) -> None:
    assert said in in_turn(width)


def test_several_samples_have_means(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    at = screen(SCREEN, run=str(compared(store, book, endpoint, samples=2)))
    assert not at.exception
    means = at.dataframe[1].value
    assert list(means["Samples"]) == [2, 2]
    assert len(at.dataframe[0].value) == 4


def test_a_blind_run_hides_all_until_the_vote_however_often_it_is_opened(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint)
    for _ in range(2):
        at = screen(SCREEN, run=str(number), blind="1")
        assert not at.exception
        assert not at.dataframe
        assert not at.expander
        assert not {"Plain", "BCI by hand", "From one sample"} & set(shown(at).split("\n"))
        assert "wording of a reply can still give its arm away" in shown(at)
        assert at.button(key="compare_vote_first").label == "A is better"
    at.button(key="compare_vote_first").click().run()
    assert not at.exception
    assert "blind" not in at.query_params
    with store.read() as session:
        (vote,) = votes.votes(number, session=session)
    assert (vote.blind, vote.sample) == (True, 0)
    called = {"plain": "Plain", "bci-fixed": "BCI by hand"}
    assert f"{called[vote.first]} better than {called[vote.second]}, blind" in shown(at)
    # What is clicked now, seeing all, does not take its place.
    at.button(key="compare_vote_both").click().run()
    with store.read() as session:
        kept = votes.votes(number, session=session)
    assert [one.blind for one in kept] == [True, False]


def test_the_names_are_shown_to_who_asks_for_them(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    at = screen(SCREEN, run=str(compared(store, book, endpoint)), blind="1")
    at.button(key="compare_show_names").click().run()
    assert "blind" not in at.query_params
    assert len(at.dataframe) == 1
    at.button(key="compare_go_blind").click().run()
    assert at.query_params["blind"] == "1"
    assert not at.dataframe


def test_of_three_arms_a_blind_vote_is_on_two_letters_and_ends_nothing(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint, kinds="plain bci-fixed concise")
    at = screen(SCREEN, run=str(number), blind="1")
    order = shuffled(document(store, number))
    at.selectbox(key=f"compare_blind_{number}_first").select(order[1]).run()
    at.selectbox(key=f"compare_blind_{number}_second").select(order[2]).run()
    assert at.button(key="compare_vote_second").label == "C is better"
    at.button(key="compare_vote_second").click().run()
    assert not at.exception
    assert at.query_params["blind"] == "1"
    assert "You found C better than B." in shown(at)
    with store.read() as session:
        (vote,) = votes.votes(number, session=session)
    assert (vote.first, vote.second) == (order[1], order[2])


def test_while_it_goes_on_a_blind_run_shows_only_how_far_it_is(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    plan = planned(store, book, "plain bci-fixed", samples=2)
    job = services.app().add_compare(PROBLEM, "notes", plan, by="ann")
    far = {"done": 1, "total": 4, "note": "bci-fixed, sample 1"}
    with store.write() as session:
        job_rows.move(job.id, ("queued",), "queued", session=session, **far)
    at = screen(SCREEN, run=str(job.run_id), blind="1")
    assert not at.exception
    assert "1 of 4 replies have come" in at.get("progress")[0].proto.text
    assert not at.get("bidi_component")
    assert "bci-fixed" not in str(at.main)


def test_a_vote_is_on_the_sample_that_is_shown(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint, samples=2)
    at = screen(SCREEN, run=str(number))
    assert "Which is better in sample 1?" in shown(at)
    at.session_state[f"compare_{number}"] = {"sample": 1}  # as the player in a browser tells it
    at.run()
    assert "Which is better in sample 2?" in shown(at)
    at.button(key="compare_vote_first").click().run()
    with store.read() as session:
        (vote,) = votes.votes(number, session=session)
    assert vote.sample == 1


def test_a_run_with_the_ids_of_a_deleted_one_shows_its_own_replies(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    numbers = set()
    for _ in range(2):
        number = compared(store, book, endpoint)
        numbers.add(number)
        with store.read() as session:
            live = document_now(run_rows.run(number, session=session))
        for label, takes in document(store, number)["arms"].items():
            assert live["arms"][label][0]["started"] == takes[0]["started"]
        with store.write() as session:
            run_rows.delete_run(number, session=session)
    assert len(numbers) == 1


def test_where_no_reply_came_there_is_nothing_to_vote_on_or_to_save(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN)
    at.button_group(key="compare_arms").set_value(["plain", "bci-embedding"]).run()
    assert "needs an embedder" in at.warning[0].value
    plan = Comparison((arm("plain", "fake"), arm("bci", "fake")), Sampling(max_tokens=64))
    app = services.app()
    job = app.jobs.run_here(app.add_compare(NewProblem("What?"), "notes", plan, by="ann").id)
    assert job.status == "failed"
    at = screen(SCREEN, run=str(job.run_id))
    assert not at.exception
    keys = {button.key for button in at.button}
    assert not keys & {"compare_go_blind", "compare_vote_first"}
    blind = screen(SCREEN, run=str(job.run_id), blind="1")
    assert not blind.exception
    assert "there is nothing to judge" in shown(blind)
    assert "`python -m core models pull" in at.error[0].value  # as code
    listed = screen(SCREEN)
    assert "failed" in shown(listed)


def test_a_recording_is_listed_and_opened(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint)
    at = screen(SCREEN)
    at.button(key=f"compare_open_{number}").click().run()
    assert not at.exception
    assert f"Comparison {number}" in shown(at)


def test_runs_of_both_kinds_are_listed_and_point_to_each_other(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint)
    listed = screen("work/runs")
    assert not listed.exception
    assert f"Run {number}" in shown(listed)
    wrong = screen("build/solve", run=str(number))
    assert not wrong.exception
    assert "This run is shown on another screen" in shown(wrong)


def test_a_run_that_is_not_there_is_said_with_a_way_out(screen: Screen) -> None:
    at = screen(SCREEN, run="77")
    assert not at.exception
    assert "no run number 77" in at.error[0].value
    assert "runs list" not in at.error[0].value
    at.button(key="no_run_new").click().run()
    assert not at.error
    assert "run" not in at.query_params
    assert "Recordings" in shown(at)


def test_settings_are_kept_while_a_comparison_is_looked_at(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    endpoints.add(store, endpoint_of(endpoint, "other"))
    at = screen(SCREEN, handbook="notes")
    kept = {"budget": 8192, "offered": 0.9, "k": 3, "temperature": 1.0, "top_p": 0.5, "seed": 7}
    for name, value in kept.items():
        at.number_input(key=f"compare_{name}").set_value(value)
    at.selectbox(key="compare_second").set_value("other")
    at.selectbox(key="compare_topic").set_value("Geometry").run()
    at.switch_page("pages/work/runs.py").run()
    at.switch_page(f"pages/{SCREEN}.py").run()
    assert {name: at.number_input(key=f"compare_{name}").value for name in kept} == kept
    assert at.selectbox(key="compare_second").value == "other"
    assert at.selectbox(key="compare_topic").value == "Geometry"
    at.switch_page("pages/work/runs.py").run()
    endpoints.remove(store, "other")
    shelf.create(store, "empty", by="founder")
    at.query_params["handbook"] = "empty"
    at.switch_page(f"pages/{SCREEN}.py").run()
    assert not at.exception
    assert at.selectbox(key="compare_second").value == "none"


def test_behaviors_given_by_hand_are_for_the_model_of_the_form(
    screen: Screen, book: Handbook, endpoint: FakeOpenAI
) -> None:
    at = screen(SCREEN, handbook="notes")
    at.text_area(key="compare_text").set_value("What is 1 + 1?").run()
    at.button_group(key="compare_arms").set_value(["plain", "bci-fixed"]).run()
    at.button_group(key="compare_fixed_by").set_value("topic").run()
    at.selectbox(key="compare_fixed_topic").set_value("Geometry").run()
    assert not at.exception
    assert "compare_fixed_model" not in {box.key for box in at.selectbox}
    assert "by fake" not in shown(at)
    at.session_state["compare_fixed_prompt"] = True
    at.run()
    assert "tokens unknown by fake" in shown(at)


@pytest.mark.parametrize(
    ("text", "limited"), [("Short?", False), ("Long. " * 4000, True), ("A line.\n" * 40, True)]
)
def test_only_a_long_problem_has_a_limited_height(text: str, limited: bool) -> None:
    at = AppTest.from_function(_problem, args=(text,)).run()
    assert not at.exception
    assert bool(at.main.children[0].children[0].proto.height_config.pixel_height) == limited


def _problem(text: str) -> None:
    from pages.ui.compare.problem import draw_problem

    draw_problem(text, "1")


@pytest.mark.parametrize(
    ("found", "warned", "said"),
    [
        ({}, False, "fake can take in behaviors during a reply is not known"),
        ({"midway": "none"}, True, "fake can neither go on from a begun reply nor call"),
        ({"midway": "tool"}, False, ""),
    ],
)
def test_a_model_that_cannot_be_offered_behaviors_on_the_way_is_told_beforehand(
    screen: Screen,
    store: Store,
    book: Handbook,
    endpoint: FakeOpenAI,
    found: dict[str, Any],
    warned: bool,
    said: str,
) -> None:
    endpoints.note_found(store, endpoint_of(endpoint), found)
    at = screen(SCREEN, handbook="notes")
    at.button_group(key="compare_arms").set_value(["plain", "bci-dynamic"]).run()
    warnings = "\n".join(warning.value for warning in at.warning)
    assert not at.exception
    assert ("as a test found" in warnings) == warned
    assert said in f"{warnings}\n{shown(at)}"
    assert ("on the way: " in shown(at)) == (found == {})
    assert not endpoint.requests


def test_the_document_holds_what_the_screen_shows(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    made = document(store, compared(store, book, endpoint))
    assert json.loads(json.dumps(made)) == made
    (take,) = made["arms"]["bci-fixed"]
    assert take["retrieved"] == [NAME]
    assert take["cited"] == [NAME]
    assert take["invented"] == ["behavior_made_up"]


def test_the_prompts_show_what_was_sent_part_by_part(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    at = screen(SCREEN, run=str(compared(store, book, endpoint)))
    at.session_state["compare_prompts"] = True
    at.run()
    at.button_group(key="compare_prompt_arm").set_value("bci-fixed").run()
    assert not at.exception
    sent = "\n".join(str(code.value) for code in at.code)
    assert f"{NAME}: Halve it first." in sent
    assert "diameter" in sent
    assert list(at.dataframe[1].value["Part"]) == ["instructions", "behaviors", "problem"]


def test_a_flip_is_marked(
    screen: Screen, store: Store, book: Handbook, endpoint: FakeOpenAI
) -> None:
    screen(SCREEN)
    number = compared(store, book, endpoint)
    with store.write() as session:
        (first, *_) = run_rows.traces(number, arm="plain", session=session)
        run_rows.set_verdict(first.id, correct=False, session=session)
    frame = screen(SCREEN, run=str(number)).dataframe[0].value.set_index("Arm")
    assert frame.loc["BCI by hand"]["Right"] == "right (Plain was wrong)"
    assert frame.loc["Plain"]["Right"] == "wrong"
