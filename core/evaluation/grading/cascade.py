"""Whether an answer is right: from the cheapest and surest comparison to the dearest.

Exact writing, words, letters, plain numbers, parts of lists and intervals, then math-verify in a
process of its own. Each either decides or passes on; what is too large is refused before anybody
computes with it. No answer is ever run as code, and none takes longer than its time.
"""

import re
from collections.abc import Callable
from typing import Any

from core.errors import VademecumError
from core.evaluation.grading import countdown, qa
from core.evaluation.grading.boxes import last_boxed
from core.evaluation.grading.finding import after_thinking, final_answer
from core.evaluation.grading.grade import Grade
from core.evaluation.grading.limits import too_large
from core.evaluation.grading.number import (
    looks_mixed,
    number,
    same_number,
    with_decimal_comma,
)
from core.evaluation.grading.structure import same_structure, spelled_out
from core.evaluation.grading.task import Task
from core.evaluation.grading.text import letter_said, same_choice, same_text
from core.evaluation.grading.values import FORMULA, is_prose, unannounced
from core.evaluation.grading.workers import WORKERS
from core.evaluation.grading.writing import in_latex, written

# A text so short is hardly a solution that was broken off: it may be the answer itself.
SHORT = 200
PLAIN = Task()
WHOLE_FORMULA = re.compile(
    r"\s*(?:\$[^$]+\$|\$\$[^$]+\$\$|\\\((?:(?!\\\)).)+\\\)|\\\[.+\\\])[\s.]*", re.DOTALL
)
# Decides on (answer, gold); None passes on.
Judge = Callable[[str, str, Task], bool | None]


def grade(text: str, gold: str | None, task: Task = PLAIN) -> Grade:
    """Grades the final answer of a text against the gold answer (and the task's aliases)."""
    golds = _golds(gold, task)
    answers = _answers(text, golds, task)
    if not golds:
        return Grade(answers[0] if answers else None, None, "none")
    if gold is not None and len(text) <= SHORT and _says_the_same(text, gold, task):
        return Grade(text.strip(), True, "exact")
    if not answers:
        return Grade(None, False, "no-answer")
    grades = (_best(answer, golds, task) for answer in answers)
    last = Grade(None, False, "no-answer")
    for last in grades:
        if last.correct:
            break
    return last


def grade_answer(prediction: str | None, gold: str | None, task: Task = PLAIN) -> Grade:
    """Grades what is the answer already: nothing has to be found in it first, but a box."""
    answer = None if prediction is None else prediction.strip()
    golds = _golds(gold, task)
    if not golds:
        return Grade(answer, None, "none")
    if not answer:
        return Grade(None, False, "no-answer")
    return _best(last_boxed(answer) or answer, golds, task)


def _golds(gold: str | None, task: Task) -> list[str]:
    """All right answers, each without the text or the dollars around it."""
    if task.kind == "countdown" and task.target is not None:
        gold = str(task.target)
    return [_gold(one) for one in (gold, *task.aliases) if one is not None and one.strip()]


def _gold(gold: str) -> str:
    if boxed := last_boxed(gold):
        return boxed
    found = final_answer(gold)
    return unannounced(gold) or gold if WHOLE_FORMULA.fullmatch(gold) else found or gold.strip()


def _says_the_same(text: str, gold: str, task: Task) -> bool:
    """A text that is the gold answer to the letter is right, whatever would be found in it."""
    demanding = task.options.only_boxed or task.options.reasoning_end
    same = written(text) == written(gold) or (is_prose(gold) and qa.exact_match(text, gold))
    return same and not demanding and task.kind in ("any", "math") and bool(text.strip())


