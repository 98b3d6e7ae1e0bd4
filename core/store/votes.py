"""Rows of votes: which of two arms of a run somebody found better."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.store.records import Better, Vote
from core.store.tables import VoteRow


def add_vote(
    run_id: int,
    sample: int,
    first: str,
    second: str,
    better: Better,
    *,
    blind: bool,
    by: str,
    at: datetime | None = None,
    session: Session,
) -> Vote:
    """Keeps a vote, given now or `at`; an earlier one of the same person on the same two is
    replaced. One that was given blind is not replaced by one that was given seeing, nor the
    reverse: they tell different things.
    """
    own = select(VoteRow).where(
        VoteRow.run_id == run_id,
        VoteRow.by == by,
        VoteRow.sample == sample,
        col(VoteRow.blind).is_(blind),
    )
    for old in session.exec(own).all():
        if {old.first, old.second} == {first, second}:
            session.delete(old)
    row = VoteRow(
        run_id=run_id, sample=sample, first=first, second=second, better=better, blind=blind, by=by
    )
    if at is not None:  # it was given elsewhere
        row.at = at
    session.add(row)
    session.flush()
    return Vote.of(row)


def votes(run_id: int, *, session: Session) -> list[Vote]:
    """Oldest first."""
    query = select(VoteRow).where(VoteRow.run_id == run_id).order_by(col(VoteRow.id))
    return [Vote.of(row) for row in session.exec(query).all()]
