"""The figures by topic and by level: where behaviors help, and where they do not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.evaluation.statistics.arm import arm_figures
from core.evaluation.statistics.sample import Sample, means_by_problem
from core.store.records import Problem

FEWEST = 5  # problems; of fewer no interval is told
NONE = "none"


def groups(
    samples: Sequence[Sample], problems: Mapping[int, Problem], seed: int
) -> list[dict[str, Any]]:
    """A row for each arm in each topic and each level, and of the problems that have none."""
    found = []
    for by in ("topic", "level"):
        named = {str(number): _group(problem, by) for number, problem in problems.items()}
        if not any(named.values()):
            continue
        arms = list(dict.fromkeys(sample.arm for sample in samples))
        for group in sorted(set(named.values()), key=lambda name: (not name, name)):
            own = [sample for sample in samples if named.get(sample.problem) == group]
            found += [_row(by, group or NONE, arm, own, seed) for arm in arms]
    return [row for row in found if row["n"]]


def _group(problem: Problem, by: str) -> str:
    return problem.topic if by == "topic" else str(problem.extra.get("level") or "")


def _row(by: str, group: str, arm: str, samples: Sequence[Sample], seed: int) -> dict[str, Any]:
    own = [replace(sample, budget=None) for sample in samples if sample.arm == arm]
    row: dict[str, Any] = {"by": by, "group": group, "arm": arm, "n": 0, "n_graded": 0}
    if not own:
        return row
    figures = arm_figures(own, None, seed)
    graded = len(means_by_problem(own, lambda sample: sample.right))
    counted = len(means_by_problem(own, lambda sample: sample.output_tokens))
    return {
        **row,
        "n": figures.problems,
        "n_graded": graded,
        "accuracy": figures.accuracy,
        "accuracy_interval": None if graded < FEWEST else figures.accuracy_interval,
        "output_tokens": figures.output_tokens.mean,
        "output_tokens_interval": None if counted < FEWEST else figures.output_tokens.interval,
    }
