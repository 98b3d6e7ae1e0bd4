"""Tests of no difference between two arms, paired by problem, and what many of them are worth."""

from collections.abc import Sequence

import numpy as np

from core.evaluation.statistics.bootstrap import Floats

_PERMUTATIONS = 4999
# From so many problems that differ on, the mean of the differences is as good as normal, and
# flipping signs tells what Student's t does, a hundred times slower.
_MANY = 100
MCNEMAR, SIGN_FLIPS, STUDENT = "McNemar's exact test", "sign flips by problem", "Student's t"


def mcnemar_p(lost: int, won: int) -> float:
    """McNemar's exact test, two-sided, from the problems only one arm was right on."""
    if lost + won == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(lost, lost + won, 0.5).pvalue)


def paired_test(differences: Floats, seed: int) -> tuple[float, str]:
    """Two-sided p of a mean difference of zero, from one difference a problem; and the test's name.

    Up to 100 problems that differ it flips the signs of whole problems, which is exact where
    the arms are alike and right for any number of samples a problem. With one sample a
    problem that is McNemar's exact test, and then it is computed as such.
    """
    changed = differences[np.abs(differences) > 1e-9]  # a zero is the same with either sign
    if len(changed) == 0:
        return 1.0, SIGN_FLIPS
    if bool(np.all(np.abs(np.abs(changed) - 1) < 1e-9)):
        return mcnemar_p(int((changed < 0).sum()), int((changed > 0).sum())), MCNEMAR
    if len(changed) == 1:  # either sign is as far from zero
        return 1.0, SIGN_FLIPS
    from scipy.stats import permutation_test, ttest_1samp

    if len(changed) > _MANY:
        return float(ttest_1samp(differences, 0.0).pvalue), STUDENT
    found = permutation_test(
        (changed,),
        lambda values, axis: values.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=_PERMUTATIONS,
        batch=500,
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue), SIGN_FLIPS


def holm(values: Sequence[float | None]) -> list[float | None]:
    """The p values corrected by Holm (1979) for being looked at together; None stays None.

    Holm and not a false discovery rate: of a few arms against one baseline each finding is quoted
    by itself, so that none of them may be false (with 95% certainty). That holds of what is
    corrected together: of the findings on one measure, as accuracy and tokens are corrected apart.
    It holds for tests that hang together, as those under several budgets of the same samples do.
    scipy does not have it.
    """
    known = sorted((p, place) for place, p in enumerate(values) if p is not None)
    corrected: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        corrected[place] = largest
    return corrected
