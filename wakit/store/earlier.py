"""One stored message by its id: what a new one must know of the message that it answers or changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from wakit.ids import JID, spellings
from wakit.model import Message, MessageType

#: What was imported has ids of our own making; WhatsApp knows none of them.
_MESSAGE = """
SELECT
    account.id AS account,
    chat.jid AS chat,
    sender.jid AS sender,
    message.message_id,
    message.ts,
    message.from_me,
    message.type,
    shown.text,
    shown.revoked_at
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
JOIN core.shown_message AS shown
    ON shown.account_no = message.account AND shown.seq = message.seq AND shown.item = message.item
WHERE account.id = $account AND message.message_id = $message_id AND message.source <> 'import'
    AND chat.person IN (SELECT person FROM core.address WHERE list_contains($chat, jid) OR list_contains($chat, shown))
ORDER BY message.type = 'undecryptable', message.seq
LIMIT 1
"""


def find_message(
    select: Callable[[str, dict[str, Any]], pa.Table], account: str, chat: str, message_id: str
) -> tuple[Message, bool] | None:
    """
    Return a message and whether it was taken back, or ``None`` where the chat has no such message.

    Args:
        select: Runs a query.
        account: Whose.
        chat: Any address of the person, or the group.
        message_id: Its id.
    """
    known = spellings(JID.parse(chat))
    found = select(_MESSAGE, {"account": account, "chat": known, "message_id": message_id}).to_pylist()
    if not found:
        return None
    row = found[0]
    revoked_at = row.pop("revoked_at")
    return Message(**{**row, "type": MessageType(row["type"])}), revoked_at is not None
