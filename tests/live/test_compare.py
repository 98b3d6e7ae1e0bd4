"""Compare in a real browser: live beside each other, stopped, replayed, voted on, taken elsewhere.

The far end of the wire is a small server that knows how many tokens it sent.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from core.evaluation.comparison.document import document
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.llm import endpoints
from core.store import Store
from tests.fake_openai import FakeOpenAI, Reply, endpoint_of, wait_until
from tests.live.conftest import Workbench
from tests.live.served import has_no_exception, held_down, main, opened

pytestmark = pytest.mark.live
NAME = "behavior_take_the_overlap_out"
PROBLEM = "How many numbers below 20 are divisible by 2 or by 3?"
LONG = "\n\n".join(f"Step {n}: the number ${n}$ is looked at, and counted." for n in range(1, 40))
# The plain arm goes on when this is set.
SEEN = threading.Event()
# Counts the pictures in which the form's last line still stands while the comparison is there.
WATCH_BOTH = """() => {
  window.together = 0;
  const look = () => {
    const text = document.querySelector("[data-testid=stMain]").innerText;
    window.together += /Comparison \\d/.test(text) && text.includes("Take in a recording");
    requestAnimationFrame(look);
  };
  look();
}"""
BRIEF = "$9 + 6 - 3 = 12$, so \\boxed{12}."


def usage(output: int) -> dict[str, Any]:
    return {
        "prompt_tokens": 345,
        "completion_tokens": output,
        "total_tokens": 345 + output,
        "prompt_tokens_details": {"cached_tokens": 210},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def answer(body: dict[str, Any]) -> Reply:
    """The plain arm writes much, its second half when `SEEN` is set; the concise one little."""
    if "Be brief" in body["messages"][0]["content"]:
        return Reply(BRIEF, delay=0.05, usage=usage(17))
    text = f"{LONG}\n\nSo \\boxed{{13}}."
    return Reply(text, delay=0.005, usage=usage(1234), held=SEEN)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(answer) as server:
        yield server


@pytest.fixture(scope="module")
def bench(workbench: Workbench, fake: FakeOpenAI) -> Workbench:
    endpoints.add(workbench.store, endpoint_of(fake, price_in=1.0, price_out=2.0))
    book = shelf.create(workbench.store, "notes", by="tester")
    curation.write(workbench.store, book.id, Draft(NAME, "Subtract it once."), by="tester")
    return workbench


def start(bench: Workbench, browser: Browser, *, blind: bool = False) -> Page:
    """From the empty form to a comparison that runs."""
    SEEN.clear()
    page = opened(browser, bench.address("compare", handbook="notes"))
    main(page).get_by_label("Problem", exact=True).fill(PROBLEM)
    main(page).get_by_label("Right answer, if you know it").fill("12")
    choose_plain_and_concise(page)
    if blind:
        main(page).get_by_text("Judge blind").click()
    main(page).get_by_role("button", name="Start").click()
    expect(main(page).get_by_role("heading", name="Comparison")).to_be_visible()
    return page


def choose_plain_and_concise(page: Page) -> None:
    # Each choice is told below; the next click waits for that, as a person would.
    main(page).get_by_role("button", name="Concise").click()
    expect(main(page).get_by_text("Concise: No behaviors")).to_be_visible()
    expect(main(page).get_by_text("BCI (bci-embedding): The behaviors")).to_be_visible()
    main(page).get_by_role("button", name="BCI", exact=True).click()  # off: it needs an embedder
    expect(main(page).get_by_text("BCI (bci-embedding): The behaviors")).to_be_hidden()


def column(page: Page, title: str) -> Any:
    return page.get_by_role("region", name=f"Arm {title}", exact=True)


def number_of(page: Page) -> int:
    return int(page.url.split("run=")[1].split("&")[0])


@pytest.fixture(scope="module")
def finished(bench: Workbench, browser: Browser) -> int:
    """Both arms stream at the same time; then every figure is the server's own."""
    page = start(bench, browser)
    expect(column(page, "Plain")).to_contain_text("Step 3")
    expect(column(page, "Concise")).to_contain_text("9")
    expect(column(page, "Plain")).not_to_contain_text("wrong")  # it is not over yet
    expect(column(page, "Concise")).to_contain_text("right")
    SEEN.set()
    expect(main(page)).to_contain_text("Recording")
    has_no_exception(page)
    plain, concise = column(page, "Plain"), column(page, "Concise")
    for text in (
        "1,234",
        "345",
        "210 cached, 135 not",
        "13",
        "wrong",
        "ended by itself",
        "$0.0028",
    ):
        expect(plain).to_contain_text(text)
    for text in ("17", "345", "12", "right"):
        expect(concise).to_contain_text(text)
    expect(main(page)).to_contain_text("From one sample")
    number = number_of(page)
    page.close()
    return number


def test_what_was_shown_is_what_was_sent(bench: Workbench, finished: int) -> None:
    made = document(bench.store, finished)
    (plain,), (concise,) = made["arms"]["plain"], made["arms"]["concise"]
    assert (plain["output_tokens"], concise["output_tokens"]) == (1234, 17)
    assert (plain["correct"], concise["correct"]) == (False, True)


