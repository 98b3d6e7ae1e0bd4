"""The ways through the app that everybody goes, clicked in a real browser on a real server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from core.llm import endpoints
from core.settings import Settings
from core.store import Store
from tests.fake_openai import FakeOpenAI, Strategist, asked, endpoint_of, wait_until
from tests.live.served import Served, browsing, has_no_exception, held_down, main, opened, serving

pytestmark = pytest.mark.live
SCREENS = (
    *("compare", "solve", "review", "duplicates", "handbook", "behavior", "history"),
    *("evaluate", "runs", "models"),
)


# Where the button stands in every picture drawn, from its coming until Stop takes its place.
WATCH_RESUME = """() => {
  window.places = [];
  const look = () => {
    for (const button of document.querySelectorAll("[class*=st-key-run_resume] button"))
      if (!button.closest("[data-stale=true]"))
        window.places.push(button.getBoundingClientRect().x);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.fixture
def served(started_home: Path, settings: Settings, fake: FakeOpenAI) -> Iterator[Served]:
    """The app on a home folder of the test's own that knows the fake endpoint."""
    store = Store.open(settings.database_url)
    endpoints.add(store, endpoint_of(fake, concurrency=2))
    store.close()
    with serving(settings.home) as server:
        yield server


def start_example(page: Page) -> None:
    page.get_by_role("button", name="Use an example").click()
    expect(page.get_by_label("Problem", exact=True)).to_have_value(re.compile("theater"))
    page.get_by_role("button", name=re.compile("Start")).click()
    expect(main(page).get_by_role("heading", name=re.compile("Run"))).to_be_visible()


def card(page: Page, number: int) -> Locator:
    return page.locator("[class*='st-key-card_']").nth(number)


def test_every_screen_opens_by_its_address_the_first_on_a_fresh_server(
    served: Served, browser: Browser
) -> None:
    for screen in SCREENS:
        page = opened(browser, f"{served.url}/{screen}")
        expect(page.get_by_role("link", name=screen.capitalize())).to_be_visible()
        has_no_exception(page)
        assert page.url.rstrip("/").endswith(screen)
        page.close()


def test_a_newcomer_solves_and_keeps(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url)
    start_example(page)
    expect(page.get_by_text("Proposed behaviors")).to_be_visible()

    card(page, 0).get_by_role("button", name="Accept").click()
    expect(card(page, 0).get_by_text(re.compile("accepted by tester"))).to_be_visible()

    card(page, 1).get_by_role("button", name="Edit").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("behavior_edited_by_hand")
    drawer.get_by_label("Avoid when", exact=True).fill("There is nothing to reason about.")
    drawer.get_by_role("button", name="Accept").click()
    expect(card(page, 1).get_by_text("behavior_edited_by_hand")).to_be_visible()
    expect(card(page, 1).get_by_text(re.compile("accepted by tester"))).to_be_visible()
    has_no_exception(page)

    page.get_by_role("link", name="Handbook").click()
    expect(main(page).get_by_role("heading", name="Handbook")).to_be_visible()
    page.goto(f"{served.url}/handbook?handbook=my-handbook")
    expect(page.get_by_text("2 of 2 accepted behaviors")).to_be_visible()
    has_no_exception(page)


def test_a_decision_is_taken_back_and_a_taken_name_is_told(
    served: Served, browser: Browser
) -> None:
    page = opened(browser, served.url)
    start_example(page)
    card(page, 0).get_by_role("button", name="Reject").click()
    expect(card(page, 0).get_by_text(re.compile("rejected by tester"))).to_be_visible()
    card(page, 0).get_by_role("button", name="Take back").click()
    expect(card(page, 0).get_by_role("button", name="Accept")).to_be_visible()

    taken = card(page, 0).locator("code").inner_text()
    card(page, 0).get_by_role("button", name="Accept").click()
    expect(card(page, 0).get_by_text(re.compile("accepted by tester"))).to_be_visible()
    card(page, 1).get_by_role("button", name="Edit").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill(taken)
    drawer.get_by_label("Topic", exact=True).fill("Arithmetic")
    page.keyboard.press("Enter")
    drawer.get_by_role("button", name="Accept").click()
    expect(drawer.get_by_text(re.compile("accepted behavior called"))).to_be_visible()
    expect(drawer.get_by_label("Topic", exact=True)).to_have_value("Arithmetic")


def test_what_is_typed_stays_while_the_run_goes_on(
    served: Served, browser: Browser, fake: FakeOpenAI
) -> None:
    fake.answer = Strategist(delay=0.08, thinking_form=None)
    page = opened(browser, served.url)
    many = "\n---\n".join(f"What is {number} + {number + 1}?" for number in range(8))
    page.get_by_label("Problem", exact=True).fill(many)
    page.get_by_role("button", name=re.compile("Start")).click()
    expect(page.get_by_text(re.compile(r"[1-9] of 8 have been")).first).to_be_visible()
    choose_a_finished_problem(page)
    card(page, 0).get_by_role("button", name="Edit").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Topic", exact=True).fill("Arithmetic")
    page.keyboard.press("Enter")
    asked_for = len(fake.requests)
    wait_until(lambda: len(fake.requests) > asked_for + 2)
    expect(drawer.get_by_label("Topic", exact=True)).to_have_value("Arithmetic")
    drawer.get_by_role("button", name="Accept").click()
    expect(page.get_by_text(re.compile("accepted by tester")).first).to_be_visible()
    has_no_exception(page)


def choose_a_finished_problem(page: Page) -> None:
    """The list closes when the run goes on to its next problem; then it is opened again."""
    for _attempt in range(5):
        page.get_by_role("combobox", name=re.compile("Problem")).click()
        try:
            page.get_by_role("option", name=re.compile("✓")).first.click(timeout=5_000)
        except PlaywrightTimeout:
            continue
        # Drawn anew: what is clicked from now on stays.
        expect(page.get_by_role("button", name="Follow the run")).to_be_visible()
        return
    raise AssertionError("The list of problems never stayed open.")


def test_text_streams_into_view_and_the_run_is_there_when_its_link_is_opened_again(
    served: Served, browser: Browser, fake: FakeOpenAI
) -> None:
    fake.answer = Strategist(delay=0.3)
    page = opened(browser, served.url)
    start_example(page)
    expect(page.get_by_text("We look").first).to_be_visible()
    assert fake.in_flight == 1
    expect(page.get_by_text("Thinking").first).to_be_visible()
    fake.answer = Strategist()
    expect(page).to_have_url(re.compile(r"run=\d+"))
    link = page.url
    page.close()
    again = opened(browser, link)
    expect(again.get_by_text("Proposed behaviors")).to_be_visible()
    has_no_exception(again)
    assert len(fake.requests) == 3


def test_stop_works_at_once_and_resume_goes_on(
    served: Served, browser: Browser, fake: FakeOpenAI
) -> None:
    fake.answer = Strategist(delay=0.5, thinking_form=None)
    page = opened(browser, served.url)
    start_example(page)
    expect(page.get_by_text("We look at").first).to_be_visible()
    page.evaluate(WATCH_RESUME)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile("stopped$")).first).to_be_visible()
    wait_until(lambda: fake.in_flight == 0)
    fake.answer = Strategist()
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    places = page.evaluate("places")  # until it is clicked: Stop, which comes then, pushes it away
    assert max(places) - min(places) < 10, "a click may be begun on the button and end beside it"
    resume.click()
    expect(page.get_by_text("Proposed behaviors")).to_be_visible()
    has_no_exception(page)


