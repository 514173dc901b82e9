"""The rows of the send queue: how a send is written down, read again, and moved on from state to state."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from hashlib import blake2b
from typing import Any

from wakit.model import MessageType, Purpose, Send, SendState, utc
from wakit.outbox.gate import Candidate
from wakit.outgoing import Said, Text

#: A state is only ever replaced by one further on; equal ones exclude each other.
PROGRESS = {
    SendState.QUEUED: 0,
    SendState.SENDING: 1,
    SendState.UNKNOWN: 2,
    SendState.CANCELLED: 3,
    SendState.FAILED: 3,
    SendState.SENT: 4,
    SendState.DELIVERED: 5,
    SendState.READ: 6,
}
_MOVE = """
UPDATE send SET state = :state, message_id = coalesce(:message_id, message_id), error = :error, updated_at = :now
WHERE id = :id
"""


def move(
    db: sqlite3.Connection,
    send_id: str,
    state: SendState,
    now: datetime,
    *,
    message_id: str | None = None,
    error: str | None = None,
) -> None:
    """Write a new state down; the id of the message stays where none is given."""
    db.execute(_MOVE, {"id": send_id, "state": state, "message_id": message_id, "error": error, "now": now.timestamp()})


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def form(content: Said) -> str:
    """Return what a message says as its row has it."""
    return _encode(content.to_json())


def key_stands_for(account: str, to: str, content: Said) -> bytes:
    """Return what an idempotency key stands for; a bare text has the digest that it had before there were other kinds."""
    is_bare = isinstance(content, Text) and not content.mentions and content.reply_to is None
    body = content.text if isinstance(content, Text) and is_bare else form(content)
    return blake2b("\x1f".join((account, to, body)).encode(), digest_size=16).digest()


def candidate(send: Send) -> Candidate:
    """Return a send as gates see it."""
    return Candidate(
        id=send.id,
        account=send.account,
        to=send.to,
        purpose=send.purpose,
        priority=send.priority,
        campaign=send.campaign,
        created_at=send.created_at,
        not_after=send.not_after,
    )


def values_of(send: Send) -> dict[str, Any]:
    """Return a new send as values of its row."""
    return {
        "id": send.id,
        "account": send.account,
        "to": send.to,
        "type": send.type,
        "now": send.created_at.timestamp(),
        "purpose": send.purpose,
        "priority": send.priority,
        "not_before": send.not_before.timestamp() if send.not_before else 0.0,
        "not_after": send.not_after.timestamp() if send.not_after else None,
        "campaign": send.campaign,
    }


def send_of(row: sqlite3.Row) -> Send:
    """Return the send of a row of ``shown`` or ``send``."""
    return Send(
        id=row["id"],
        account=row["account"],
        to=row["recipient"],
        type=MessageType(row["type"]),
        state=SendState(row["state"]),
        message_id=row["message_id"],
        created_at=utc(row["created_at"]),
        updated_at=utc(row["updated_at"]),
        error=row["error"],
        decided_by=row["decided_by"],
        decided_at=_instant(row["decided_at"]),
        again_of=row["again_of"],
        purpose=None if row["purpose"] is None else Purpose(row["purpose"]),
        priority=row["priority"],
        not_before=_instant(row["not_before"] or None),
        not_after=_instant(row["not_after"]),
        campaign=row["campaign"],
        waiting_for=row["waiting_for"],
    )


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else utc(seconds)
