"""Rows of maps: layouts, the places of texts on them, their clusters."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, insert, select

from core.errors import NotFound
from core.store.records import Cluster, Layout
from core.store.tables import ClusterRow, LayoutRow, PlaceRow

Place = tuple[float, float, float, int]
COLUMNS = [getattr(PlaceRow, name) for name in ("digest", "x", "y", "z", "cluster")]


def put_layout(
    handbook_id: int,
    embedder: str,
    dimensions: int,
    places: Mapping[str, Place],
    clusters: Sequence[tuple[int, str, list[str]]],
    *,
    method: str,
    seed: int,
    by: str,
    session: Session,
) -> Layout:
    """A new layout in place of the one there was. `clusters` are (number, name, words)."""
    older = layout(handbook_id, embedder, dimensions, session=session)
    if older:
        session.exec(delete(LayoutRow).where(col(LayoutRow.id) == older.id))
    row = LayoutRow(
        handbook_id=handbook_id,
        embedder=embedder,
        dimensions=dimensions,
        method=method,
        seed=seed,
        size=len(places),
        by=by,
    )
    session.add(row)
    session.flush()
    put_places(row.id or 0, places, later=False, session=session)
    rows = [
        {"layout_id": row.id, "number": number, "name": name, "words": words, "by": ""}
        for number, name, words in clusters
    ]
    if rows:
        session.execute(insert(ClusterRow), rows)
    return Layout.of(row)


def layout(handbook_id: int, embedder: str, dimensions: int, *, session: Session) -> Layout | None:
    """The layout there is; of several, the newest."""
    query = select(LayoutRow).where(
        LayoutRow.handbook_id == handbook_id,
        LayoutRow.embedder == embedder,
        LayoutRow.dimensions == dimensions,
    )
    row = session.exec(query.order_by(col(LayoutRow.id).desc())).first()
    return Layout.of(row) if row else None


def put_places(
    layout_id: int, places: Mapping[str, Place], *, later: bool, session: Session
) -> bool:
    """Adds places by digest; a text that has one, perhaps from another program, keeps it.

    Gives whether the layout is there still.
    """
    if session.get(LayoutRow, layout_id) is None:
        return False
    rows = [
        {
            "layout_id": layout_id,
            "digest": digest,
            "x": x,
            "y": y,
            "z": z,
            "cluster": cluster,
            "later": later,
        }
        for digest, (x, y, z, cluster) in places.items()
    ]
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.exec(dialect.insert(PlaceRow).on_conflict_do_nothing(), params=rows)
    return True


def places(layout_id: int, *, session: Session, without_later: bool = False) -> dict[str, Place]:
    """Digest -> x, y, z and cluster of every text that was placed, or of those it was made of."""
    query = select_columns(*COLUMNS).where(col(PlaceRow.layout_id) == layout_id)
    if without_later:
        query = query.where(~col(PlaceRow.later))
    return {digest: (x, y, z, cluster) for digest, x, y, z, cluster in session.execute(query)}


def clusters(layout_id: int, *, session: Session) -> list[Cluster]:
    """By number."""
    query = select(ClusterRow).where(ClusterRow.layout_id == layout_id)
    return [Cluster.of(row) for row in session.exec(query.order_by(col(ClusterRow.number))).all()]


def name_cluster(
    layout_id: int, number: int, name: str, *, by: str, session: Session, only_new: bool = False
) -> None:
    """With `only_new` a name that a person or a model gave stays."""
    row = session.get(ClusterRow, (layout_id, number))
    if row is None:
        raise NotFound("The map was laid out anew, and this cluster is gone. Look at the new one.")
    if not (only_new and row.by):
        row.name, row.by = name, by
