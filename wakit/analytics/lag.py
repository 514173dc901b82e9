"""
Delivery and read lag: how long the account's messages take to a phone, and until somebody reads them.

A message without a receipt is not forgotten: it counts as later than any that has one, so a quantile is
empty rather than flattering where fewer got so far; and the curve is Kaplan and Meier's, in which it counts for as
long as it has waited. Who switched read receipts off never reads, as far as anybody can tell.
"""

from __future__ import annotations

from typing import Literal

import ibis
from ibis.expr.types import IntegerColumn, Table

from wakit.analytics.periods import Period, per_period
from wakit.analytics.scope import Scope

#: Names of the tables in an expression, and of the views in the store.
OWN, ARRIVALS = "own_messages", "message_arrivals"
#: How far a message can get.
Got = Literal["delivered", "read"]
#: Seconds that no receipt takes; nothing that is interpolated with it is a time.
_NEVER = 10**12
_LONGEST = 10**10

_OWN = {"account": "string", "chat": "int64", "is_group": "boolean", "message_id": "string", "written": "int64"}
_ARRIVALS = {"account": "string", "message_id": "string", "arrived": "int64", "is_read": "boolean"}


def own_messages() -> Table:
    """Return the table of the account's messages of which receipts can be known."""
    return ibis.table(_OWN, name=OWN)


def message_arrivals() -> Table:
    """Return the table of what other phones said of them: ``arrived``, and whether that ``is_read``."""
    return ibis.table(_ARRIVALS, name=ARRIVALS)


def arrivals(own: Table, receipts: Table, scope: Scope) -> Table:
    """
    Return each message *own* with the seconds until it was ``delivered`` and ``read``, empty where it was not yet.

    In a group that is to the first phone. A read message was delivered, whether a receipt says so or not. Clocks
    that differ make no time less than none.
    """
    kept = scope.span(scope.chats(own), own.written)
    since = Scope(since=scope.since).span(receipts, receipts.arrived)
    first = since.group_by("account", "message_id").aggregate(
        at=since.arrived.min(), read_at=since.is_read.ifelse(since.arrived, None).min()
    )
    joined = kept.left_join(first, ["account", "message_id"])
    return joined.select(
        "account",
        "chat",
        "written",
        delivered=(joined["at"] - joined.written).clip(lower=0),
        read=(joined.read_at - joined.written).clip(lower=0),
    )


def lags(arrived: Table, *, by: Period | None, timezone: str) -> Table:
    """
    Return ``n``, how many were ``delivered`` and ``read``, and the ``p50`` and ``p90`` of the seconds until then, of all ``n``.

    A quantile is empty where fewer messages than that got so far.
    """
    values = {"n": arrived.count(), "delivered": arrived.delivered.count(), "read": arrived.read.count()}
    for state in ("delivered", "read"):
        for quantile in (0.5, 0.9):
            values[f"{state}_p{quantile * 100:.0f}"] = _quantile(arrived[state], quantile)
    return per_period(arrived, by, arrived.written, timezone, **values)


def waits(arrived: Table, got: Got, *, now: int) -> Table:
    """Return the messages as waits for a receipt, ``is_answered`` and ``seconds``, for ``responses.survival``."""
    seconds = arrived[got]
    return arrived.select(is_answered=seconds.notnull(), seconds=ibis.coalesce(seconds, (now - arrived.written).clip(lower=0)))


def _quantile(seconds: IntegerColumn, share: float) -> ibis.Value:
    found = seconds.fill_null(_NEVER).quantile(share)
    return (found < _LONGEST).ifelse(found, None)
