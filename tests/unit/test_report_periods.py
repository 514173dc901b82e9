"""Days, weeks and months in the query against Python's own calendar and zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pytest

from wakit.analytics.periods import Period, begin_of, local
from wakit.analytics.tallies import tallies
from wakit.analytics.volume import volume

#: Clock changes in either half of the year, at midnight (so a day has none), by half an hour, given up, and none at all.
ZONES = ("Europe/Madrid", "America/Santiago", "America/Havana", "Australia/Lord_Howe", "America/Mexico_City", "America/Bogota")
#: Every 5 hours and a bit: all hours of all days of the years.
STEP, FIRST = 18007, int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("zone", ZONES)
def test_periods_begin_when_the_calendar_says(zone: str) -> None:
    """Of twenty thousand instants from 2009 to next year, on both sides of each clock change."""
    count = (int(datetime.now(UTC).timestamp()) + 300 * 86400 - FIRST) // STEP
    rows = ibis.range(0, count).unnest().name("n").as_table()
    at = rows.select(at=(rows.n * STEP + FIRST).cast("int64"))
    clock = local(at["at"], zone)
    begun = at.select("at", **{period.value: begin_of(period, clock) for period in Period}).order_by("at")
    with duckdb.connect() as engine:
        found = engine.sql(str(ibis.to_sql(begun, dialect="duckdb"))).fetchall()
    assert len(found) == count > 30_000
    for instant, *begins in found:
        assert begins == expected(instant, zone)


def expected(instant: int, zone: str) -> list[int]:
    """Return the beginnings of the hour, day, week and month on the wall's clock, as if it were UTC's."""
    wall = datetime.fromtimestamp(instant, ZoneInfo(zone)).replace(tzinfo=UTC)
    hour = wall.replace(minute=0, second=0)
    day = hour.replace(hour=0)
    return [int(one.timestamp()) for one in (hour, day, day - timedelta(days=day.weekday()), day.replace(day=1))]


def test_a_zone_with_many_changes_makes_no_long_query() -> None:
    """By month in Chile, whose clocks changed twice a year: an expression is written out wherever it is named."""
    query = str(ibis.to_sql(volume(tallies(), by=Period.MONTH, timezone="America/Santiago"), dialect="duckdb"))
    assert len(query) < 30_000
