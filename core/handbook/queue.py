"""The queue of a review desk: which behaviors wait, in which order, and how the work goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.handbook.rules import normalised
from core.store import Session, Store, filters, history
from core.store.filters import Filter
from core.store.records import now

# Why proposals are rejected, in the order of their digits on the desk.
REASONS = ("wrong", "trivial", "too specific", "leaks the answer", "duplicate", "unclear")
DECIDED = ("accept", "reject", "merge")
PACE = timedelta(minutes=10)


@dataclass(frozen=True)
class Progress:
    """`decided` maps curators to behaviors decided; `per_minute` is one curator's present pace."""

    decided: Mapping[str, int]
    left: int
    per_minute: float | None


def wanted_words(text: str) -> tuple[str, ...]:
    """What a search for these words looks for."""
    return tuple(normalised(text).split())


def waiting(
    chosen: Filter,
    skipped: Sequence[int],
    alike: Mapping[int, float] | None,
    session: Session,
    *,
    at_least: float = 0.0,
    most_alike_first: bool = False,
) -> list[int]:
    """The ids in their order; what was skipped comes last.

    `alike` maps ids to their similarity (0 to 1) with the nearest accepted behavior, where the
    queue is narrowed or ordered by it.
    """
    ids = filters.ids(chosen, session=session)
    if alike is not None:
        ids = [number for number in ids if alike.get(number, 0.0) >= at_least]
        if most_alike_first:
            ids.sort(key=lambda number: -alike.get(number, 0.0))
    there, wait_longer = set(ids), set(skipped)
    later = [number for number in skipped if number in there]
    return [number for number in ids if number not in wait_longer] + later


def progress(store: Store, handbook_id: int, by: str) -> Progress:
    since = now() - PACE
    with store.read() as session:
        decided = history.decided(handbook_id, DECIDED, session=session)
        recent = history.decided(handbook_id, DECIDED, since=since, by=by, session=session)
        first = history.first_since(handbook_id, DECIDED, since, by, session=session)
        left = filters.count(Filter(handbook_id, statuses=("proposed",)), session=session)
    minutes = (now() - first).total_seconds() / 60 if first else 0.0
    pace = recent.get(by, 0) / minutes if minutes > 0.2 else None
    return Progress(decided, left, pace)


def window(ids: Sequence[int], focus: int | None, length: int) -> tuple[int | None, list[int]]:
    """The one in focus (the first where the old focus is gone) and those that come after it."""
    if not ids:
        return None, []
    place = ids.index(focus) if focus in ids else 0
    return ids[place], list(ids[place + 1 : place + 1 + length])
