"""What an evaluation will ask for, before it does: how many replies, and how much longer behaviors
make what is sent. Nothing is asked of any model.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from core.errors import ModelUnavailable, NotFound
from core.handbook import shelf
from core.pipeline.arms import RETRIEVED, WITHOUT, Arm, ArmKind, reference_way
from core.pipeline.condition import condition
from core.pipeline.evaluation import Evaluation
from core.pipeline.giving import Given, Giver, part
from core.retrieval.sources import Sources
from core.store import Store
from core.store.outcomes import SOLVE, Outcome
from core.store.records import Problem

LOOKED_AT = 5  # problems: what behaviors add differs little between them
CHARACTERS = 4  # of a token of English, about: nobody is asked to count


@dataclass(frozen=True)
class Missing:
    """Replies of an arm that are asked for; all were cut before at `beyond` tokens, if that is not
    0.
    """

    arm: Arm
    replies: int
    beyond: int = 0


def missing(plan: Evaluation, problems: int, kept: Iterable[Outcome] = ()) -> list[Missing]:
    """Of every arm, with the replies to these problems that are `kept` already."""
    largest = plan.sampling.max_tokens
    known: dict[tuple[int, str, int], int] = {}
    for one in kept:
        if one.stage == SOLVE and one.ended and one.sample < plan.samples:
            upto = largest if one.tells_of(largest) else one.max_tokens
            known[one.key] = max(upto, known.get(one.key, 0))
    found = []
    for arm in plan.arms:
        seen = [upto for (_problem, label, _sample), upto in known.items() if label == arm.label]
        found.append(Missing(arm, problems * plan.samples - len(seen)))
        again = Counter(upto for upto in seen if upto < largest)
        found += [Missing(arm, number, upto) for upto, number in sorted(again.items())]
    return found


@dataclass(frozen=True)
class Sampler:
    """Looks up behaviors for the first few `problems`. `slug` is the evaluation's handbook."""

    store: Store
    sources: Sources
    plan: Evaluation
    slug: str
    problems: Sequence[Problem]

    def added(self) -> dict[str, float | None]:
        """Label -> tokens that a prompt of the arm has more than a plain one, about.

        None where that cannot be known yet: behaviors come during the reply, or none is found, as
        where there are no vectors or the handbook is not made.
        """
        known: dict[tuple[ArmKind, str], float | None] = {}
        for arm in self.plan.arms:
            if (arm.kind, arm.handbook) not in known:
                known[arm.kind, arm.handbook] = self._added(arm)
        return {arm.label: known[arm.kind, arm.handbook] for arm in self.plan.arms}

    def _added(self, arm: Arm) -> float | None:
        if arm.kind in WITHOUT:
            return 0.0
        if arm.kind == "bci-dynamic":
            return None
        looked_at = self.problems[:LOOKED_AT]
        try:
            given = [self._given(arm, problem) for problem in looked_at]
        except (ModelUnavailable, NotFound):
            return None
        if not any(given):
            return None
        pairs = zip(looked_at, given, strict=True)
        return fmean(_longer(arm.kind, problem, behaviors) for problem, behaviors in pairs)

    def _given(self, arm: Arm, problem: Problem) -> list[Given]:
        """For a control what its reference gives: random ones are as many and about as long."""
        kind = arm.kind
        if kind not in RETRIEVED and kind != "bci-fixed":
            kind = reference_way(self.plan.arms, arm.handbook)
        book = shelf.find(self.store, arm.handbook or self.slug)
        plan = self.plan
        giver = Giver(
            self.store,
            self.sources,
            book.id,
            plan.query(problem),
            plan.k_of_topic,
            plan.fixed,
            lambda _text: None,
            "",
        )
        found = giver.given(kind, kind)
        return part(found, 0, "") if plan.parts and arm.kind in RETRIEVED else found


def _longer(kind: ArmKind, problem: Problem, behaviors: Sequence[Given]) -> float:
    plain, conditioned = (
        sum(len(message["content"]) for message in condition(one, problem.text, given).messages)
        for one, given in (("plain", ()), (kind, behaviors))
    )
    return max(0, conditioned - plain) / CHARACTERS
