"""
How wakit opens DuckDB: one owner, at the newest schema, closed against everything outside its file.

The configuration is locked once the file is open: whatever a query says, it
cannot reach another file, the network, an extension or a Python object.

Rows come in and what people ask for leaves as Arrow: twice as fast as DuckDB's
appender. What the store asks for itself comes as Python's values. pyarrow wants
pandas to turn instants into Python's, which a host does not have (``host.lean``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from wakit.errors import (
    CorruptFile,
    HostBusy,
    QueryFailed,
    QueryRefused,
    QueryTimeout,
    StorageFull,
    WakitError,
    WorkspaceError,
    WorkspaceNotWritable,
)
from wakit.paths import check_private_file, private_dir
from wakit.words import sound

#: Bytes of a block of new databases: to read one text, all of its block are unpacked. A quarter of DuckDB's own size takes
#: two thirds of the time to read twenty scattered rows and makes the file no larger; smaller ones do make it larger.
BLOCK = 65_536
#: Two connections of one process share the database, and what the first one locked.
_LOCKED = "SELECT current_setting('lock_configuration')"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLE_COLUMNS = """
SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? ORDER BY column_index
"""
_ARROW = {
    "USMALLINT": pa.uint16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
    "VARCHAR[]": pa.list_(pa.string()),
    'STRUCT("name" VARCHAR, phones VARCHAR[])[]': pa.list_(pa.struct([("name", pa.string()), ("phones", pa.list_(pa.string()))])),
}
#: The same in every database of this version: the schema is brought up to date when one is opened.
_SCHEMAS: dict[str, pa.Schema] = {}
_INCOMING = "incoming"
_UNREADABLE = ("not a valid DuckDB", "WAL file", "read enough bytes", "orrupt", "checksum", "newer version of DuckDB")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What queries may take."""

    #: Memory of the whole database, caches and the writer included.
    memory: str = "1GiB"
    #: Disk that queries which need more memory may use meanwhile.
    spill: str = "4GiB"
    #: Seconds for one query, with the reading of its result.
    seconds: float = 60.0
    #: Queries with an open result at one time.
    concurrent: int = 4
    #: Seconds to wait for a place among them.
    patience: float = 5.0


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """
    Open or create the database of a workspace.

    Raises:
        HostBusy: Another process has it.
        UnsafePath, WorkspaceNotWritable, StorageFull: Nothing was opened.
        CorruptFile: It is no database or is damaged; it was left as it is.
    """
    private_dir(path.parent)
    check_private_file(path)
    with translated(path):
        connection = duckdb.connect(path, config={"default_block_size": BLOCK})
        if rows(connection, _LOCKED) == [(True,)]:
            connection.close()
            raise HostBusy(f"{str(path)!r} is open in this process already.", path=str(path))
    path.chmod(0o600)
    return connection