def test_what_was_pasted_is_solved_though_it_is_taken_in_while_start_is_pressed(
    served: Served, browser: Browser
) -> None:
    page = opened(browser, served.url)
    page.get_by_label("Problem", exact=True).fill("What is 1 + 2?")
    with held_down(page, page.get_by_role("button", name=re.compile("Start"))):
        expect(page.get_by_text("Preview", exact=True)).to_be_visible()
    expect(main(page).get_by_role("heading", name=re.compile("Run"))).to_be_visible()
    has_no_exception(page)


def test_a_card_leads_to_its_spot_in_the_trace(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url)
    start_example(page)
    name = card(page, 1).locator("code").inner_text()
    card(page, 1).get_by_role("button", name="Show in trace").click()
    dialog = page.get_by_role("dialog")
    expect(marked(dialog)).to_contain_text(name)
    link = dialog.get_by_role("link", name="address to share").get_attribute("href")
    assert link
    again = opened(browser, f"{served.url}/{link}")
    expect(marked(again.get_by_role("dialog"))).to_contain_text(name)
    has_no_exception(again)


def marked(place: Locator) -> Locator:
    return place.locator(".stMarkdownColoredBackground").first


def test_a_dead_model_ends_in_a_sentence(
    served: Served, browser: Browser, fake: FakeOpenAI
) -> None:
    fake.answer = lambda body: Strategist()(body)
    page = opened(browser, served.url)
    fake.__exit__(None, None, None)
    start_example(page)
    expect(page.get_by_text(re.compile("does not answer")).first).to_be_visible()
    has_no_exception(page)


