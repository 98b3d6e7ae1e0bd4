"""Opens the database and hands out short sessions.

SQLite runs in WAL mode. A writing session takes the write lock at its start (BEGIN IMMEDIATE), so
two writers wait for each other instead of failing half-way.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlmodel import Session, create_engine

from core.errors import BadInput, VademecumError
from core.store.migrations import migrate
from core.store.together import Kept, Together

LOCK_SECONDS = 30


class Store:
    """One database. `read()` and `write()` give a session inside one transaction."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._writing = engine.execution_options(vademecum_write=True)
        self._together = Together(self.write)

    @classmethod
    def open(cls, url: str) -> "Store":
        """Opens, makes or upgrades the database at `url` (an SQLAlchemy address)."""
        try:
            parsed = make_url(url)
            sqlite = parsed.get_backend_name() == "sqlite"
            if sqlite and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(
                url,
                connect_args={"timeout": LOCK_SECONDS} if sqlite else {},
                json_deserializer=_from_json,
            )
        except (ArgumentError, ModuleNotFoundError, OSError) as error:
            raise BadInput(f"The database address cannot be used: {error}") from error
        if sqlite:
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        store = cls(engine)
        try:
            with store._writing.begin() as connection:
                migrate(connection)
        except DatabaseError as error:
            if type(error) not in (DatabaseError, OperationalError):
                raise  # not of the file but of a migration
            raise VademecumError(
                f"The database {parsed.render_as_string()} cannot be opened: {error.orig}. "
                "Check that the folder can be written to, or set VADEMECUM_HOME to another one."
            ) from error
        return store

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """All of it is committed at the end, or nothing where an exception leaves the block."""
        with Session(self._writing) as session, session.begin():
            yield session

    def write_together(self, work: Callable[[Session], Kept]) -> Kept:
        """As `write`, in one transaction with what other threads of this program write just now.

        `work` may be done twice, where another's fails.
        """
        return self._together.do(work)

    def close(self) -> None:
        self._engine.dispose()


def _from_json(text: str) -> Any:
    """Most lists and objects in the database are empty; of thousands one notices the difference."""
    if text == "[]":
        return []
    return {} if text == "{}" else json.loads(text)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    _switch_to_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: Any) -> None:
    """SQLite does not wait here for another program that opens a new database, too; so we do."""
    ends = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > ends:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("vademecum_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
