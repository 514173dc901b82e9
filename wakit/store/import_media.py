"""The files that came with exports: what became of each, and which of them nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from wakit.imported import Attachment
from wakit.store.engine import execute, rows

_TABLE = """
CREATE OR REPLACE TEMP TABLE import_attachment (name VARCHAR, size BIGINT, sha256 VARCHAR, status VARCHAR, reason VARCHAR)
"""
_FILL = "INSERT INTO import_attachment SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[]), {}".format(
    ", ".join(["unnest(?::VARCHAR[])"] * 3)
)
_DROP = "DROP TABLE import_attachment"
#: For each batch of lines; the table of attachments is there.
FILES = """
INSERT INTO core.import_file
SELECT $id, line.line, line.attachment, found.size, found.sha256, found.status::core.media_status, found.reason
FROM import_line AS line
LEFT JOIN import_attachment AS found ON found.name = line.attachment
WHERE line.attachment IS NOT NULL
"""
_ATTACH = """
UPDATE core.import_file
SET size = found.size, sha256 = found.sha256, status = found.status::core.media_status, reason = found.reason
FROM import_attachment AS found
WHERE import_file.import = ? AND import_file.name = found.name AND import_file.status IS DISTINCT FROM 'stored'
"""
_OF_IMPORT = "SELECT DISTINCT sha256 FROM core.import_file WHERE import = ? AND status = 'stored'"
_NEEDED = """
SELECT sha256 FROM core.import_file WHERE status = 'stored' AND sha256 IN (SELECT unnest($hashes))
UNION
SELECT sha256 FROM core.media_state WHERE status = 'stored' AND sha256 IN (SELECT unnest($hashes))
"""


def prepare(connection: duckdb.DuckDBPyConnection, attachments: Sequence[Attachment]) -> None:
    """Make the table of attachments."""
    execute(connection, _TABLE)
    columns = [[getattr(one, name) for one in attachments] for name in ("name", "size", "sha256", "status", "reason")]
    execute(connection, _FILL, columns)


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the table of attachments."""
    execute(connection, _DROP)


def attach(connection: duckdb.DuckDBPyConnection, number: int, attachments: Sequence[Attachment]) -> None:
    """Note the files of an import that had come without them."""
    prepare(connection, attachments)
    execute(connection, _ATTACH, [number])
    clear(connection)


def of_import(connection: duckdb.DuckDBPyConnection, number: int) -> list[str]:
    """Return the hashes of the files of an import."""
    return [str(digest) for (digest,) in rows(connection, _OF_IMPORT, [number])]


def unneeded(connection: duckdb.DuckDBPyConnection, hashes: Iterable[str]) -> list[str]:
    """Return which of these files no message has any more."""
    wanted = sorted(set(hashes))
    needed = {digest for (digest,) in rows(connection, _NEEDED, {"hashes": wanted})} if wanted else set()
    return [digest for digest in wanted if digest not in needed]
