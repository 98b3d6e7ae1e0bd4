"""Ranks joined, and ranks with variety."""

from collections.abc import Sequence

import numpy as np

from core.retrieval.embedder import Matrix

# Cormack, Clarke and Büttcher, Reciprocal Rank Fusion (SIGIR 2009): the constant of their trials.
RANK_CONSTANT = 60


def fused(rankings: Sequence[Sequence[int]]) -> dict[int, float]:
    """Id -> reciprocal rank fusion, sum of 1 / (60 + rank) over the rankings; best first.

    Ties go to the lower id.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, start=1):
            scores[number] = scores.get(number, 0.0) + 1 / (RANK_CONSTANT + rank)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def diverse(scores: Sequence[float], rows: Matrix, k: int, diversity: float) -> list[int]:
    """Places of the `k` chosen by maximal marginal relevance, in the order of the choice.

    Carbonell and Goldstein (SIGIR 1998): next comes the one with the largest
    (1 - diversity) * score - diversity * (largest similarity with one already chosen). `rows` has
    shape (scores, dimensions), of unit length; ties go to the earlier place. 0 changes nothing.
    """
    relevance = np.asarray(scores, np.float64)
    nearest_chosen = np.zeros(len(relevance))
    left = np.ones(len(relevance), np.bool_)
    chosen: list[int] = []
    while len(chosen) < min(k, len(relevance)):
        worth = (1 - diversity) * relevance - diversity * nearest_chosen
        place = int(np.where(left, worth, -np.inf).argmax())
        chosen.append(place)
        left[place] = False
        nearest_chosen = np.maximum(nearest_chosen, rows @ rows[place])
    return chosen
