"""Evaluate in a real browser: begun, stopped on the way, resumed, read, taken elsewhere."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.evaluation import sets
from core.evaluation.problems import NewProblem
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.llm import endpoints
from tests.fake_openai import FakeOpenAI, Reply, Worded, counted, endpoint_of, prompt_of
from tests.live.conftest import Workbench
from tests.live.served import has_no_exception, main, opened

pytestmark = pytest.mark.live
PROBLEMS = 12
# Replies to the later problems go on when this is set.
GO_ON = threading.Event()


def answer(body: dict[str, Any]) -> Reply:
    """The plain arm writes more, and is wrong about the first two problems."""
    n = int(body["messages"][-1]["content"].split("What is ")[1].split()[0])
    plain = prompt_of(body) == "solve"
    value = 0 if plain and n < 3 else 2 * n
    reply = Worded("word " * (30 if plain else 10) + f"\\boxed{{{value}}}")
    return replace(counted(body, reply), held=None if n <= PROBLEMS // 2 else GO_ON)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(answer) as server:
        yield server


@pytest.fixture(scope="module")
def bench(workbench: Workbench, fake: FakeOpenAI) -> Workbench:
    store = workbench.store
    endpoints.add(store, endpoint_of(fake, price_in=1.0, price_out=2.0))
    book = shelf.create(store, "notes", by="tester")
    draft = Draft("behavior_add_up", "Add the digits of the same place.", "Algebra")
    curation.write(store, book.id, draft, by="tester")
    numbers = range(1, PROBLEMS + 1)
    found = [NewProblem(f"What is {n} plus {n}?", str(2 * n), "Algebra") for n in numbers]
    sets.import_set(store, "sums", found, by="tester")
    return workbench


def started(bench: Workbench, browser: Browser) -> Page:
    """From the form, with what is chosen there, to an evaluation that runs."""
    page = opened(browser, bench.address("evaluate", handbook="notes"))
    for arm in ("BCI", "Random"):  # on at first; they need an embedder
        main(page).get_by_role("button", name=arm, exact=True).click()
    expect(main(page)).to_contain_text(f"{PROBLEMS} of {PROBLEMS} problems")
    expect(main(page).get_by_test_id("stMetric").first).to_contain_text(str(2 * PROBLEMS))
    main(page).get_by_role("button", name="Start").click()
    expect(main(page).get_by_role("heading", name="Evaluation")).to_be_visible()
    return page


@pytest.fixture(scope="module")
def finished(bench: Workbench, browser: Browser) -> str:
    """Stopped half-way and resumed; gives the address of its report."""
    GO_ON.clear()
    page = started(bench, browser)
    expect(main(page)).to_contain_text("So far, as they come in")
    main(page).get_by_role("button", name="Stop").click()
    expect(main(page)).to_contain_text("stopped")
    GO_ON.set()
    page.get_by_role("button", name="Resume").click()
    expect(main(page)).to_contain_text(
        f"concise against plain at 1,024 tokens: not shown. On {PROBLEMS} problems"
    )
    has_no_exception(page)
    address = page.url
    page.close()
    return address


def test_every_part_of_the_report_opens(finished: str, browser: Browser) -> None:
    page = opened(browser, finished)
    expect(main(page).locator(".js-plotly-plot").first).to_be_visible()
    for name in ("Pairs", "By topic", "Citations", "Ledger", "Failed", "How it was made"):
        main(page).get_by_role("tab", name=name).click()
        expect(main(page).get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        has_no_exception(page)
    page.close()


def test_a_flip_leads_to_both_replies_side_by_side(finished: str, browser: Browser) -> None:
    page = opened(browser, finished)
    main(page).get_by_role("tab", name="Flips · 2").click()
    button = main(page).get_by_role("tabpanel").get_by_role("button", name="Read both replies")
    button.first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("answer 0: wrong")
    expect(dialog).to_contain_text(": right")
    plain, concise = (dialog.get_by_text(arm, exact=True) for arm in ("plain", "concise"))
    assert plain.bounding_box()["y"] == concise.bounding_box()["y"]
    assert plain.bounding_box()["x"] < concise.bounding_box()["x"]
    dialog.get_by_role("radio", name="Word by word").click()
    expect(dialog.locator("del").first).to_be_visible()
    page.close()


def test_the_report_is_taken_along(finished: str, browser: Browser) -> None:
    page = opened(browser, finished)
    with page.expect_download() as taken:
        main(page).get_by_role("button", name="Save everything").click()
    made = json.loads(taken.value.path().read_text())
    assert [(arm["arm"], arm["n"]) for arm in made["arms"]] == [("plain", 12), ("concise", 12)]
    assert len(made["flips"]) == 2
    page.close()
