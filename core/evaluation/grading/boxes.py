r"""Reads the last `\boxed{...}` of a text: the answer where a model was told to box it."""

import re

BOX = re.compile(r"\\(?:f?boxed|fbox)\s*(?P<brace>\{)?")
# Between boxes that are one answer: "\boxed{1} and \boxed{-2}".
BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;.&]|\\[\[\]()]|\\(?:quad|qquad|text\{[ ,]*(?:and|or)[ ,]*\})|and|or)*"
)
# Between two boxes of one answer stand so many characters at most.
LONGEST_BETWEEN = 80
# Boxes in boxes: so deep somebody looks.
DEEPEST_BOX = 4
BARE = re.compile(r"\S{1,200}")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def last_boxed(text: str) -> str | None:
    r"""What stands in the last complete `\boxed{...}` (braces may nest) or `\boxed 7`.

    Boxes with nothing but commas, "and" or "or" between them are one answer: a list.
    """
    answer = _last_boxes(text)
    for _ in range(DEEPEST_BOX):
        innermost = _last_boxes(answer) if answer and BOX.search(answer) else None
        answer = innermost or answer
    return answer


def _last_boxes(text: str) -> str | None:
    found: list[str] = []
    end = -1
    closing = _closing_braces(text) if BOX.search(text) else {}
    for box in BOX.finditer(text):
        if box.start() < end:
            continue  # a box in a box
        inside, box_end = _inside(text, box, closing)
        if not inside:
            continue
        between = text[end : box.start()] if found else ""
        joined = bool(found) and len(between) < LONGEST_BETWEEN
        if joined and BETWEEN_BOXES.fullmatch(between):
            found = [*found, inside] if inside not in found else found
        else:
            found = [inside]
        end = box_end
    return ", ".join(found) or None


def _inside(text: str, box: re.Match[str], closing: dict[int, int]) -> tuple[str, int]:
    """What a box holds and where it ends; nothing where it never closes."""
    if box["brace"]:
        end = closing.get(box.end() - 1)
        return (text[box.end() : end].strip(), end + 1) if end is not None else ("", box.end())
    bare = BARE.match(text, box.end())
    return (bare[0].rstrip("$.,;"), bare.end()) if bare else ("", box.end())


def _closing_braces(text: str) -> dict[int, int]:
    """Where each brace that opens closes, by one walk over the text; escaped ones do not count."""
    open_braces: list[int] = []
    closing = {}
    for brace in BRACE.finditer(text):
        if brace[0] == "{":
            open_braces.append(brace.start())
        elif brace[0] == "}" and open_braces:
            closing[open_braces.pop()] = brace.start()
    return closing