def lock(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Close the database against the outside, for good; *connection* itself keeps no time limit."""
    for setting, value in (
        ("TimeZone", "UTC"),
        ("python_enable_replacements", False),
        ("memory_limit", limits.memory),
        # what a query freed goes back to the system soon: a host rests at 8 MB less
        ("allocator_background_threads", True),
        ("allocator_flush_threshold", "2MB"),
        ("max_temp_directory_size", limits.spill),
        ("max_execution_time", int(limits.seconds * 1000)),
        ("autoinstall_known_extensions", False),
        ("autoload_known_extensions", False),
        ("allow_community_extensions", False),
        ("enable_external_access", False),
    ):
        execute(connection, f"SET GLOBAL {setting} = '{value}'")
    execute(connection, "SET SESSION max_execution_time = 0")
    execute(connection, "SET GLOBAL lock_configuration = true")


def execute(connection: duckdb.DuckDBPyConnection, statement: str, params: Any = None) -> None:
    """Run a statement to its end: one that is not drained blocks the next transaction."""
    connection.execute(statement, params).complete()


def rows(connection: duckdb.DuckDBPyConnection, query: str, params: Any = None) -> list[tuple[Any, ...]]:
    """Return the rows of a query of our own; instants must be asked for as microseconds (``epoch_us``)."""
    return connection.execute(query, params).fetchall()


def instant(micros: int) -> datetime:
    """Return what ``epoch_us`` counts as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def append(connection: duckdb.DuckDBPyConnection, table: str, values: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, which have the columns of the table in its order."""
    schema = _schema(connection, table)
    try:
        found = _columns(values, schema)
    except UnicodeEncodeError:
        found = _columns([tuple(_sound(value) for value in row) for row in values], schema)
    connection.register(_INCOMING, found)
    try:
        execute(connection, f"INSERT INTO {table} SELECT * FROM {_INCOMING}")  # noqa: S608 - our own names
    finally:
        connection.unregister(_INCOMING)


def _columns(values: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*values, strict=True)
    return pa.Table.from_arrays([pa.array(column, one.type) for column, one in zip(columns, schema, strict=True)], schema=schema)


def _schema(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Schema:
    """Return the columns of a table as Arrow has them; what has a type of its own there (enumerations, JSON) is text."""
    if table not in _SCHEMAS:
        columns = rows(connection, _TABLE_COLUMNS, table.split("."))
        _SCHEMAS[table] = pa.schema([(name, _ARROW.get(kind, pa.string())) for name, kind in columns])
    return _SCHEMAS[table]


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run the body as one transaction."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        rollback(connection)
        raise


def _sound(value: Any) -> Any:
    match value:
        case str():
            return sound(value)
        case list():
            return [_sound(one) for one in value]
        case dict():
            return {name: _sound(one) for name, one in value.items()}
    return value


def rollback(connection: duckdb.DuckDBPyConnection) -> None:
    """End a transaction, if there is still one, and a database that still works."""
    try:
        connection.rollback()
    except (duckdb.TransactionException, duckdb.FatalException, duckdb.ConnectionException):
        return


def is_usable(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a database still answers: a checkpoint that finds no room on the disk ends it until it is opened anew."""
    try:
        with connection.cursor() as cursor:
            rows(cursor, "SELECT 1")
    except (duckdb.FatalException, duckdb.ConnectionException):
        return False
    return True


@contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Raise what DuckDB says as wakit's errors; with *path* as trouble with that file, without as trouble with a query."""
    try:
        yield
    except duckdb.Error as exc:
        raise translate(exc, path) from exc


def translate(exc: duckdb.Error, path: Path | None) -> WakitError:
    """Return our error for one of DuckDB's; what it says of the file goes before what the query did."""
    said = str(exc).strip()
    file = str(path) if path else "the database"
    if "Could not set lock" in said:
        return HostBusy(f"{file!r} is open in another process ({said.partition('(')[2].partition(')')[0]}).", path=file)
    if "No space left" in said:
        return StorageFull(f"The disk of {file!r} is full. {StorageFull.__doc__}", path=file)
    if any(word in said for word in _UNREADABLE) or isinstance(exc, duckdb.FatalException | duckdb.InternalException):
        msg = f"{file!r} is damaged or no database ({said}). It was left as it is: move it away, it is made from the journals."
        return CorruptFile(msg, path=file)
    if path is not None and not isinstance(exc, duckdb.IOException):
        return WorkspaceError(f"{file!r} could not be used ({said}).", path=file)
    if path is not None:
        return WorkspaceNotWritable(f"{file!r} cannot be used ({said}). Check its owner and permissions.", path=file)
    return streamed(said)


def streamed(said: str) -> WakitError:
    """Return our error for the words of DuckDB on a query: in the middle of a result, words are all there is."""
    if said.startswith("INTERRUPT"):
        return QueryTimeout()
    if said.startswith("Permission") or "read-only mode" in said:
        return QueryRefused(f"{said}. {QueryRefused.__doc__}")
    if said.startswith("Out of Memory"):
        return QueryFailed(f"The query needs more memory than it may have. Ask for less: fewer days, fewer columns. ({said})")
    return QueryFailed(said)
