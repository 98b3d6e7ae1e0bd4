"""The Handbook screen in a real browser: edit in place, import, export, and the handbook itself."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.handbook import files, shelf
from core.handbook.curation import Draft, write
from core.store import Store, history
from core.store.records import Behavior, Handbook
from tests.live import desk
from tests.live.conftest import Workbench
from tests.live.served import has_no_exception, main, opened

pytestmark = pytest.mark.live
# The columns: Pick, Topic, Name, Instruction, Avoid when, Tags.
TOPIC, AVOID_WHEN, TAGS = 1, 4, 5
# Milliseconds for which the table may keep an edit to itself; nothing on the screen tells.
HELD_BACK = 500


def accepted(store: Store, book: Handbook) -> list[Behavior]:
    return shelf.behaviors(store, book)


def steps(store: Store, book: Handbook) -> list[tuple[str, int]]:
    """(kind, size), the newest first."""
    with store.read() as session:
        return [(step.kind, step.size) for step in history.steps(book.id, session=session)]


def test_topic_tags_and_avoid_when_are_edited_in_the_table_as_one_step(
    workbench: Workbench, browser: Browser
) -> None:
    store = workbench.store
    book = desk.seeded(store, "table")
    first, second, *_ = accepted(store, book)
    page = opened(browser, workbench.address("handbook", handbook="table"))
    page.get_by_role("radio", name="table").click()
    table = page.get_by_test_id("stDataFrame")
    type_into(page, table, 1, TAGS, "kept")
    type_into(page, table, 1, AVOID_WHEN, "There is nothing to add.")
    type_into(page, table, 0, TOPIC, "Sums")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("2 behaviors were changed")).to_be_visible()
    found = {behavior.id: behavior for behavior in accepted(store, book)}
    assert found[first.id].topic == "Sums"
    assert found[second.id].avoid_when == "There is nothing to add."
    assert found[second.id].tags == ["kept"]
    assert steps(store, book)[0] == ("edit", 2)
    has_no_exception(page)


def type_into(page: Page, table: Locator, row: int, column: int, text: str) -> None:
    """The table is a picture: it is walked through with the arrow keys, from its first cell."""
    table.click(position={"x": 200, "y": 60})
    page.keyboard.press("Control+Home")
    for key, times in (("ArrowDown", row), ("ArrowRight", column)):
        for _ in range(times):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    field = page.locator("#portal").locator("textarea, input").first
    expect(field).to_be_focused()
    field.fill(text)
    page.keyboard.press("Enter")
    if column == TAGS:
        expect(page.locator("#portal").get_by_text(text, exact=True)).to_be_visible()
        table.click(position={"x": 200, "y": 60})  # elsewhere: only that keeps the tags
    expect(field).to_have_count(0)
    page.wait_for_timeout(HELD_BACK)


def test_an_import_is_looked_at_row_by_row_before_it_is_done(
    workbench: Workbench, browser: Browser, tmp_path: Path
) -> None:
    store = workbench.store
    book = shelf.create(store, "imports", by="tester")
    kept = Draft("behavior_halve_first", "When a diameter is given, halve it before using it.")
    other = Draft("behavior_count_twice", "Count the same thing in two ways and compare.")
    for draft in (kept, other):
        write(store, book.id, draft, by="tester")
    before = desk.exported(store, book)
    path = tmp_path / "some.csv"
    path.write_text(
        "name,instruction\n"
        '"behavior_halve_first","When a diameter is given, halve it before you use it."\n'
        '"behavior_count_twice","Toss the coin until it lands on its edge."\n'
        '"behavior_draw_it","Draw a picture of what is given."\n'
        '"No Name At All","This row has no good name."\n'
    )
    page = opened(browser, workbench.address("handbook", handbook="imports"))
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(path)
    for tab in ("1 new", "1 changed", "1 clashing", "0 there already", "1 bad"):
        expect(dialog.get_by_role("tab", name=tab)).to_be_visible()
    assert desk.exported(store, book) == before

    dialog.get_by_role("tab", name="1 changed").click()
    dialog.get_by_text("Take the file's text for all 1").first.click()
    dialog.get_by_role("button", name="Import 2").click()
    expect(page.get_by_text("1 added, 1 replaced, 1 left as they were, 1 bad")).to_be_visible()
    texts = {behavior.name: behavior.instruction for behavior in accepted(store, book)}
    assert texts == {
        "behavior_halve_first": "When a diameter is given, halve it before you use it.",
        "behavior_count_twice": other.instruction,
        "behavior_draw_it": "Draw a picture of what is given.",
    }
    assert steps(store, book)[0] == ("import", 2)
    has_no_exception(page)


def test_every_export_gives_the_very_bytes(workbench: Workbench, browser: Browser) -> None:
    store = workbench.store
    book = desk.seeded(store, "exports")
    page = opened(browser, workbench.address("handbook", handbook="exports"))
    page.get_by_role("button", name="Export").click()
    for kind, (label, _suffix) in files.KINDS.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=label, exact=False).click()
        got = Path(download.value.path()).read_bytes()
        texts = files.contents(kind, book, accepted(store, book))
        if kind == "folder":
            with zipfile.ZipFile(io.BytesIO(got)) as packed:
                found = {name: packed.read(name).decode() for name in packed.namelist()}
            assert found == {f"exports/{name}": text for name, text in texts.items()}
        else:
            assert got == next(iter(texts.values())).encode()
            assert download.value.suggested_filename == next(iter(texts))
    has_no_exception(page)


def test_a_handbook_is_made_renamed_copied_archived_and_brought_back(
    workbench: Workbench, browser: Browser
) -> None:
    store = workbench.store
    page = opened(browser, workbench.address("handbook", handbook="empty"))
    page.get_by_role("button", name="New").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title", exact=True).fill("Sums & more")
    dialog.get_by_role("button", name="Make it").click()
    expect(main(page).get_by_role("heading", name="Sums & more")).to_be_visible()
    expect(page).to_have_url(re.compile("handbook=sums-more"))
    write(store, shelf.find(store, "sums-more").id, desk.SOME, by="tester")

    more(page, "Rename or describe")
    dialog.get_by_label("Slug").fill("sums")
    dialog.get_by_label("Authors").fill("Ada, Bob")
    dialog.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("handbook=sums($|&)"))
    expect(page.get_by_text("by Ada, Bob")).to_be_visible()

    more(page, "Make a copy")
    dialog.get_by_role("button", name="Make the copy").click()
    expect(main(page).get_by_role("heading", name="Sums & more (copy)")).to_be_visible()
    copied = shelf.find(store, "sums-more-copy")
    assert [behavior.name for behavior in accepted(store, copied)] == [desk.SOME.name]

    for act, button, archived in (("Archive", "Archive it", 1), ("Bring back", "Bring it back", 0)):
        more(page, act)
        dialog.get_by_role("button", name=button).click()
        expect(main(page).locator(".stMarkdownBadge", has_text="archived")).to_have_count(archived)
        assert shelf.find(store, "sums-more-copy").archived == bool(archived)
    has_no_exception(page)


def more(page: Page, act: str) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_text(act).click()
