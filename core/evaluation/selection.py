"""Which problems of a set are evaluated on: leaks left out or kept, then as many as wanted.

Leaks are those of all handbooks that the arms draw on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadInput, ModelUnavailable
from core.evaluation import sets
from core.evaluation.leaks import (
    DEFAULT,
    KINDS,
    Kind,
    Leak,
    Leaks,
    find_leaks,
    made_from,
    meant_texts,
)
from core.handbook import raw, shelf
from core.retrieval.vectors import Vectors
from core.store import Session, Store, problem_sets
from core.store import behaviors as behavior_rows
from core.store import handbooks as handbook_rows
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
    slugs: Sequence[str],
    *,
    limit: int | None = None,
    seed: int = 0,
    leave_out: Collection[Kind] = DEFAULT,
    leaks: Leaks | None = None,
    vectors: Vectors | None = None,
) -> Selection:
    """Of the set `name`, for arms that draw on these handbooks; `leave_out` are kinds of leaks.

    `leaks` are those of the whole set, where they are known already; else they are looked for, with
    `vectors` where there are any, all of which are computed.

    Leaks are left out before problems are drawn, so that as many as wanted remain.
    """
    if unknown := set(leave_out) - set(KINDS):
        raise BadInput(f"There is no kind of leak {sorted(unknown)[0]!r}: {', '.join(KINDS)}.")
    with store.read() as session:
        found = problem_sets.problem_set(name, session=session)
    members = sets.problems_of(store, name)
    leaks = leaks_of(store, members, slugs, vectors) if leaks is None else leaks
    excluded = leaks.excluded(leave_out)
    clean = [problem for problem in members if problem.id not in excluded]
    drawn = sets.subset(clean, limit, seed) if limit and clean else clean
    told = {
        "set": found.name,
        "split": found.split,
        "digest": found.digest,
        "size": len(members),
        "drawn": len(drawn),
        "seed": seed,
        "left_out": len(excluded),
        "leaks": _record(leaks.found, {problem.id for problem in drawn}, leave_out),
        "without_vectors": leaks.without_vectors,
    }
    return Selection(drawn, leaks, told)


def _record(
    found: Sequence[Leak], drawn: Collection[int], left_out_kinds: Collection[str]
) -> dict[str, Any]:
    """What a run keeps of leaks: those that were found, of them those among its problems."""
    kept = [leak for leak in found if leak.problem_id in drawn]
    return {
        "flagged": _counts(found),
        "left_out_kinds": list(left_out_kinds),
        "kept": _counts(kept),
        "found": [asdict(one) for one in found],
    }


def _counts(found: Sequence[Leak]) -> dict[str, int]:
    return {kind: count for kind, count in Leaks(tuple(found), 0).counts().items() if count}


def leaking(told: Mapping[str, Any], ids: Collection[int], leaks: Leaks) -> frozenset[int]:
    """The problems of a run (`ids`) that it would have left out, had these leaks been known.

    `told` is what it keeps of its problems. Those that it kept knowingly are not among them.
    """
    before = told.get("leaks") or {}
    kinds = before.get("left_out_kinds", DEFAULT)
    kept = {one["problem_id"] for one in before.get("found", ()) if one["kind"] in kinds}
    return (leaks.excluded(kinds) & frozenset(ids)) - kept


def need_clean(told: Mapping[str, Any], ids: Collection[int], leaks: Leaks) -> None:
    """Raises where a run has problems as in `leaking`."""
    wrong = leaking(told, ids, leaks)
    if not wrong:
        return
    first = next(leak for leak in leaks.found if leak.problem_id in wrong)
    raise BadInput(
        f"{len(wrong):,} of the run's {len(ids):,} problems leak to what is added (the first: "
        f"{first.why}). Nothing was changed. Keep them, and the report will tell (a box under "
        "Extend, or --leaks keep); or start a new evaluation with all these arms, which leaves "
        "them out."
    )


def with_leaks(told: Mapping[str, Any], ids: Collection[int], leaks: Leaks) -> dict[str, Any]:
    """`told`, as in `leaking`, with leaks that were found later."""
    before = told.get("leaks") or {}
    known = [Leak(**one) for one in before.get("found", ())]
    found = list(dict.fromkeys([*known, *leaks.found]))
    record = _record(found, set(ids), before.get("left_out_kinds", DEFAULT))
    without = leaks.without_vectors or told.get("without_vectors", leaks.without_vectors)
    return {**told, "leaks": record, "without_vectors": without}


def leaks_of(
    store: Store,
    problems: list[Problem],
    slugs: Sequence[str],
    vectors: Vectors | None = None,
    compute_at_most: int | None = None,
) -> Leaks:
    """Those of handbooks as they stand: the problems they were made from, and what they can give.

    `compute_at_most` is as for `leaks_between`.
    """
    sources = {problem.id: problem for slug in slugs for problem in made_from(store, slug)}
    with store.read() as session:
        given = [one for slug in slugs for one in _can_be_given(slug, session)]
    once: dict[tuple[str | None, ...], Behavior] = {}
    for one in given:
        once.setdefault((one.name, one.instruction, one.avoid_when), one)
    held = list(once.values())
    return leaks_between(problems, list(sources.values()), held, vectors, compute_at_most)


def _can_be_given(slug: str, session: Session) -> list[Behavior]:
    """What a handbook accepts. A raw extraction is brought up to date when it is evaluated, so it
    can give all that was proposed; so could a part of it that is not drawn yet.
    """
    made = handbook_rows.handbook_by_slug(slug, session=session)
    original = raw.original_of(slug, session=session)
    if made is None and original is None:
        shelf.find_in(slug, session)  # raises, and names those there are
    accepted = (
        behavior_rows.behaviors(made.id, session=session, statuses=("accepted",)) if made else []
    )
    if original is None or (made and slug != raw.raw_slug(original)):
        return accepted
    return [*accepted, *raw.proposals(original, session=session)]


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
