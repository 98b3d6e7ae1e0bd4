"""How often the worth experiment finds what is there, at the size it recommends itself.

    python -m tests.benchmarks.worth [EXPERIMENTS]

On simulated models with three helpful, three harmful and thirty idle behaviors, whose parts and
prompts are those an evaluation draws and sends (see tests/core/evaluation/statistics/made_up.py).
Each line is one size. 50 experiments (the default) take some minutes.
"""

import sys
from collections.abc import Iterator

from core.evaluation.statistics.worth.effects import effects
from core.evaluation.statistics.worth.size import recommended_size
from tests.core.evaluation.statistics.made_up import BEHAVIORS, REAL, findings, worth_rows

_SAMPLES = (4, 8)
_MOST_FALSE = 2


def table(experiments: int) -> Iterator[str]:
    """The lines of the table, as they come."""
    yield "samples problems | experiments all six  at most two false  both  false ones, mean"
    for samples in _SAMPLES:
        size = recommended_size(len(BEHAVIORS), set_size=9, samples=samples, points=0.15)
        found = [
            findings(effects(worth_rows(size.problems, size.samples, seed)))
            for seed in range(experiments)
        ]
        all_six = [hits == set(REAL) for hits, _ in found]
        few_false = [false <= _MOST_FALSE for _, false in found]
        both = sum(first and second for first, second in zip(all_six, few_false, strict=True))
        false = sum(false for _, false in found) / experiments
        yield (
            f"{samples:7} {size.problems:8} | {experiments:11} {sum(all_six):7} "
            f"{sum(few_false):18} {both:5} {false:17.2f}"
        )


if __name__ == "__main__":
    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 50):
        print(line, flush=True)
