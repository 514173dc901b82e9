"""For how much of a time is known what was written: what every figure of it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def known_share(intervals: Iterable[tuple[datetime, datetime | None, str]], since: datetime, until: datetime) -> float | None:
    """
    Return the share of the time from *since* until *until* that is known completely, 0 to 1.

    Args:
        intervals: Their first instants, the instants behind them (``None``: it goes
            on), and ``complete``, ``partial`` or ``blind``; they do not overlap.
        since: Where the time begins.
        until: Where it ends.

    Returns:
        ``None`` where no interval is in this time: nothing is known of whether something is known.
    """
    known = total = 0.0
    for first, behind, state in intervals:
        seconds = (min(behind or until, until) - max(first, since)).total_seconds()
        if seconds > 0:
            total += seconds
            known += seconds if state == "complete" else 0.0
    return known / (until - since).total_seconds() if total else None
