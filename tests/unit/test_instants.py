"""Times as people give them: a day is enough, a time without a zone is not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from wakit.errors import InvalidInput
from wakit.instants import instant

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
