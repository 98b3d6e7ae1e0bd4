"""Two curators who decide the same: one has a keyboard and no mouse, the other calls core."""

from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Locator, Page, expect

from core.handbook import curation, merging, shelf, undo
from core.handbook.likeness import nearest
from core.handbook.queue import REASONS
from core.store import Store
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook

BY = "tester"
# So often Tab is pressed before a field counts as out of reach.
MOST_TABS = 80


class Hand(Protocol):
    def look(self, name: str, after: str) -> None: ...
    def pass_by(self, name: str) -> None: ...
    def accept(self, name: str) -> None: ...
    def reject(self, name: str, reason: str) -> None: ...
    def edit(self, name: str, new_name: str, instruction: str) -> None: ...
    def merge(self, name: str) -> None: ...
    def retopic(self, name: str, topic: str) -> None: ...
    def skip(self, name: str) -> None: ...
    def undo(self, at: str, back_to: str) -> None: ...


@dataclass
class Keyboard:
    """Each decision begins once the behavior it is about is seen in focus."""

    page: Page

    def __post_init__(self) -> None:
        """The buttons come in a file of their own, and only they know their keys."""
        expect(self.card).to_be_visible()
        self.page.wait_for_load_state("networkidle")

    def look(self, name: str, after: str) -> None:
        for down, up in (("j", "k"), ("ArrowDown", "ArrowUp")):
            self.meet(name)
            self.page.keyboard.press(down)
            self.meet(after)
            self.page.keyboard.press(up)

    def pass_by(self, name: str) -> None:
        self.meet(name)
        self.page.keyboard.press("ArrowDown")

    def accept(self, name: str) -> None:
        self.meet(name)
        self.page.keyboard.press("a")

    def reject(self, name: str, reason: str) -> None:
        self.meet(name)
        self.ask_reason()
        if reason in REASONS:
            self.page.keyboard.press(str(REASONS.index(reason) + 1))
        elif reason:
            self.tab_to("Another reason")
            self.page.keyboard.type(reason)
            self.page.keyboard.press("Enter")
        else:
            self.page.keyboard.press("x")

    def edit(self, name: str, new_name: str, instruction: str) -> None:
        self.meet(name)
        self.page.keyboard.press("e")
        drawer = self.page.get_by_role("dialog")
        expect(drawer.get_by_label("Name", exact=True)).to_have_value(name)
        self.tab_to("Name")
        self.overwrite(new_name)
        self.tab_to("Instruction, one line")
        self.overwrite(instruction)
        self.listens()
        self.page.keyboard.press("Control+Enter")
        expect(drawer).to_have_count(0)

    def merge(self, name: str) -> None:
        self.meet(name)
        self.page.keyboard.press("m")
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_label("Name of the result", exact=True)).to_be_visible()
        self.listens()
        self.page.keyboard.press("Control+Enter")
        expect(dialog).to_have_count(0)

    def retopic(self, name: str, topic: str) -> None:
        self.meet(name)
        self.page.keyboard.press("t")
        choice = self.question("topics").get_by_role("button", name=topic)
        digit = choice.inner_text()[-1]
        self.listens()
        self.page.keyboard.press(digit)
        expect(self.question("topics")).to_have_count(0)
        expect(self.card.get_by_text(topic)).to_be_visible()

    def skip(self, name: str) -> None:
        self.meet(name)
        self.page.keyboard.press("s")

    def undo(self, at: str, back_to: str) -> None:
        if at:
            self.meet(at)
        else:
            expect(self.page.get_by_role("heading", name="Nothing waits here")).to_be_visible()
        self.page.keyboard.press("u")
        self.meet(back_to)

    def ask_reason(self) -> None:
        self.page.keyboard.press("x")
        expect(self.question("reason")).to_be_visible()
        expect(self.question("reason").get_by_role("button", name="Leave")).to_be_visible()
        self.listens()

    @property
    def card(self) -> Locator:
        return self.page.locator(".st-key-review_focus_card")

    def meet(self, name: str) -> None:
        """Waits until it is in focus and the keys are on."""
        expect(self.card.get_by_role("heading")).to_have_text([name])
        expect(self.page.locator(".st-key-review_key_S button")).to_be_enabled()
        self.listens()

    def listens(self) -> None:
        """Waits until what is shown listens: a button does so only after it has been painted."""
        expect(self.page.locator("[data-test-script-state=notRunning]")).to_be_visible()
        self.page.evaluate("new Promise(r => requestAnimationFrame(() => setTimeout(r, 20)))")

    def question(self, what: str) -> Locator:
        return self.page.locator(f".st-key-review_{what}")

    def tab_to(self, label: str) -> None:
        """Not before it is there: its code comes in a file of its own."""
        expect(self.page.get_by_label(label, exact=True)).to_be_visible()
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.getAttribute('aria-label')") == label:
                return
        raise AssertionError(f"{label} cannot be reached with Tab")

    def overwrite(self, text: str) -> None:
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)


@dataclass
class Core:
    """The same decisions without any screen."""

    store: Store
    book: Handbook

    def look(self, name: str, after: str) -> None:
        pass

    def pass_by(self, name: str) -> None:
        pass

    def accept(self, name: str) -> None:
        found = self.find(name)
        curation.accept(self.store, found.id, version=found.version, by=BY)

    def reject(self, name: str, reason: str) -> None:
        found = self.find(name)
        curation.reject(self.store, found.id, version=found.version, by=BY, why=reason)

    def edit(self, name: str, new_name: str, instruction: str) -> None:
        found, text = self.find(name), {"name": new_name, "instruction": instruction}
        curation.edit_and_accept(self.store, found.id, text, version=found.version, by=BY)

    def merge(self, name: str) -> None:
        found = self.find(name)
        with self.store.read() as session:
            accepted = rows.instructions(self.book.id, session=session)
            (like,) = nearest(found.name, found.instruction, accepted, None, limit=1)
            stays = rows.behavior(like.behavior_id, session=session)
        seen = {found.id: found.version, stays.id: stays.version}
        merging.merge(self.store, seen, into=stays.id, text={}, by=BY)

    def retopic(self, name: str, topic: str) -> None:
        found, text = self.find(name), {"topic": topic}
        curation.edit(self.store, found.id, text, version=found.version, by=BY)

    def skip(self, name: str) -> None:
        pass

    def undo(self, at: str, back_to: str) -> None:  # noqa: ARG002  a screen is to be waited for
        undo.undo(self.store, self.book.id, by=BY)

    def find(self, name: str) -> Behavior:
        waiting = shelf.behaviors(self.store, self.book, ("proposed",))
        return next(behavior for behavior in waiting if behavior.name == name)
