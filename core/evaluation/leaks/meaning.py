"""How alike problems and behaviors are in meaning: the cosines of their sentence vectors.

Vectors come from outside and may be missing: a text without one is like nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.evaluation.leaks.near import MEANT
from core.retrieval.embedder import Matrix

# As `Vectors.known`: one row of unit length a text, and which texts have one; the others are zero.
Known = Callable[[Sequence[str]], tuple[Matrix, NDArray[np.bool_]]]
CANDIDATES = 5


class Meanings:
    """Cosines of an evaluation's problems with others, and with behaviors. All are named by place.

    Without `known` nothing is like anything.
    """

    def __init__(
        self,
        known: Known | None,
        problems: Sequence[str],
        others: Sequence[str],
        behaviors: Sequence[str],
    ):
        self._on = known is not None
        if known is not None:
            self._problems, self._others, self._behaviors = (
                known(texts)[0] for texts in (problems, others, behaviors)
            )

    def likest(self, problem: int) -> dict[int, float]:
        """The others most like it, the likest first, each with its cosine."""
        if not self._on:
            return {}
        cosines = self._others @ self._problems[problem]
        best = np.argsort(-cosines, kind="stable")[:CANDIDATES].tolist()
        return {place: float(cosines[place]) for place in best if cosines[place] >= MEANT}

    def of_other(self, problem: int, other: int) -> float:
        return float(self._others[other] @ self._problems[problem]) if self._on else 0.0

    def of_behaviors(self, problem: int) -> NDArray[np.float32] | None:
        """One cosine a behavior; None without vectors."""
        return self._behaviors @ self._problems[problem] if self._on else None
