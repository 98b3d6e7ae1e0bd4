"""What people do with behaviors. Each operation is one transaction and one line of history.

A behavior's version guards against two people deciding at once: the second is told, and nothing of
the first decision is lost.
"""

from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadInput, Conflict
from core.handbook.rules import fault
from core.store import Session, Store
from core.store import handbooks as rows
from core.store.records import Behavior

EDITABLE = ("name", "instruction", "topic", "avoid_when", "tags")


@dataclass(frozen=True)
class Draft:
    """A behavior that is not in a handbook yet, with the place it was found in."""

    name: str
    instruction: str
    topic: str = ""
    avoid_when: str | None = None
    tags: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    trace_id: int | None = None
    start: int | None = None
    end: int | None = None


def propose(
    handbook_id: int, draft: Draft, *, by: str, stage: str = "extract", session: Session
) -> Behavior:
    """Adds a proposal inside the caller's transaction, so that it comes together with its trace."""
    behavior = rows.add_behavior(
        handbook_id=handbook_id,
        name=draft.name,
        instruction=draft.instruction,
        topic=draft.topic,
        avoid_when=draft.avoid_when,
        tags=list(draft.tags),
        marks=dict(draft.marks),
        status="proposed",
        by=by,
        session=session,
    )
    rows.add_source(
        behavior_id=behavior.id,
        trace_id=draft.trace_id,
        stage=stage,
        start=draft.start,
        end=draft.end,
        session=session,
    )
    _log(behavior, "propose", {}, _text(behavior), by=by, session=session)
    return behavior


def accept(store: Store, behavior_id: int, *, version: int, by: str, why: str = "") -> Behavior:
    """Makes a proposal part of its handbook. Its name must be free there."""
    with store.write() as session:
        behavior = _current(behavior_id, version, session)
        _need_free_name(behavior, behavior.name, session)
        return _change(behavior, "accept", {"status": "accepted"}, by=by, why=why, session=session)


def reject(store: Store, behavior_id: int, *, version: int, by: str, why: str = "") -> Behavior:
    """Takes a behavior out; it stays in the history and can be accepted again."""
    with store.write() as session:
        behavior = _current(behavior_id, version, session)
        return _change(behavior, "reject", {"status": "rejected"}, by=by, why=why, session=session)


def reopen(store: Store, behavior_id: int, *, version: int, by: str, why: str = "") -> Behavior:
    """Takes a decision back: the behavior is a proposal again."""
    with store.write() as session:
        behavior = _current(behavior_id, version, session)
        return _change(behavior, "restore", {"status": "proposed"}, by=by, why=why, session=session)


def edit(
    store: Store, behavior_id: int, changes: dict[str, Any], *, version: int, by: str, why: str = ""
) -> Behavior:
    """Changes the text fields of a behavior (`EDITABLE`)."""
    with store.write() as session:
        behavior = _current(behavior_id, version, session)
        return _edit(behavior, changes, by=by, why=why, session=session)


def edit_and_accept(
    store: Store, behavior_id: int, changes: dict[str, Any], *, version: int, by: str
) -> Behavior:
    """Both in one transaction: where the new name is taken, the old text stays as it was."""
    with store.write() as session:
        behavior = _current(behavior_id, version, session)
        edited = _edit(behavior, changes, by=by, why="", session=session)
        _need_free_name(edited, edited.name, session)
        return _change(edited, "accept", {"status": "accepted"}, by=by, why="", session=session)


def look_up(store: Store, behavior_id: int) -> Behavior:
    with store.read() as session:
        return rows.behavior(behavior_id, session=session)


def _current(behavior_id: int, version: int, session: Session) -> Behavior:
    behavior = rows.behavior(behavior_id, session=session)
    if behavior.version != version:
        raise Conflict(
            f"{behavior.name} was changed by {behavior.by} in the meantime (it is "
            f"{behavior.status} now). Look at it again before you decide."
        )
    return behavior


def _edit(
    behavior: Behavior, changes: dict[str, Any], *, by: str, why: str, session: Session
) -> Behavior:
    if unknown := set(changes) - set(EDITABLE):
        raise BadInput(f"A behavior has no editable field {', '.join(sorted(unknown))}.")
    different = {name: new for name, new in changes.items() if new != getattr(behavior, name)}
    wanted = {**_text(behavior), **different}
    if problem := fault(wanted["name"], wanted["instruction"], wanted["avoid_when"]):
        raise BadInput(f"{wanted['name']}: {problem}. Nothing was changed.")
    if not different:
        return behavior
    if behavior.status == "accepted":
        _need_free_name(behavior, wanted["name"], session)
    return _change(behavior, "edit", different, by=by, why=why, session=session)


def _need_free_name(behavior: Behavior, name: str, session: Session) -> None:
    holder = rows.accepted_by_name(behavior.handbook_id, name, session=session)
    if holder and holder.id != behavior.id:
        raise Conflict(
            f"The handbook has an accepted behavior called {name} already (number {holder.id}). "
            "Edit the name first, or reject this one."
        )


def _change(
    behavior: Behavior, kind: str, changes: dict[str, Any], *, by: str, why: str, session: Session
) -> Behavior:
    before = {name: getattr(behavior, name) for name in changes}
    changed = rows.update_behavior(behavior.id, behavior.version, session=session, **changes, by=by)
    assert changed is not None  # noqa: S101  the version was checked in this transaction
    _log(changed, kind, before, changes, by=by, why=why, session=session)
    return changed


def _log(
    behavior: Behavior,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: str,
    why: str = "",
    session: Session,
) -> None:
    rows.log(
        handbook_id=behavior.handbook_id,
        behavior_id=behavior.id,
        kind=kind,
        before=before,
        after=after,
        by=by,
        why=why,
        session=session,
    )


def _text(behavior: Behavior) -> dict[str, Any]:
    return {name: value for name, value in asdict(behavior).items() if name in EDITABLE}
