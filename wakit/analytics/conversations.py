"""Conversations: how many, who begins and ends them, how long they take, and who does the work."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from wakit.analytics.periods import Period, per_period
from wakit.analytics.turns import ORDER, begins_conversation, ends_conversation


def conversations(turns: Table, gap: int) -> Table:
    """
    Return one row for each conversation, by silences of more than *gap* seconds.

    Its columns: ``account``, ``chat``, ``is_group``; ``at`` and ``ended``, its first and last
    message; ``ours_first`` and ``ours_last``, whether the account wrote those; ``asked`` and ``resolved``,
    the first message of a customer and the last of the account, empty where there is none.

    Only the turns at the edges are put in order, one pair for each conversation.
    """
    order = {"group_by": ["account", "chat"], "order_by": ORDER}
    number = begins_conversation(turns, gap).cast("int64").sum().over(ibis.cumulative_window(**order))
    numbered = turns.mutate(conversation=number, ends=ends_conversation(turns, gap))
    theirs = numbered.from_me.ifelse(None, numbered.started)
    ours = numbered.from_me.ifelse(numbered.ended, None)
    found = numbered.group_by(["account", "chat", "is_group", "conversation"]).aggregate(
        at=numbered.started.min(),
        ended=numbered.ended.max(),
        ours_first=(numbered.from_me & begins_conversation(numbered, gap)).any(),
        ours_last=(numbered.from_me & numbered.ends).any(),
        asked=theirs.min(),
        resolved=ours.max(),
    )
    return found.drop("conversation")


def begun_and_ended(conversations: Table, *, by: Period | None, timezone: str) -> Table:
    """Return ``conversations``, and how many the account ``began`` and ``ended``, by the period of their first message."""
    values = {
        "conversations": conversations.count(),
        "began": conversations.ours_first.cast("int64").sum(),
        "ended": conversations.ours_last.cast("int64").sum(),
    }
    return per_period(conversations, by, conversations["at"], timezone, **values)


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
    seconds = begun.resolved - begun.asked
    values = {"n": begun.count(), "mean": seconds.mean(), "p50": seconds.quantile(0.5), "p90": seconds.quantile(0.9)}
    return per_period(begun, by, begun["at"], timezone, **values)


def load(turns: Table) -> Table:
    """Return what each ``sender`` of the account's side wrote: ``turns``, ``messages`` and ``chats``, the busiest first."""
    ours = turns.filter(turns.from_me & ~turns.automatic)
    counted = ours.group_by("sender").aggregate(turns=ours.count(), messages=ours.messages.sum(), chats=ours.chat.nunique())
    return counted.order_by(ibis.desc("messages"), "sender")


def response_matrix(turns: Table) -> Table:
    """Return how often ``answerer`` wrote right after ``sender``, in ``turns``: who answers whom by adjacency."""
    order = ibis.window(group_by=["account", "chat"], order_by=ORDER)
    beside = turns.mutate(answerer=turns.sender, sender=turns.sender.lag().over(order))
    pairs = beside.filter(beside.sender.notnull() & (beside.sender != beside.answerer))
    return (
        pairs.group_by(["sender", "answerer"]).aggregate(turns=pairs.count()).order_by(ibis.desc("turns"), "sender", "answerer")
    )
