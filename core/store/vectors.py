"""Rows of vectors, each under its embedder and the digest of its text, and the texts to embed."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from core.store.pieces import pieces
from core.store.tables import BehaviorRow, VectorRow

AT_A_TIME = 500  # digests in one query


def vectors(embedder: str, digests: Sequence[str], *, session: Session) -> dict[str, bytes]:
    """The vectors there are, by digest: little-endian float32."""
    found: dict[str, bytes] = {}
    for some in _chunks(digests):
        query = select(VectorRow.digest, VectorRow.vector).where(
            VectorRow.embedder == embedder, col(VectorRow.digest).in_(some)
        )
        found.update((digest, vector) for digest, vector in session.exec(query))
    return found


def kept_digests(embedder: str, digests: Sequence[str], *, session: Session) -> set[str]:
    """Which of the digests have a vector."""
    found: set[str] = set()
    for some in _chunks(digests):
        query = select(VectorRow.digest).where(
            VectorRow.embedder == embedder, col(VectorRow.digest).in_(some)
        )
        found.update(session.exec(query))
    return found


def count_vectors(embedder: str, *, session: Session) -> int:
    query = select(func.count()).select_from(VectorRow).where(VectorRow.embedder == embedder)
    return session.exec(query).one()


def put_vectors(embedder: str, kept: Mapping[str, bytes], *, session: Session) -> None:
    """Adds vectors by digest; one that is there already, perhaps from another program, stays."""
    rows = [
        {"embedder": embedder, "digest": digest, "vector": vector}
        for digest, vector in kept.items()
    ]
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.exec(dialect.insert(VectorRow).on_conflict_do_nothing(), params=rows)


def texts(
    handbook_id: int,
    statuses: Sequence[str],
    *,
    session: Session,
    ids: Collection[int] | None = None,
) -> list[tuple[int, str, str]]:
    """Id, name and instruction of a handbook's behaviors of these statuses, the oldest first.

    `ids` narrows to these behaviors.
    """
    query = (
        select(BehaviorRow.id, BehaviorRow.name, BehaviorRow.instruction)
        .where(BehaviorRow.handbook_id == handbook_id, col(BehaviorRow.status).in_(statuses))
        .order_by(col(BehaviorRow.id))
    )
    if ids is None:
        return [(id or 0, name, instruction) for id, name, instruction in session.exec(query)]
    found: list[tuple[int, str, str]] = []
    for some in pieces(sorted(ids)):
        narrowed = query.where(col(BehaviorRow.id).in_(some))
        found += [(id or 0, name, line) for id, name, line in session.exec(narrowed)]
    return found


def _chunks(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    return (digests[at : at + AT_A_TIME] for at in range(0, len(digests), AT_A_TIME))
