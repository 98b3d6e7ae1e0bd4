"""Reads what a text announces as its answer: "The answer is ...", "Final answer: ...", "#### ...".

Where there are several announcements, the last one counts that says an answer and not something
about it.
"""

import re

from core.evaluation.grading.boxes import BOX
from core.evaluation.grading.values import FORMULA, NUMBER, is_prose, unannounced

# Markdown's marks around a word: **Answer**, __Answer__.
MARKS = r"[*_]{0,3}"
# Words on the way to an answer. Some may be the first of an answer in words ("about love").
SURELY = r"therefore|thus|hence|clearly|obviously|indeed|definitely|of course|in fact"
NEARLY = (
    r"about|approximately|roughly|around|nearly|exactly|precisely|simply|just|then|now|also"
    r"|equal to"
)
VALUE = r"(?=[*_`(]*[-+−]?[\d.$€£\\√π])|(?=\*\*)"
# "The answer is ...", "Final answer: ...", a heading "Answer", and GSM8K's "#### ..." (not a
# heading "#### 3. ..."); in some languages that graders meet.
ANNOUNCED = re.compile(
    rf"(?:final answer(?: is)?|answer is|answer{MARKS}\s?[:：]"
    rf"|^[ \t]*[#*_]{{1,6}}[ \t]*{MARKS}(?:the )?answer{MARKS}[ \t\r]*$"
    r"|####(?=\s*[-+$\d])(?![ \t]*\d+[.)][ \t]+\S)"
    rf"|r[ée]ponse(?: finale)? est|r[ée]ponse(?: finale)?{MARKS}\s?:"
    rf"|antwort (?:ist|lautet)|antwort{MARKS}\s?:"
    rf"|respuesta(?: final)? es|respuesta{MARKS}:|risposta è|risposta{MARKS}:"
    rf"|resposta é|resposta{MARKS}:"
    rf"|ответ{MARKS}\s?[:—-]|答案{MARKS}(?:是|为|為|：|:)|答えは)"
    rf"{MARKS}\s*[:：]?(?:[*_]{{1,3}}(?=\s))?\s*"
    rf"(?:,?\s*(?:(?:{SURELY}|{NEARLY})\b[,\s]*)+(?:{VALUE})|,?\s*(?:(?:{SURELY})\b[,\s]*)+)?",
    re.IGNORECASE | re.MULTILINE,
)
# What announces on purpose; "... answer is ..." may be said about the answer afterwards.
ON_PURPOSE = re.compile(r"[:：\n#*]")
REMARK = re.compile(
    r"(?:correct|right|consistent|reasonable|plausible|valid|verified|confirmed|supported"
    r"|in (?:line|agreement))\b",
    re.IGNORECASE,
)
# Not the powers of "2**3 + 2**2".
BOLD = re.compile(r"(?<![\w)])\*\*(?P<inside>(?:[^*\n]|\*(?!\*))*[^*\n:：])\*\*")
SENTENCE_END = re.compile(r"(?<!\d)\.\s|(?<=\d)\.\s(?!\d)|。")
# What may follow an answer in bold that is whole: the end, an aside in words, or a reason.
ASIDE = re.compile(r"[.,;(—，；（]|$")
IN_BRACKETS = re.compile(r"^\s*[(（][^()（）]*[)）]")
OPTION = re.compile(r"\(?[A-J][).:]?")
REASON = re.compile(r"\b(?:because|since|which|where|as(?! well\b))\b.*", re.IGNORECASE)
MORE = re.compile(r"[$\\=<>≤≥≈≠+*/^×÷−√π]|(?<!\w)-|\b(?:and|or)\b", re.IGNORECASE)
# So many announcements, from the last backwards, are looked at.
LOOKED_BACK = 20
# What is longer is a sentence about the answer, not the answer.
LONGEST_ANNOUNCED = 80
# A line that is longer announces nothing.
LONGEST_LINE = 2_000
LETTER = re.compile(r"\(?[A-J]\)?(?=[\s.,:;)]|$)")
# What it comes to: "... = 12 apples", "the largest 3-digit number is 986".
COMES_TO = re.compile(
    r"(?:(?<![<>!\\])=|\b(?:is|are|equals|est|es|ist|é)\b|[是为])\s*\**\s*\(?(?=[-+\d.€£$\\])"
)


