"""Problem sets: problems under a name, imported once and used by many.

A set's digest names its problems in their order, so that two people know whether they mean the
same. What a set is for (evaluation, examples for the vote on a topic) is up to who uses it.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from core.errors import BadInput
from core.evaluation.problems import NewProblem
from core.store import Store, problem_sets
from core.store import runs as rows
from core.store.records import Problem, ProblemSet

NAME = re.compile(r"[\w][\w .+-]{0,63}")


def import_set(
    store: Store, name: str, problems: Sequence[NewProblem], *, split: str = "", by: str
) -> ProblemSet:
    """Keeps the problems as a set; one of the same name gets these problems instead."""
    name = name.strip()
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name[:64]!r} cannot name a problem set: take letters, digits, spaces and . + - _, "
            "at most 64."
        )
    if not problems:
        raise BadInput(f"The set {name} has no problem. Nothing was imported.")
    with store.write() as session:
        ids = [
            rows.keep_problem(p.text, p.gold, p.topic, p.extra, session=session) for p in problems
        ]
        distinct = dict(zip(ids, problems, strict=True))
        digest = _digest(distinct.values())
        return problem_sets.put_set(name, split, digest, list(distinct), by=by, session=session)


def problems_of(store: Store, name: str) -> list[Problem]:
    """In the order of the set."""
    with store.read() as session:
        found = problem_sets.problem_set(name, session=session)
        return problem_sets.problems_of(found.id, session=session)


def topics_of(problems: Sequence[Problem]) -> dict[str, int]:
    """Topic -> number of its problems, most first; without a topic is ''."""
    return dict(Counter(problem.topic for problem in problems).most_common())


def _digest(problems: Iterable[NewProblem]) -> str:
    told = [[problem.text, problem.gold, problem.topic] for problem in problems]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
