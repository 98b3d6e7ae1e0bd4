"""What was decided against is remembered when a later extraction brings it again.

The same text is not proposed a second time. Another wording of something rejected is, with a mark
that says so. What was merged into another behavior is remembered like what was rejected.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from core.handbook.likeness import plain
from core.store import Session, history
from core.store import behaviors as rows
from core.store.records import Behavior, Operation

# Edits between the sorted words, 0 to 100 (token_sort_ratio). From 95 on, a letter or a comma
# differs; from 60 on, one can still see the one in the other.
SAME = 95.0
ALIKE = 60.0


@dataclass(frozen=True)
class Recalled:
    """A decided behavior that a new text brings back: with the same text, or another wording."""

    behavior_id: int
    how: Literal["same", "reworded"]
    sentence: str


class Memory:
    """The decided behaviors of a handbook, as they stand inside one transaction."""

    def __init__(self, decided: Sequence[Behavior], decisions: Mapping[int, Operation]):
        self._decided = {behavior.id: behavior for behavior in decided}
        self._texts = {
            behavior.id: plain(behavior.instruction)
            for behavior in decided
            if behavior.status == "rejected" or behavior.merged_into
        }
        self._decisions = decisions

    @classmethod
    def of(cls, handbook_id: int, session: Session) -> "Memory":
        decided = rows.behaviors(handbook_id, statuses=("rejected", "merged"), session=session)
        return cls(decided, decisions(decided, session))

    def recall(self, name: str, instruction: str) -> Recalled | None:
        """The nearest decided behavior; a rejected name in another wording counts too."""
        text = plain(instruction)
        nearest = process.extractOne(
            text, self._texts, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE
        )
        if nearest and nearest[1] >= SAME:
            behavior = self._decided[nearest[2]]
            return Recalled(behavior.id, "same", f"{self._told(behavior)}; the text is the same")
        rejected = [b for b in self._decided.values() if b.status == "rejected"]
        twin = next((behavior for behavior in rejected if behavior.name == name), None)
        if twin is None and nearest and self._decided[nearest[2]].status == "rejected":
            twin = self._decided[nearest[2]]
        if twin is None:
            return None
        return Recalled(twin.id, "reworded", f"{self._told(twin)}; it said: {twin.instruction}")

    def _told(self, behavior: Behavior) -> str:
        """Who decided, which need not be who touched it last, and why."""
        decision = self._decisions.get(behavior.id)
        by, why = (decision.by, decision.why) if decision else (behavior.by, "")
        how = "merged into another one" if behavior.status == "merged" else "rejected"
        return f"{behavior.name} was {how} by {by}" + (f" ({why})" if why else "")


def decisions(behaviors: Collection[Behavior], session: Session) -> dict[int, Operation]:
    """Behavior id -> the operation that rejected or merged it, where it is rejected or merged."""
    found: dict[int, Operation] = {}
    for status in ("rejected", "merged"):
        ids = [behavior.id for behavior in behaviors if behavior.status == status]
        found |= history.last_to_become(ids, status, session=session)
    return found
