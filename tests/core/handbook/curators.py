"""A curator at work: does whatever can be done to a handbook, in any order, for property tests.

Actions are drawn by hypothesis; what they refuse to do is a Conflict or BadInput, and then nothing
may have been written.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from core.errors import BadInput, Conflict
from core.handbook import curation, files, importing, merging, shelf, undo, versions
from core.handbook.curation import Draft
from core.store import Store, handbooks, history
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook
from tests.core.handbook.strategies import lines, texts

FIELDS = (
    *("name", "instruction", "topic", "avoid_when", "tags", "extra"),
    *("status", "merged_into", "apart"),
)
# Few, so that names are taken, swapped and taken again.
NAMES = [f"behavior_{letter}" for letter in "abcdef"]
SAYINGS = [
    'Say "yes" if \\frac{a}{b} > $0$.',
    "When lost: halve, it's *quick*.",
    "=1+1",
    "再び 数える 🧮",
]
instructions = st.sampled_from(SAYINGS) | lines


@dataclass(frozen=True)
class Action:
    """What to do, and everything that any deed may need: which behaviors, which texts."""

    kind: str
    which: int
    mask: int
    name: str
    text: str
    topic: str


@dataclass(frozen=True)
class Seen:
    """A handbook at one moment: its export, its place on the shelf, all its behaviors."""

    export: dict[str, str]
    shelf: tuple[str, bool]
    behaviors: dict[int, dict[str, Any]]


@contextmanager
def memory_store() -> Iterator[Store]:
    """A database of its own for every example."""
    store = Store.open("sqlite://")
    try:
        yield store
    finally:
        store.close()


class Curator:
    """Works on one handbook of `store`, a new one."""

    def __init__(self, store: Store, by: str = "ann", slug: str = "book"):
        self.store = store
        self.by = by
        self.id = shelf.create(store, slug, by=by).id
        self.births: dict[int, dict[str, Any]] = {}
        self.arrived: set[int] = set()
        self._deeds: dict[str, Callable[[Action], Any]] = {
            kind: getattr(self, f"do_{kind}") for kind in KINDS
        }

    def act(self, action: Action) -> bool:
        """Whether a step was written. A refusal has to leave everything as it was."""
        before, number = self.look(), self.number()
        try:
            self._deeds[action.kind](action)
        except (Conflict, BadInput):
            assert self.look() == before
            assert self.number() == number
        assert self.number() - number in (0, 1)
        self.note_births()
        return self.number() > number and action.kind != "propose"

    @property
    def book(self) -> Handbook:
        with self.store.read() as session:
            return handbooks.handbook(self.id, session=session)

    @property
    def slug(self) -> str:
        """As it is now: a curator may change it."""
        return self.book.slug

    def note_births(self) -> None:
        for number, was in self.look().behaviors.items():
            self.births.setdefault(number, was)

    def back_at(self, moment: Seen) -> Seen:
        """How the handbook has to look when everything since that moment was undone.

        What came since is withdrawn. Proposals stay, since their arrival is not a decision.
        """
        later = {
            number: was if number in self.arrived else {**was, "status": "withdrawn"}
            for number, was in self.births.items()
        }
        return Seen(moment.export, moment.shelf, {**later, **moment.behaviors})

    def number(self) -> int:
        with self.store.read() as session:
            return history.last_number(self.id, session=session)

    def all(self) -> list[Behavior]:
        with self.store.read() as session:
            found = rows.behaviors(self.id, statuses=versions.STATUSES, session=session)
        return sorted(found, key=lambda behavior: behavior.id)

    def look(self) -> Seen:
        handbook = self.book
        found = self.all()
        accepted = [behavior for behavior in found if behavior.status == "accepted"]
        behaviors = {
            behavior.id: {name: getattr(behavior, name) for name in FIELDS} for behavior in found
        }
        return Seen(
            files.contents("folder", handbook, accepted),
            (handbook.slug, handbook.archived),
            behaviors,
        )

    # What can be done

    def start(self) -> None:
        """Something of everything, so that a day begins with work."""
        for index, name in enumerate(NAMES[:4] * 2):
            self.do_propose(Action("propose", index, 1, name, f"Do {index}.", "Sums"))
        for _ in range(3):
            self.do_accept(Action("accept", 0, 1, "", "", ""))
        self.do_reject(Action("reject", 3, 1, "", "no", ""))
        self.do_merge(Action("merge", 0, 6, "", "", ""))
        self.note_births()

    def do_propose(self, action: Action) -> None:
        draft = Draft(action.name, action.text, action.topic)
        with self.store.write() as session:
            (made,) = curation.propose(self.id, [draft], by="a-model", session=session)
        self.arrived.add(made.id)

    def do_write(self, action: Action) -> None:
        draft = Draft(action.name, action.text, action.topic, tags=("new",))
        curation.write(self.store, self.id, draft, by=self.by)

    def do_accept(self, action: Action) -> None:
        one = self._one(action, "proposed", "rejected")
        curation.accept(self.store, one.id, version=one.version, by=self.by)

    def do_reject(self, action: Action) -> None:
        one = self._one(action, "proposed", "accepted")
        curation.reject(self.store, one.id, version=one.version, by=self.by, why=action.text)

    def do_reopen(self, action: Action) -> None:
        one = self._one(action, "rejected", "accepted")
        curation.reopen(self.store, one.id, version=one.version, by=self.by)

    def do_edit(self, action: Action) -> None:
        one = self._one(action)
        changes = {"instruction": action.text, "avoid_when": action.text, "name": action.name}
        curation.edit(self.store, one.id, changes, version=one.version, by=self.by)

    def do_edit_and_accept(self, action: Action) -> None:
        one = self._one(action, "proposed", "rejected")
        changes = {"name": action.name, "topic": action.topic}
        curation.edit_and_accept(self.store, one.id, changes, version=one.version, by=self.by)

    def do_swap_names(self, action: Action) -> None:
        some = self._some(action, "accepted")
        turned = [*some[1:], *some[:1]]
        edits = {
            one.id: (one.version, {"name": other.name})
            for one, other in zip(some, turned, strict=True)
        }
        curation.edit_many(self.store, self.id, edits, by=self.by)

    def do_accept_many(self, action: Action) -> None:
        seen = self._seen(action, "proposed", "rejected")
        curation.decide_many(self.store, self.id, "accept", seen, by=self.by)

    def do_reject_many(self, action: Action) -> None:
        curation.decide_many(self.store, self.id, "reject", self._seen(action), by=self.by)

    def do_retopic_many(self, action: Action) -> None:
        seen = self._seen(action)
        curation.decide_many(self.store, self.id, "retopic", seen, by=self.by, topic=action.topic)

    def do_tag_many(self, action: Action) -> None:
        seen = self._seen(action)
        tags = [action.topic or "tag", action.text]
        curation.decide_many(self.store, self.id, "tag", seen, by=self.by, tags=tags)

    def do_keep_apart(self, action: Action) -> None:
        curation.keep_apart(self.store, list(self._seen(action)), by=self.by)

    def do_merge(self, action: Action) -> None:
        seen = self._seen(action, "proposed", "accepted", "rejected")
        into = list(seen)[action.which % len(seen)] if seen else 0
        text = {"name": action.name, "instruction": action.text} if action.topic else {}
        merging.merge(self.store, seen, into=into, text=text, by=self.by)

    def do_split(self, action: Action) -> None:
        merged = self._some(action, "merged")
        outer = [one.merged_into for one in merged] if action.which % 2 else []
        ids = [number for number in outer if number] or [one.id for one in merged]
        merging.split(self.store, ids, by=self.by)

    def do_import(self, action: Action) -> None:
        self._import(action, replace=())

    def do_import_and_replace(self, action: Action) -> None:
        self._import(action, replace=NAMES)

    def do_rename(self, action: Action) -> None:
        fields = {"title": action.text, "description": action.topic, "authors": [action.name]}
        shelf.describe(self.store, self.slug, fields, by=self.by)

    def do_move(self, action: Action) -> None:
        slug = action.name.removeprefix("behavior_")
        shelf.describe(self.store, self.slug, {"slug": slug}, by=self.by)

    def do_archive(self, action: Action) -> None:
        shelf.archive(self.store, self.slug, bool(action.which % 2), by=self.by)

    def do_restore_version(self, action: Action) -> None:
        as_of = str(action.mask % (self.number() + 1))
        versions.restore(self.store, self.slug, as_of, by=self.by)

    def undo(self) -> None:
        undo.undo(self.store, self.id, by=self.by)

    def redo(self) -> None:
        undo.redo(self.store, self.id, by=self.by)

    def _import(self, action: Action, replace: Any) -> None:
        rows = [
            {"name": name, "instruction": action.text, "topic": action.topic, "more": index}
            for index, name in enumerate(NAMES)
            if action.mask >> index & 1
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        read = files.read_uploads({"some.jsonl": text.encode()})
        status: Any = "proposed" if action.which % 3 == 0 else "accepted"
        importing.import_read(
            self.store, self.slug, read, by=self.by, status=status, replace=replace
        )

    def _one(self, action: Action, *statuses: str) -> Behavior:
        """Mostly one that this can be done to, now and then any."""
        found = self._of(action, statuses)
        if not found:
            raise BadInput("nothing there")
        return found[action.which % len(found)]

    def _some(self, action: Action, *statuses: str) -> list[Behavior]:
        found = self._of(action, statuses)
        return [one for index, one in enumerate(found) if action.mask >> index % 8 & 1]

    def _seen(self, action: Action, *statuses: str) -> dict[int, int]:
        return {one.id: one.version for one in self._some(action, *statuses)}

    def _of(self, action: Action, statuses: tuple[str, ...]) -> list[Behavior]:
        anything = not statuses or action.which > 9
        return [one for one in self.all() if anything or one.status in statuses]


KINDS = sorted(name.removeprefix("do_") for name in dir(Curator) if name.startswith("do_"))


def actions(*more: str) -> st.SearchStrategy[list[Action]]:
    """A working day. What brings behaviors in comes more often, or there is nothing to work on."""
    often = ["propose", "propose", "write", "accept", "accept_many", "merge", "merge", "split"]
    kinds = st.sampled_from([*KINDS, *more, *often])
    one = st.builds(
        Action,
        kind=kinds,
        which=st.integers(0, 11),
        mask=st.integers(1, 255),
        name=st.sampled_from(NAMES),
        text=instructions,
        topic=st.sampled_from(["", "Geometry", "a, b"]) | texts,
    )
    return st.lists(one, min_size=4, max_size=20)
