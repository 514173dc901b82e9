"""
Turns: who spoke until when in each chat, and what came before and after.

Nearly every metric about answering is a question about turns, of which there are
fewer than messages and none of which depends on a metric's parameters. That is why
the store can keep them (``message_turns``). A turn is one sender's: it ends when
somebody else writes, when a person takes over from the machine, and after ``PAUSE``
seconds of silence. Each knows the silences around it, so that conversations by any gap of at least
that length need no look at a neighbour.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanColumn, Table

#: Seconds of silence that end a turn; no conversation is told apart by less.
PAUSE = 1800
#: Name of the table in an expression, and in the store.
TURNS = "message_turns"
#: In which order turns of a chat follow each other: within one second, what others wrote comes first.
ORDER = ("started", "from_me", "sender", "automatic")

_SPOKEN = ("account", "chat", "is_group", "from_me", "automatic", "sender")
_COLUMNS = {
    "account": "string",
    "chat": "int64",
    "is_group": "boolean",
    "from_me": "boolean",
    "automatic": "boolean",
    "sender": "int64",
    "started": "int64",
    "ended": "int64",
    "messages": "int64",
    "silence_before": "int64",
    "ours_before": "boolean",
    "sender_before": "int64",
    "silence_after": "int64",
    "ours_after": "boolean",
}


def turns() -> Table:
    """
    Return the table of turns.

    Its columns: ``account``, ``chat``, ``is_group``; ``from_me``, whether the account
    spoke; ``automatic``, whether it was the machine; ``sender``, who it was; ``started``
    and ``ended``, when the first and the last of its ``messages`` were written, in
    seconds since 1970; ``silence_before`` and ``silence_after``, seconds to the turns beside it,
    and ``ours_before`` and ``ours_after``, whether those are the account's, and ``sender_before``: empty where there is none.
    """
    return ibis.table(_COLUMNS, name=TURNS)


def turns_of(facts: Table, pause: int = PAUSE) -> Table:
    """
    Return the turns of messages, as ``turns`` describes them.

    Messages of one second are ordered with those of others first, so an answer
    within the second is an answer. System lines are nobody's turn.
    """
    order = {"group_by": ["account", "chat"], "order_by": ["written", "from_me", "sender", "automatic"]}
    spoken = facts.filter(facts.type != "system")
    is_new = spoken.written - spoken.written.lag().over(**order) > pause
    for part in (spoken.sender, spoken.from_me, spoken.automatic):
        is_new |= part != part.lag().over(**order)
    marked = spoken.mutate(is_new=is_new.fill_null(True).cast("int64"))
    numbered = marked.mutate(turn=marked.is_new.sum().over(ibis.cumulative_window(**order)))
    spans = numbered.group_by([*_SPOKEN, "turn"]).aggregate(
        started=numbered.written.min(), ended=numbered.written.max(), messages=numbered.count()
    )
    return _with_neighbours(spans)


def begins_conversation(turns: Table, gap: int) -> BooleanColumn:
    """
    Return which turns begin a conversation: those behind a silence of more than *gap* seconds.

    An answer belongs to the conversation that it answers, however late it comes.

    Args:
        turns: As ``turns`` describes them.
        gap: Seconds, at least ``PAUSE``.
    """
    answers = turns.from_me & ~turns.ours_before
    return ((turns.silence_before > gap) & ~answers).fill_null(True)


def ends_conversation(turns: Table, gap: int) -> BooleanColumn:
    """Return which turns end a conversation: the next one begins another, or there is none; see ``begins_conversation``."""
    is_answered = ~turns.from_me & turns.ours_after
    return ((turns.silence_after > gap) & ~is_answered).fill_null(True)


def _with_neighbours(spans: Table) -> Table:
    order = ibis.window(group_by=["account", "chat"], order_by=ORDER)
    beside = spans.mutate(
        silence_before=spans.started - spans.ended.lag().over(order),
        ours_before=spans.from_me.lag().over(order),
        sender_before=spans.sender.lag().over(order),
        silence_after=spans.started.lead().over(order) - spans.ended,
        ours_after=spans.from_me.lead().over(order),
    )
    return beside.select(*_COLUMNS)
