"""
An import taken back: its messages go, and what another import knows as well stays with that.

Where two imports know a message that only one of them brought, taking that one
back hands the message to the other, under the other's own number and line.
"""

from __future__ import annotations

import duckdb

from wakit.store.engine import execute

#: For each message that another import knows as well, the first of those.
_HEIRS = """
CREATE OR REPLACE TEMP TABLE import_heir AS
SELECT item, min(import) AS heir, arg_min(line, import) AS line FROM core.import_match WHERE seq = -$id::BIGINT GROUP BY item
"""
_HAND_OVER = (
    """
    UPDATE core.message SET seq = -heir.heir::BIGINT, item = heir.line
    FROM import_heir AS heir WHERE message.seq = -$id::BIGINT AND message.item = heir.item
    """,
    """
    UPDATE core.change SET seq = -heir.heir::BIGINT, item = heir.line
    FROM import_heir AS heir WHERE change.seq = -$id::BIGINT AND change.item = heir.item
    """,
    """
    DELETE FROM core.import_match AS match
    USING import_heir AS heir
    WHERE match.seq = -$id::BIGINT AND match.item = heir.item AND match.import = heir.heir
    """,
    """
    UPDATE core.import_match SET seq = -heir.heir::BIGINT, item = heir.line
    FROM import_heir AS heir WHERE import_match.seq = -$id::BIGINT AND import_match.item = heir.item
    """,
)
_TAKE_BACK = (
    "DELETE FROM core.message WHERE seq = -$id::BIGINT",
    "DELETE FROM core.change WHERE seq = -$id::BIGINT",
    "DELETE FROM core.import_match WHERE import = $id",
    "DELETE FROM core.import_file WHERE import = $id",
)
_DROP = "DROP TABLE import_heir"


def take_back(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Remove what an import brought, within the transaction of the caller; its own row stays."""
    for statement in (_HEIRS, *_HAND_OVER, *_TAKE_BACK):
        execute(connection, statement, {"id": number})
    execute(connection, _DROP)
