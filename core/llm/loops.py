"""Notices a model that repeats itself without end."""

import math

LONGEST_BLOCK = 400
REPEATED_CHARACTERS = 600
REPEATS = 6


def repeated_block(text: str) -> str | None:
    """The block `text` ends with again and again, or None.

    At least six times in a row and 600 characters in all, so that a table, a row of dashes or a
    short list of equal lines does not count.
    """
    for length in range(1, LONGEST_BLOCK + 1):
        times = max(REPEATS, math.ceil(REPEATED_CHARACTERS / length))
        if len(text) >= length * times and text.endswith(text[-length:] * times):
            return text[-length:]
    return None
