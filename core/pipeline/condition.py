"""Behavior-conditioned inference (BCI) and its controls: what an arm's model is sent.

The behaviors come before the problem and in a fixed order, not in that of their rank, so that
prompts with the same behaviors begin alike and an endpoint's prefix cache can serve the beginning.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from core import prompts
from core.llm.chat import Message
from core.pipeline.arms import ArmKind
from core.prompts import Part

PROMPT = "condition"
NONE = "none"  # stands in the place of behaviors that chance left out
PROMPTS: dict[ArmKind, str] = {"concise": "concise", "bci-dynamic": "dynamic", "plain": "solve"}


class Named(Protocol):
    """A behavior, as it stands in the handbook or as a trace was given it."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def instruction(self) -> str: ...
    @property
    def topic(self) -> str: ...


AnyNamed = TypeVar("AnyNamed", bound=Named)


@dataclass(frozen=True)
class Condition:
    """What an arm sends for a problem: the messages, and the parts they are made of."""

    messages: list[Message]
    parts: list[Part]
    prompt: str
    prompt_hash: str


def condition(
    kind: ArmKind, problem: str, behaviors: Iterable[Named] = (), *, left_out: bool = False
) -> Condition:
    """Without any behavior, an arm that would have given some sends the plain prompt.

    Not so where chance has `left_out` some: the wording stays then, so that a sample differs from
    the others of its problem by nothing but its behaviors.
    """
    values = {"problem": problem}
    name = PROMPTS.get(kind)
    if name is None:
        told = names(behaviors) if kind == "names-only" else lines(behaviors)
        values["behaviors"] = told or (NONE if left_out else "")
        name = PROMPT if values["behaviors"] else "solve"
    prompt = prompts.load(name)
    return Condition(prompt.messages(**values), prompt.parts(**values), name, prompt.hash)


def messages(problem: str, behaviors: Iterable[Named]) -> list[Message]:
    """What is sent with these behaviors, however they were chosen."""
    return condition("bci-fixed", problem, behaviors).messages


def lines(behaviors: Iterable[Named]) -> str:
    """`name: instruction`, one a line, by topic and name."""
    return "\n".join(f"{one.name}: {one.instruction}" for one in in_order(behaviors))


def names(behaviors: Iterable[Named]) -> str:
    return "\n".join(one.name for one in in_order(behaviors))


def in_order(behaviors: Iterable[AnyNamed]) -> list[AnyNamed]:
    return sorted(behaviors, key=lambda one: (one.topic, one.name, one.id))


def as_records(parts: Sequence[Part], count: Callable[[str], int | None]) -> list[dict[str, Any]]:
    """The parts as a trace keeps them: their texts are in the messages. `count` counts tokens."""
    return [
        {
            "message": part.message,
            "part": part.name,
            "characters": len(part.text),
            "tokens": count(part.text),
        }
        for part in parts
    ]
