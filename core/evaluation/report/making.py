"""What it took to make the handbooks that the arms of an evaluation draw on.

Each arm is charged with the making of its own handbook. A raw extraction, and a random part of it,
are copies of what was proposed for another handbook: they took what the runs for that one took.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.evaluation.report.ledger import Making
from core.handbook.raw import original_of
from core.store import Session, handbooks
from core.store import outcomes as outcome_rows
from core.store import runs as rows
from core.store.outcomes import Outcome
from core.store.records import Run

UNKNOWN = Making(0, 0, None, None, None)


@dataclass(frozen=True)
class MadeBy:
    """The runs in which a strategist proposed a handbook's behaviors, or those it is a copy of."""

    runs: tuple[Run, ...]
    copied_from: str = ""


def makings(run: Run, session: Session) -> dict[str, Making]:
    """By the slug that an arm names its handbook with: "" is the run's own, and comes first."""
    return {slug: _making(made, session) for slug, made in made_by(run, session).items()}


def made_by(run: Run, session: Session) -> dict[str, MadeBy]:
    """Of each handbook that an arm names, and of the run's own."""
    named = {one.get("handbook", ""): None for one in run.params["arms"]}
    return {slug: _made_by(run, slug, session) for slug in {"": None, **named}}


def _made_by(run: Run, slug: str, session: Session) -> MadeBy:
    own = run.params["handbook"]["slug"] if run.params["handbook"] else ""
    number = _number(slug, session) if slug else run.handbook_id
    if found := _runs(number, session):
        return MadeBy(found)
    original = original_of(slug or own, session=session)
    return MadeBy(_runs(_number(original, session), session), original) if original else MadeBy(())


def _number(slug: str, session: Session) -> int | None:
    book = handbooks.handbook_by_slug(slug, session=session)
    return book.id if book else None


def _runs(handbook_id: int | None, session: Session) -> tuple[Run, ...]:
    found = rows.runs_that_made(handbook_id, session=session) if handbook_id is not None else []
    return tuple(found)


def _making(made: MadeBy, session: Session) -> Making:
    """Of all their replies so far."""
    if not made.runs:
        return UNKNOWN
    replies = [
        one
        for run in made.runs
        for one in outcome_rows.outcomes(run.id, session=session)
        if one.finish_reason is not None
    ]
    return Making(
        runs=len(made.runs), traces=len(replies), copied_from=made.copied_from, **totals(replies)
    )


def totals(replies: Collection[Outcome]) -> dict[str, Any]:
    """Sums of what is known, None where nothing is; and of how many replies it is not."""
    sums: dict[str, Any] = {}
    for name in ("input_tokens", "output_tokens", "price"):
        known = [value for one in replies if (value := getattr(one, name)) is not None]
        sums[name] = None if replies and not known else sum(known)
        sums[f"{name}_unknown"] = len(replies) - len(known)
    return sums
