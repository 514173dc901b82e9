"""
What is in a database, as numbers to compare: rows and a hash of each table, in no order.

Numbers of addresses and accounts, and which of two deliveries of a message was
kept, depend on how a journal was cut into batches. They are no facts, so what is
compared are the rows as people see them.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from wakit.store.engine import rows

#: What is compared, by the name it is told under; instants of a journal's repair are not repeated by the next one.
_COMPARED = {
    "accounts": "SELECT * FROM accounts",
    "contacts": "SELECT * FROM contacts",
    "contact_addresses": "SELECT * FROM contact_addresses",
    "aliases": """
        SELECT account.id, phone.jid AS phone, lid.jid AS lid, alias.ts
        FROM core.alias AS alias
        JOIN core.account AS account ON account.no = alias.account
        JOIN core.address AS phone ON phone.id = alias.phone
        JOIN core.address AS lid ON lid.id = alias.lid
    """,
    "conversations": "SELECT * FROM conversations",
    "messages": "SELECT * FROM messages",
    "changes": "SELECT * FROM changes",
    "reactions": "SELECT * FROM reactions",
    "receipts": "SELECT * FROM receipts",
    "message_details": "SELECT * FROM message_details",
    "group_changes": "SELECT * FROM group_changes",
    "group_members": "SELECT * FROM group_members",
    "calls": "SELECT * FROM calls",
    "poll_votes": "SELECT * FROM poll_votes",
    "sends": "SELECT * FROM sends",
    "consents": "SELECT * FROM consents",
    "campaigns": "SELECT * FROM campaigns",
    "states": """
        SELECT account.id, state.since, state.state, state.reason
        FROM core.state AS state
        JOIN core.account AS account ON account.no = state.account
    """,
    "gaps": "SELECT * FROM gaps",
    "intervals": "SELECT * FROM intervals",
    "histories": """
        SELECT account.id, chat.shown, past.since, past.until, past.messages
        FROM core.history AS past
        JOIN core.account AS account ON account.no = past.account
        JOIN core.address AS chat ON chat.id = past.chat
    """,
    "media": "SELECT * FROM media",
    # Within one second, who of a group came first depends on the numbers of addresses.
    "message_turns": """
        SELECT turn.account, chat.jid, sender.jid AS sender, from_me, automatic, sum(messages), min(started), max(ended)
        FROM message_turns AS turn
        JOIN fact_names AS chat ON chat.key = turn.chat
        JOIN fact_names AS sender ON sender.key = turn.sender
        GROUP BY turn.account, chat.jid, sender.jid, from_me, automatic
    """,
    "message_waits": """
        SELECT waited.account, jid, bots_answer, since, latest, answered
        FROM message_waits AS waited
        JOIN fact_names AS chat ON chat.key = waited.chat
        WHERE NOT is_group
    """,
    "message_conversations": """
        SELECT talks.account, jid, is_group, started, ended, ours_first, ours_last
        FROM message_conversations AS talks
        JOIN fact_names AS chat ON chat.key = talks.chat
    """,
    "message_hours": """
        SELECT hours.account, jid, is_group, hour, received, sent
        FROM message_hours AS hours
        JOIN fact_names AS chat ON chat.key = hours.chat
    """,
    "raw": """
        SELECT account.id, raw.name, raw.ts, raw.fields
        FROM core.raw AS raw
        JOIN core.account AS account ON account.no = raw.account
        WHERE raw.name <> 'quarantine'
    """,
    "quarantine": "SELECT account, seq, fields FROM quarantine",
    "imports": "SELECT * FROM imports WHERE undone_at IS NULL",
    "imported_messages": "SELECT * FROM imported_messages",
}
_COUNT = "SELECT count(*), coalesce(sum(hash(found)::HUGEINT), 0)::VARCHAR FROM ({}) AS found"


class Fingerprint(NamedTuple):
    """What one table holds."""

    rows: int
    #: Sum of the hashes of all rows, in hexadecimal.
    digest: str


def fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, Fingerprint]:
    """Return the fingerprint of everything that is made from journals and imports, by name."""
    return {name: _of(connection, query) for name, query in _COMPARED.items()}


def _of(connection: duckdb.DuckDBPyConnection, query: str) -> Fingerprint:
    ((count, total),) = rows(connection, _COUNT.format(query))
    return Fingerprint(count, f"{int(total) % 2**64:016x}")
