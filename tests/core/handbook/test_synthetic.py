"""Handbooks made from a seed: the same ones each time, good by our own rules, with real copies."""

import numpy as np
import pytest

from core.handbook.likeness import meaning_text
from core.handbook.rules import fault
from core.handbook.synthetic import LEAST_NOISE, MOST_NOISE, synthetic


def test_a_seed_makes_the_same_handbook_each_time() -> None:
    one, again, other = synthetic(50, 3), synthetic(50, 3), synthetic(50, 4)
    assert (one.drafts, one.copies) == (again.drafts, again.copies)
    assert np.array_equal(one.matrix, again.matrix)
    assert one.drafts != other.drafts


def test_its_behaviors_keep_the_rules() -> None:
    made = synthetic(2000)
    assert [fault(draft.name, draft.instruction) for draft in made.drafts] == [None] * 2000
    assert len({draft.name for draft in made.drafts}) == 2000
    assert len({draft.topic for draft in made.drafts}) == 10


def test_a_tenth_are_copies_of_others_with_vectors_close_to_theirs() -> None:
    made = synthetic(500)
    assert len(made.copies) == 50
    assert np.allclose(np.linalg.norm(made.matrix, axis=1), 1, atol=1e-5)
    cosines = [float(made.matrix[one] @ made.matrix[other]) for one, other in made.copies]
    # Noise at right angles to a vector: the cosine is 1 / sqrt(1 + noise²).
    assert min(cosines) > 1 / (1 + MOST_NOISE**2) ** 0.5 - 0.05
    assert max(cosines) < 1 / (1 + LEAST_NOISE**2) ** 0.5 + 0.05
    for original, copy in made.copies:
        assert original < copy
        assert made.drafts[original].instruction in made.drafts[copy].instruction
        assert made.drafts[original].instruction != made.drafts[copy].instruction


def test_its_vectors_are_known_and_others_are_not() -> None:
    made = synthetic(20)
    texts = [meaning_text(draft.name, draft.instruction) for draft in made.drafts]
    matrix, mask = made.known()([texts[7], "something else", texts[2]])
    assert mask.tolist() == [True, False, True]
    assert np.array_equal(matrix[[0, 2]], made.matrix[[7, 2]])
    assert not matrix[1].any()


@pytest.mark.parametrize("size", [0, 1, 9])
def test_a_few_behaviors_have_no_copies(size: int) -> None:
    made = synthetic(size)
    assert (len(made.drafts), made.copies, made.matrix.shape) == (size, [], (size, 384))
