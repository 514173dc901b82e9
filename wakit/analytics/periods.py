"""
Days, hours and weeks of a time zone, out of seconds since 1970.

Engines disagree about time zones: what they are called, whether they know them at all,
and in which zone a session is. Here a zone is a few constants: its offset, and the
instants at which that changed. They come from Python's zone data, so every engine
gives the same day to the same message. Changes that are more than a year away
are left out: nothing was written behind them, and each costs every row a comparison.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import IntegerColumn, IntegerValue, Table

#: First year that offsets are known for: WhatsApp began in it.
FIRST_YEAR = 2009
DAY = 86400
#: 1970-01-01 was a Thursday: days to the Monday before it.
_THURSDAY = 3
#: Days from 1968-03-01 to 1970-01-01.
_FROM_MARCH_1968 = 671


class Period(StrEnum):
    """Of what a report has one row each."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def local(at: IntegerValue, timezone: str) -> IntegerColumn:
    """Return seconds since 1970 as a clock on the wall of *timezone* counts them."""
    first, *changes = _offsets(timezone)
    cases = [(at >= start, ibis.literal(offset, "int64")) for start, offset in reversed(changes)]
    offset = ibis.cases(*cases, else_=ibis.literal(first[1], "int64")) if cases else ibis.literal(first[1], "int64")
    return at + offset


def is_whole_hours(timezone: str) -> bool:
    """Return whether the clocks of a time zone always differ from UTC by whole hours."""
    return all(offset % 3600 == 0 for _, offset in _offsets(timezone))


def hour_of_day(local_at: IntegerColumn) -> IntegerColumn:
    """Return 0 to 23."""
    return (local_at % DAY // 3600).cast("int64")


def weekday(local_at: IntegerColumn) -> IntegerColumn:
    """Return 0 for Monday to 6 for Sunday."""
    return ((local_at // DAY).cast("int64") + _THURSDAY) % 7


def day_of(local_at: IntegerColumn) -> IntegerColumn:
    """Return the number of the day since 1970."""
    return (local_at // DAY).cast("int64")


def begin_of(period: Period, local_at: IntegerColumn) -> IntegerColumn:
    """Return when the period began, in local seconds since 1970; weeks begin on Monday."""
    day = day_of(local_at)
    if period is Period.HOUR:
        return local_at - local_at % 3600
    if period is Period.DAY:
        return day * DAY
    if period is Period.WEEK:
        return (day - weekday(local_at)) * DAY
    return (day - _day_of_month(day)) * DAY


def per_period(table: Table, by: Period | None, at: IntegerColumn, timezone: str, **values: ibis.Value) -> Table:
    """Return *values* for each period in which *at* lies, with its ``period``; for ``None`` one row, or none of nothing."""
    if by is None:
        counted = table.aggregate(**values, rows=table.count())
        return counted.filter(counted.rows > 0).drop("rows")
    return table.group_by(period=begin_of(by, local(at, timezone))).aggregate(**values).order_by("period")


def _day_of_month(day: IntegerColumn) -> IntegerColumn:
    """
    Return the days since the first of the month, 1901 to 2099.

    Years are counted from March, so that a leap day is the last of four of them. Each
    step names its input twice at most: an expression is written out wherever it is named.
    """
    of_four_years = (day + _FROM_MARCH_1968) % 1461
    of_year = of_four_years - 365 * ibis.least((of_four_years // 365).cast("int64"), 3)
    month = ((5 * of_year + 2) // 153).cast("int64")
    return of_year - ((153 * month + 2) // 5).cast("int64")


@cache
def _offsets(timezone: str) -> list[tuple[int, int]]:
    """Return from when on which offset holds, in seconds; found by halving, since Python does not list changes."""
    zone = ZoneInfo(timezone)
    at, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (FIRST_YEAR, datetime.now(UTC).year + 2))
    found = [(int(at.timestamp()), _offset(at, zone))]
    while at < end:
        later = at + timedelta(days=28)
        if _offset(later, zone) != found[-1][1]:
            changed = _change(int(at.timestamp()), int(later.timestamp()), zone)
            found.append((changed, _offset(datetime.fromtimestamp(changed, UTC), zone)))
        at = later
    return found


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """Return the first second at which the offset is that of *after*."""
    new = _offset(datetime.fromtimestamp(after, UTC), zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), zone) == new:
            after = middle
        else:
            before = middle
    return after


def _offset(at: datetime, zone: ZoneInfo) -> int:
    shift = at.astimezone(zone).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())
