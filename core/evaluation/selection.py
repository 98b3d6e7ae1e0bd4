"""Which problems of a set are evaluated on: leaks left out or kept, then as many as wanted."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadInput, ModelUnavailable
from core.evaluation import sets
from core.evaluation.leaks import (
    DEFAULT,
    KINDS,
    Kind,
    Leaks,
    find_leaks,
    made_from,
    meant_texts,
)
from core.handbook import shelf
from core.retrieval.vectors import Vectors
from core.store import Store, problem_sets
from core.store import behaviors as behavior_rows
from core.store.records import Behavior, Problem

FEW = 32  # texts whose vectors take a second or so, once the embedder is loaded


@dataclass(frozen=True)
class Selection:
    """`told` is what a run keeps of it: the set, how many were left out, and the leaks.

    Its `without_vectors` is that of `Leaks`: None says that no embedder helped to find them.
    """

    problems: list[Problem]
    leaks: Leaks
    told: dict[str, Any]


def select(
    store: Store,
    name: str,
    slug: str,
    *,
    limit: int | None = None,
    seed: int = 0,
    leave_out: Collection[Kind] = DEFAULT,
    leaks: Leaks | None = None,
    vectors: Vectors | None = None,
) -> Selection:
    """Of the set `name`, for an evaluation of the handbook `slug`; `leave_out` are kinds of leaks.

    `leaks` are those of the whole set, where they are known already; else they are looked for, with
    `vectors` where there are any, all of which are computed.

    Leaks are left out before problems are drawn, so that as many as wanted remain.
    """
    if unknown := set(leave_out) - set(KINDS):
        raise BadInput(f"There is no kind of leak {sorted(unknown)[0]!r}: {', '.join(KINDS)}.")
    with store.read() as session:
        found = problem_sets.problem_set(name, session=session)
    members = sets.problems_of(store, name)
    leaks = leaks_of(store, members, slug, vectors) if leaks is None else leaks
    excluded = leaks.excluded(leave_out)
    clean = [problem for problem in members if problem.id not in excluded]
    drawn = sets.subset(clean, limit, seed) if limit and clean else clean
    ids = {problem.id for problem in drawn}
    counts = leaks.counts()
    kept = Leaks(tuple(one for one in leaks.found if one.problem_id in ids), len(drawn)).counts()
    told = {
        "set": found.name,
        "split": found.split,
        "digest": found.digest,
        "size": len(members),
        "drawn": len(drawn),
        "seed": seed,
        "left_out": len(excluded),
        "leaks": {
            "flagged": {kind: count for kind, count in counts.items() if count},
            "left_out_kinds": list(leave_out),
            "kept": {kind: count for kind, count in kept.items() if count},
            "found": [asdict(one) for one in leaks.found],
        },
        "without_vectors": leaks.without_vectors,
    }
    return Selection(drawn, leaks, told)


def leaks_of(
    store: Store,
    problems: list[Problem],
    slug: str,
    vectors: Vectors | None = None,
    compute_at_most: int | None = None,
) -> Leaks:
    """Those of the handbook as it stands: the problems it was made from, and what it accepts.

    `compute_at_most` is as for `leaks_between`.
    """
    with store.read() as session:
        handbook = shelf.find_in(slug, session)
        accepted = behavior_rows.behaviors(handbook.id, session=session, statuses=("accepted",))
    sources = made_from(store, slug)
    return leaks_between(problems, sources, accepted, vectors, compute_at_most)


def leaks_between(
    problems: Sequence[Problem],
    sources: Sequence[Problem],
    behaviors: Sequence[Behavior],
    vectors: Vectors | None = None,
    compute_at_most: int | None = None,
) -> Leaks:
    """What `find_leaks` finds, with the vectors there are.

    Vectors that are missing are computed; none of them where they are more than `compute_at_most`,
    or where the embedder cannot be used: wording alone finds leaks, too.
    """
    if vectors is None:
        return Leaks(tuple(find_leaks(problems, sources, behaviors)), len(problems))
    texts = meant_texts(problems, sources, behaviors)
    missing = vectors.missing(texts)
    if missing and (compute_at_most is None or len(missing) <= compute_at_most):
        try:
            vectors.fill(missing)
        except ModelUnavailable:
            pass  # without_vectors tells
        missing = vectors.missing(texts)
    found = find_leaks(problems, sources, behaviors, vectors.known)
    return Leaks(tuple(found), len(problems), without_vectors=len(missing))
