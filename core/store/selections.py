"""Rows of selections: behaviors picked out on one screen, for another one to show."""

from collections.abc import Sequence

from sqlmodel import Session

from core.errors import NotFound
from core.store.tables import SelectionRow


def add_selection(
    handbook_id: int, behavior_ids: Sequence[int], *, by: str, session: Session
) -> int:
    row = SelectionRow(handbook_id=handbook_id, behavior_ids=list(behavior_ids), by=by)
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101  flushed rows have one
    return row.id


def selection(selection_id: int, handbook_id: int, *, session: Session) -> tuple[int, ...]:
    """The ids; of another handbook's selection there are none."""
    row = session.get(SelectionRow, selection_id)
    if row is None:
        raise NotFound(f"There is no selection {selection_id}. Pick the behaviors again.")
    return tuple(row.behavior_ids) if row.handbook_id == handbook_id else ()
