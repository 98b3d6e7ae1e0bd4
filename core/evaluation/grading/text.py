"""Answers in words: a name, yes or no, the letter of a choice."""

import re

from core.evaluation.grading import qa
from core.evaluation.grading.writing import undressed

YES, NO = {"yes", "true"}, {"no", "false"}
BARE_LETTER = re.compile(r"\(?([A-Z])[).:]?\)?")
# A letter with what it stands for: "(B) 42", "C. Cecile".
LABELLED = re.compile(r"(?:\(([A-Z])\)|([A-Z])[).:])\s*\S.*", re.DOTALL)
LETTER_AND_TEXT = re.compile(r"([A-Z])\s+\S.*", re.DOTALL)
OPTION = re.compile(r"(?:the )?(?:option|choice|answer)\s+\(?([A-Za-z])\)?\.?", re.IGNORECASE)
LETTER_IN_PROSE = re.compile(r"(?<![A-Za-z0-9'’-])\(?([A-J])\)?(?![A-Za-z0-9'’-])")
# A capital letter that is a word: "A" at the start of a sentence, "I".
WORD_LETTER = re.compile(r"(?:(?<=[.!?] )|^)A(?= [a-z])|(?<![\w(])I(?=[ ,'’])")
NEGATED = re.compile(r"(?:\bnot|n't|\bnon|\bno|\bnicht)\s+\(?[A-J]\)?(?!\w)", re.IGNORECASE)
WORDS = re.compile(r"[^\W\d_]+(?:[ '’.,&/-]+[^\W\d_]+)*[.!]?")
MATH_WORDS = {"sqrt", "sin", "cos", "tan", "log", "ln", "exp", "pi", "infty", "infinity", "oo"}
LONGEST = 2_000


def same_text(answer: str, gold: str) -> bool | None:
    """Whether both are the same words; None where the gold answer is not one in words."""
    if len(answer) > LONGEST or len(gold) > LONGEST:
        return None
    one, other = (_bare(text).strip("()") for text in (answer, gold))
    if len(one) == len(other) == 1 and one.isalpha() and other.isalpha():
        return one == other  # m and M are two variables
    a, g = _words(answer), _words(gold)
    if g in YES | NO:
        return _agreement(a) == (g in YES)
    if not WORDS.fullmatch(g):
        return None
    if a == g or (len(g) > 1 and qa.exact_match(a, g)):
        return True
    in_words = "\\text" in gold or (len(g) > 3 and g not in MATH_WORDS)
    return False if in_words and WORDS.fullmatch(a) and len(a) > 3 else None


def same_choice(answer: str, gold: str, only_letters: bool) -> bool | None:
    """Whether both name the same letter; None where one of them names none.

    `only_letters`: the task says that the answer is a letter, so one in prose counts as well.
    """
    if len(answer) > LONGEST or len(gold) > LONGEST:
        return None
    wanted = letter(gold, only_letters)
    if wanted is None:
        return None
    given = letter(answer, only_letters) or (letters_in(answer)[:1] if only_letters else None)
    if not given:
        return False if only_letters else None
    return given == wanted


def letter(answer: str, only_letters: bool = False) -> str | None:
    """B from B, (B), **B.**, \\text{(B)}, "(B) 42", "option B"; from b if `only_letters`."""
    bare = _undressed(answer)
    alone = bare.upper() if only_letters else bare
    if match := BARE_LETTER.fullmatch(alone) or OPTION.fullmatch(bare):
        return match[1].upper()
    if match := LABELLED.fullmatch(bare):
        return match[1] or match[2]
    match = LETTER_AND_TEXT.fullmatch(bare) if only_letters else None
    return match[1] if match and len(bare) < 60 else None


def letters_in(text: str) -> str:
    """The letters of a choice that running text names and does not deny, in their order."""
    text = NEGATED.sub(" ", WORD_LETTER.sub(" ", _undressed(text[-LONGEST:])))
    return "".join(LETTER_IN_PROSE.findall(text))


def letter_said(text: str) -> str | None:
    """The letter that running text begins with, as "D. It cannot be A", else the last it names."""
    if begun := re.match(r"\s*\**\(?([A-J])[.):]", text):
        return begun[1]
    return letters_in(text)[-1:] or None


def _agreement(words: str) -> bool | None:
    """Yes is True, no is False; else None. What follows a comma explains it."""
    first = re.split(r"[\s,.;:!]", words, maxsplit=1)[0]
    return True if first in YES else False if first in NO else None


def _words(text: str) -> str:
    bare = _bare(text).casefold()
    return bare.replace("-", " ")


def _bare(text: str) -> str:
    return " ".join(_undressed(text).split()).strip(" .!\"'`")


def _undressed(text: str) -> str:
    """Without LaTeX's and Markdown's dress."""
    return undressed(text).strip("*_`").strip()