def test_killed_in_the_middle_of_twenty_problems_resumes_without_repeating(
    served: Served, browser: Browser, fake: FakeOpenAI, tmp_path: Path
) -> None:
    fake.answer = Strategist(delay=0.005)
    page = opened(browser, served.url)
    many = "\n---\n".join(f"What is {number} + {number + 1}?" for number in range(20))
    page.get_by_label("Problem", exact=True).fill(many)
    page.get_by_role("button", name=re.compile("Start")).click()
    expect(main(page).get_by_role("heading", name=re.compile("Run"))).to_be_visible()
    wait_until(lambda: len(fake.requests) >= 20)
    served.kill()
    page.close()
    before = len(fake.requests)
    served.start()
    page = opened(browser, f"{served.url}/runs")
    expect(page.get_by_text("interrupted").first).to_be_visible()
    assert len(fake.requests) == before
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".stMarkdownBadge", has_text="done").first).to_be_visible()
    counts: dict[tuple[str, str], int] = {}
    for body in fake.requests:
        question = asked(body)
        assert question is not None
        key = (question.stage, question.problem)
        counts[key] = counts.get(key, 0) + 1
    assert len(counts) == 60
    # The endpoint takes two requests at a time: only those in flight at the kill are asked again.
    again = [key for key, number in counts.items() if number > 1]
    assert len(again) <= 2
    assert all(counts[key] == 2 for key in again)


def test_an_endpoint_is_added_and_what_is_wrong_is_told(served: Served, browser: Browser) -> None:
    page = opened(browser, f"{served.url}/models")
    page.get_by_role("button", name="Add an endpoint").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("mine")
    drawer.get_by_label("Base URL", exact=True).fill("no address")
    drawer.get_by_label("Model", exact=True).fill("some-model")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_text(re.compile("has to look like"))).to_be_visible()
    expect(drawer.get_by_label("Model", exact=True)).to_have_value("some-model")
    drawer.get_by_label("Base URL", exact=True).fill("http://127.0.0.1:9/v1")
    drawer.get_by_role("button", name="Save").click()
    expect(main(page).get_by_text("mine", exact=True)).to_be_visible()
    has_no_exception(page)


def test_a_run_is_deleted_after_a_question(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url)
    start_example(page)
    expect(page.get_by_text("Proposed behaviors")).to_be_visible()
    page.goto(f"{served.url}/runs")
    row = page.locator("[class*='st-key-row_1']")
    row.locator("[class*='st-key-row_delete']").get_by_role("button").click()
    question = page.get_by_role("dialog")
    expect(question.get_by_text(re.compile("2 behaviors came out of it"))).to_be_visible()
    question.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing has run yet")).to_be_visible()
