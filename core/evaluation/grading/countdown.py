r"""Countdown: an expression of given numbers that comes to a target, by exact arithmetic.

The rule of the public data sets' rewards (TinyZero, d1): every given number is used exactly once,
and nothing but + - * / and brackets. Python reads the expression; it is never evaluated as code.
"""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from core.evaluation.grading.number import value_of
from core.evaluation.grading.writing import undressed

LONGEST = 300
SIGNS = (
    *(("\\times", "*"), ("\\cdot", "*"), ("\\ast", "*"), ("\\div", "/"), ("`", " ")),
    *(
        ("×", "*"),
        ("·", "*"),
        ("÷", "/"),
        ("−", "-"),
        ("∙", "*"),
        ("∗", "*"),
        ("[", "("),
        ("]", ")"),
    ),
)
FRACTION = re.compile(r"\\d?t?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
TIMES = re.compile(r"(?<=[\d)\s])[xX](?=[\d(\s])")
LETTERS_ALLOWED = re.compile(r"[\d\s+\-*/()]+")
CANDIDATE = re.compile(r"[\d(][\d\s+\-*/×÷·()=.]*[\d)]")


class NotCountdown(ValueError):
    """The text is no expression of + - * / and brackets over whole numbers."""


def reaches(answer: str, numbers: Sequence[int], target: Fraction | None) -> bool:
    """Whether the answer uses each number once and comes to the target (if there is one)."""
    try:
        value, used = evaluated(answer)
    except (NotCountdown, ZeroDivisionError):
        return False
    return Counter(used) == Counter(numbers) and target in (None, value)


def evaluated(answer: str) -> tuple[Fraction, list[int]]:
    """The value and the numbers of an expression; "= 24" behind or before it has to be true."""
    if len(answer) > LONGEST:
        raise NotCountdown
    sides = [side.strip() for side in re.split(r"=|\\approx", _in_ascii(answer)) if side.strip()]
    expressions = [side for side in sides if re.search(r"\d\)*\s*[-+*/]", side)] or sides
    if not sides or len(expressions) != 1:
        raise NotCountdown
    used: list[int] = []
    value = _value(_tree(expressions[0]), used)
    if any(value_of(side) != value for side in sides if side is not expressions[0]):
        raise NotCountdown
    return value, used


def expression_in(text: str) -> str | None:
    """The last stretch of a text that looks like an expression."""
    found = [one[0] for one in CANDIDATE.finditer(text[-5_000:]) if re.search("[-+*/×÷·]", one[0])]
    return found[-1].strip() if found else None


def _in_ascii(answer: str) -> str:
    text = undressed(answer)
    for sign, other in SIGNS:
        text = text.replace(sign, other)
    while FRACTION.search(text):
        text = FRACTION.sub(r"((\1)/(\2))", text)
    return TIMES.sub("*", text.replace("{", "(").replace("}", ")")).strip().rstrip(".")


def _tree(expression: str) -> ast.expr:
    if not LETTERS_ALLOWED.fullmatch(expression):
        raise NotCountdown
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotCountdown from error


def _value(node: ast.expr, used: list[int]) -> Fraction:
    match node:
        case ast.Constant(value=int(whole)):
            used.append(whole)
            return Fraction(whole)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, used)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, used) + _value(right, used)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left, used) - _value(right, used)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left, used) * _value(right, used)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _value(left, used) / _value(right, used)
    raise NotCountdown
