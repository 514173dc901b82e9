"""Times as people give them: a day is enough, a time without a zone is not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from wakit.errors import InvalidInput
from wakit.instants import instant, instant_or_today

ZONE = "America/Bogota"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026", datetime(2026, 1, 1, 5, tzinfo=UTC)),
        ("2026-10", datetime(2026, 10, 1, 5, tzinfo=UTC)),
        ("2026-10-24", datetime(2026, 10, 24, 5, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 5, tzinfo=UTC)),
        ("2026-10-24T10:00:00-05:00", datetime(2026, 10, 24, 15, tzinfo=UTC)),
        (datetime(2026, 10, 24, 15, tzinfo=UTC), datetime(2026, 10, 24, 15, tzinfo=UTC)),
    ],
)
def test_days_begin_where_the_settings_say(given: Any, meant: datetime) -> None:
    """A year, a month and a day begin in the settings' time zone; an instant is what it is."""
    assert meant == instant(given, "since", ZONE)


@pytest.mark.parametrize("given", [datetime(2026, 10, 24, 10, tzinfo=UTC).replace(tzinfo=None), "2026-10-24T10:00:00"])
def test_time_without_a_zone_is_refused(given: Any) -> None:
    """The error names the argument and says how to add a zone."""
    with pytest.raises(InvalidInput, match=r"since is 2026-10-24T10:00:00, without a time zone.*ZoneInfo"):
        instant(given, "since", ZONE)


@pytest.mark.parametrize("given", ["ayer", "2026-13", "2026-02-30", "", 20261024, "24/10/2026"])
def test_what_is_no_time_is_refused(given: Any) -> None:
    """The error shows what was given and what would do."""
    with pytest.raises(InvalidInput, match=r"until is .*which is no time.*2026-10-24"):
        instant(given, "until", ZONE)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("18:00", datetime(2026, 10, 24, 23, tzinfo=UTC)),
        ("8:05", datetime(2026, 10, 24, 13, 5, tzinfo=UTC)),
        ("2026-10-25", datetime(2026, 10, 25, 5, tzinfo=UTC)),
    ],
)
def test_hours_are_those_of_today_where_the_settings_say(given: str, meant: datetime) -> None:
    """At three in the morning in London it is still yesterday in Bogotá."""
    assert meant == instant_or_today(given, "not_after", ZONE, datetime(2026, 10, 25, 3, tzinfo=UTC))


@pytest.mark.parametrize("given", ["24:00", "18:60", "18", "18:00:00", "6pm"])
def test_what_is_no_hour_is_refused(given: str) -> None:
    """An hour that does not exist is not moved to the next day."""
    with pytest.raises(InvalidInput, match="not_after is"):
        instant_or_today(given, "not_after", ZONE, datetime(2026, 10, 25, 3, tzinfo=UTC))
