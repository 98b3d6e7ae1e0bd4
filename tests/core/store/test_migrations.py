"""Old databases are brought to the present shape, step by step; newer ones are refused."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from core.errors import BadInput, VademecumError
from core.handbook import checking, undo, versions
from core.handbook.memory import Memory
from core.store import Store, filters, history
from core.store.filters import Filter
from core.store.migrations import MIGRATIONS, migrate
from core.store.records import Behavior
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
    return {name for name in names.scalars() if not name.startswith("sqlite_")}


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


# What was in a database of the first schema is still there, and can be undone

FIRST_CONTENT = Path(__file__).with_name("schema_0_rows.sql")


@pytest.fixture
def old_store(tmp_path: Path) -> Iterator[Store]:
    database = sqlite3.connect(tmp_path / "old.db")
    database.executescript(FIRST_SCHEMA.read_text("utf-8"))
    database.executescript(FIRST_CONTENT.read_text("utf-8"))
    database.close()
    opened = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    yield opened
    opened.close()


def _behaviors(store: Store, slug: str) -> dict[str, Behavior]:
    return {behavior.name: behavior for behavior in versions.state(store, slug).behaviors.values()}


def test_operations_become_steps(old_store: Store) -> None:
    with old_store.read() as session:
        math = history.steps(1, session=session)
        other = history.steps(2, session=session)
        operations = history.history(1, session=session)
    assert [(s.number, s.id, s.kind, s.size, s.by, s.why) for s in reversed(math)] == [
        (1, 1, "import", 3, "vademecum", "math"),
        (2, 3, "import", 1, "ann", "mine.json"),
        (3, 5, "propose", 1, "qwen", "run 1"),
        (4, 7, "propose", 1, "qwen", "run 1"),
        (5, 8, "edit", 1, "ann", ""),
        (6, 9, "accept", 1, "ann", ""),
        (7, 10, "reject", 1, "bob", "trivial"),
        (8, 11, "edit", 1, "ann", "Shorter."),
    ]
    assert [(s.number, s.id, s.kind) for s in other] == [(1, 6, "import")]
    assert {step.undoes for step in math} == {None}
    assert not any(step.undone for step in math)
    assert [operation.step_id for operation in operations] == [1, 1, 3, 1, 5, 7, 8, 9, 10, 11]
    assert math[0].at.isoformat() == "2025-03-04T10:11:00+00:00"


def test_what_is_searched_and_where_it_came_from_is_filled_in(old_store: Store) -> None:
    found = _behaviors(old_store, "math")
    sources = {name: (b.source_model, b.source_correct) for name, b in found.items()}
    assert sources == {
        "behavior_halve_first": ("", None),
        "behavior_split_cases": ("", None),
        "behavior_check_parity": ("", None),
        "behavior_mine": ("", None),
        "behavior_group_terms": ("qwen-extractor", True),
        "behavior_guess": ("qwen-extractor", None),
    }
    assert all(behavior.apart == [] for behavior in found.values())

    def searched(*words: str) -> list[int]:
        with old_store.read() as session:
            return filters.ids(Filter(1, words=words), session=session)

    assert searched("grosse") == [found["behavior_group_terms"].id]  # Größe, in its tags
    assert searched("geometry", "halve") == [found["behavior_halve_first"].id]


def test_an_old_handbook_is_sound_and_its_past_is_found(old_store: Store) -> None:
    for slug in ("math", "other"):
        assert checking.check(old_store, slug) == []
    assert [b.name for b in versions.accepted(versions.state(old_store, "math", 1))] == [
        "behavior_check_parity",
        "behavior_halve_first",
        "behavior_split_cases",
    ]
    texts = {b.instruction for b in versions.state(old_store, "math", 4).behaviors.values()}
    assert "Group terms that cancel each other, then add up what is left of them." in texts


def test_undo_works_on_an_old_history(old_store: Store) -> None:
    assert undo.undo(old_store, 1, by="ann").number == 8
    assert undo.undo(old_store, 1, by="ann").number == 6
    undo.undo_step(old_store, 1, 7, by="ann")
    found = _behaviors(old_store, "math")
    assert found["behavior_group_terms"].status == found["behavior_guess"].status == "proposed"
    assert found["behavior_halve_first"].instruction == "When a diameter is given, halve it."
    undo.undo_step(old_store, 1, 1, by="ann")
    assert [b.name for b in versions.accepted(versions.state(old_store, "math"))] == [
        "behavior_mine"
    ]
    assert undo.redo(old_store, 1, by="ann").number == 1
    with pytest.raises(BadInput, match="nothing of qwen"):
        undo.undo(old_store, 1, by="qwen")
    with old_store.read() as session:
        assert history.last_number(1, session=session) == 13
    assert checking.check(old_store, "math") == []


def test_what_was_rejected_long_ago_is_remembered(old_store: Store) -> None:
    with old_store.read() as session:
        recalled = Memory.of(1, session).recall("behavior_any", "When in doubt, guess a number.")
    assert recalled
    assert recalled.sentence.startswith("behavior_guess was rejected by bob (trivial)")
