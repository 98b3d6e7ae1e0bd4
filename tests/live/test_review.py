"""The review desk in a real browser: keys alone, two curators, many at once."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.store import Store, history
from core.store.records import Handbook
from tests.live import desk
from tests.live.conftest import Workbench
from tests.live.hands import Core, Hand, Keyboard
from tests.live.served import has_no_exception, opened

pytestmark = pytest.mark.live
KEYS = "AXESMTUaxesmtu"


def thirty_four_decisions(hand: Hand, names: list[str]) -> None:
    """Every kind of decision; the last of them is taken back on the empty desk."""
    queue = iter(names)
    first, second, *_ = names
    hand.look(first, after=second)
    passed = [next(queue), next(queue)]
    for name in passed:
        hand.pass_by(name)
    for reason in ("wrong", "trivial", "too specific", "leaks the answer", "duplicate", "unclear"):
        hand.accept(next(queue))
        hand.reject(next(queue), reason)
    hand.reject(next(queue), "")
    hand.reject(next(queue), "Axe it: nobody steps so.")
    skipped = [next(queue), next(queue)]
    for name in skipped:
        hand.skip(name)
    hand.edit(next(queue), "behavior_axe_the_sum", "Axe the sum; keep each term at most once.")
    hand.edit(next(queue), "behavior_mute_the_sign", "Mute the sign first.")
    for topic in ("Combinatorics", "Geometry"):
        name = next(queue)
        hand.retopic(name, topic)
        hand.accept(name)
    hasty, after, later, *others, last = queue
    hand.accept(hasty)
    hand.undo(at=after, back_to=hasty)
    hand.reject(hasty, "wrong")
    hand.accept(after)
    hand.accept(later)
    hand.undo(at=others[0], back_to=later)
    hand.undo(at=later, back_to=after)
    hand.accept(after)
    hand.accept(later)
    for name in others[: 1 - desk.COPIES]:
        hand.accept(name)
    for name in (*others[1 - desk.COPIES :], last):
        hand.merge(name)
    hand.undo(at=skipped[0], back_to=last)
    hand.merge(last)
    for name in (*skipped, *reversed(passed)):
        hand.accept(name)
    hand.undo(at="", back_to=first)


def test_a_whole_queue_is_reviewed_with_the_keyboard_alone(
    workbench: Workbench, browser: Browser, tmp_path: Path
) -> None:
    book = desk.seeded(workbench.store, "keys")
    names = [behavior.name for behavior in desk.waiting(workbench.store, book)]
    page = opened(browser, workbench.address("review", handbook="keys"))
    started = time.monotonic()
    thirty_four_decisions(Keyboard(page), names)
    print(f"\n{len(names)} proposals reviewed in {time.monotonic() - started:.1f} s")
    has_no_exception(page)

    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    same = desk.seeded(other, "keys")
    thirty_four_decisions(Core(other, same), names)
    assert state(workbench.store, book) == state(other, same)
    assert steps(workbench.store, book.id) == steps(other, same.id)
    other.close()


def test_letters_that_are_typed_decide_nothing(workbench: Workbench, browser: Browser) -> None:
    book = desk.seeded(workbench.store, "typing")
    first, second, *_ = desk.waiting(workbench.store, book)
    page = opened(browser, workbench.address("review", handbook="typing"))
    hand = Keyboard(page)
    before = state(workbench.store, book)

    hand.meet(first.name)
    page.get_by_label("Search", exact=True).click()
    page.keyboard.type(KEYS, delay=20)
    expect(page.get_by_label("Search", exact=True)).to_have_value(KEYS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is found")).to_be_visible()
    page.get_by_label("Search", exact=True).fill("")
    page.keyboard.press("Enter")
    hand.meet(first.name)

    page.get_by_role("heading", name="Review").click()
    page.keyboard.press("e")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_label("Name", exact=True)).to_have_value(first.name)
    page.keyboard.type(KEYS, delay=20)  # beside the fields: the keys of the desk are off
    hand.tab_to("Name")
    hand.overwrite(KEYS)
    expect(drawer.get_by_text("the name has to be behavior_")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    for key, text in (("m", "This one stays"), ("h", "Letters do nothing"), ("", "Its reply")):
        hand.meet(first.name)
        if key:
            page.keyboard.press(key)
        else:
            page.get_by_role("button", name="Whole trace").click()
        expect(page.get_by_role("dialog").get_by_text(text)).to_be_visible()
        page.keyboard.type(KEYS, delay=20)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    hand.meet(first.name)
    hand.ask_reason()
    page.get_by_label("Another reason", exact=True).click()
    page.keyboard.type(KEYS, delay=20)
    hand.question("reason").get_by_role("button", name="Leave").click()
    expect(hand.question("reason")).to_have_count(0)
    hand.meet(first.name)
    hand.ask_reason()
    page.get_by_label("Another reason", exact=True).click()
    page.keyboard.type(KEYS, delay=20)
    page.keyboard.press("Escape")
    expect(hand.question("reason")).to_have_count(0)
    hand.meet(first.name)
    assert state(workbench.store, book) == before

    page.keyboard.press("a")  # and here they are on again
    hand.meet(second.name)
    assert state(workbench.store, book) != before
    has_no_exception(page)


def test_hundreds_are_rejected_at_once_and_one_undo_takes_it_back(
    workbench: Workbench, browser: Browser
) -> None:
    book = desk.seeded(workbench.store, "many")
    desk.propose_many(workbench.store, book, 500, "Heaps")
    desk.accept_some(workbench.store, book, 300, "Heaps")
    before = state(workbench.store, book)
    asked = {"review_topic": "Heaps", "review_status": "proposed&review_status=accepted"}
    page = opened(browser, workbench.address("review", handbook="many", **asked))
    page.get_by_role("button", name="All of them").click()
    view = page.get_by_role("dialog")
    expect(view.get_by_text("500 behaviors")).to_be_visible()
    expect(view.get_by_text("and 492 more")).to_be_visible()
    view.get_by_label("Why", exact=True).fill("not of this book")
    page.keyboard.press("Enter")
    view.get_by_role("button", name="Reject 500").click()
    expect(page.get_by_text("Reject: 500 changed.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing")).to_be_visible()
    rejected = state(workbench.store, book)
    assert rejected["behaviors.jsonl"] != before["behaviors.jsonl"]
    with workbench.store.read() as session:
        (last,) = history.steps(book.id, limit=1, session=session)
    assert (last.kind, last.size, last.why) == ("reject", 500, "not of this book")

    page.keyboard.press("u")
    Keyboard(page).meet("behavior_of_the_heap_0")
    assert state(workbench.store, book) == before
    has_no_exception(page)


def test_the_filter_can_be_shared_by_its_address(workbench: Workbench, browser: Browser) -> None:
    book = desk.seeded(workbench.store, "shared")
    page = opened(browser, workbench.address("review", handbook="shared"))
    expect(page.get_by_text("34 left")).to_be_visible()
    page.get_by_label("Search", exact=True).fill("the")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Filter").click()
    choose(page, "Order", "name")
    for label, value in (("The source was", "right"), ("Mark", "none")):
        choose(page, label, value)
        page.keyboard.press("Escape")  # it stays open for a second choice
    for part in (
        "review_words=the",
        "review_source=right",
        "review_mark=none",
        "review_order=name",
    ):
        expect(page).to_have_url(re.compile(part))
    expect(page.get_by_role("button", name="Filter (4)")).to_be_visible()
    found = desk.waiting(workbench.store, book)
    wanted = [b for b in found if b.source_correct and not b.marks]
    right = [b.name for b in wanted if "the" in f"{b.name} {b.instruction} {b.topic}".lower()]
    assert 9 < len(right) < len(found)
    shows(page, sorted(right)[:7])
    again = opened(browser, page.url)
    shows(again, sorted(right)[:7])
    has_no_exception(again)


def choose(page: Page, label: str, value: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=value, exact=True).click()


def shows(page: Page, names: list[str]) -> None:
    """The first one in focus, the others as those that come next."""
    Keyboard(page).meet(names[0])
    # A button with a tip stands there twice, once for narrow screens.
    coming = page.locator("[class*='st-key-review_next_'] .stTooltipIcon code")
    expect(coming).to_have_text(names[1:])


def state(store: Store, book: Handbook) -> dict[str, object]:
    return {**desk.exported(store, book), "others": desk.others(store, book)}


def steps(store: Store, handbook_id: int) -> list[tuple[str, str, str, bool]]:
    with store.read() as session:
        found = history.steps(handbook_id, session=session)
    return [(step.kind, step.by, step.why, step.undone) for step in found]
