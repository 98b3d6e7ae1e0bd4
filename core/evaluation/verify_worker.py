"""The process that runs math-verify for `core.evaluation.grading`: pairs in, verdicts out."""

import json
import sys

from math_verify import parse, verify
from math_verify.errors import TimeoutException


def main() -> None:
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        gold, answer = json.loads(line)
        print(json.dumps(_equal(gold, answer)), flush=True)


def _equal(gold: str, answer: str) -> bool:
    try:
        return bool(verify(_parsed(gold), _parsed(answer), timeout_seconds=None))
    except (TimeoutException, ValueError, TypeError, RecursionError, ArithmeticError):
        return False


def _parsed(answer: str) -> list[object]:
    boxed = parse(rf"$\boxed{{{answer}}}$", parsing_timeout=None)
    return list(boxed or parse(answer, parsing_timeout=None))


if __name__ == "__main__":
    main()
