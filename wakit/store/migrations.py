"""The schema of wakit.duckdb: numbered steps that are applied once, and views that are always the newest."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

import duckdb

from wakit.errors import CorruptFile
from wakit.store.engine import execute, rows, transaction

_HAS_TABLE = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'core' AND table_name = 'migration'"
_APPLIED = "SELECT coalesce(max(number), 0) FROM core.migration"


def scripts() -> list[tuple[int, str, str]]:
    """Return number, name and text of every migration, in order."""
    files = _sql("schema", "migrations")
    return sorted((int(file.name[:4]), file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files)


def views() -> list[str]:
    """Return the scripts that make the views, in order."""
    return [file.read_text("utf-8") for file in sorted(_sql("views"), key=lambda file: file.name)]


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Bring the database to the newest schema.

    Raises:
        CorruptFile: It was written by a newer wakit.
    """
    known = scripts()
    applied = version(connection)
    if applied > len(known):
        msg = f"The database was written by a newer wakit (schema {applied}). Update wakit to use it."
        raise CorruptFile(msg, schema=applied)
    for number, name, script in known[applied:]:
        with transaction(connection):
            execute(connection, script)
            execute(connection, "INSERT INTO core.migration VALUES (?, ?, now())", [number, name])
    with transaction(connection):
        for script in views():
            execute(connection, script)


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last migration that was applied."""
    if not rows(connection, _HAS_TABLE):
        return 0
    ((number,),) = rows(connection, _APPLIED)
    return int(number)


def _sql(*folders: str) -> Iterator[Traversable]:
    folder = resources.files("wakit.store").joinpath(*folders)
    return (file for file in folder.iterdir() if file.name.endswith(".sql"))
