"""A model that repeats itself without end is noticed; regular writing is not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.loops import LONGEST_BLOCK, REPEATED_CHARACTERS, REPEATS, repeated_block

BLOCKS = st.text(min_size=1, max_size=60)


def _enough(block: str) -> int:
    return max(REPEATS, math.ceil(REPEATED_CHARACTERS / len(block)))


@given(before=st.text(max_size=50), block=BLOCKS, cut=st.integers(0, 59))
def test_repetition_is_noticed_wherever_it_is_cut(before: str, block: str, cut: int) -> None:
    text = before + block * (_enough(block) + 1) + block[: cut % len(block)]
    found = repeated_block(text)
    assert found is not None
    assert text.endswith(found * REPEATS)


@given(block=BLOCKS)
def test_a_block_too_few_times_is_none(block: str) -> None:
    text = "Here it begins. " + block * (REPEATS - 1)
    found = repeated_block(text)
    assert found is None or len(found) * REPEATS <= len(text)
    if len(set(block)) == len(block):  # no shorter block inside
        assert found is None


@pytest.mark.parametrize("length", [1, 2, 13, 100, 101, 399, LONGEST_BLOCK])
def test_the_bounds_hold_exactly(length: int) -> None:
    block = "".join(chr(0x4E00 + number) for number in range(length))  # no two alike
    enough = _enough(block)
    assert repeated_block(block * enough) == block
    assert repeated_block(block * enough + "x") is None
    assert repeated_block(block * (enough - 1)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "All is well. " * 5,
        "-" * 300,
        "=" * (REPEATED_CHARACTERS - 1),
        "| n | n² |\n" + "|---|---|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(200)),
        "|---|---|---|---|---|---|---|---|---|---|" * 5,
        "0\n" * 40,
        "Step 1: add 2. " + "".join(f"Now it is {2 * n}. " for n in range(300)),
    ],
)
def test_regular_writing_is_no_loop(text: str) -> None:
    assert repeated_block(text) is None


def test_a_loop_that_ended_is_none() -> None:
    assert repeated_block("Let me check. " * 100 + "Now I have it.") is None
