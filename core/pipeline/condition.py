"""Behavior-conditioned inference (BCI): the prompt in which a student gets behaviors.

The behaviors come before the problem and in a fixed order, not in that of their rank, so that
prompts with the same behaviors begin alike and an endpoint's prefix cache can serve the beginning.
"""

from collections.abc import Iterable

from core import prompts
from core.store.records import Behavior

PROMPT = "condition"


def messages(problem: str, behaviors: Iterable[Behavior]) -> list[dict[str, str]]:
    """What is sent. Without any behavior it is the plain prompt of the solve stage."""
    listed = lines(behaviors)
    if not listed:
        return prompts.load("solve").messages(problem=problem)
    return prompts.load(PROMPT).messages(behaviors=listed, problem=problem)


def lines(behaviors: Iterable[Behavior]) -> str:
    """`name: instruction`, one a line, by topic and name."""
    ordered = sorted(behaviors, key=lambda behavior: (behavior.topic, behavior.name, behavior.id))
    return "\n".join(f"{behavior.name}: {behavior.instruction}" for behavior in ordered)
