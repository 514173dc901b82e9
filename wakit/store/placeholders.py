"""
Places of messages that could not be decrypted.

WhatsApp asks the sender to try again, so the message itself may come before or
after its place is stored. There is only ever one of the two.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from wakit.model import MessageType
from wakit.store.engine import rows
from wakit.store.keyset import KeySet
from wakit.store.merge import Origin
from wakit.store.people import People
from wakit.store.rows import Row, message_key, message_kind

ANY = "SELECT 1 FROM core.message WHERE type = 'undecryptable' LIMIT 1"

_STORED = """
SELECT chat, sender, from_me, message_id, seq, item
FROM core.message
WHERE account = ? AND type = 'undecryptable'
"""


def without_answered(keys: KeySet, people: People, account: str, messages: Iterable[Row]) -> list[Row]:
    """Return message rows without the places of messages that are there already."""
    return [row for row in messages if not is_place(row) or keys.owner(_key(people, account, *_identity(row))) is None]


def answered(
    connection: duckdb.DuckDBPyConnection, people: People, account: tuple[int, str], messages: Iterable[Row]
) -> list[Origin]:
    """Return the stored places that new message rows fill."""
    no, name = account
    new = {row.key for row in messages if not is_place(row)}
    stored = rows(connection, _STORED, [no])
    return [(seq, item) for *identity, seq, item in stored if _key(people, name, *identity) in new]


def is_place(row: Row) -> bool:
    """Return whether a message row only holds the place of a message."""
    return bool(row.values[6] == MessageType.UNDECRYPTABLE)


def _identity(row: Row) -> tuple[int, int, bool, str]:
    _, chat, sender, message_id, _, from_me, *_ = row.values
    return chat, sender, from_me, message_id


def _key(people: People, account: str, chat: int, sender: int, from_me: bool, message_id: str) -> bytes:
    author = None if from_me else people[sender].person.text
    return message_key(account, people[chat].person.text, author, message_id, message_kind(MessageType.TEXT))
