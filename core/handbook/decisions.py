"""What can be decided on a behavior, in which state it has to be for that, and what comes of it."""

from collections.abc import Sequence
from typing import Any, Literal

from core.errors import Conflict
from core.store import Session
from core.store import behaviors as rows
from core.store.records import Behavior

Decision = Literal["accept", "reject", "restore", "retopic", "tag"]
# What can be worked on. A merged behavior is taken out of its merge first.
OPEN = ("proposed", "accepted", "rejected")
# What a decision can be taken on.
OPEN_TO: dict[Decision, tuple[str, ...]] = {
    "accept": ("proposed", "rejected"),
    "reject": ("proposed", "accepted"),
    "restore": ("accepted", "rejected"),
    "retopic": OPEN,
    "tag": OPEN,
}
STATUS_AFTER = {"accept": "accepted", "reject": "rejected", "restore": "proposed"}


def need_open(behavior: Behavior, session: Session) -> None:
    if behavior.status == "merged" and behavior.merged_into:
        target = rows.behavior(behavior.merged_into, session=session)
        raise Conflict(f"{behavior.name} was merged into {target.name}. Split it from there first.")
    if behavior.status not in OPEN:
        raise Conflict(f"{behavior.name} was undone. Redo what brought it here, in the history.")


def need_undecided(decision: Decision, behavior: Behavior, session: Session) -> None:
    need_open(behavior, session)
    if behavior.status == STATUS_AFTER[decision]:
        raise Conflict(f"{behavior.name} is {behavior.status} already, by {behavior.by}.")


def reason_to_leave(
    open_to: Sequence[str], behavior: Behavior | None, version: int, handbook_id: int
) -> str | None:
    """Why one of many is left as it is, in a few words; None where nothing is in the way."""
    if behavior is None or behavior.handbook_id != handbook_id:
        return "not in this handbook"
    if behavior.version != version:
        return "changed by someone else meanwhile"
    if behavior.status not in open_to:
        return f"{behavior.status} already"
    return None


def fields_after(
    decision: Decision, behavior: Behavior, topic: str, tags: Sequence[str]
) -> dict[str, Any]:
    if decision == "retopic":
        return {"topic": topic}
    if decision == "tag":
        return {"tags": list(dict.fromkeys([*behavior.tags, *tags]))}
    return {"status": STATUS_AFTER[decision]}
