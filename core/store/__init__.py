"""The database: tables, engine, sessions, migrations. SQLModel stays inside this folder.

Functions take a keyword-only session and give frozen records (`core.store.records`), never rows.
"""

from sqlmodel import Session

from core.store.engine import Store

__all__ = ["Session", "Store"]
