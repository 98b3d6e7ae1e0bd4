"""The problems a handbook was made from, as far as the store knows them."""

from core.handbook import raw
from core.handbook.shelf import find_in
from core.store import Session, Store
from core.store import behaviors as behavior_rows
from core.store import handbooks as rows
from core.store import runs as run_rows
from core.store.records import BehaviorStatus, Handbook, Problem

RUNS = 100_000
STATUSES: tuple[BehaviorStatus, ...] = ("accepted", "proposed", "merged")


def made_from(store: Store, slug: str) -> list[Problem]:
    """Those of its solving runs, and of the traces its behaviors were found in, by their ids.

    A behavior that came from a file, or whose run was deleted, has no problem that is known. A raw
    extraction, made or not, was also made from what its handbook was: the sources stayed there.
    """
    with store.read() as session:
        books = _books(slug, session)
        ids = {number for book in books for number in _problem_ids(book.id, session)}
        found = run_rows.problems(ids, session=session)
    return [found[number] for number in sorted(found)]


def _books(slug: str, session: Session) -> list[Handbook]:
    original = raw.original_of(slug, session=session)
    made = rows.handbook_by_slug(slug, session=session)
    if original is None:
        return [find_in(slug, session)]
    return [find_in(original, session), *([made] if made else [])]


def _problem_ids(handbook_id: int, session: Session) -> set[int]:
    runs = run_rows.latest_of_kind("solve", RUNS, session=session)
    own = [run for run in runs if run.handbook_id == handbook_id]
    ids = {problem_id for run in own for problem_id in run.problem_ids}
    known = {
        trace_id
        for run in own
        for trace_id, *_rest in run_rows.trace_outline(run.id, session=session)
    }
    return ids | _of_traces(_traces(handbook_id, session) - known, session)


def _traces(handbook_id: int, session: Session) -> set[int | None]:
    held = behavior_rows.behaviors(handbook_id, session=session, statuses=STATUSES)
    sources = behavior_rows.sources([behavior.id for behavior in held], session=session)
    return {one.trace_id for some in sources.values() for one in some if one.trace_id}


def _of_traces(trace_ids: set[int | None], session: Session) -> set[int]:
    """A handbook that was copied has traces of other handbooks' runs."""
    return {
        run_rows.trace(trace_id, session=session).problem_id
        for trace_id in trace_ids
        if trace_id is not None
    }
