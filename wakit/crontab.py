"""
A crontab line's five fields, read as cron reads them.

Each field becomes the numbers that it stands for, so that everything behind it (the
host's scheduler, the timers of systemd) says the same, whatever it calls a
Sunday: cron counts Sunday as 0 and 7, APScheduler counts Monday as 0. As in cron, a
day counts where day of month *or* day of week fits once both are given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wakit.errors import InvalidInput

#: Names of the days as numbers 0 to 6 mean them.
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Longest line that is read at all.
LIMIT = 200

_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?\Z", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One of the five: which numbers it can have, and their names."""

    name: str
    first: int
    last: int
    names: Sequence[str] = ()

    def number(self, text: str) -> int:
        """Return what a number or a name stands for."""
        value = int(text) if text.isdecimal() else -1
        if text.lower() in self.names:
            value = self.first + self.names.index(text.lower())
        if not self.first <= value <= self.last:
            known = f"{self.first}-{self.last}" + (f" or {self.names[0].upper()}-{self.names[-1].upper()}" if self.names else "")
            raise InvalidInput(f"{text!r} is no {self.name}: give {known}.", field=self.name)
        return value


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of the month", 1, 31)
MONTH = Field("month", 1, 12, MONTHS)
#: 7 is Sunday as well.
WEEKDAY = Field("day of the week", 0, 7, WEEKDAYS)


@dataclass(frozen=True, kw_only=True)
class Crontab:
    """When something is due, in the wall time of some zone."""

    line: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    #: 0 is Sunday.
    weekdays: tuple[int, ...]
    #: Whether a day counts where either fits: both are given, and neither begins with a star.
    either_day: bool
    #: Whether the line follows the hours as they pass, rather than certain hours of the clock: it begins with a star.
    every_hour: bool

    @classmethod
    def parse(cls, line: str) -> Crontab:
        """
        Read a line such as ``0 9 * * MON-SAT`` or ``@daily``.

        Raises:
            InvalidInput: It is none, or there is no day on which it is due.
        """
        texts = _SHORT.get(line.strip().lower(), line).split() if len(line) <= LIMIT else []
        if len(texts) != 5:
            msg = (
                f"{line[:LIMIT]!r} is no crontab line. It has five fields: minute, hour, day of the month, month, "
                'day of the week, as in "0 9 * * MON-SAT".'
            )
            raise InvalidInput(msg, cron=line[:LIMIT])
        try:
            minutes, hours, days, months, weekdays = map(_numbers, texts, (MINUTE, HOUR, DAY, MONTH, WEEKDAY))
        except InvalidInput as exc:
            raise InvalidInput(f"The crontab line {line!r} cannot be used: {exc.message}", cron=line) from exc
        found = cls(
            line=" ".join(texts),
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            weekdays=tuple(sorted({day % 7 for day in weekdays})),
            either_day=not texts[2].startswith("*") and not texts[4].startswith("*"),
            every_hour=texts[1].startswith("*"),
        )
        if not found.either_day and all(min(days) > _LONGEST[month - 1] for month in months):
            msg = f"The crontab line {line!r} is never due: none of its months has a day {min(days)}."
            raise InvalidInput(msg, cron=line)
        return found


def _numbers(text: str, field: Field) -> tuple[int, ...]:
    return tuple(sorted({number for part in text.split(",") for number in _part(part, field)}))


def _part(text: str, field: Field) -> range:
    found = _PART.match(text)
    if found is None:
        raise InvalidInput(f"{text!r} cannot be read as a {field.name}. Write 5, 1-5, */15, 1-31/2 or several with commas.")
    step = int(found["step"] or 1)
    if step == 0:
        raise InvalidInput(f"{text!r} has a step of 0.")
    if found["first"] is None:
        return range(field.first, min(field.last, 6 if field is WEEKDAY else field.last) + 1, step)
    first = field.number(found["first"])
    if found["last"] is None:
        return range(first, field.last + 1 if found["step"] else first + 1, step)
    last = field.number(found["last"])
    if last == 0 and field is WEEKDAY:  # FRI-SUN: the week ends with the other Sunday
        last = 7
    if last < first:
        raise InvalidInput(f"{text!r} ends before it begins. Write two parts with a comma.")
    return range(first, last + 1, step)
