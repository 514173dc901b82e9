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
import pyarrow as pa

from wakit.store.engine import insert, join
from wakit.store.keyset import Claim, KeySet
from wakit.store.people import People
from wakit.store.rows import message_key, message_kind, receipt_kind

#: Rows of the addresses in ``batch``, and what their keys are made of.
_ROWS = {
    "message": """
        SELECT chat, sender, from_me, message_id, type::VARCHAR AS kind, '' AS raw_type, seq, item
        FROM core.message
        WHERE chat IN (SELECT id FROM batch) OR (sender IN (SELECT id FROM batch) AND NOT from_me)
        ORDER BY seq, item
    """,
    "change": """
        SELECT chat, sender, from_me, message_id, kind::VARCHAR AS kind, '' AS raw_type, seq, item
        FROM core.change
        WHERE chat IN (SELECT id FROM batch) OR (sender IN (SELECT id FROM batch) AND NOT from_me)
        ORDER BY seq, item
    """,
    "receipt": """
        SELECT chat, recipient AS sender, FALSE AS from_me, message_id, state::VARCHAR AS kind, raw_type, seq, item
        FROM core.receipt
        WHERE chat IN (SELECT id FROM batch) OR recipient IN (SELECT id FROM batch)
        ORDER BY seq, item
    """,
}
_DELETE = {
    "message": "DELETE FROM core.message AS t USING batch AS b WHERE t.account = ? AND t.seq = b.seq AND t.item = b.item",
    "change": "DELETE FROM core.change AS t USING batch AS b WHERE t.account = ? AND t.seq = b.seq AND t.item = b.item",
    "receipt": "DELETE FROM core.receipt AS t USING batch AS b WHERE t.account = ? AND t.seq = b.seq AND t.item = b.item",
}
Origin = tuple[int, int]


def doubles(
    connection: duckdb.DuckDBPyConnection, keys: KeySet, people: People, account: tuple[int, str], moved: Iterable[int]
) -> dict[str, list[Origin]]:
    """Claim the new keys of the rows of *moved* addresses; return by table the rows that were there twice."""
    batch = pa.table({"id": pa.array(sorted(moved), pa.int32())})
    found: dict[str, list[Origin]] = {}
    for table, query in _ROWS.items():
        rows = join(connection, query, batch)
        columns = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        claims = [_claim(people, account, table, *row) for row in columns]
        owned = keys.claim(claims)
        found[table] = [(claim.seq, claim.item) for claim, mine in zip(claims, owned, strict=True) if not mine]
    return found


def delete(connection: duckdb.DuckDBPyConnection, no: int, table: str, origins: Iterable[Origin]) -> None:
    """Remove rows of one account by where they came from."""
    seqs, items = zip(*origins, strict=True)
    insert(connection, _DELETE[table], pa.table({"seq": pa.array(seqs, pa.int64()), "item": pa.array(items, pa.int32())}), [no])


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
    author = None if from_me else people[sender].person.jid
    kind = receipt_kind(kind, raw_type) if table == "receipt" else message_kind(kind)
    return Claim(message_key(name, people[chat].person.jid, author, message_id, kind), no, seq, item)
