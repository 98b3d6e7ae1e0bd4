"""Tables of vectors and of the maps that are made of them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from core.store.tables.base import Table, a_list, a_time


class VectorRow(Table, table=True):
    """A text's embedding, kept for good: little-endian float32, of unit length."""

    __tablename__ = "vector"
    embedder: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    vector: bytes


class LayoutRow(Table, table=True):
    """A map of a handbook: how its places were computed."""

    __tablename__ = "layout"
    __table_args__ = (
        Index("layout_of_handbook", "handbook_id", "embedder", "dimensions"),
        # A number is never used again: what belongs to an old layout must not land on a new one.
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    handbook_id: int = Field(foreign_key="handbook.id", ondelete="CASCADE")
    embedder: str
    dimensions: int
    method: str
    seed: int
    size: int
    by: str
    made: datetime = a_time()


class PlaceRow(Table, table=True):
    """Where a text stands on a layout; `cluster` is -1 where it belongs to none."""

    __tablename__ = "place"
    layout_id: int = Field(foreign_key="layout.id", ondelete="CASCADE", primary_key=True)
    digest: str = Field(primary_key=True)
    x: float
    y: float
    z: float
    cluster: int
    # Placed among the others after the layout was made.
    later: bool


class ClusterRow(Table, table=True):
    """`by` is empty for a name made of the words, else the model or person that gave it."""

    __tablename__ = "cluster"
    layout_id: int = Field(foreign_key="layout.id", ondelete="CASCADE", primary_key=True)
    number: int = Field(primary_key=True)
    name: str
    words: list[str] = a_list()
    by: str = ""
