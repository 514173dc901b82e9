"""
What came of a campaign, with how sure that is: shares with Wilson's interval, and those who were kept back to compare with.

Wilson's interval holds for the small numbers of a shop as well, where the usual one claims certainty from 3 of 3.
A reply is the first message of a person within the window after ours; it is not known to be about ours, which is what those
kept back are for: they write as well, and only the difference is the campaign's.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from wakit.model import SendState
from wakit.outbox.campaigns import Outcome

#: Two-sided 95 %.
_Z = 1.959963984540054
#: Where the curve of replies is read, in seconds.
CURVE = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86_400, 3 * 86_400, 7 * 86_400)
_SENT = {SendState.SENT, SendState.DELIVERED, SendState.READ}
_DELIVERED = {SendState.DELIVERED, SendState.READ}


def rate(count: int, of: int) -> dict[str, Any]:
    """Return a share with its interval; nothing is known of a share of nobody."""
    if not of:
        return {"count": count, "of": 0, "share": None, "low": None, "high": None}
    share, square = count / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return {"count": count, "of": of, "share": share, "low": max(0.0, middle - half), "high": min(1.0, middle + half)}


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return by how much one share is larger than another, with Newcombe's interval."""
    if not one["of"] or not other["of"]:
        return None
    by = one["share"] - other["share"]
    low = by - math.hypot(one["share"] - one["low"], other["high"] - other["share"])
    high = by + math.hypot(one["high"] - one["share"], other["share"] - other["low"])
    return {"share": by, "low": low, "high": high}


def results(
    outcomes: Sequence[Outcome],
    written: Mapping[str, Sequence[datetime]],
    opted_out: Mapping[str, Sequence[datetime]],
    held_out: Collection[str],
    since: datetime,
    window: timedelta,
) -> dict[str, Any]:
    """
    Return the rates of a campaign.

    Args:
        outcomes: What became of each message.
        written: When each person wrote, oldest first.
        opted_out: When each person said that they want no more, oldest first.
        held_out: The persons that were kept back.
        since: When the campaign began: from then on those count as answering.
        window: How long an answer, and an opt-out that is put down to the campaign, may take.
    """
    sent = [one for one in outcomes if one.state in _SENT]
    delays = sorted(_delays(sent, written, since, window))
    replied = rate(len(delays), len(sent))
    others = sum(_first(written.get(person, ()), since, window) is not None for person in held_out)
    compared = rate(others, len(held_out))
    states = {str(state): sum(one.state is state for one in outcomes) for state in SendState}
    return {
        "queued": len(outcomes),
        "states": {state: count for state, count in states.items() if count},
        "sent": rate(len(sent), len(outcomes)),
        "delivered": rate(sum(one.state in _DELIVERED for one in sent), len(sent)),
        "read": rate(sum(one.state is SendState.READ for one in sent), len(sent)),
        "replied": replied,
        "opted_out": rate(len([*_delays(sent, opted_out, since, window)]), len(sent)),
        "held_out": compared,
        "difference": difference(replied, compared),
        "time_to_reply": [{"seconds": limit, **rate(bisect_left(delays, limit), len(sent))} for limit in CURVE],
    }


def _delays(
    sent: Iterable[Outcome], written: Mapping[str, Sequence[datetime]], since: datetime, window: timedelta
) -> Iterable[float]:
    for one in sent:
        began = one.sent_at or since
        first = _first(written.get(one.person, ()), began, window)
        if first is not None:
            yield (first - began).total_seconds()


def _first(times: Sequence[datetime], since: datetime, window: timedelta) -> datetime | None:
    at = bisect_left(times, since)
    return times[at] if at < len(times) and times[at] <= since + window else None
