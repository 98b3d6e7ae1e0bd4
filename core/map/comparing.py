"""Two states of a handbook, or two handbooks, on one map: which behaviors differ, and how."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.handbook.diff import Difference, difference
from core.handbook.versions import State, accepted
from core.store.records import Behavior

Kind = Literal["same", "reworded", "only in the first", "only in the second"]


@dataclass(frozen=True)
class Shown:
    """A behavior of the first (half 0) or the second state (half 1)."""

    behavior: Behavior
    half: int
    kind: Kind


def shown(first: State, second: State, *, beside: bool) -> list[Shown]:
    """What stands on the map. Beside each other both states are whole; over each other what is the
    same stands there once, as it is in the second state."""
    found = difference(first, second)
    gone = _ids(found.removed) | {one.id for one, _ in found.merged}
    new = _ids(found.added)
    old_words, new_words = _reworded(found)
    olds = [
        Shown(one, 0, _kind(one.id, gone, old_words, "only in the first"))
        for one in accepted(first)
    ]
    news = [
        Shown(one, 1, _kind(one.id, new, new_words, "only in the second"))
        for one in accepted(second)
    ]
    return [*(one for one in olds if beside or one.kind != "same"), *news]


def _kind(number: int, alone: set[int], reworded: set[int], only: Kind) -> Kind:
    if number in alone:
        return only
    return "reworded" if number in reworded else "same"


def _reworded(found: Difference) -> tuple[set[int], set[int]]:
    return {old.id for old, _ in found.reworded}, {new.id for _, new in found.reworded}


def _ids(behaviors: Iterable[Behavior]) -> set[int]:
    return {behavior.id for behavior in behaviors}
