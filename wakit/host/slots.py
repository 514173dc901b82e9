"""
When a schedule is due, on the clock of a time zone and over its changes of clocks.

APScheduler's ``CronTrigger`` searches the calendar. In a zone it leaves out a whole day whose midnight
does not exist (measured: Santiago, 2026-09-06) and is due twice at an hour that the clocks go
through twice, so it is asked for wall times, and here is decided which instants they are, as
cron decides: a time that does not exist is due when it would have been, a time that comes
twice is due once; a line for every hour (``*/15 * * * *``) goes on through both by real time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from wakit.crontab import WEEKDAYS, Crontab

#: Clocks never change by more than this at once.
_SHIFT = timedelta(hours=3)
#: Windows in which the newest slot before an instant is looked for, narrowest first: to walk a year of minutes takes minutes.
_BACK = (timedelta(hours=2), timedelta(days=2), timedelta(days=35), timedelta(days=400), timedelta(days=9 * 366))


class Slots:
    """The instants at which one line is due in one zone."""

    def __init__(self, crontab: Crontab, zone: ZoneInfo) -> None:
        self._zone = zone
        self._by_real_time = crontab.every_hour
        self._triggers = [_trigger(crontab, zone if crontab.every_hour else UTC, days) for days in _days(crontab)]

    def after(self, instant: datetime) -> datetime:
        """Return the first slot behind *instant*."""
        if self._by_real_time:
            return self._first(instant.astimezone(UTC) + timedelta(seconds=1)).astimezone(UTC)
        wall = instant.astimezone(self._zone).replace(tzinfo=UTC)
        end, found = None, []
        for candidate in self._walls(wall - _SHIFT):
            if end is not None and candidate > end:
                break
            slot = candidate.replace(tzinfo=self._zone).astimezone(UTC)
            if slot > instant:
                found.append(slot)
                end = end or candidate + _SHIFT  # a time that does not exist may come after a later one
        return min(found)

    def newest(self, since: datetime, until: datetime) -> datetime:
        """Return the last slot up to *until*, looking from the slot *since* on, which is one itself."""
        for back in _BACK:
            begin = max(since, until - back)
            slot = last = self.after(begin - timedelta(seconds=1))
            while slot <= until:
                last, slot = slot, self.after(slot)
            if last <= until:
                return last
        return since

    def _walls(self, start: datetime) -> Iterator[datetime]:
        while True:
            found = self._first(start)
            yield found
            start = found + timedelta(seconds=1)

    def _first(self, start: datetime) -> datetime:
        found: list[datetime | None] = [trigger.get_next_fire_time(None, start) for trigger in self._triggers]
        return min((one for one in found if one is not None), key=lambda one: one.astimezone(UTC))


def _days(crontab: Crontab) -> list[dict[str, str]]:
    """Return the conditions on the day, of which one must be met; APScheduler knows only days that meet all."""
    of_month = {"day": _listed(crontab.days)}
    of_week = {"day_of_week": ",".join(WEEKDAYS[day] for day in crontab.weekdays)}
    return [of_month, of_week] if crontab.either_day else [of_month | of_week]


def _trigger(crontab: Crontab, zone: object, days: dict[str, str]) -> CronTrigger:
    return CronTrigger(
        month=_listed(crontab.months), hour=_listed(crontab.hours), minute=_listed(crontab.minutes), timezone=zone, **days
    )


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