def _answers(text: str, golds: list[str], task: Task) -> list[str]:
    """What the text may mean as its answer: one, or the whole of a short text and what ends it."""
    options = task.options
    if options.last_characters is not None:
        text = text[-options.last_characters :]
    spoken = after_thinking(text, options.reasoning_end)
    if spoken is None:
        return []
    announced = last_boxed(spoken) if options.only_boxed else final_answer(spoken)
    if announced is not None or options.only_boxed:
        return _with_exclamation(announced, spoken) if announced else []
    whole = spoken.strip()
    if not whole or "\\boxed" in whole:
        return []  # a box that never closes: broken off
    short = len(whole) <= SHORT and "\n" not in whole
    if task.kind == "qa":
        return [whole if short else whole.splitlines()[-1].strip()]
    found = _last(whole, task) if short or options.anywhere else None
    wholly = short and not FORMULA.search(whole)
    if wholly and is_prose(whole):
        wholly = any(same_text(whole, gold) for gold in golds)
    return list(dict.fromkeys([*([whole] if wholly else []), *([found] if found else [])]))


def _with_exclamation(announced: str, text: str) -> list[str]:
    """42! outside a box may be a factorial, or 42 said aloud."""
    if announced.endswith("!") and "\\boxed" not in text:
        return [announced, announced.rstrip("!")]
    return [announced]


def _last(text: str, task: Task) -> str | None:
    """What a text that announces no answer ends with."""
    if task.kind == "countdown":
        return countdown.expression_in(text)
    if task.kind == "choice":
        return letter_said(text)
    return unannounced(text)


def _best(answer: str, golds: list[str], task: Task) -> Grade:
    """The grade against the right answer that fits best."""
    grades = [_graded(answer, gold, task) for gold in golds]
    return max(grades, key=lambda found: (bool(found.correct), found.score or 0.0))


def _graded(answer: str, gold: str, task: Task) -> Grade:
    if task.kind == "countdown":
        return Grade(answer, countdown.reaches(answer, task.numbers, task.target), "countdown")
    if task.kind == "qa":
        exact = qa.exact_match(answer, gold)
        return Grade(answer, exact, "qa-exact" if exact else "qa-f1", qa.f1(answer, gold))
    if written(answer) == written(gold):
        return Grade(answer, True, "exact")
    for name, judge in JUDGES:
        verdict = judge(answer, gold, task)
        if verdict is not None:
            return Grade(answer, verdict, name)
    return _computed(answer, gold, task)


def _choice(answer: str, gold: str, task: Task) -> bool | None:
    return None if task.kind == "math" else same_choice(answer, gold, task.kind == "choice")


def _text(answer: str, gold: str, _task: Task) -> bool | None:
    return same_text(answer, gold)


def _number(answer: str, gold: str, task: Task) -> bool | None:
    """Decides where both are plain numbers; a mixed number that is none equals nothing."""
    a, g = number(answer), number(gold)
    if a is None and looks_mixed(answer):
        return False
    if a is None and g is not None and g.places is not None:
        a = with_decimal_comma(answer)
    if g is None and a is not None and a.places is not None:
        g = with_decimal_comma(gold)
    if a is None or g is None:
        return None
    options = task.options
    return same_number(a, g, options.precision, options.include_percentage)


def _structure(answer: str, gold: str, task: Task) -> bool | None:
    def same(one: str, other: str) -> bool | None:
        if written(one) == written(other):
            return True
        verdict = _number(one, other, task)
        return same_structure(one, other, same) if verdict is None else verdict

    return same_structure(answer, gold, same)


JUDGES: tuple[tuple[str, Judge], ...] = (
    ("choice", _choice),
    ("number", _number),
    ("text", _text),
    ("structure", _structure),
)


def _computed(answer: str, gold: str, task: Task) -> Grade:
    """By math-verify; the time it may take is limited."""
    gold_read, answer_read = (spelled_out(in_latex(one)) for one in (gold, answer))
    if too_large(answer_read) or too_large(gold_read):
        return Grade(answer, False, "refused")
    options = task.options
    settings: dict[str, Any] = {
        "precision": options.precision,
        "strict": options.strict,
        "allow_set_relation_comp": options.allow_set_relation_comp,
    }
    try:
        verdict = WORKERS.verify(gold_read, answer_read, settings)
    except (VademecumError, OSError):  # no process starts: nothing was measured
        return Grade(answer, None, "not-graded")
    grader = "math-verify" if verdict is not None else "math-verify-timeout"
    return Grade(answer, bool(verdict), grader)
