"""Rows of problem sets."""

from collections.abc import Sequence

from sqlmodel import Session, col, delete, func, insert, or_, select

from core.errors import NotFound
from core.store.records import Problem, ProblemSet
from core.store.tables import ProblemRow, ProblemSetRow, SetProblemRow


def put_set(
    name: str, split: str, digest: str, problem_ids: Sequence[int], *, by: str, session: Session
) -> ProblemSet:
    """Adds a set, or gives the one of this name other problems."""
    row = session.exec(select(ProblemSetRow).where(ProblemSetRow.name == name)).first()
    row = row or ProblemSetRow(name=name, digest=digest, by=by)
    row.split, row.digest, row.by = split, digest, by
    session.add(row)
    session.flush()
    session.exec(delete(SetProblemRow).where(col(SetProblemRow.set_id) == row.id))
    members = [
        {"set_id": row.id, "place": place, "problem_id": problem_id}
        for place, problem_id in enumerate(problem_ids)
    ]
    if members:
        session.execute(insert(SetProblemRow), members)
    return ProblemSet.of(row)


def problem_sets(*, session: Session) -> dict[ProblemSet, int]:
    """Every set, by name, with the number of its problems."""
    size = func.count(col(SetProblemRow.place))
    query = (
        select(ProblemSetRow, size)
        .outerjoin(SetProblemRow, col(SetProblemRow.set_id) == ProblemSetRow.id)
        .group_by(col(ProblemSetRow.id))
        .order_by(ProblemSetRow.name)
    )
    return {ProblemSet.of(row): number for row, number in session.exec(query).all()}


def problem_set(name: str, *, session: Session) -> ProblemSet:
    row = session.exec(select(ProblemSetRow).where(ProblemSetRow.name == name)).first()
    if row is None:
        names = ", ".join(session.exec(select(ProblemSetRow.name)).all()) or "none yet"
        raise NotFound(f"There is no problem set {name!r}. There are: {names}.")
    return ProblemSet.of(row)


def problems_of(set_id: int, *, session: Session) -> list[Problem]:
    """In the order of the set."""
    query = (
        select(ProblemRow)
        .join(SetProblemRow, col(SetProblemRow.problem_id) == ProblemRow.id)
        .where(SetProblemRow.set_id == set_id)
        .order_by(col(SetProblemRow.place))
    )
    return [Problem.of(row) for row in session.exec(query).all()]


def delete_set(set_id: int, *, session: Session) -> None:
    """The problems stay: runs may hold them."""
    row = session.get(ProblemSetRow, set_id)
    if row is not None:
        session.delete(row)


def labelled(*, session: Session) -> list[tuple[str, str]]:
    """(text, topic) of every problem that has a topic, each text once, the first kept."""
    query = select(ProblemRow.text, ProblemRow.topic).where(ProblemRow.topic != "")
    found: dict[str, str] = {}
    for text, topic in session.exec(query.order_by(col(ProblemRow.id))).all():
        found.setdefault(text, topic)
    return list(found.items())


def label_of(text: str, *, session: Session) -> str:
    """The topic of a problem of this text; empty where there is none."""
    query = select(ProblemRow.topic).where(ProblemRow.text == text, ProblemRow.topic != "")
    return session.exec(query.order_by(col(ProblemRow.id))).first() or ""


def labelled_stamp(*, session: Session) -> int:
    """Grows whenever a problem is added: what a reading of `labelled` is kept under."""
    return session.exec(select(func.max(ProblemRow.id))).one() or 0


def texts(*, session: Session) -> list[str]:
    """Of every problem that has a topic or is in a set, each once."""
    in_a_set = select(SetProblemRow.problem_id)
    query = select(ProblemRow.text).where(
        or_(ProblemRow.topic != "", col(ProblemRow.id).in_(in_a_set))
    )
    return list(session.exec(query.distinct()).all())
