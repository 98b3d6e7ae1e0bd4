"""Two curators at the same handbook: each sees the other, the second is told, nothing is lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from core.handbook import curation
from core.store import Store, history
from core.store import behaviors as rows
from core.store.records import Behavior
from tests.live import desk
from tests.live.conftest import Workbench
from tests.live.hands import Keyboard
from tests.live.served import has_no_exception, main, opened

pytestmark = pytest.mark.live


def desk_of(browser: Browser, workbench: Workbench, slug: str, name: str) -> Page:
    """The review desk in a browser of its own, under the curator's name."""
    page = opened(browser, workbench.address("review", handbook=slug))
    page.get_by_label("Your name", exact=True).fill(name)
    page.keyboard.press("Enter")
    main(page).get_by_role("heading", name="Review").click()
    return page


def now(store: Store, behavior: Behavior) -> Behavior:
    with store.read() as session:
        return rows.behavior(behavior.id, session=session)


def test_the_second_to_decide_is_told_who_was_first(workbench: Workbench, browser: Browser) -> None:
    book = desk.seeded(workbench.store, "two")
    first, second, third, *_ = desk.waiting(workbench.store, book)
    ada = Keyboard(desk_of(browser, workbench, "two", "Ada"))
    ada.meet(first.name)
    bob = Keyboard(desk_of(browser, workbench, "two", "Bob"))
    expect(bob.card.get_by_text("open at Ada's desk")).to_be_visible()

    ada.accept(first.name)
    ada.meet(second.name)
    bob.accept(first.name)
    expect(main(bob.page).get_by_text("was changed by Ada in the meantime")).to_be_visible()
    ada.accept(second.name)
    ada.meet(third.name)
    bob.meet(second.name)
    bob.page.keyboard.press("x")
    expect(main(bob.page).get_by_text("is accepted by Ada now")).to_be_visible()
    bob.meet(third.name)
    expect(bob.question("reason")).to_have_count(0)  # it was not asked about this one
    decided = [now(workbench.store, behavior) for behavior in (first, second)]
    assert {(found.status, found.by) for found in decided} == {("accepted", "Ada")}
    expect(bob.page.get_by_text("2 by Ada")).to_be_visible()

    bob.page.keyboard.press("u")
    expect(main(bob.page).get_by_text("nothing of Bob to undo")).to_be_visible()
    assert now(workbench.store, first).status == "accepted"
    has_no_exception(ada.page)
    has_no_exception(bob.page)


def test_an_edit_that_meets_another_one_keeps_both(workbench: Workbench, browser: Browser) -> None:
    book = desk.seeded(workbench.store, "edits")
    first, *_ = desk.waiting(workbench.store, book)
    page = desk_of(browser, workbench, "edits", "Ada")
    hand = Keyboard(page)
    hand.meet(first.name)
    page.keyboard.press("e")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_label("Name", exact=True)).to_have_value(first.name)
    theirs = {"avoid_when": "There is no sum.", "instruction": "Add up what is there."}
    curation.edit(workbench.store, first.id, theirs, version=first.version, by="Bob")

    hand.tab_to("Instruction, one line")
    hand.overwrite("Add up what is left.")
    page.keyboard.press("Control+Enter")
    expect(drawer.get_by_text("was changed by Bob in the meantime")).to_be_visible()
    expect(drawer.get_by_text("What you typed is still here")).to_be_visible()
    expect(drawer.get_by_label("Instruction, one line", exact=True)).to_have_value(
        "Add up what is left."
    )
    assert now(workbench.store, first).instruction == "Add up what is there."

    page.keyboard.press("Control+Enter")
    expect(drawer).to_have_count(0)
    found = now(workbench.store, first)
    assert (found.status, found.instruction) == ("accepted", "Add up what is left.")
    assert found.avoid_when == "There is no sum."  # Ada never touched it
    with workbench.store.read() as session:
        lines = history.history_of_behavior(first.id, session=session)
    told = [(line.by, line.kind, line.after.get("instruction")) for _, line in lines]
    assert told[1:] == [
        ("Bob", "edit", "Add up what is there."),
        ("Ada", "edit", "Add up what is left."),
        ("Ada", "accept", None),
    ]
    has_no_exception(page)
