"""How large an experiment on the worth of a handbook's behaviors has to be, on given problems."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from core.errors import BadInput
from core.evaluation.statistics.worth.size import Size, Supposed, recommended_size
from core.evaluation.worth.telling import counted

# A half cannot be left out of one answer; more than these are hardly ever worth their price.
SAMPLES = (2, 4, 6, 8, 12, 16, 24, 32, 48, 64)
USUAL = 4  # where nobody says, and no number is enough


@dataclass(frozen=True)
class Planned:
    """`size` finds effects of behaviors that come as often as is usual on these problems.

    `often` of the `behaviors` are in the sets of enough of the `problems` for that, which takes
    `samples_here` of each; None where even 64 are too few.
    """

    size: Size
    problems: int
    behaviors: int
    set_size: float
    often: int
    samples_here: int | None
    sentence: str


def planned(
    sets: Mapping[int, Sequence[int]],
    samples: int = USUAL,
    *,
    saving: float | None = 0.2,
    points: float | None = 0.1,
    supposed: Supposed | None = None,
) -> Planned:
    """For problems with the behaviors that an arm would give each: problem id -> behavior ids.

    `saving` is the share of output tokens and `points` the share of right answers that a behavior
    must change to be found; None asks for no such effect. `supposed` is known better after a first
    experiment: its `worths.token_spread` replaces the spread of tokens.
    """
    counts = Counter(behavior for chosen in sets.values() for behavior in chosen)
    if not counts:
        raise BadInput(
            "No behavior is retrieved for any of these problems, so there is nothing to find out."
        )
    set_size = counts.total() / len(sets)

    def sized(samples: int) -> Size:
        return recommended_size(len(counts), set_size, samples, saving, points, supposed)

    def enough(samples: int) -> bool:
        with suppress(ValueError):  # it would take over a million problems
            return sized(samples).problems <= len(sets)
        return False

    try:
        size = sized(samples)
    except ValueError as error:
        raise BadInput(str(error)) from error
    found = Planned(
        size=size,
        problems=len(sets),
        behaviors=len(counts),
        set_size=set_size,
        often=sum(count >= size.problems_each for count in counts.values()),
        samples_here=next(filter(enough, SAMPLES), None),
        sentence="",
    )
    return replace(found, sentence=_sentence(found))


def _sentence(found: Planned) -> str:
    size = found.size
    here = f"{counted(found.problems, 'problem')} retrieve {counted(found.behaviors, 'behavior')}"
    often = (
        f"{here}, {found.set_size:.1f} each; {found.often} of them for at least "
        f"{size.problems_each:.0f} problems, as it takes with {size.samples} samples."
    )
    if size.problems <= found.problems:
        enough = "These problems are enough."
    elif found.samples_here:
        enough = f"These problems are enough with {found.samples_here} samples each."
    else:
        enough = f"These problems are too few, even with {SAMPLES[-1]} samples each."
    return f"{size.sentence} {often} {enough}"
