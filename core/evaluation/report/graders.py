"""Who graded the answers of an arm, how near the wrong ones come, and what was cut off too early.

A judge model may be wrong, an answer that takes too long to compare counts as wrong, and what the
model's context cuts off never had its budget: of all these the report says how many there were.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.evaluation.statistics.bootstrap import share_interval
from core.evaluation.statistics.sample import Sample, means_by_problem
from core.store.outcomes import Outcome

JUDGED, TIMED_OUT, REFUSED = "judge ", "math-verify-timeout", "refused"

Made = Mapping[str, Any]


def with_scores(samples: Sequence[Sample]) -> frozenset[str]:
    """The problems whose answers have a token F1: questions, in any arm."""
    return frozenset(sample.problem for sample in samples if sample.score is not None)


def grading(
    samples: Sequence[Sample], graded: Sequence[Outcome], scored: Collection[str], seed: int
) -> dict[str, Any]:
    """Of one arm under one budget: columns beside its figures.

    `graded` are the traces whose verdicts count, `scored` the problems that have a token F1.
    """
    own = [sample for sample in samples if sample.problem in scored]
    shares = np.array(list(means_by_problem(own, _f1).values()))
    graders = Counter(_grader(one) for one in graded)
    return {
        "f1": float(shares.mean()) if len(shares) else None,
        "f1_interval": share_interval(shares, seed),
        "f1_problems": len(shares),
        "judged": graders[JUDGED],
        "judged_right": sum(one.correct is True for one in graded if _grader(one) == JUDGED),
        "timed_out": graders[TIMED_OUT],
        "refused": graders[REFUSED],
        "cut_early": sum(sample.cut_early for sample in samples),
    }


def _f1(sample: Sample) -> float | None:
    """What was cut off, or announced no answer, has nothing of the gold answer."""
    if sample.cut_unknown:
        return None
    return 0.0 if sample.finish == "length" else sample.score or 0.0


def _grader(one: Outcome) -> str:
    """Without the name of the judge, or of the program that an imported log was graded by."""
    grader = one.grader or ""
    return JUDGED if grader.startswith(JUDGED) else grader.split(" ")[-1]


def grading_sentences(made: Made) -> Iterator[str]:
    """At the largest budget that something is known of; nothing where there is nothing to tell."""
    largest = max((one["budget"] for one in made["arms"]), default=0)
    rows = [one for one in made["arms"] if one["budget"] == largest]
    if told := _each(rows, "cut_early"):
        yield (
            f"Cut off by the model's context, or a limit of the endpoint, before {largest:,} "
            f"tokens: {told}. They are wrong and cost the whole budget; the ledger takes what they "
            "wrote."
        )
    judged = [
        f"{one['judged']:,} of {one['arm']} ({one['judged_right']:,} of them right)"
        for one in rows
        if one["judged"]
    ]
    if judged:
        yield f"Answers graded by a judge model, which may be wrong: {', '.join(judged)}."
    if told := _each(rows, "timed_out"):
        yield f"Answers that took too long to compare, and count as wrong: {told}."
    if told := _each(rows, "refused"):
        yield f"Answers too large to be compared, which count as wrong: {told}."


def _each(rows: Sequence[Made], what: str) -> str:
    return ", ".join(f"{one[what]:,} of {one['arm']}" for one in rows if one[what])
