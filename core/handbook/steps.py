"""The one place where behaviors are written: a step, its operations, and the rows it changes.

Whatever people do is a step: one or many operations, kept together and undone together. Nothing
else writes a behavior's fields, so the history always leads to the present state.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Conflict
from core.handbook.rules import normalised
from core.store import Session, history
from core.store import behaviors as rows
from core.store import handbooks as handbook_rows
from core.store.records import Behavior, Step

TEXT_FIELDS = ("name", "instruction", "topic", "avoid_when", "tags")
SEARCHED = ("name", "instruction", "topic", "tags")


@dataclass(frozen=True)
class Change:
    """One operation: what a behavior's fields become.

    The history tells of what really changed; of all these fields, changed or not, where `told`.
    """

    behavior: Behavior
    kind: str
    fields: Mapping[str, Any]
    told: bool = False


def take_step(
    handbook_id: int,
    kind: str,
    changes: Sequence[Change],
    *,
    head: Mapping[str, Any] | None = None,
    by: str,
    why: str = "",
    undoes: int | None = None,
    session: Session,
) -> Step | None:
    """Writes the changes as one step, in the caller's transaction; None where nothing changes.

    Several changes of one behavior follow each other; `head` are fields of the handbook itself.
    Raises Conflict where two accepted behaviors would have one name, or behaviors would be merged
    in a circle; the caller's transaction is to end then.
    """
    operations = _apply(handbook_id, changes, by, session)
    operations += _apply_head(handbook_id, kind, head or {}, session)
    if not operations:
        return None
    step = history.add_step(
        handbook_id, kind, len(operations), by=by, why=why, undoes=undoes, session=session
    )
    history.add_operations(step, operations, session=session)
    return step


def add_in_step(
    handbook_id: int,
    kind: str,
    news: Sequence[dict[str, Any]],
    *,
    by: str,
    why: str = "",
    also: Sequence[Change] = (),
    session: Session,
) -> list[int]:
    """New behaviors as one step; their ids. `news` hold a name, an instruction and a status.

    `also` are changes of behaviors that were there before; they belong to the same step.
    """
    always: dict[str, Any] = {
        "topic": "",
        "avoid_when": None,
        "tags": [],
        "marks": {},
        "extra": {},
        "apart": [],
        "source_model": "",
        "source_correct": None,
        "by": by,
    }
    full = [{**always, **new, "handbook_id": handbook_id} for new in news]
    _need_new_names(handbook_id, full, session)
    changed = _apply(handbook_id, also, by, session)
    ids = rows.add_behaviors([{**new, "words": _words_of(new)} for new in full], session=session)
    if not ids and not changed:
        return []
    size = len(ids) + len(changed)
    step = history.add_step(handbook_id, kind, size, by=by, why=why, session=session)
    operations = [
        {
            "behavior_id": behavior_id,
            "kind": kind,
            "before": {},
            "after": {name: new[name] for name in (*TEXT_FIELDS, "status")},
        }
        for behavior_id, new in zip(ids, full, strict=True)
    ]
    history.add_operations(step, operations + changed, session=session)
    return ids


def as_seen(behavior_id: int, version: int, session: Session) -> Behavior:
    """The behavior, if it is still what the person saw."""
    behavior = rows.behavior(behavior_id, session=session)
    if behavior.version != version:
        raise Conflict(
            f"{behavior.name} was changed by {behavior.by} in the meantime (it is "
            f"{behavior.status} now). Look at it again before you decide."
        )
    return behavior


def _apply(
    handbook_id: int, changes: Sequence[Change], by: str, session: Session
) -> list[dict[str, Any]]:
    """Changes the rows; gives the operations that say what really changed."""
    finals: dict[int, dict[str, Any]] = {}
    operations = []
    for change in changes:
        behavior = change.behavior
        so_far = finals.get(behavior.id, {})
        old = {name: so_far.get(name, getattr(behavior, name)) for name in change.fields}
        new = {n: value for n, value in change.fields.items() if change.told or value != old[n]}
        if new:
            finals.setdefault(behavior.id, {}).update(new)
            before = {name: old[name] for name in new}
            operations.append(
                {"behavior_id": behavior.id, "kind": change.kind, "before": before, "after": new}
            )
    originals = {change.behavior.id: change.behavior for change in changes}
    _need_free_names(handbook_id, originals, finals, session)
    _need_no_circle(finals, session)
    written = {
        behavior_id: {**fields, **_words(originals[behavior_id], fields)}
        for behavior_id, fields in finals.items()
    }
    rows.change_behaviors(written, by=by, session=session)
    return operations


def _apply_head(
    handbook_id: int, kind: str, fields: Mapping[str, Any], session: Session
) -> list[dict[str, Any]]:
    """Changes the handbook itself; gives the operation that says so."""
    handbook = handbook_rows.handbook(handbook_id, session=session)
    new = {name: value for name, value in fields.items() if value != getattr(handbook, name)}
    if not new:
        return []
    before = {name: getattr(handbook, name) for name in new}
    handbook_rows.update_handbook(handbook_id, session=session, **new)
    return [{"behavior_id": None, "kind": kind, "before": before, "after": new}]


def _need_free_names(
    handbook_id: int,
    originals: Mapping[int, Behavior],
    finals: Mapping[int, Mapping[str, Any]],
    session: Session,
) -> None:
    wanted: dict[str, int] = {}
    for behavior_id, fields in finals.items():
        original = originals[behavior_id]
        name: str = fields.get("name", original.name)
        if fields.get("status", original.status) != "accepted":
            continue
        if name in wanted:
            raise Conflict(
                f"Two behaviors would be accepted as {name} (numbers {wanted[name]} and "
                f"{behavior_id}). Edit one of the names first, or merge them."
            )
        wanted[name] = behavior_id
    for name, holder in rows.accepted_names(handbook_id, wanted, session=session).items():
        if holder != wanted[name] and not _gives_up(name, finals.get(holder, {})):
            raise Conflict(
                f"The handbook has an accepted behavior called {name} already (number {holder}). "
                "Edit the name first, or reject this one."
            )


def _gives_up(name: str, fields: Mapping[str, Any]) -> bool:
    """Whether the accepted behavior of this name leaves it in this step."""
    kept = {"name": name, "status": "accepted"}
    return any(fields.get(field, value) != value for field, value in kept.items())


def _need_no_circle(finals: Mapping[int, Mapping[str, Any]], session: Session) -> None:
    for behavior_id, fields in finals.items():
        way, target = [behavior_id], fields.get("merged_into")
        while target is not None:
            original = rows.behavior(target, session=session)
            if target in way:
                raise Conflict(
                    f"{original.name} (number {target}) would be merged into itself, by way of "
                    "others. Split what was merged since, then try again."
                )
            way.append(target)
            target = finals.get(target, {}).get("merged_into", original.merged_into)


def _need_new_names(
    handbook_id: int, news: Collection[Mapping[str, Any]], session: Session
) -> None:
    names = Counter(new["name"] for new in news if new["status"] == "accepted")
    taken = rows.accepted_names(handbook_id, names, session=session)
    for twice in [*taken, *(name for name, number in names.items() if number > 1)]:
        raise Conflict(f"The handbook has an accepted behavior called {twice} already.")


def _words(original: Behavior, fields: Mapping[str, Any]) -> dict[str, str]:
    """The text that a search looks through, where this change touches it."""
    if not set(fields) & set(SEARCHED):
        return {}
    return {"words": _words_of({name: getattr(original, name) for name in SEARCHED} | dict(fields))}


def _words_of(fields: Mapping[str, Any]) -> str:
    parts = (fields["name"], fields["instruction"], fields["topic"], *fields["tags"])
    return normalised(" ".join(parts))