def test_what_was_pasted_is_compared_though_it_is_taken_in_while_start_is_pressed(
    bench: Workbench, browser: Browser
) -> None:
    SEEN.set()
    page = opened(browser, bench.address("compare", handbook="notes"))
    choose_plain_and_concise(page)
    main(page).get_by_label("Problem", exact=True).fill(PROBLEM)
    page.evaluate(WATCH_BOTH)
    with held_down(page, main(page).get_by_role("button", name="Start")):
        expect(main(page).locator(".stMarkdown", has_text=PROBLEM)).to_be_visible()
    expect(main(page).get_by_role("button", name="Replay")).to_be_visible()
    assert page.evaluate("together") == 0, "something of the form is left beside the comparison"
    has_no_exception(page)


def test_one_arm_is_stopped_and_the_other_goes_on(
    bench: Workbench, browser: Browser, fake: FakeOpenAI
) -> None:
    page = start(bench, browser)
    expect(column(page, "Plain")).to_contain_text("Step 2")
    column(page, "Plain").get_by_role("button", name="Stop").click()
    expect(main(page)).to_contain_text("Recording")
    made = document(bench.store, number_of(page))
    (plain,), (concise,) = made["arms"]["plain"], made["arms"]["concise"]
    assert plain["finish_reason"] == "cancelled"
    assert "Step 1" in plain["text"]
    assert concise["finish_reason"] == "stop"
    expect(column(page, "Plain")).to_contain_text("stopped")
    has_no_exception(page)
    page.close()


def test_a_blind_comparison_keeps_its_names_to_itself_until_the_vote(
    bench: Workbench, browser: Browser
) -> None:
    page = start(bench, browser, blind=True)
    expect(main(page)).to_contain_text("1 of 2 replies have come")
    expect(page.locator(".vm-column")).to_have_count(0)
    SEEN.set()
    expect(page.locator(".vm-title")).to_have_text(["A", "B"])
    page.reload()
    expect(page.locator(".vm-title")).to_have_text(["A", "B"])
    expect(main(page)).to_contain_text("Step 39")
    for hidden in ("Plain", "Concise", "1,234", "Figures", "sample:"):
        expect(main(page)).not_to_contain_text(hidden)
    main(page).get_by_role("button", name="A is better").click()
    expect(column(page, "Plain")).to_contain_text("1,234")
    assert "blind" not in page.url
    (vote,) = document(bench.store, number_of(page))["votes"]
    assert vote["blind"]
    has_no_exception(page)
    page.close()


def test_it_is_replayed_without_an_endpoint(
    bench: Workbench, browser: Browser, finished: int, fake: FakeOpenAI
) -> None:
    asked = len(fake.requests)
    page = opened(browser, bench.address("compare", run=str(finished)))
    expect(main(page)).to_contain_text("Recording")
    page.get_by_role("button", name="Speed 4x").click()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(column(page, "Plain")).not_to_contain_text("Step 39")
    expect(column(page, "Plain")).to_contain_text("Step 39")
    expect(column(page, "Plain")).to_contain_text("1,234")
    assert len(fake.requests) == asked
    has_no_exception(page)
    page.close()


def test_the_page_opens_offline(
    bench: Workbench, browser: Browser, finished: int, tmp_path: Path
) -> None:
    page = opened(browser, bench.address("compare", run=str(finished)))
    with page.expect_download() as started:
        main(page).get_by_role("button", name="Save as a page").click()
    file = tmp_path / "comparison.html"
    started.value.save_as(file)
    page.close()
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    offline = browser.new_page()
    offline.route(lambda url: not url.startswith("file:"), refuse)
    offline.goto(file.as_uri())
    expect(column(offline, "Plain")).to_contain_text("Step 39")
    expect(offline.locator("math").first).to_be_visible()
    assert asked == []
    offline.close()


def test_a_recording_is_taken_in_elsewhere(
    bench: Workbench, browser: Browser, finished: int, tmp_path: Path
) -> None:
    page = opened(browser, bench.address("compare", run=str(finished)))
    with page.expect_download() as started:
        main(page).get_by_role("button", name="Save the recording").click()
    file = tmp_path / "comparison.json"
    started.value.save_as(file)
    assert json.loads(file.read_text())["format"] == "vademecum-comparison"
    main(page).get_by_role("button", name="New comparison").click()
    expect(main(page).get_by_role("heading", name="Recordings")).to_be_visible()
    page.wait_for_load_state("networkidle")
    main(page).get_by_text("Take in a recording").click()
    expect(main(page).get_by_text("A recording (JSON)")).to_be_visible()
    page.locator("input[type=file]").set_input_files(file)
    main(page).get_by_role("button", name="Import").click()
    expect(main(page)).to_contain_text("1,234")
    assert number_of(page) > finished
    assert document(bench.store, number_of(page))["imported"]
    has_no_exception(page)
    page.close()


def test_a_tab_that_was_closed_finds_the_comparison_where_it_is(
    bench: Workbench, browser: Browser, store: Store
) -> None:
    page = start(bench, browser)
    expect(column(page, "Plain")).to_contain_text("Step 1")
    address, number = page.url, number_of(page)
    page.close()
    SEEN.set()
    assert wait_until(lambda: document(bench.store, number)["status"] == "done", 60)
    again = opened(browser, address)
    expect(column(again, "Plain")).to_contain_text("1,234")
    again.close()
