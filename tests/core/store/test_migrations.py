"""Old databases are brought to the present shape, step by step; newer ones are refused."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from core.errors import VademecumError
from core.store import Store
from core.store.migrations import MIGRATIONS, migrate
from core.store.tables import Table

FIRST_SCHEMA = Path(__file__).with_name("schema_0.sql")


class Steps:
    """Numbered migrations that write down their runs in the order they come."""

    def __init__(self, number: int):
        self.ran: list[int] = []
        self.all = [self._step(index) for index in range(1, number + 1)]

    def _step(self, index: int) -> Any:
        def run(connection: Connection) -> None:
            self.ran.append(index)
            connection.execute(text(f"CREATE TABLE made_by_{index} (id INTEGER)"))

        return run


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    with store.write() as session:
        yield session.connection()


def _number(connection: Connection) -> int:
    return connection.execute(text("SELECT number FROM schema_version")).scalar_one()


def _tables(connection: Connection) -> set[str]:
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    return set(names.scalars())


def _forget(connection: Connection) -> None:
    """Makes the database a new, empty one again."""
    connection.execute(text("DROP TABLE schema_version"))
    Table.metadata.drop_all(connection)


def test_a_new_database_is_at_the_last_number_and_runs_nothing(connection: Connection) -> None:
    _forget(connection)
    assert _tables(connection) == set()
    steps = Steps(3)
    migrate(connection, steps.all)
    assert steps.ran == []
    assert _number(connection) == 3
    assert _tables(connection) == {*Table.metadata.tables, "schema_version"}


def test_an_opened_store_is_at_the_last_number(connection: Connection) -> None:
    assert _number(connection) == len(MIGRATIONS)


def test_an_old_database_runs_what_is_missing_once_and_in_order(connection: Connection) -> None:
    connection.execute(text("UPDATE schema_version SET number = 0"))
    steps = Steps(4)
    migrate(connection, steps.all[:2])
    assert (steps.ran, _number(connection)) == ([1, 2], 2)
    migrate(connection, steps.all[:2])
    assert (steps.ran, _number(connection)) == ([1, 2], 2)
    migrate(connection, steps.all)
    assert (steps.ran, _number(connection)) == ([1, 2, 3, 4], 4)
    assert {"made_by_1", "made_by_4"} <= _tables(connection)


def test_a_failing_step_leaves_the_database_as_it_was(store: Store) -> None:
    steps = Steps(2)
    with store.write() as session:
        session.connection().execute(text("UPDATE schema_version SET number = 0"))
        session.commit()

    def fail(connection: Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.write() as session:
        migrate(session.connection(), [*steps.all, fail])
    assert steps.ran == [1, 2]
    with store.write() as session:
        assert _number(session.connection()) == 0
        assert not {"made_by_1", "made_by_2"} & _tables(session.connection())


def test_a_newer_database_is_refused_with_a_sentence(store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.db'}"
    newer = Store.open(url)
    with newer.write() as session:
        session.connection().execute(text("UPDATE schema_version SET number = 99"))
    newer.close()
    with pytest.raises(VademecumError, match=r"newer Vademecum \(schema 99, .*VADEMECUM_HOME"):
        Store.open(url)


def test_the_names_of_the_migrations_number_them() -> None:
    numbers = [function.__name__[:5] for function in MIGRATIONS]
    assert numbers == [f"m{index:03}_" for index in range(1, len(MIGRATIONS) + 1)]


def test_a_database_of_the_first_schema_ends_up_like_a_fresh_one(tmp_path: Path) -> None:
    """Fails when a table was changed without a migration that does the same."""
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript(FIRST_SCHEMA.read_text("utf-8"))
    old.close()
    for name in ("old", "fresh"):
        Store.open(f"sqlite:///{tmp_path / name}.db").close()
    assert _shape(tmp_path / "old.db") == _shape(tmp_path / "fresh.db")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE job ADD COLUMN colour VARCHAR",
        "ALTER TABLE job DROP COLUMN note",
        "DROP TABLE verdict",
        "DROP INDEX behavior_accepted_name",
        "CREATE UNIQUE INDEX one_title ON handbook (title)",
    ],
)
def test_the_comparison_of_shapes_sees_changes(change: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        Store.open(f"sqlite:///{tmp_path / name}.db").close()
    changed = sqlite3.connect(tmp_path / "two.db")
    changed.execute(change)
    changed.close()
    assert _shape(tmp_path / "one.db") != _shape(tmp_path / "two.db")


def _shape(path: Path) -> dict[str, Any]:
    """Columns, foreign keys and indexes of every table, whatever order they were made in."""
    database = sqlite3.connect(path)

    def pragma(name: str, of: str) -> set[tuple[Any, ...]]:
        return {row[1:] for row in database.execute(f"PRAGMA {name}('{of}')")}

    def index(row: tuple[Any, ...]) -> tuple[Any, ...]:
        columns = [name for (*_, name) in database.execute(f"PRAGMA index_info('{row[0]}')")]
        sql = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", [row[0]]).fetchone()
        where = " ".join((sql[0] or "").split()).partition(" WHERE ")[2]
        return (*row[1:], tuple(columns), where)

    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    shape = {
        name: (
            pragma("table_info", name),
            pragma("foreign_key_list", name),
            {index(row) for row in pragma("index_list", name)},
        )
        for (name,) in names
    }
    database.close()
    return shape
