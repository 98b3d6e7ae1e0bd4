"""Problem sets: problems under a name, imported once and used by many.

A set's digest names its problems in their order, so that two people know whether they mean the
same. What a set is for (evaluation, examples for the vote on a topic) is up to who uses it.
"""

import hashlib
import json
import random
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
        members, digest = list(dict.fromkeys(ids)), _digest(problems)
        return problem_sets.put_set(name, split, digest, members, by=by, session=session)


def replaced_by(store: Store, name: str, problems: Sequence[NewProblem]) -> int:
    """How many problems the set of this name has, if an import would put other ones in their
    place; 0 where there is no such set, or it has just these.
    """
    with store.read() as session:
        sizes = problem_sets.problem_sets(session=session)
    for one, size in sizes.items():
        if one.name == name.strip() and one.digest != _digest(problems):
            return size
    return 0


def problems_of(store: Store, name: str) -> list[Problem]:
    """In the order of the set."""
    with store.read() as session:
        found = problem_sets.problem_set(name, session=session)
        return problem_sets.problems_of(found.id, session=session)


def topics_of(problems: Sequence[Problem]) -> dict[str, int]:
    """Topic -> number of its problems, most first; without a topic is ''."""
    return dict(Counter(problem.topic for problem in problems).most_common())


def levels_of(problems: Sequence[Problem]) -> dict[str, int]:
    """Level -> number of its problems, in the order of the levels; without a level is ''."""
    return _counts_of("level", problems)


def tasks_of(problems: Sequence[Problem]) -> dict[str, int]:
    """What graders are told of the task -> number of problems; where nothing is told, ''."""
    return _counts_of("task", problems)


def subset(problems: Sequence[Problem], limit: int, seed: int = 0) -> list[Problem]:
    """At most `limit` of them, drawn by the seed, in the order of the set."""
    if limit < 1:
        raise BadInput(f"{limit} problems cannot be drawn; take at least 1.")
    if limit >= len(problems):
        return list(problems)
    places = random.Random(seed).sample(range(len(problems)), limit)  # noqa: S311  not for secrets
    return [problems[place] for place in sorted(places)]


def _counts_of(key: str, problems: Sequence[Problem]) -> dict[str, int]:
    found = Counter(str(problem.extra.get(key, "")) for problem in problems)
    return {name: found[name] for name in sorted(found)}


def _digest(problems: Iterable[NewProblem]) -> str:
    """Of each problem once, as a set keeps it."""
    told = list(dict.fromkeys((one.text, one.gold, one.topic) for one in problems))
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
