"""
Waits: from a customer's first unanswered message to the answer, as ``waiting_since`` works in shared inboxes.

A customer who writes three times before anybody answers waits once, since the
first of them. What nobody has answered yet is a wait too, without an end: leaving it
out, as many products do, makes the slowest weeks look best.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanColumn, Table

from wakit.analytics.turns import ORDER

#: Name of the table in an expression, and in the store.
WAITS = "message_waits"

_COLUMNS = {
    "account": "string",
    "chat": "int64",
    "is_group": "boolean",
    "sender": "int64",
    "bots_answer": "boolean",
    "since": "int64",
    "latest": "int64",
    "silence_before": "int64",
    "answered": "int64",
    "answerer": "int64",
}


def waits() -> Table:
    """
    Return the table of waits, once as bots answer and once as only people do.

    Its columns: ``account``, ``chat``, ``is_group`` and ``sender``, who waited;
    ``bots_answer``, in which of the two ways; ``since`` and ``latest``, the first
    and the last message that waited; ``silence_before``, seconds since anybody had
    written, empty at the beginning of a chat; ``answered``, the first message of the answer,
    and ``answerer``: empty while there is none.
    """
    return ibis.table(_COLUMNS, name=WAITS)


def waits_of(turns: Table, *, bots_answer: bool) -> Table:
    """
    Return the waits in turns, as ``waits`` describes them.

    Args:
        turns: As ``wakit.analytics.turns.turns`` describes them.
        bots_answer: Whether what the machine sends is an answer.
    """
    order = ibis.window(group_by=["account", "chat"], order_by=ORDER)
    heard = turns if bots_answer else turns.filter(~(turns.from_me & turns.automatic))
    beside = heard.mutate(
        side_before=heard.from_me.lag().over(order),
        ended_before=heard.ended.lag().over(order),
        ended_last=heard.ended.max().over(ibis.window(group_by=["account", "chat"])),
    )
    # Where the side changes, theirs and ours take turns: what follows a wait is its answer.
    taken = beside.filter((beside.from_me != beside.side_before).fill_null(True))
    after = taken.mutate(
        bots_answer=ibis.literal(bots_answer),
        since=taken.started,
        answered=taken.started.lead().over(order),
        answerer=taken.sender.lead().over(order),
        latest=ibis.coalesce(taken.ended_before.lead().over(order), taken.ended_last),
    )
    return after.filter(~after.from_me).select(*_COLUMNS)


def opens_conversation(waits: Table, gap: int) -> BooleanColumn:
    """Return which waits are the first of their conversation, by silences of more than *gap* seconds."""
    return (waits.silence_before > gap).fill_null(True)
