"""History, Duplicates and Behavior in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.handbook import curation, merging, shelf
from core.handbook.curation import Draft
from core.store import Store
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook
from tests.live import desk
from tests.live.conftest import Workbench
from tests.live.served import has_no_exception, main, opened, serving

pytestmark = pytest.mark.live
TEXTS = {
    "behavior_halve_first": "When a diameter is given, halve it before using it.",
    "behavior_halve_it": "When a diameter is given, halve it before using it!",
    "behavior_check_parity": "Compare the parity of both sides before anything else.",
    "behavior_check_the_parity": "Compare the parity of both sides before anything else!",
}


def written(store: Store, slug: str) -> tuple[Handbook, list[Behavior]]:
    book = shelf.create(store, slug, by="tester")
    made = [
        curation.write(store, book.id, Draft(name, text, "Sums"), by="tester")
        for name, text in TEXTS.items()
    ]
    return book, made


def names(store: Store, book: Handbook) -> list[str]:
    return [behavior.name for behavior in shelf.behaviors(store, book)]


def test_near_copies_are_merged_kept_apart_or_left_for_later(
    workbench: Workbench, browser: Browser
) -> None:
    store = workbench.store
    book, (first, second, *_) = written(store, "doubles")
    address = workbench.address("duplicates", handbook="doubles")
    page = opened(browser, address)
    expect(groups(page)).to_have_count(2)
    halves = groups(page).filter(has_text="diameter")
    halves.get_by_role("button", name="Postpone").click()
    expect(groups(page).last).to_contain_text("postponed")
    expect(groups(page).last).to_contain_text("diameter")

    halves.get_by_role("button", name="Merge").click()
    view = page.get_by_role("dialog")
    view.locator(".st-key-merge_do button").click()
    expect(view).to_have_count(0)
    expect(groups(page)).to_have_count(1)
    assert "behavior_halve_it" not in names(store, book)
    page.keyboard.press("u")
    expect(groups(page)).to_have_count(2)
    assert len(names(store, book)) == len(TEXTS)

    halves.get_by_role("button", name="Keep apart").click()
    expect(groups(page)).to_have_count(1)
    again = opened(browser, address)
    expect(groups(again)).to_have_count(1)
    expect(groups(again)).to_contain_text("parity")
    with store.read() as session:
        assert rows.behavior(second.id, session=session).apart == [first.id]
    has_no_exception(again)


def groups(page: Page) -> Locator:
    return page.locator("[class*='st-key-group_'].stVerticalBlock").filter(has_text="alike")


def test_the_log_is_filtered_undone_and_named(workbench: Workbench, browser: Browser) -> None:
    store = workbench.store
    book, (first, second, *_) = written(store, "log")
    curation.reject(store, first.id, version=1, by="Ada", why="too short")
    edited = curation.edit(store, second.id, {"topic": "Circles"}, version=1, by="Bob")
    curation.edit(store, second.id, {"topic": "Disks"}, version=edited.version, by="Ada")
    page = opened(browser, workbench.address("history", handbook="log"))
    expect(page.get_by_text("7 steps")).to_be_visible()
    page.get_by_role("combobox", name="By").click()
    page.get_by_role("option", name="Ada").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("2 steps")).to_be_visible()
    expect(page).to_have_url(re.compile("history_by=Ada"))
    shared = opened(browser, page.url)
    expect(shared.get_by_text("2 steps")).to_be_visible()

    page = opened(browser, workbench.address("history", handbook="log"))
    step(page, 6).get_by_role("button", name="Undo").click()
    expect(main(page).get_by_text("Ada has changed the topic of behavior_halve_it")).to_be_visible()
    step(page, 5).get_by_role("button", name="Undo").click()
    expect(page.get_by_text("8 steps")).to_be_visible()
    assert first.name in names(store, book)

    step(page, 4).locator(".st-key-step_name_4 .stTooltipIcon button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("before the talk")
    dialog.get_by_role("button", name="Name it").click()
    expect(step(page, 4).get_by_text("before the talk")).to_be_visible()

    page.get_by_role("radio", name="compare").click(force=True)
    expect(page.get_by_text(re.compile("1 retopiced"))).to_be_visible()
    page.get_by_role("radio", name="versions").click(force=True)
    page.get_by_role("button", name="Restore").click()
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog).to_have_count(0)
    with store.read() as session:
        assert rows.behavior(second.id, session=session).topic == "Sums"
    has_no_exception(page)


def step(page: Page, number: int) -> Locator:
    return page.locator(f".st-key-step_{number}")


def test_a_behaviors_address_can_be_shared_and_a_merge_is_split_there(
    workbench: Workbench, browser: Browser
) -> None:
    store = workbench.store
    book = desk.seeded(store, "file")
    first, second, *_ = desk.waiting(store, book)
    seen = {first.id: first.version, second.id: second.version}
    merging.merge(store, seen, into=first.id, text={}, by="tester")
    with serving(workbench.served.home) as fresh:
        page = opened(browser, f"{fresh.url}/behavior?b={first.id}")
        expect(main(page).get_by_role("heading", name=first.name)).to_be_visible()
        expect(page.get_by_text("accepted by tester")).to_be_visible()
        expect(page.get_by_text(f"by way of {second.name}")).to_be_attached()
        expect(page.get_by_text("The stretch of the reflect trace").first).to_be_visible()
        page.get_by_role("button", name="Split off 1").click()
        expect(page.get_by_role("button", name="Split off 1")).to_have_count(0)
        with store.read() as session:
            assert rows.behavior(second.id, session=session).status == "proposed"
        has_no_exception(page)
