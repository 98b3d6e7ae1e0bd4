"""Merging behaviors into one of them, and taking them out again.

One of the merged stays and carries the result; the others point to it. Nothing is copied: the
sources of a behavior are its own and those of whatever was merged into it, so that after a split
each has its own again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import BadInput, Conflict
from core.handbook.rules import fault
from core.handbook.steps import TEXT_FIELDS, Change, as_seen, take_step
from core.store import Session, Store, history
from core.store import behaviors as rows
from core.store.records import Behavior, Source, Step

MERGEABLE = ("proposed", "accepted", "rejected")


def merge(
    store: Store,
    seen: Mapping[int, int],
    *,
    into: int,
    text: Mapping[str, Any],
    by: str,
    why: str = "",
) -> Behavior:
    """Merges the behaviors of `seen` (id -> version that was seen) into number `into`.

    `text` holds the fields of the result that differ (name, instruction, topic, avoid_when, tags).
    The result is accepted: who merges has decided.
    """
    with store.write() as session:
        found = {number: as_seen(number, version, session) for number, version in seen.items()}
        _need_mergeable(found, into)
        stays = found.pop(into)
        if unknown := set(text) - set(TEXT_FIELDS):
            raise BadInput(f"A behavior has no editable field {', '.join(sorted(unknown))}.")
        wanted = {name: getattr(stays, name) for name in TEXT_FIELDS} | dict(text)
        if problem := fault(wanted["name"], wanted["instruction"], wanted["avoid_when"]):
            raise BadInput(f"{wanted['name']}: {problem}. Nothing was merged.")
        changes = [
            Change(behavior, "merge", {"status": "merged", "merged_into": into})
            for behavior in found.values()
        ]
        new = {name: value for name, value in wanted.items() if value != getattr(stays, name)}
        # Told, because it gains sources even where its text stays: undo and others see that.
        changes.append(Change(stays, "merge", {**new, "status": "accepted"}, told=True))
        take_step(stays.handbook_id, "merge", changes, by=by, why=why, session=session)
        return rows.behavior(into, session=session)


def split(
    store: Store, behavior_ids: Sequence[int], *, by: str, why: str = ""
) -> tuple[Step, list[Behavior]]:
    """Takes merged behaviors out again, with the status they had; as one step.

    Given the behavior they were merged into, all of them come out. The one they were merged into
    keeps its text. Where a name was taken meanwhile the behavior comes back as a proposal.
    """
    with store.write() as session:
        named = rows.behaviors_by_id(behavior_ids, session=session)
        out = {number: found for number, found in named.items() if found.status == "merged"}
        others = [number for number in named if number not in out]
        inside = rows.merged_into(others, session=session)
        out |= {behavior.id: behavior for behavior in inside}
        empty = set(others) - {behavior.merged_into for behavior in inside}
        if not out or empty:
            names = ", ".join(named[number].name for number in sorted(empty)) or "this"
            raise BadInput(f"Nothing was merged into {names}; there is nothing to split.")
        if len({behavior.handbook_id for behavior in out.values()}) > 1:
            raise BadInput("These behaviors belong to different handbooks; split one at a time.")
        changes = _changes_back(out, session)
        handbook_id = next(iter(out.values())).handbook_id
        step = take_step(handbook_id, "split", changes, by=by, why=why, session=session)
        if step is None:  # every change moves a status
            raise BadInput("There was nothing to split.")
        return step, list(rows.behaviors_by_id(out, session=session).values())


def family(behavior_id: int, session: Session) -> list[Behavior]:
    """The behavior, and everything that was merged into it, also by way of others."""
    found = {behavior_id: rows.behavior(behavior_id, session=session)}
    generation = [behavior_id]
    while generation:
        children = rows.merged_into(generation, session=session)
        generation = [child.id for child in children if child.id not in found]
        found |= {child.id: child for child in children}
    return list(found.values())


def all_sources(behavior_id: int, session: Session) -> list[Source]:
    """Its own sources and those of what was merged into it."""
    members = [behavior.id for behavior in family(behavior_id, session)]
    by_member = rows.sources(members, session=session)
    return [source for member in members for source in by_member.get(member, [])]


def _need_mergeable(found: Mapping[int, Behavior], into: int) -> None:
    if len(found) < 2 or into not in found:
        raise BadInput("A merge takes two or more behaviors, and one of them stays.")
    if len({behavior.handbook_id for behavior in found.values()}) > 1:
        raise BadInput("These behaviors belong to different handbooks; merging is within one.")
    for behavior in found.values():
        if behavior.status not in MERGEABLE:
            raise Conflict(f"{behavior.name} is {behavior.status} already. Look at it again.")


def _changes_back(out: Mapping[int, Behavior], session: Session) -> list[Change]:
    merges = history.last_to_become(out, "merged", session=session)
    handbook_id = next(iter(out.values())).handbook_id
    names = {behavior.name for behavior in out.values()}
    taken = set(rows.accepted_names(handbook_id, names, session=session))
    changes = []
    for behavior in out.values():
        status = merges[behavior.id].before["status"] if behavior.id in merges else "proposed"
        if status == "accepted" and behavior.name in taken:
            status = "proposed"
        elif status == "accepted":
            taken.add(behavior.name)
        changes.append(Change(behavior, "split", {"status": status, "merged_into": None}))
    return changes
