"""What a crontab line means: as cron reads it, on the clock of a zone, over changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from wakit.crontab import Crontab
from wakit.errors import InvalidInput
from wakit.host.slots import Slots


def slots(line: str, zone: str, since: str, count: int) -> list[str]:
    """Return the first slots behind an instant in UTC, on the clock of the zone."""
    found, at = [], datetime.fromisoformat(since).replace(tzinfo=UTC)
    for _ in range(count):
        at = Slots(Crontab.parse(line), ZoneInfo(zone)).after(at)
        found.append(f"{at.astimezone(ZoneInfo(zone)):%a %d %H:%M%z}")
    return found


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("0 9 * * MON-SAT", ["Mon 23", "Tue 24", "Wed 25", "Thu 26", "Fri 27", "Sat 28", "Mon 30"]),
        ("0 9 * * 1-6", ["Mon 23", "Tue 24", "Wed 25", "Thu 26", "Fri 27", "Sat 28", "Mon 30"]),
        ("0 9 * * 0", ["Sun 22", "Sun 29"]),
        ("0 9 * * 7", ["Sun 22", "Sun 29"]),
        ("0 9 * * fri-sun", ["Sun 22", "Fri 27", "Sat 28", "Sun 29"]),
        ("0 9 * * */2", ["Sun 22", "Tue 24", "Thu 26", "Sat 28", "Sun 29"]),
        ("0 9 25 * MON", ["Mon 23", "Wed 25", "Mon 30"]),
        ("0 9 */24 * *", ["Wed 25", "Tue 01", "Fri 25"]),
    ],
)
def test_days_are_those_of_cron(line: str, days: list[str]) -> None:
    """Sunday is 0 and 7, names are names, and of two conditions on the day either is enough."""
    assert [one[:6] for one in slots(line, "America/Bogota", "2026-11-22T00:00", len(days))] == days


def test_day_that_does_not_exist_at_midnight_is_not_left_out() -> None:
    """A run at midnight comes at one o'clock where the clocks are put forward at midnight."""
    found = slots("0 0 * * *", "America/Santiago", "2026-09-05T12:00", 2)
    assert found == ["Sun 06 01:00-0300", "Mon 07 00:00-0300"]


def test_time_that_does_not_exist_comes_later_and_one_that_comes_twice_once() -> None:
    """A daily run is once a day when clocks change."""
    spring = slots("30 2 * * *", "America/New_York", "2026-03-07T12:00", 2)
    assert spring == ["Sun 08 03:30-0400", "Mon 09 02:30-0400"]
    autumn = slots("30 1 * * *", "America/New_York", "2026-10-31T12:00", 2)
    assert autumn == ["Sun 01 01:30-0400", "Mon 02 01:30-0500"]


def test_line_for_every_hour_goes_by_real_time() -> None:
    """A run every half hour stays one when clocks change."""
    found = slots("*/30 * * * *", "America/New_York", "2026-11-01T05:00", 4)
    assert found == ["Sun 01 01:30-0400", "Sun 01 01:00-0500", "Sun 01 01:30-0500", "Sun 01 02:00-0500"]


@pytest.mark.parametrize("line", ["* * * * *", "0 9 * * MON", "0 0 1 1 *", "0 9 29 2 *"])
def test_newest_slot_is_the_last_one(line: str) -> None:
    """After a long time without a host the last slot is found, whatever lies between."""
    found = Slots(Crontab.parse(line), ZoneInfo("America/Bogota"))
    until = datetime(2029, 5, 1, 12, 0, 30, tzinfo=UTC)
    newest = found.newest(found.after(datetime(2026, 1, 1, tzinfo=UTC)), until)
    assert newest <= until < found.after(newest)
    assert found.after(newest - timedelta(seconds=1)) == newest


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("0 0 30 2 *", "never due: none of its months has a day 30"),
        ("0 0 31 4,6 *", "never due"),
        ("60 * * * *", "'60' is no minute: give 0-59"),
        ("0 9 * * 8", "'8' is no day of the week: give 0-7 or SUN-SAT"),
        ("0 9 * 13 *", "'13' is no month"),
        ("0 9 * * SAT-MON", "ends before it begins"),
        ("*/0 * * * *", "step of 0"),
        ("0 9 * *", "five fields"),
        ("@reboot", "five fields"),
        ("0 9 L * *", "'L' is no day of the month"),
        ("0 9 1;2 * *", "cannot be read as a day of the month"),
    ],
)
def test_line_that_cannot_be_meant_is_refused(line: str, complaint: str) -> None:
    """What is never due, or is no line, is told with the field that is wrong."""
    with pytest.raises(InvalidInput, match=complaint):
        Crontab.parse(line)


def test_leap_day_is_due() -> None:
    """A day that comes every fourth year does come."""
    assert slots("0 9 29 2 *", "America/Bogota", "2026-11-22T00:00", 1) == ["Tue 29 09:00-0500"]
