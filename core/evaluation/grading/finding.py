"""Finds the final answer in a text: its last tag or box, else the last announced answer.

Where no answer is announced, the last formula or number of the text can be asked for (`values`):
public graders (lighteval, GSM8K's) take that, at the price of taking what a broken-off text ends
with.
"""

from core.evaluation.grading.announced import announced
from core.evaluation.grading.boxes import last_boxed

# What a reasoning model closes its thinking with; what stands in it is no answer yet.
THINKING, THOUGHT = "<think>", "</think>"
TAG, TAG_END = "<answer>", "</answer>"


def final_answer(text: str) -> str | None:
    """The answer a text ends with, or None where it gives none."""
    spoken = after_thinking(text)
    if spoken is None:
        return None
    if tagged := _tagged(spoken):
        return last_boxed(tagged) or tagged
    return last_boxed(spoken) or announced(spoken)


def after_thinking(text: str, ends: tuple[str, ...] = ()) -> str | None:
    """What is said after the thinking. None: it never ends, or has none of the `ends` asked for."""
    for end in (*ends, THOUGHT):
        _before, found, after = text.rpartition(end)
        if found:
            return after
    return None if ends or THINKING in text else text


def _tagged(text: str) -> str | None:
    before, tag_end, _ = text.lower().rpartition(TAG_END)
    start = before.rfind(TAG)
    inside = text[start + len(TAG) : len(before)].strip() if tag_end and start >= 0 else ""
    return inside or None
