"""What is to be said of arms that were given no behavior, or too few.

An arm for which no behavior is found is sent the plain prompt: beside a plain arm that is the same
arm twice, and nothing can be said of the two but that.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.evaluation.comparison.outcome import Outcome

# Arms whose behaviors are known before the reply.
_REFERENCES = frozenset({"bci", "bci-topic", "bci-embedding", "bci-hybrid", "bci-fixed"})


def asked_the_same(one: Outcome, other: Outcome) -> bool:
    """Whether both were sent the plain prompt, though one of them was to be given behaviors."""
    return one.plain and other.plain and 0 in (one.given, other.given)


def on_the_same(names: Sequence[str], samples: int, all_samples: int) -> str:
    """Of `samples` in which the arms of these names got no behavior."""
    told = f"{' and '.join(names)} {'were' if len(names) > 1 else 'was'} given no behavior"
    if samples == all_samples:
        return f"{told} here, so both were asked the same"
    return f"{told} in {samples} of {all_samples} samples, so both were asked the same there"


def on_nothing_given(outcomes: Sequence[Outcome], title: str) -> Iterator[str]:
    """How many of an arm's samples were given or offered nothing."""
    for plain, what in ((True, "given no behavior"), (False, "offered no behavior")):
        number = sum(one.given == 0 and one.plain == plain for one in outcomes)
        if number:
            where = "" if number == len(outcomes) else f" in {number} of {len(outcomes)} samples"
            yield f"{title} was {what}{where}{', so it was sent the plain prompt' * plain}."


def on_fewer(
    outcomes: Sequence[Outcome], arm: str, reference: str, titles: Mapping[str, str]
) -> str:
    """Where a random arm found fewer behaviors than the arm it goes by was given; else empty."""
    wanted = {one.sample: one.given or 0 for one in outcomes if one.arm == reference}
    for one in outcomes:
        number, many = one.given or 0, wanted.get(one.sample, 0)
        if one.arm == arm and number < many:
            got = f"{number or 'no'} behavior{'s' * (number != 1)}"
            return f"{titles[arm]} got {got} where {titles[reference]} got {many}."
    return ""


def reference_of(asked: Sequence[Mapping[str, Any]], arm: str) -> str | None:
    """The arm whose behaviors a random one goes by (`core.pipeline.arms.reference_way`): the first
    on the same handbook that gets any. None where that was looked up for it alone.
    """
    own = next(one for one in asked if one["arm"] == arm)
    if own["kind"] != "random":
        return None
    for one in asked:
        if one["kind"] in _REFERENCES and _book(one) == _book(own):
            return str(one["arm"])
    return None


def _book(asked: Mapping[str, Any]) -> str:
    """Empty for the handbook of the whole comparison."""
    return asked.get("handbook") or ""
