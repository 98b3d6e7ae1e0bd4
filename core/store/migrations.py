"""Brings a database to the present shape: a list of numbered functions, run in order, once each.

A new database is made from the tables as they stand and counts as fully migrated. To change a
table: edit `core.store.tables`, then add the next numbered function here that does the same to a
database made by the version before.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, inspect, text

from core.errors import VademecumError
from core.store.tables import Table

Migration = Callable[[Connection], None]
MIGRATIONS: list[Migration] = []


def migration(function: Migration) -> Migration:
    """Adds a function to the list. Its name says its number: m001_..., m002_..."""
    MIGRATIONS.append(function)
    return function


def migrate(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Runs what this database has not seen yet, inside the caller's transaction."""
    if not inspect(connection).has_table("schema_version"):
        Table.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE schema_version (number INTEGER NOT NULL)"))
        connection.execute(
            text("INSERT INTO schema_version VALUES (:number)"), {"number": len(migrations)}
        )
        return
    seen = connection.execute(text("SELECT number FROM schema_version")).scalar_one()
    if seen > len(migrations):
        raise VademecumError(
            f"The database is of a newer Vademecum (schema {seen}, this one knows "
            f"{len(migrations)}). Get the newer Vademecum, or set VADEMECUM_HOME to another folder."
        )
    for number, step in enumerate(migrations[seen:], start=seen + 1):
        step(connection)
        connection.execute(text("UPDATE schema_version SET number = :number"), {"number": number})
