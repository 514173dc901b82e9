"""
Of which time an overview is, and which one it is compared with.

Whole days by the clock of a time zone, so that a figure does not change with the hour at which
somebody looks. An imported chat has usually ended long ago: without other wishes
the time ends with what is stored, not today, and the page says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from wakit.errors import InvalidInput

#: Days of an overview, unless something else is asked for.
DAYS = 30
#: More days than this are drawn by the week.
_MOST_DAYS = 62
_LAST = re.compile(r"(\d{1,3})([dw])\Z", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time, its first instant included and the last one not, and the same length before it."""

    since: datetime
    until: datetime
    #: Whether it ends with what is stored rather than with today or a wish.
    is_past: bool = False

    @property
    def before(self) -> Span:
        """What this one is compared with; days are counted by the clock, over changes of daylight saving time."""
        zone = self.since.tzinfo
        length = self.until.replace(tzinfo=None) - self.since.replace(tzinfo=None)
        since = (self.since.replace(tzinfo=None) - length).replace(tzinfo=zone)
        return Span(since=since, until=self.since)

    @property
    def days(self) -> int:
        """How many days have a part in it."""
        return -((self.since.replace(tzinfo=None) - self.until.replace(tzinfo=None)) // timedelta(days=1))

    @property
    def by(self) -> str:
        """By what it is drawn: ``day`` or ``week``."""
        return "day" if self.days <= _MOST_DAYS else "week"


def span_of(
    zone: ZoneInfo,
    *,
    since: datetime | None,
    until: datetime | None,
    last: str | None,
    newest: datetime | None,
    now: datetime | None = None,
) -> Span:
    """
    Return the time that is meant.

    Args:
        zone: Whose days.
        since: Its beginning.
        until: Its end.
        last: Its length, such as ``30d`` or ``12w``, where no beginning is given.
        newest: The newest message that is stored.
        now: Today, for tests.

    Raises:
        InvalidInput: There is no such time.
    """
    today = (now or datetime.now(UTC)).astimezone(zone)
    length = timedelta(days=DAYS) if last is None else _length(last)
    if since is not None and last is not None:
        msg = f"since is {since.isoformat()} and last {last}: both say when the time begins. Give one of them."
        raise InvalidInput(msg, since=since.isoformat(), last=last)
    is_past = until is None and since is None and newest is not None and newest < _midnight(today) - length
    end = until.astimezone(zone) if until else _midnight((newest if is_past and newest else today).astimezone(zone), days=1)
    begin = since.astimezone(zone) if since else (end.replace(tzinfo=None) - length).replace(tzinfo=zone)
    if begin >= end:
        msg = f"since is {begin.isoformat()} and until {end.isoformat()}: there is no time between them."
        raise InvalidInput(msg, since=begin.isoformat(), until=end.isoformat())
    return Span(since=begin, until=end, is_past=is_past)


def _length(last: str) -> timedelta:
    match = _LAST.match(last)
    if match is None or not int(match[1]):
        msg = f"last is {last!r}. Write how many days or weeks an overview is of as 30d or 12w."
        raise InvalidInput(msg, last=last)
    return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))


def _midnight(at: datetime, days: int = 0) -> datetime:
    day = at.date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=at.tzinfo)
