"""Which handbook each arm of an evaluation drew on, and at which steps of its history.

Kept with the run under `drew_on`: a handbook goes on changing, arms are added long after a run was
begun, and bci-dynamic looks in the handbook while it replies. Steps and titles only: the behaviors
themselves stand, as they were given, in the choices and traces.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core.handbook import shelf
from core.pipeline.arms import Arm, reference_way
from core.store import Session, Store, handbooks, history
from core.store import runs as rows
from core.store.records import Run

Drawn = dict[str, dict[str, Any]]


@contextmanager
def drawing(store: Store, run_id: int, arms: Sequence[Arm], plan: Sequence[Arm]) -> Iterator[None]:
    """Within it these arms, of all those of the `plan`, choose from their handbooks."""
    if not arms:
        yield
        return
    _note(store, run_id, arms, plan)
    try:
        yield
    finally:
        _note(store, run_id, arms, plan)


def _note(store: Store, run_id: int, arms: Sequence[Arm], plan: Sequence[Arm]) -> None:
    """Where the handbooks stand now: `first` stays as it was noted first, `last` is the latest."""
    with store.write() as session:
        run = rows.run(run_id, session=session)
        drawn: Drawn = dict(run.params.get("drew_on", {}))
        for arm in arms:
            if _named_after(arm, plan) is None:
                drawn[arm.label] = _standing(run, arm, drawn.get(arm.label, {}), session)
        for arm in arms:  # afterwards: what they go by may have been chosen just now, or long ago
            named = _named_after(arm, plan)
            if named is not None and named.label in drawn:
                drawn[arm.label] = drawn[named.label]
        rows.change_run(run_id, params={"drew_on": drawn}, session=session)


def _standing(run: Run, arm: Arm, before: dict[str, Any], session: Session) -> dict[str, Any]:
    if arm.handbook:
        book = shelf.find_in(arm.handbook, session)
    else:
        book = handbooks.handbook(run.handbook_id or 0, session=session)
    step = history.last_number(book.id, session=session)
    return {"slug": book.slug, "title": book.title, "first": step, **before, "last": step}


def _named_after(arm: Arm, plan: Sequence[Arm]) -> Arm | None:
    """The arm whose behaviors an arm of names gives, as that chose them; None for any other."""
    if arm.kind != "names-only":
        return None
    kind = reference_way(plan, arm.handbook)
    same = (one for one in plan if (one.kind, one.handbook) == (kind, arm.handbook))
    return next(same, None)
