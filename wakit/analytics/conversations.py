"""Conversations: how many, who begins and ends them, how long they take, and who does the work."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from wakit.analytics.periods import Period, per_period
from wakit.analytics.turns import ORDER, begins_conversation, ends_conversation

#: Name of the table in an expression, and in the store.
CONVERSATIONS = "message_conversations"
_COLUMNS = {
    "account": "string",
    "chat": "int64",
    "is_group": "boolean",
    "started": "int64",
    "ended": "int64",
    "ours_first": "boolean",
    "ours_last": "boolean",
}


def daily() -> Table:
    """Return the table of conversations by silences of more than a day, with the columns of ``conversations``."""
    return ibis.table(_COLUMNS, name=CONVERSATIONS)


def conversations(turns: Table, gap: int) -> Table:
    """
    Return one row for each conversation, by silences of more than *gap* seconds.

    Its columns: ``account``, ``chat``, ``is_group``; ``started`` and ``ended``, its first and last
    message; ``ours_first`` and ``ours_last``, whether the account wrote those.

    Only the turns at the edges are put in order: behind one that begins a conversation comes the one that ends it.
    """
    begins, ends = begins_conversation(turns, gap), ends_conversation(turns, gap)
    edges = turns.filter(begins | ends)
    order = ibis.window(group_by=["account", "chat"], order_by=ORDER)
    is_whole = ends_conversation(edges, gap)
    both = edges.mutate(
        last=is_whole.ifelse(edges.ended, edges.ended.lead().over(order)),
        ours_last=is_whole.ifelse(edges.from_me, edges.from_me.lead().over(order)),
    )
    begun = both.filter(begins_conversation(both, gap))
    return begun.select(
        "account", "chat", "is_group", started=begun.started, ended=begun["last"], ours_first=begun.from_me, ours_last="ours_last"
    )


def begun_and_ended(conversations: Table, *, by: Period | None, timezone: str) -> Table:
    """Return ``conversations``, and how many the account ``began`` and ``ended``, by the period of their first message."""
    values = {
        "conversations": conversations.count(),
        "began": conversations.ours_first.cast("int64").sum(),
        "ended": conversations.ours_last.cast("int64").sum(),
    }
    return per_period(conversations, by, conversations.started, timezone, **values)


def starters(turns: Table, gap: int) -> Table:
    """
    Return for each ``sender`` how many conversations they ``began`` and ``ended``, and the shares of all that these are.

    What wakit sent is ``automatic``, a row of its own.
    """
    marked = turns.mutate(begins=begins_conversation(turns, gap).cast("int64"), ends=ends_conversation(turns, gap).cast("int64"))
    counted = marked.group_by("sender", "automatic").aggregate(began=marked.begins.sum(), ended=marked.ends.sum())
    all_of_them = ibis.window()
    return counted.filter((counted.began > 0) | (counted.ended > 0)).mutate(
        began_share=lambda table: table.began / table.began.sum().over(all_of_them),
        ended_share=lambda table: table.ended / table.ended.sum().over(all_of_them),
    )


def resolution_times(conversations: Table, *, by: Period | None, timezone: str) -> Table:
    """
    Return ``n``, ``mean``, ``p50`` and ``p90`` of the seconds from a customer's first message to the account's last one.

    Only conversations that a customer began and the account ended: in others nothing says that it was resolved.
    """
    begun = conversations.filter(~conversations.ours_first & conversations.ours_last)
    seconds = begun.ended - begun.started
    values = {"n": begun.count(), "mean": seconds.mean(), "p50": seconds.quantile(0.5), "p90": seconds.quantile(0.9)}
    return per_period(begun, by, begun.started, timezone, **values)


def load(turns: Table) -> Table:
    """Return what each ``sender`` of the account's side wrote: ``turns``, ``messages`` and ``chats``, the busiest first."""
    ours = turns.filter(turns.from_me & ~turns.automatic)
    counted = ours.group_by("sender").aggregate(turns=ours.count(), messages=ours.messages.sum(), chats=ours.chat.nunique())
    return counted.order_by(ibis.desc("messages"), "sender")


def response_matrix(turns: Table) -> Table:
    """Return how often ``answerer`` wrote right after ``sender``, in ``turns``: who answers whom by adjacency."""
    pairs = turns.filter(turns.sender_before.notnull() & (turns.sender_before != turns.sender))
    counted = pairs.group_by(sender=pairs.sender_before, answerer=pairs.sender).aggregate(turns=pairs.count())
    return counted.order_by(ibis.desc("turns"), "sender", "answerer")
