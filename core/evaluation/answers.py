"""Finds the final answer in a text: the last box, else the last announced answer."""

import re

# "The answer is ...", "Final answer: ...", and GSM8K's "#### ..." (not a heading "#### 3. ...").
ANNOUNCED = re.compile(
    r"(?:final answer(?: is)?|answer is|answer:|####(?=\s*[-+$\d])(?![ \t]*\d+[.)][ \t]+\S))"
    r"\s*:?\s*\**\s*",
    re.IGNORECASE,
)
# What is longer is a sentence about the answer, not the answer.
LONGEST_ANNOUNCED = 80
BOX = re.compile(r"\\(?:f?boxed|fbox)\s*(?P<brace>\{)?")


def final_answer(text: str) -> str | None:
    """The answer a text ends with, or None where it gives none."""
    return last_boxed(text) or _announced(text)


def last_boxed(text: str) -> str | None:
    r"""What stands in the last complete `\boxed{...}` (braces may nest) or `\boxed 7`."""
    found = None
    for box in BOX.finditer(text):
        if box["brace"]:
            end = _closing_brace(text, box.end())
            inside = text[box.end() : end].strip() if end is not None else None
        else:
            bare = re.match(r"\S+", text[box.end() :])
            inside = bare[0].rstrip("$.,;") if bare else None
        found = inside or found
    return found


def _closing_brace(text: str, start: int) -> int | None:
    depth, position = 1, start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 2  # an escaped brace does not count
            continue
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return position
        position += 1
    return None


def _announced(text: str) -> str | None:
    matches = list(ANNOUNCED.finditer(text))
    if not matches:
        return None
    line = text[matches[-1].end() :].partition("\n")[0]
    answer = re.split(r"\.\s", line)[0].strip().strip("*").strip()
    answer = answer.removesuffix(".").strip().strip("$").strip()
    cut_off = BOX.search(answer)  # a box that never closes
    return answer if 0 < len(answer) <= LONGEST_ANNOUNCED and not cut_off else None
