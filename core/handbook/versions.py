"""A handbook as it was: its state after any step, names for such states, and going back to one.

A state is found by walking the history backwards from the present; nothing is kept twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import BadInput, Conflict, NotFound
from core.handbook import files
from core.handbook.rules import line_fault
from core.handbook.shelf import find_in
from core.handbook.steps import TEXT_FIELDS, Change, take_step
from core.store import Session, Store, history
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook, Step, Version, now

STATUSES = ("proposed", "accepted", "rejected", "merged", "withdrawn")
# What an export shows of an accepted behavior, and where it stands.
RESTORED = (*TEXT_FIELDS, "extra", "status", "merged_into")
NAME_LENGTH = 64
# How many names an error lists.
LISTED = 20


@dataclass(frozen=True)
class State:
    """A handbook after step `step`, or what a file holds (then it has no `handbook_id`).

    `head` has the keys of `files.HEAD_KEYS` and `extra`. `behaviors` are all that existed then, by
    id, with the texts, status and merged_into of then; the other fields are those of now.
    """

    handbook_id: int | None
    slug: str
    step: int
    head: Mapping[str, Any]
    behaviors: Mapping[int, Behavior]


def state(store: Store, slug: str, at: int | None = None) -> State:
    """After step `at` (0: before the first one); as it is now where none is given."""
    with store.read() as session:
        return _state(find_in(slug, session), at, session)


def accepted(found: State) -> list[Behavior]:
    """In the order of a handbook file: by topic, then name."""
    chosen = [b for b in found.behaviors.values() if b.status == "accepted"]
    return sorted(chosen, key=lambda behavior: (behavior.topic, behavior.name, behavior.id))


def handbook_of(found: State) -> Handbook:
    """The record that a file is written from."""
    return Handbook(
        id=found.handbook_id or 0,
        slug=found.slug,
        archived=False,
        created=now(),
        changed=now(),
        **found.head,
    )


def write(found: State, path: Path) -> int:
    """Writes the accepted behaviors in the kind that `path` ends like; gives their number."""
    chosen = accepted(found)
    files.write(path, handbook_of(found), chosen)
    return len(chosen)


def versions(store: Store, slug: str) -> list[Version]:
    """The named states, newest name first."""
    with store.read() as session:
        return history.versions(find_in(slug, session).id, session=session)


def name_version(
    store: Store, slug: str, name: str, *, step: int | None = None, by: str, why: str = ""
) -> Version:
    """Names the state after a step, the last one where none is given."""
    name = name.strip()
    _need_good_name(name)
    with store.write() as session:
        handbook = find_in(slug, session)
        named = history.versions(handbook.id, session=session)
        if taken := next((version for version in named if version.name == name), None):
            raise Conflict(
                f"{slug} has a version {name!r} already (step {taken.step}). Take another name."
            )
        number = _step_number(handbook, step, session)
        return history.add_version(
            handbook_id=handbook.id, name=name, step=number, why=why, by=by, session=session
        )


def step_of(store: Store, slug: str, as_of: str) -> int:
    """The step that a version's name, or a step's number, stands for."""
    with store.read() as session:
        return _step_of(find_in(slug, session), as_of, session)


def restore(store: Store, slug: str, as_of: str, *, by: str, why: str = "") -> Step | None:
    """Makes the accepted behaviors and the head what they were; None where they are that already.

    It is one more step, undone like any other. What was decided since about behaviors that were not
    accepted then, and are not now, is left alone.
    """
    with store.write() as session:
        handbook = find_in(slug, session)
        then = _state(handbook, _step_of(handbook, as_of, session), session)
        present = _state(handbook, None, session)
        back = _back(present, then)
        changes = [
            Change(present.behaviors[number], "restore", fields) for number, fields in back.items()
        ]
        why = f"as of {as_of}" + (f": {why}" if why else "")
        return take_step(
            handbook.id, "restore", changes, head=then.head, by=by, why=why, session=session
        )


def _state(handbook: Handbook, at: int | None, session: Session) -> State:
    number = _step_number(handbook, at, session)
    found = rows.behaviors(handbook.id, statuses=STATUSES, session=session)
    behaviors = {behavior.id: behavior for behavior in found}
    head = {key: getattr(handbook, key) for key in (*files.HEAD_KEYS, "extra")}
    older: dict[int, dict[str, Any]] = {}
    unborn: set[int] = set()
    for behavior_id, before in history.operations_since(handbook.id, number, session=session):
        if behavior_id is None:
            head |= {key: value for key, value in before.items() if key in head}
        elif before:
            older.setdefault(behavior_id, {}).update(before)
        else:
            unborn.add(behavior_id)
    then = {
        behavior_id: replace(behavior, **older.get(behavior_id, {}))
        for behavior_id, behavior in behaviors.items()
        if behavior_id not in unborn
    }
    return State(handbook.id, handbook.slug, number, head, then)


def _step_number(handbook: Handbook, step: int | None, session: Session) -> int:
    last = history.last_number(handbook.id, session=session)
    if step is None:
        return last
    if not 0 <= step <= last:
        raise NotFound(f"{handbook.slug} has no step {step}. Its steps are 0 to {last}.")
    return step


def _step_of(handbook: Handbook, as_of: str, session: Session) -> int:
    named = history.versions(handbook.id, session=session)
    if version := next((version for version in named if version.name == as_of.strip()), None):
        return version.step
    if as_of.strip().isdecimal() and len(as_of) < 16:
        return _step_number(handbook, int(as_of), session)
    names = ", ".join(version.name for version in named[:LISTED]) or "none yet"
    more = f" and {len(named) - LISTED} more" if len(named) > LISTED else ""
    last = history.last_number(handbook.id, session=session)
    raise NotFound(
        f"{handbook.slug} has no version {as_of!r}. There are: {names}{more}; or give the number "
        f"of a step, 0 to {last}."
    )


def _need_good_name(name: str) -> None:
    problem = line_fault(name, "name")
    if len(name) > NAME_LENGTH:
        problem = f"it is longer than {NAME_LENGTH} characters"
    if name.isdecimal():
        problem = f"a bare number stands for a step; put a word before it, such as v{name}"
    if problem:
        raise BadInput(f"{name[:NAME_LENGTH]!r} cannot name a version: {problem}.")


def _back(present: State, then: State) -> dict[int, dict[str, Any]]:
    """Behavior id -> the fields that bring it back to how it was."""
    back = {}
    for number, behavior in present.behaviors.items():
        old = then.behaviors.get(number)
        if old and old.status == "accepted":
            back[number] = {name: getattr(old, name) for name in RESTORED}
        elif behavior.status == "accepted":
            back[number] = _where_it_stood(old)
    while circle := _circle(present, back):
        # What was merged the other way round since goes back as well: then there was no circle.
        back |= {number: _where_it_stood(then.behaviors.get(number)) for number in circle}
    return back


def _where_it_stood(old: Behavior | None) -> dict[str, Any]:
    if old is None:
        return {"status": "withdrawn", "merged_into": None}
    return {"status": old.status, "merged_into": old.merged_into}


def _circle(present: State, back: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Behaviors that would be merged in a circle and are not among `back` yet."""
    targets = {
        number: back.get(number, {}).get("merged_into", behavior.merged_into)
        for number, behavior in present.behaviors.items()
        if number not in back or back[number]["merged_into"] is not None
    }
    for start in back:
        way: list[int] = []
        number: int | None = start
        while number is not None and number not in way:
            way.append(number)
            number = targets.get(number)
        if number is not None:
            return [member for member in way[way.index(number) :] if member not in back]
    return []
