"""
How wakit opens its SQLite files: private, in WAL mode, at the newest schema, with errors of its own.

SQLite keeps what is one row and must be durable now (the key set, the search
index, the send queue); what is read in bulk is DuckDB's.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from wakit.errors import CorruptFile, HostBusy, StorageFull, WakitError, WorkspaceError, WorkspaceNotWritable
from wakit.paths import check_private_file, private_dir

#: Seconds to wait for another connection of this process to commit.
BUSY_TIMEOUT = 5.0

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNWRITABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})


def open_database(
    path: Path, migrations: Sequence[str], *, synchronous: Literal["FULL", "NORMAL"] = "FULL"
) -> sqlite3.Connection:
    """
    Open or create a private SQLite file and bring it to the newest schema.

    Args:
        path: The file; its folder is made private as well.
        migrations: One script for each step of the schema, oldest first.
        synchronous: ``FULL`` survives a power cut with every commit.

    Raises:
        UnsafePath, WorkspaceNotWritable, StorageFull: Nothing was opened.
        CorruptFile: The file is no database, is damaged or of a newer wakit.
    """
    private_dir(path.parent)
    check_private_file(path)
    with translated(path):
        _create(path)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            connection.execute(f"PRAGMA synchronous={synchronous}").fetchone()
            _migrate(connection, path, migrations)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the body as one transaction that holds the write lock from its start."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what SQLite and the system say of *path* as wakit's errors."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _error(path, exc) from exc
    except OSError as exc:
        msg = f"{str(path)!r} cannot be opened ({exc.strerror}). Check its owner and permissions."
        raise WorkspaceNotWritable(msg, path=str(path)) from exc


def _create(path: Path) -> None:
    """Make the file before SQLite does: its journals take over the mode of the file."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        return


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        msg = f"{str(path)!r} was written by a newer wakit (schema {version}). Update wakit to use it."
        raise CorruptFile(msg, path=str(path), schema=version)
    for number, script in enumerate(migrations[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version={number};\nCOMMIT;")


def _error(path: Path, exc: sqlite3.Error) -> WakitError:
    # The low byte is the primary code; sqlite3 gives the extended one.
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGED:
        msg = f"{str(path)!r} is damaged or no database ({exc}). It was left as it is: move it away, or restore a copy."
        return CorruptFile(msg, path=str(path))
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(f"The disk of {str(path)!r} is full. {StorageFull.__doc__}", path=str(path))
    if code in _UNWRITABLE:
        msg = f"{str(path)!r} cannot be written to ({exc}). Check its owner and permissions."
        return WorkspaceNotWritable(msg, path=str(path))
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return HostBusy(f"{str(path)!r} is locked by another process for more than {BUSY_TIMEOUT:g} s.", path=str(path))
    return WorkspaceError(f"{str(path)!r} could not be used ({exc}).", path=str(path))
