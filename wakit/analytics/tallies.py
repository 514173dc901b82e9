"""
Tallies: how much was received and sent in each chat and hour.

How much is written when, and who comes back, are questions about hours, of which there are a fifth as many
as messages. The store keeps them (``message_hours``). Where a time does not begin on the hour,
the messages of that hour are counted; so are all messages where a zone's clocks differ from
UTC by parts of an hour.
"""

from __future__ import annotations

from ibis import table as unbound
from ibis.expr.types import Table

from wakit.analytics.facts import kinds
from wakit.analytics.periods import is_whole_hours
from wakit.analytics.scope import Scope

HOUR = 3600
#: Name of the table in an expression, and in the store.
TALLIES = "message_hours"

_COLUMNS = {"account": "string", "chat": "int64", "is_group": "boolean", "hour": "int64", "received": "int64", "sent": "int64"}


def tallies() -> Table:
    """
    Return the table of tallies.

    Its columns: ``account``, ``chat``, ``is_group``; ``hour``, when it began, in
    seconds since 1970; ``received`` and ``sent``, messages in it.
    """
    return unbound(_COLUMNS, name=TALLIES)


def tallies_of(facts: Table) -> Table:
    """Return the tallies of messages, as ``tallies`` describes them."""
    grouped = facts.group_by("account", "chat", "is_group", hour=facts.written - facts.written % HOUR)
    return grouped.aggregate(received=(~facts.from_me).cast("int64").sum(), sent=facts.from_me.cast("int64").sum())


def tallied(scope: Scope, timezone: str) -> Table:
    """Return tallies of a scope, several of an hour where need be, by which hours and days of a time zone can be told apart."""
    written = scope.chats(kinds())
    if not is_whole_hours(timezone):
        return _each(scope.span(written, written.written))
    inner = Scope(since=_next_hour(scope.since), until=None if scope.until is None else scope.until - scope.until % HOUR)
    if inner.since is not None and inner.until is not None and inner.since > inner.until:
        return _each(scope.span(written, written.written))
    stored = scope.chats(tallies())
    found = inner.span(stored, stored.hour)
    for since, until in ((scope.since, inner.since), (inner.until, scope.until)):
        if since != until:
            edge = Scope(since=since, until=until).span(written, written.written)
            found = found.union(_each(edge))
    return found


def _each(written: Table) -> Table:
    """Return a tally for each message, of its very second."""
    sides = {"received": (~written.from_me).cast("int64"), "sent": written.from_me.cast("int64")}
    return written.select("account", "chat", "is_group", hour=written.written, **sides)


def _next_hour(at: int | None) -> int | None:
    return None if at is None else -(-at // HOUR) * HOUR
