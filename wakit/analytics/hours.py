"""
Business hours: how much of a wait the shop was open for.

Open hours are local (nine o'clock is nine o'clock on both sides of a clock change),
while facts are instants. So the open hours of a span of days become instants here, with Python's
time zones, are cut at midnight UTC, and go into the query as one row a day: what was open
before it, and when it is open. An engine then needs neither zones nor holidays, and any
two of them give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import IntegerColumn, Table

from wakit.errors import InvalidInput
from wakit.instants import time_zone

#: Seconds of a day.
DAY = 86400
#: How days are called, Monday first.
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_PART = re.compile(r"([A-Z]{3})(?:-([A-Z]{3}))?\s+(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})\Z")
_MINUTES = 24 * 60

#: Minutes after midnight: when a shop opens and closes.
Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """When a shop is open in a week."""

    #: For Monday to Sunday, each opening in order.
    week: tuple[tuple[Span, ...], ...]
    timezone: str
    #: Days on which it is closed.
    holidays: frozenset[date] = frozenset()

    @classmethod
    def parse(cls, text: str, *, timezone: str, holidays: Collection[date] = ()) -> BusinessHours:
        """
        Return the hours in a text such as ``MON-FRI 09:00-18:00, SAT 09:00-13:00``.

        A closing before the opening is on the next day: ``FRI 20:00-02:00``.

        Raises:
            InvalidInput: It cannot be read, two openings overlap, it never opens, a holiday is no date, or there is no such zone.
        """
        week: dict[int, list[Span]] = {day: [] for day in range(7)}
        for part in (part.strip() for part in text.upper().split(",") if part.strip()):
            for day, span in _openings(part):
                for later, piece in _cut_at_midnight(span):
                    week[(day + later) % 7].append(piece)
        _require_sane(week, text)
        return cls(
            week=tuple(tuple(sorted(week[day])) for day in range(7)),
            timezone=time_zone(timezone).key,
            holidays=frozenset(map(_day, holidays)),
        )

    def opened(self, table: Table, start: str, end: str, name: str, *, days: tuple[date, date]) -> Table:
        """
        Return *table* with the column *name*: seconds that the shop was open between two of its columns.

        Args:
            table: Has the columns, in seconds since 1970.
            start: Name of the earlier one.
            end: Name of the later one; empty gives empty.
            name: Of the new column.
            days: The first and the last day in UTC that the columns may be on.
        """
        calendar = self._calendar(*days)
        slots = len(calendar.columns) // 2 - 1
        left = _open_until(table, calendar, start, slots)
        both = _open_until(left, calendar, end, slots)
        return both.mutate(**{name: both[f"open_{end}"] - both[f"open_{start}"]}).drop(f"open_{start}", f"open_{end}")

    def _calendar(self, first: date, last: date) -> Table:
        """Return a row for each UTC day: ``day``, ``before``, and ``opens0``, ``closes0``, …"""
        openings = _by_utc_day(self._instants(first - timedelta(days=1), last + timedelta(days=1)))
        slots = max((len(spans) for spans in openings.values()), default=1)
        days = range(_number(first), _number(last) + 1)
        columns: dict[str, list[int]] = {"day": list(days), "before": []}
        so_far = 0
        for day in days:
            columns["before"].append(so_far)
            spans = openings.get(day, [])
            so_far += sum(closes - opens for opens, closes in spans)
            for slot, (opens, closes) in enumerate([*spans, *[(0, 0)] * (slots - len(spans))]):
                columns.setdefault(f"opens{slot}", []).append(opens)
                columns.setdefault(f"closes{slot}", []).append(closes)
        return _inline(columns)

    def _instants(self, first: date, last: date) -> Iterator[Span]:
        zone = ZoneInfo(self.timezone)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for opens, closes in () if day in self.holidays else self.week[day.weekday()]:
                yield _instant(day, opens, zone), _instant(day, closes, zone)


def _openings(part: str) -> Iterator[tuple[int, Span]]:
    match = _PART.match(part)
    if match is None or not {match[1], match[2] or match[1]} <= set(WEEKDAYS):
        msg = f"{part!r} are no business hours. Write them as MON-FRI 09:00-18:00, SAT 09:00-13:00."
        raise InvalidInput(msg, part=part)
    first, last = (WEEKDAYS.index(name) for name in (match[1], match[2] or match[1]))
    opens, closes = (int(match[at]) * 60 + int(match[at + 1]) for at in (3, 5))
    if max(opens, closes) > _MINUTES or opens == closes:
        msg = f"{part!r}: a shop opens and closes at two times between 00:00 and 24:00."
        raise InvalidInput(msg, part=part)
    for later in range((last - first) % 7 + 1):
        yield (first + later) % 7, (opens, closes)


def _day(holiday: object) -> date:
    """Return a day: one that were something else would never be met, and nobody would notice."""
    if type(holiday) is not date:
        msg = f"{holiday!r} among the holidays is no date. Write date(2026, 12, 25), or x.date() of a time."
        raise InvalidInput(msg, holiday=str(holiday))
    return holiday


def _cut_at_midnight(span: Span) -> list[tuple[int, Span]]:
    """Return the pieces of an opening, each with how many days later it is."""
    opens, closes = span
    if closes > opens:
        return [(0, span)]
    return [(0, (opens, _MINUTES)), *([(1, (0, closes))] if closes else [])]


def _require_sane(week: Mapping[int, list[Span]], text: str) -> None:
    if not any(week.values()):
        msg = f"{text!r} never opens. Write business hours as MON-FRI 09:00-18:00, SAT 09:00-13:00."
        raise InvalidInput(msg, hours=text)
    for day, spans in week.items():
        for (_, closes), (opens, _) in pairwise(sorted(spans)):
            if opens < closes:
                msg = f"{text!r}: two openings of {WEEKDAYS[day]} overlap. Join them, or end the first before the second."
                raise InvalidInput(msg, hours=text, day=WEEKDAYS[day])


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    days, minute = divmod(minute, _MINUTES)
    local = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return int(local.astimezone(UTC).timestamp())


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _by_utc_day(spans: Iterator[Span]) -> dict[int, list[Span]]:
    """Cut openings at midnight UTC; return them in seconds of their day."""
    found: dict[int, list[Span]] = {}
    for start, end in spans:
        for day in range(start // DAY, (end - 1) // DAY + 1):
            found.setdefault(day, []).append((max(start - day * DAY, 0), min(end - day * DAY, DAY)))
    return found


def _inline(columns: Mapping[str, list[int]]) -> Table:
    """Return a table that is part of the query: one text, since a thousand literals compile for most of a second."""
    packed = ",".join(":".join(map(str, row)) for row in zip(*columns.values(), strict=True))
    rows = ibis.literal(packed).split(",").unnest().name("row").as_table()
    parts = rows.row.split(":")
    return rows.select(**{name: parts[at].cast("int64") for at, name in enumerate(columns)})


def _open_until(table: Table, calendar: Table, column: str, slots: int) -> Table:
    """Return *table* with ``open_COLUMN``: seconds that the shop was open from the first day of the calendar until then."""
    day = (table[column] // DAY).cast("int64")
    of_day = calendar.view()
    joined = table.mutate(_day=day).left_join(of_day, [("_day", "day")])
    second = joined[column] % DAY
    so_far: IntegerColumn = joined.before
    for slot in range(slots):
        opens, closes = joined[f"opens{slot}"], joined[f"closes{slot}"]
        so_far += ibis.greatest(ibis.least(second, closes) - opens, 0)
    return joined.mutate(**{f"open_{column}": so_far}).drop("_day", *of_day.columns)
