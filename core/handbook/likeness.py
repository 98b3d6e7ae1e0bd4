"""Clashes and near copies: what a new text has in common with behaviors already accepted."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from core.handbook.rules import normalised
from core.store.records import Behavior

# token_sort_ratio counts edits between the sorted words (0 to 100). At 85, about one word in seven
# differs: the same sentence reworded, not another idea with similar words.
NEAR_COPY = 85.0


def marks_against(name: str, instruction: str, accepted: Sequence[Behavior]) -> dict[str, str]:
    """The marks clash and near-copy, each with the behavior it is about."""
    marks = {}
    if clash := next((behavior for behavior in accepted if behavior.name == name), None):
        marks["clash"] = f"number {clash.id} is already called so: {clash.instruction}"
    texts = {behavior.id: normalised(behavior.instruction) for behavior in accepted}
    nearest = process.extractOne(
        normalised(instruction), texts, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR_COPY
    )
    if nearest:
        _text, likeness, behavior_id = nearest
        twin = next(behavior for behavior in accepted if behavior.id == behavior_id)
        marks["near-copy"] = f"{likeness:.0f}% the words of {twin.name}: {twin.instruction}"
    return marks
