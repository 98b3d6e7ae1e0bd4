"""Answers to questions: exact match and token F1, as SQuAD's and HotpotQA's scripts have them.

Rajpurkar et al. 2016 (evaluate-v1.1.py) for the normalisation and F1; Yang et al. 2018
(hotpot_evaluate_v1.py) for yes and no, which have nothing in common with any other answer. Neither
meets LaTeX; answers in a box are often dressed in it, so that is taken off first.
"""

import re
import string
from collections import Counter

from core.evaluation.grading.writing import undressed

ARTICLES = re.compile(r"\b(a|an|the)\b")
WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)
ALONE = {"yes", "no", "noanswer"}


def exact_match(answer: str, gold: str) -> bool:
    return normal(answer) == normal(gold)


def f1(answer: str, gold: str) -> float:
    """Harmonic mean of the shares of tokens that both have, 0 to 1."""
    given, wanted = normal(answer), normal(gold)
    if given == wanted:
        return 1.0
    if ALONE & {given, wanted}:
        return 0.0
    tokens, wanted_tokens = given.split(), wanted.split()
    common = sum((Counter(tokens) & Counter(wanted_tokens)).values())
    return 2 * common / (len(tokens) + len(wanted_tokens)) if common else 0.0


def normal(text: str) -> str:
    """Lower case, without LaTeX's dress, punctuation, articles and idle white space."""
    bare = undressed(text).lower().translate(WITHOUT_PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", bare).split())
