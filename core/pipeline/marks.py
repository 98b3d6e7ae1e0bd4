"""Marks a proposal by rules: leak, specific, trivial. Each mark comes with its reason.

The rules look at the texts only, so they are quick, the same for every model, and explainable; they
are wrong now and then, and a person decides.
"""

import re

from core.pipeline.vocabulary import (
    ELEMENTARY_STEMS,
    FUNCTION_STEMS,
    OPERATION_STEMS,
    TERM_STEMS,
)
from core.stems import stem

NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
NUMBER_WORDS = dict(
    zip(
        "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety".split(),
        [*map(str, range(3, 21)), *map(str, range(30, 100, 10))],
        strict=True,
    )
)
# Numbers that belong to mathematics itself rather than to one problem.
CONSTANTS = frozenset({"0", "1", "2", "10", "100", "90", "180", "360"})
# These belong to a rule as well: exponents, indices and coefficients of one digit, the angles of
# every table, small numbers in words ("three points").
RULE_NUMBER = re.compile(
    r"[\^_]\{?\d(?!\d)|\[\d\]|"
    r"\b\d(?=(?!(?:st|nd|rd|th|mm|cm|km|kg|ft|in)\b)[a-z]{1,2}\b)|"
    r"\b(?:30|45|60|120|135|150|270)(?=\s*(?:°|\^\{?\\circ|degrees))|"
    r"\b(?:three|four|five|six)\b",
    re.IGNORECASE,
)
DRAWING = re.compile(r"\[asy\].*?\[/asy\]", re.DOTALL)
COMMAND = re.compile(r"\\[A-Za-z]+")
WORD = re.compile(r"[A-Za-z][A-Za-z']*")
# How an instruction begins that says when it applies.
CONDITION = re.compile(
    r"(when|if|to|for|before|after|whenever|where|instead of|in|given|unless|while|once)\b",
    re.IGNORECASE,
)
# This many words of the problem's story (not terms of mathematics) make a text specific.
STORY_WORDS = 2
SHARED_RUN = 6


def rule_marks(
    name: str, instruction: str, problem: str, answers: tuple[str | None, ...]
) -> dict[str, str]:
    """Mark -> reason. `answers` are the gold and the given answer, where there are any."""
    problem = DRAWING.sub(" ", problem)
    leak = _leak(instruction, problem, answers)
    marks = {
        "leak": leak,
        "specific": _specific(name, instruction, problem),
        # What carries the numbers of a problem does not merely name an operation.
        "trivial": None if leak else _trivial(name, instruction),
    }
    return {mark: reason for mark, reason in marks.items() if reason}


def _leak(instruction: str, problem: str, answers: tuple[str | None, ...]) -> str | None:
    own = _numbers(RULE_NUMBER.sub(" ", instruction)) - CONSTANTS
    if from_problem := own & _numbers(problem):
        return f"holds {_listed(from_problem)}, as the problem does"
    for answer in filter(None, answers):
        if own & _numbers(answer) or _holds_expression(instruction, answer):
            return f"holds the answer, {answer}"
    return None


def _specific(name: str, instruction: str, problem: str) -> str | None:
    if names := _names(problem) & set(WORD.findall(instruction)):
        return f"names {_listed(names)}, as the problem does"
    run = _longest_shared_run(_words(instruction), _words(problem))
    if len(run) >= SHARED_RUN:
        return f"repeats the problem: “{' '.join(run)}”"
    told = {stem(word) for word in _words(problem)} - TERM_STEMS - FUNCTION_STEMS
    if named := {word for word in _words(name) if len(word) > 2 and stem(word) in told}:
        return f"is named after {_listed(named)} in the problem"
    shared = {word for word in _words(instruction) if len(word) > 2 and stem(word) in told}
    if len({stem(word) for word in shared}) >= STORY_WORDS:
        return f"speaks of {_listed(shared)}, as the problem does"
    topical = {stem(word) for word in _words(problem)} - ELEMENTARY_STEMS - FUNCTION_STEMS
    echoed = {word for word in _words(instruction) if stem(word) in topical and len(word) > 2}
    if not CONDITION.match(instruction) and len({stem(word) for word in echoed}) >= STORY_WORDS:
        return f"does not say when it applies, and speaks of {_listed(echoed)} as the problem does"
    return None


def _trivial(name: str, instruction: str) -> str | None:
    """Whether nothing is left when elementary operations and platitudes are taken away."""
    stems = {stem(word) for word in _words(instruction) if len(word) > 1}
    said = stems - FUNCTION_STEMS - ELEMENTARY_STEMS
    words = {stem(word) for word in _words(name)[1:] if len(word) > 1}
    named = words - FUNCTION_STEMS - ELEMENTARY_STEMS
    if not said or (len(said) <= 1 and not (named and CONDITION.match(instruction))):
        return "names only what everybody does anyway"
    numbered = any(character.isdigit() for character in name)
    if words and not numbered and words - FUNCTION_STEMS <= OPERATION_STEMS:
        return "its name is that of an elementary operation"
    return None


def _numbers(text: str) -> set[str]:
    digits = {found.replace(",", "") for found in NUMBER.findall(text)}
    return digits | {NUMBER_WORDS[word] for word in _words(text) if word in NUMBER_WORDS}


def _holds_expression(instruction: str, answer: str) -> bool:
    """Whether an answer that is more than a number or a word stands in the instruction."""
    plain = re.sub(r"[\s$]", "", answer)
    return len(plain) >= 4 and plain in re.sub(r"[\s$]", "", instruction)


def _names(problem: str) -> set[str]:
    """Capitalised words inside sentences: people, places. Single letters are variables."""
    inside = re.findall(r"(?<=[a-z0-9,;] )[A-Z][a-z]{2,}", problem)
    titled = re.findall(r"(?:Mr|Mrs|Ms|Dr)\. ([A-Z][a-z]+)", problem)
    return {word for word in [*inside, *titled] if stem(word.lower()) not in TERM_STEMS}


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(COMMAND.sub(" ", text.replace("_", " ")))]


def _longest_shared_run(words: list[str], others: list[str]) -> list[str]:
    """The longest run of words that stands in both."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(others):
        places.setdefault(word, []).append(place)
    best: list[str] = []
    lengths: dict[int, int] = {}
    for end, word in enumerate(words):
        lengths = {place: lengths.get(place - 1, 0) + 1 for place in places.get(word, [])}
        longest = max(lengths.values(), default=0)
        if longest > len(best):
            best = words[end - longest + 1 : end + 1]
    return best


def _listed(things: set[str]) -> str:
    return ", ".join(sorted(things)[:5])
