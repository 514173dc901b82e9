"""How far messages of ours got, as a part of a query: the least that any recipient's device told."""

from __future__ import annotations

_TICKS = """
ticks AS (
    SELECT chat, message_id, min(state) AS state
    FROM (
        SELECT chat.person AS chat, receipt.message_id, recipient.person AS recipient, max(receipt.state) AS state
        FROM core.receipt AS receipt
        JOIN core.address AS chat ON chat.id = receipt.chat
        JOIN core.address AS recipient ON recipient.id = receipt.recipient
        WHERE receipt.state <> 'other' AND receipt.message_id IN ({wanted})
        GROUP BY ALL
    )
    GROUP BY chat, message_id
)
"""


def ticks(wanted: str) -> str:
    """Return the table expression ``ticks`` (chat, message_id, state) for the message ids that the query *wanted* gives."""
    return _TICKS.format(wanted=wanted).strip()