def announced(text: str) -> str | None:
    """The last announcement that says an answer and not something about it, else the last."""
    sentences = _announcements(text)
    if not sentences or not _unmarked(sentences[-1][1]) or BOX.search(sentences[-1][1]):
        return None  # broken off, or a box that never closes
    for on_purpose, sentence in reversed(sentences):
        if _unmarked(sentence) and (on_purpose or _says_answer(sentence)):
            return _said(sentence)
    return _said(sentences[-1][1])


def _announcements(text: str) -> list[tuple[bool, str]]:
    """What the last announcements say, each up to the next, and whether they do so on purpose."""
    matches = list(ANNOUNCED.finditer(text))[-LOOKED_BACK:]
    ends = [*(match.start() for match in matches), len(text)][1:]
    return [
        (bool(ON_PURPOSE.search(match[0])), _sentence(text[match.end() : end]))
        for match, end in zip(matches, ends, strict=True)
    ]


def _sentence(text: str) -> str:
    line = text[:LONGEST_LINE].partition("\n")[0].strip()
    bold = BOLD.match(line)
    if bold and bold["inside"].endswith((".", "。")):
        return bold[0]
    end = SENTENCE_END.search(line, bold.end() if bold else 0)
    sentence = line[: end.start()] if end else line
    if bold is None:
        return sentence.strip()
    if _adds_an_answer(bold["inside"], sentence[bold.end() :]):
        return BOLD.sub(r"\g<inside>", sentence).strip()
    return bold[0]


def _adds_an_answer(bold: str, after: str) -> bool:
    """Whether what follows an answer in bold belongs to it: "**5** and **-5**", "**x** = 3"."""
    aside = REASON.sub("", IN_BRACKETS.sub("", after)).strip()
    if OPTION.fullmatch(bold) and not BOLD.search(after):  # "**B** - Paris", "**B** is correct"
        return bool(re.search(r"=|\b(?:and|or)\b", aside))
    number = not is_prose(aside) and NUMBER.search(aside)  # "Yes, it was founded in 1923"
    return bool(BOLD.search(after) or not ASIDE.match(aside) or MORE.search(aside) or number)


def _says_answer(sentence: str) -> bool:
    """Whether a sentence on "the answer is" goes on with an answer, to judge by its look."""
    bare = _unmarked(sentence)
    if REMARK.match(bare) or _said(sentence) is None:
        return False
    holds = any(pattern.search(bare) for pattern in (FORMULA, NUMBER)) or LETTER.match(bare)
    return bool(holds or BOLD.match(sentence)) or not is_prose(bare)


def _said(sentence: str) -> str | None:
    bare = _unmarked(sentence)
    if BOX.search(bare):
        return None
    answer = _undressed(_heart(bare) or bare)
    return answer if 0 < len(answer) <= LONGEST_ANNOUNCED else None


def _unmarked(sentence: str) -> str:
    """Without Markdown's marks around it and the full stop."""
    return sentence.strip(" \t*_`").removesuffix(".").strip(" \t*_`")


def _heart(sentence: str) -> str | None:
    """The formula or number of a wordy announcement: the one it begins with, or comes to.

    Else the first, as lighteval takes it: "She has to pay 220 dollars in 12 months".
    """
    has_formula = bool(FORMULA.search(sentence))
    if not is_prose(sentence) and not has_formula:
        return None
    for pattern in (FORMULA, NUMBER, LETTER):
        if match := pattern.match(sentence):
            return match[0]
    if len(sentence) > LONGEST_ANNOUNCED:
        return None
    if has_formula:
        return unannounced(sentence)
    results = [NUMBER.match(sentence, sign.end()) for sign in COMES_TO.finditer(sentence)]
    found = [result for result in results if result] or list(NUMBER.finditer(sentence))[:1]
    return found[-1][0].strip().rstrip(".,") if found else None


def _undressed(answer: str) -> str:
    for left, right in (("\\[", "\\]"), ("\\(", "\\)")):
        if answer.startswith(left) and answer.endswith(right):
            answer = answer[2:-2]
    return answer.strip().strip("$").strip()
