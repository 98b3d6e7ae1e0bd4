"""Finds the final answer in a text: its last tag or box, else the last announced answer.

Where no answer is announced, the last formula or number of the text can be asked for: public
graders (lighteval, GSM8K's) take that, at the price of taking what a broken-off text ends with.
"""

import re

# What a reasoning model closes its thinking with; what stands in it is no answer yet.
THINKING, THOUGHT = "<think>", "</think>"
TAG, TAG_END = "<answer>", "</answer>"
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
BOX = re.compile(r"\\(?:f?boxed|fbox)\s*(?P<brace>\{)?")
# Between boxes that are one answer: "\boxed{1} and \boxed{-2}".
BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;.&]|\\[\[\]()]|\\(?:quad|qquad|text\{[ ,]*(?:and|or)[ ,]*\})|and|or)*"
)
FORMULA = re.compile(
    r"\$\$(?P<display>.+?)\$\$|\\\[(?P<brackets>.+?)\\\]|\\\((?P<inline>.+?)\\\)"
    r"|(?<![\\\d])\$(?P<dollar>[^$\n]+?)(?<!\\)\$",
    re.DOTALL,
)
BETWEEN_FORMULAS = re.compile(r"\s*(?:,|,?\s*(?:and|or)|;)?\s*")
NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,^{}\\])[-+]?[€£$]?(?:"  # Chinese has no space before a number
    r"\\frac\{-?\d+\}\{-?\d+\}"
    r"|\d+[ \u00a0]+\d+[ ]*/[ ]*\d+"  # a mixed number
    r"|\d[\d.,]*(?:\s*[-+*/×÷^]\s*\(?-?\d[\d.,]*\)?)+(?=[\s.,:;)$]|$)"  # 10/2
    r"|\d{1,3}(?:[ ,]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*|\.\d+"
    r")(?:\s*(?:\\?%|per ?cent(?:age)?\b|pct\b))?",
    re.IGNORECASE,
)
AFTER_EQUALS = re.compile(r"(?<=[=≈])\s*(?=[-+\d.€£$])")
# A number at the end of a megabyte is near its end.
SEARCHED = 4_000
# A line that is longer announces nothing.
LONGEST_LINE = 2_000
# Boxes in boxes: so deep somebody looks.
DEEPEST_BOX = 4
BARE = re.compile(r"\S{1,200}")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
LETTER = re.compile(r"\(?[A-J]\)?(?=[\s.,:;)]|$)")
# Words of letters; Chinese and Japanese write several without a space between them.
PROSE = re.compile(
    r"(?<![\\a-zA-Z])[a-zA-Zà-öø-ÿЀ-ӿ]{2,}(?![a-zA-Z{(])|[\u3040-\u30ff\u4e00-\u9fff]{1,2}"
)
# What it comes to: "... = 12 apples", "the largest 3-digit number is 986".
COMES_TO = re.compile(
    r"(?:(?<![<>!\\])=|\b(?:is|are|equals|est|es|ist|é)\b|[是为])\s*\**\s*\(?(?=[-+\d.€£$\\])"
)
FEW_WORDS = 3


def final_answer(text: str) -> str | None:
    """The answer a text ends with, or None where it gives none."""
    spoken = after_thinking(text)
    if spoken is None:
        return None
    if tagged := _tagged(spoken):
        return last_boxed(tagged) or tagged
    return last_boxed(spoken) or _announced(spoken)


def after_thinking(text: str, ends: tuple[str, ...] = ()) -> str | None:
    """What is said after the thinking. None: it never ends, or has none of the `ends` asked for."""
    for end in (*ends, THOUGHT):
        _before, found, after = text.rpartition(end)
        if found:
            return after
    return None if ends or THINKING in text else text


def last_boxed(text: str) -> str | None:
    r"""What stands in the last complete `\boxed{...}` (braces may nest) or `\boxed 7`.

    Boxes with nothing but commas, "and" or "or" between them are one answer: a list.
    """
    answer = _last_boxes(text)
    for _ in range(DEEPEST_BOX):
        innermost = _last_boxes(answer) if answer and BOX.search(answer) else None
        answer = innermost or answer
    return answer


def unannounced(text: str) -> str | None:
    """The last formula or number of a text, whichever ends later."""
    text = text[-SEARCHED:]
    formula, number = _last_formula(text), _last_number(text)
    if formula and number:
        return max(formula, number, key=lambda found: found[1])[0]
    found = formula or number
    return found[0] if found else None


def is_prose(text: str) -> bool:
    """Whether there are more words than an answer has."""
    return len(PROSE.findall(text)) >= FEW_WORDS


def _tagged(text: str) -> str | None:
    before, tag_end, _ = text.lower().rpartition(TAG_END)
    start = before.rfind(TAG)
    inside = text[start + len(TAG) : len(before)].strip() if tag_end and start >= 0 else ""
    return inside or None


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
        joined = bool(found) and len(between) < LONGEST_ANNOUNCED
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


def _announced(text: str) -> str | None:
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


def _last_formula(text: str) -> tuple[str, int] | None:
    """The last formula and where it ends; formulas with only "and" between them are a list."""
    found: list[str] = []
    end = -1
    for match in FORMULA.finditer(text):
        inside = next(group for group in match.groups() if group is not None).strip()
        joined = bool(found) and bool(BETWEEN_FORMULAS.fullmatch(text[end : match.start()]))
        found = [*found, inside] if joined else [inside]
        end = match.end()
    return (", ".join(found), end) if found else None


def _last_number(text: str) -> tuple[str, int] | None:
    spaced = AFTER_EQUALS.sub(" ", text)  # "40=300" has a number of its own after the sign
    matches = list(NUMBER.finditer(spaced))
    if not matches:
        return None
    last = matches[-1]
    return last[0].strip().rstrip(".,"), last.end()
