"""
What happens to rows when two addresses turn out to be one person.

Keys are made of persons, so the rows of an address that moved to another person
get new ones, claimed for the row itself. Where the new key is somebody else's,
the same message was stored twice, once under each address: the row goes. Doing
all of it again finds the same keys owned by the same rows, so a crash in
between changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from wakit.store.engine import execute, rows
from wakit.store.keyset import Claim, KeySet
from wakit.store.people import People
from wakit.store.rows import message_key, message_kind, receipt_kind

#: Rows of addresses that moved, and what their keys are made of.
_ROWS = {
    "message": """
        SELECT chat, sender, from_me, message_id, type::VARCHAR AS kind, '' AS raw_type, seq, item
        FROM core.message
        WHERE chat IN (SELECT unnest($moved)) OR (sender IN (SELECT unnest($moved)) AND NOT from_me)
        ORDER BY seq, item
    """,
    "change": """
        SELECT chat, sender, from_me, message_id, kind::VARCHAR AS kind, '' AS raw_type, seq, item
        FROM core.change
        WHERE chat IN (SELECT unnest($moved)) OR (sender IN (SELECT unnest($moved)) AND NOT from_me)
        ORDER BY seq, item
    """,
    "receipt": """
        SELECT chat, recipient AS sender, FALSE AS from_me, message_id, state::VARCHAR AS kind, raw_type, seq, item
        FROM core.receipt
        WHERE chat IN (SELECT unnest($moved)) OR recipient IN (SELECT unnest($moved))
        ORDER BY seq, item
    """,
}
_DELETE = {
    "message": """
        DELETE FROM core.message AS row USING (SELECT unnest($seqs) AS seq, unnest($items) AS item) AS gone
        WHERE row.account = $account AND row.seq = gone.seq AND row.item = gone.item
    """,
    "change": """
        DELETE FROM core.change AS row USING (SELECT unnest($seqs) AS seq, unnest($items) AS item) AS gone
        WHERE row.account = $account AND row.seq = gone.seq AND row.item = gone.item
    """,
    "detail": """
        DELETE FROM core.detail AS row USING (SELECT unnest($seqs) AS seq, unnest($items) AS item) AS gone
        WHERE row.account = $account AND row.seq = gone.seq AND row.item = gone.item
    """,
    "media": """
        DELETE FROM core.media AS row USING (SELECT unnest($seqs) AS seq, unnest($items) AS item) AS gone
        WHERE row.account = $account AND row.seq = gone.seq AND row.item = gone.item
    """,
    "receipt": """
        DELETE FROM core.receipt AS row USING (SELECT unnest($seqs) AS seq, unnest($items) AS item) AS gone
        WHERE row.account = $account AND row.seq = gone.seq AND row.item = gone.item
    """,
}
Origin = tuple[int, int]


def doubles(
    connection: duckdb.DuckDBPyConnection, keys: KeySet, people: People, account: tuple[int, str], moved: Iterable[int]
) -> dict[str, list[Origin]]:
    """Claim the new keys of the rows of *moved* addresses; return by table the rows that were there twice."""
    found: dict[str, list[Origin]] = {}
    for table, query in _ROWS.items():
        claims = [_claim(people, account, table, *row) for row in rows(connection, query, {"moved": sorted(moved)})]
        owned = keys.claim(claims)
        found[table] = [(claim.seq, claim.item) for claim, mine in zip(claims, owned, strict=True) if not mine]
    return found


def delete(connection: duckdb.DuckDBPyConnection, no: int, table: str, origins: Iterable[Origin]) -> None:
    """Remove rows of one account by where they came from."""
    seqs, items = (list(column) for column in zip(*origins, strict=True))
    execute(connection, _DELETE[table], {"seqs": seqs, "items": items, "account": no})


def _claim(
    people: People,
    account: tuple[int, str],
    table: str,
    chat: int,
    sender: int,
    from_me: bool,
    message_id: str,
    kind: str,
    raw_type: str,
    seq: int,
    item: int,
) -> Claim:
    no, name = account
    author = None if from_me else people[sender].person.text
    kind = receipt_kind(kind, raw_type) if table == "receipt" else message_kind(kind)
    return Claim(message_key(name, people[chat].person.text, author, message_id, kind), no, seq, item)
