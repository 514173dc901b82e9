"""The rows of imports: what was imported when and what it brought, apart from its messages."""

from __future__ import annotations

from datetime import datetime

import duckdb

from wakit.imported import Imported
from wakit.store.engine import execute, instant, rows
from wakit.store.import_files import Facts

_NEXT = "SELECT coalesce(max(id), 0) + 1 FROM core.import"
_STORED = "SELECT id FROM core.import WHERE undone_at IS NULL ORDER BY id"
_KNOWN = "SELECT id FROM core.import"
_SAME = "SELECT id FROM core.import WHERE undone_at IS NULL AND account = ? AND chat = ? AND digest = ?"
_ADD = "INSERT INTO core.import VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
_LIST = """
SELECT
    import.id, account.id, chat.shown, chat.name, import.file, epoch_us(import.first_ts), epoch_us(import.last_ts),
    import.messages, import.added, import.merged, import.repeated, epoch_us(import.imported_at), epoch_us(import.undone_at)
FROM core.import AS import
JOIN core.account AS account ON account.no = import.account
JOIN core.address AS chat ON chat.id = import.chat
WHERE ($id IS NULL OR import.id = $id) AND ($account IS NULL OR import.account = $account)
ORDER BY import.id
"""
_UNDONE = "UPDATE core.import SET undone_at = ? WHERE id = ?"
_FORGET = "DELETE FROM core.import WHERE id = $id"
_STALE = """
SELECT import.id
FROM core.import AS import
JOIN core.address AS chat ON chat.id = import.chat
WHERE import.account = $account AND import.undone_at IS NULL AND EXISTS (
    SELECT 1
    FROM core.message AS message
    JOIN core.address AS place ON place.id = message.chat
    WHERE message.account = import.account AND message.seq > import.seen AND place.person = chat.person
        AND message.ts BETWEEN import.first_ts - INTERVAL 2 MINUTE AND import.last_ts + INTERVAL 2 MINUTE
)
ORDER BY import.id
"""
_NAMELESS = """
SELECT import.id
FROM core.import AS import
JOIN core.address AS chat ON chat.id = import.chat
WHERE import.account = $account AND import.undone_at IS NULL AND (chat.kind = 'other' OR chat.jid LIKE 'export-%')
ORDER BY import.id
"""


def next_number(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the import that comes."""
    ((number,),) = rows(connection, _NEXT)
    return int(number)


def stored(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the numbers of the imports that were not undone."""
    return [number for (number,) in rows(connection, _STORED)]


def known(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """Return the numbers of all imports, the undone ones included."""
    return {number for (number,) in rows(connection, _KNOWN)}


def same(connection: duckdb.DuckDBPyConnection, account: int, chat: int, digest: str) -> int | None:
    """Return the number of the import of the same text into the same chat, if it was not undone."""
    found = rows(connection, _SAME, [account, chat, digest])
    return int(found[0][0]) if found else None


def stale(connection: duckdb.DuckDBPyConnection, account: int) -> list[int]:
    """Return the imports whose chat and time got messages that they were not compared with."""
    return [number for (number,) in rows(connection, _STALE, {"account": account})]


def nameless(connection: duckdb.DuckDBPyConnection, account: int) -> list[int]:
    """Return the imports whose chat was only a name."""
    return [number for (number,) in rows(connection, _NAMELESS, {"account": account})]


def add(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    facts: Facts,
    *,
    account: int,
    chat: int,
    merged: int,
    repeated: int,
    seen: int,
) -> None:
    """Enter an import: how many of its messages WhatsApp or another import had brought, and up to which event it was compared."""
    kinds = (facts.file, facts.digest, facts.format, facts.date_order, facts.timezone)
    counts = (facts.messages, facts.messages - merged - repeated, merged, repeated)
    execute(connection, _ADD, [number, account, chat, *kinds, facts.first, facts.last, *counts, seen, facts.imported_at])


def mark_undone(connection: duckdb.DuckDBPyConnection, number: int, at: datetime) -> None:
    """Note that an import was taken back."""
    execute(connection, _UNDONE, [at, number])


def forget(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Remove the row of an import that is done again."""
    execute(connection, _FORGET, {"id": number})


def found(connection: duckdb.DuckDBPyConnection, *, number: int | None = None, account: int | None = None) -> list[Imported]:
    """Return the imports in order, the undone ones included: all, or those of a number or an account."""
    return [_imported(*row) for row in rows(connection, _LIST, {"id": number, "account": account})]


def _imported(
    number: int,
    account: str,
    chat: str,
    chat_name: str | None,
    file: str,
    first: int,
    last: int,
    messages: int,
    added: int,
    merged: int,
    repeated: int,
    imported_at: int,
    undone_at: int | None,
) -> Imported:
    return Imported(
        id=number,
        account=account,
        chat=chat,
        chat_name=chat_name,
        file=file,
        first=instant(first),
        last=instant(last),
        messages=messages,
        added=added,
        merged=merged,
        repeated=repeated,
        imported_at=instant(imported_at),
        undone_at=None if undone_at is None else instant(undone_at),
    )
