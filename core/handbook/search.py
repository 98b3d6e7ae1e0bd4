"""Finds behaviors by words."""

from collections.abc import Collection, Sequence

from core.handbook.rules import normalised
from core.store.records import Behavior


def matching(
    behaviors: Sequence[Behavior], words: str, topics: Collection[str] = ()
) -> list[Behavior]:
    """Those that hold every word (in name, instruction, topic or tags) and have one of the topics.

    No word, or no topic, asks for nothing.
    """
    wanted = normalised(words).split()
    return [
        behavior
        for behavior in behaviors
        if (not topics or behavior.topic in topics)
        and all(word in _text(behavior) for word in wanted)
    ]


def _text(behavior: Behavior) -> str:
    parts = (behavior.name, behavior.instruction, behavior.topic, *behavior.tags)
    return normalised(" ".join(parts))
