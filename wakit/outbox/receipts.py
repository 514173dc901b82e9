"""
Receipts of outgoing messages: they move a send forward, or wait for the one that they are of.

A receipt can overtake the answer that tells the message's id, and after a crash it
may be all that ever tells of it. So while a send of the account is open, what no
message is known for is kept; see ``evidence`` for what it proves.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from wakit.model import Receipt, ReceiptState, Send, SendState
from wakit.outbox.rows import PROGRESS, move, send_of

_RECEIVED = {
    ReceiptState.SENT: SendState.SENT,
    ReceiptState.DELIVERED: SendState.DELIVERED,
    ReceiptState.READ: SendState.READ,
    ReceiptState.PLAYED: SendState.READ,
}
#: What other devices of the account say of messages that it got.
_OF_OTHERS = "_SELF"

_BY_MESSAGE = "SELECT * FROM shown WHERE account = ? AND message_id = ?"
_BY_ID = "SELECT * FROM shown WHERE id = ?"
_OPEN = "SELECT 1 FROM send WHERE account = ? AND state IN ('sending', 'unknown') LIMIT 1"
_KEEP = "INSERT OR IGNORE INTO early_receipt (account, chat, message_id, state, at) VALUES (?, ?, ?, ?, ?)"
_KEPT = "SELECT state FROM early_receipt WHERE account = ? AND message_id = ?"
_DROP = "DELETE FROM early_receipt WHERE account = ?"


def apply(db: sqlite3.Connection, receipt: Receipt, now: datetime) -> list[Send]:
    """Move the messages of a receipt forward, keep it where it may be early, and return those that changed."""
    state = _RECEIVED.get(receipt.state)
    if state is None or receipt.raw_type.endswith(_OF_OTHERS):
        return []
    changed = [send for one in receipt.message_ids for send in _received(db, receipt.account, one, state, now)]
    if _has_open(db, receipt.account):
        rows = [(receipt.account, receipt.chat, one, state, receipt.ts.timestamp()) for one in receipt.message_ids]
        db.executemany(_KEEP, rows)
    return changed


def catch_up(db: sqlite3.Connection, account: str, message_id: str, now: datetime) -> None:
    """Apply what came before the id was known; with the last open send of the account all that was kept goes."""
    for (state,) in db.execute(_KEPT, (account, message_id)).fetchall():
        _received(db, account, message_id, SendState(state), now)
    if not _has_open(db, account):
        db.execute(_DROP, (account,))


def _received(db: sqlite3.Connection, account: str, message_id: str, state: SendState, now: datetime) -> list[Send]:
    found = map(send_of, db.execute(_BY_MESSAGE, (account, message_id)).fetchall())
    behind = [send for send in found if PROGRESS[send.state] < PROGRESS[state]]
    for send in behind:
        move(db, send.id, state, now)
    return [send_of(db.execute(_BY_ID, (send.id,)).fetchone()) for send in behind]


def _has_open(db: sqlite3.Connection, account: str) -> bool:
    return db.execute(_OPEN, (account,)).fetchone() is not None
