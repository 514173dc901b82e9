"""
From the clock of a phone to instants.

A phone writes local time and no zone. On the two days of a year when clocks
change, an hour is missing or comes twice; which of the two an hour was shows in
the order of the messages: when the clock goes back, so does the file.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from wakit.importers.arrays import Codes, Ints

_EPOCH = date(1970, 1, 1).toordinal()
_SECOND = 1_000_000
#: How far a file goes back within an hour when that comes for the second time; messages are late by less.
_BACK = 600


def instants(days: Ints, seconds: Codes, where: ZoneInfo) -> Ints:
    """Return microseconds since 1970 in UTC of times on the clock, given as day since 1970 and second of the day."""
    local = days * 86_400 + seconds
    known, which = np.unique(days, return_inverse=True)
    starts = [datetime.combine(date.fromordinal(int(day) + _EPOCH), time()) for day in known]
    before = np.asarray([_offset(where, start) for start in starts], np.int64)
    after = np.asarray([_offset(where, start + timedelta(days=1)) for start in starts], np.int64)
    offset = before[which]
    changing = np.flatnonzero((before != after)[which])
    if len(changing):
        offset[changing] = _changing(local[changing], where)
    return (local - offset) * _SECOND


def _changing(local: Ints, where: ZoneInfo) -> list[int]:
    """Return the offset of each time on days whose offset changes, in the order of the file."""
    offsets = []
    latest, again = None, False
    for seconds in local.tolist():
        clock = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - a clock on the wall has no zone
        first, second = _offset(where, clock), _offset(where, clock.replace(fold=1))
        if first <= second:
            # Not ambiguous; or an hour that was skipped, which the clock before the change would have shown.
            latest, again = None, False
            offsets.append(first)
            continue
        again = again or (latest is not None and seconds < latest - _BACK)
        latest = seconds
        offsets.append(second if again else first)
    return offsets


def _offset(where: ZoneInfo, clock: datetime) -> int:
    offset = where.utcoffset(clock)
    return 0 if offset is None else int(offset.total_seconds())
