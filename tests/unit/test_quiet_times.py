"""When it is quiet where the recipient is: zones from numbers, hours of the clock on the wall, holidays, summer time."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from wakit.outbox.quiet import Place, QuietRules, next_open, place_of

NIGHT = QuietRules(begins=time(21), ends=time(8))
BOGOTA = Place(("America/Bogota",), "CO")


@pytest.mark.parametrize(
    ("address", "zones", "country"),
    [
        ("573001234567@s.whatsapp.net", ("America/Bogota",), "CO"),
        ("525512345678@s.whatsapp.net", ("America/Mexico_City",), "MX"),
        ("5215512345678@s.whatsapp.net", ("America/Mexico_City",), "MX"),
        ("12125551234@s.whatsapp.net", ("America/New_York",), "US"),
        ("34612345678@s.whatsapp.net", ("Europe/Madrid",), "ES"),
        ("17755551234@s.whatsapp.net", ("America/Los_Angeles", "America/Boise"), "US"),
        ("18005551234@s.whatsapp.net", ("America/Lima",), "US"),
        ("101596383778080@lid", ("America/Lima",), "PE"),
        ("120363000000000000@g.us", ("America/Lima",), "PE"),
    ],
)
def test_place_comes_from_the_number_or_the_account(address: str, zones: tuple[str, ...], country: str) -> None:
    """A number tells its zones and country; what tells nothing has those of the account."""
    assert Place(zones, country) == place_of(address, "America/Lima", "PE")


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ((2026, 11, 24, 15), (2026, 11, 24, 15), (2026, 11, 25, 2)),
        ((2026, 11, 25, 1, 59), (2026, 11, 25, 1, 59), (2026, 11, 25, 2)),
        ((2026, 11, 25, 2), (2026, 11, 25, 13), (2026, 11, 26, 2)),
        ((2026, 11, 25, 12, 59), (2026, 11, 25, 13), (2026, 11, 26, 2)),
    ],
)
def test_night_ends_by_the_recipients_clock(now: tuple[int, ...], opens: tuple[int, ...], closes: tuple[int, ...]) -> None:
    """From nine in the evening to eight in the morning nothing leaves; the ends themselves count as the rules say."""
    expected = (datetime(*opens, tzinfo=UTC), datetime(*closes, tzinfo=UTC))  # type: ignore[misc, arg-type]
    assert expected == next_open(NIGHT, BOGOTA, datetime(*now, tzinfo=UTC))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(("day", "utc_hour"), [((2026, 3, 7), 13), ((2026, 3, 8), 12), ((2026, 10, 31), 12), ((2026, 11, 1), 13)])
def test_morning_moves_with_summer_time(day: tuple[int, int, int], utc_hour: int) -> None:
    """Eight in the morning in New York is another instant behind each switch of the clocks, on the very day."""
    now = datetime(*day, 6, tzinfo=UTC)
    assert datetime(*day, utc_hour, tzinfo=UTC) == next_open(NIGHT, Place(("America/New_York",), "US"), now)[0]


def test_siesta_leaves_both_ends_of_the_day_open() -> None:
    """Quiet hours within a day leave the morning and the evening."""
    siesta = QuietRules(begins=time(13), ends=time(16))
    noon = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    assert datetime(2026, 11, 24, 21, tzinfo=UTC) == next_open(siesta, BOGOTA, noon)[0]
    assert datetime(2026, 11, 25, 5, tzinfo=UTC) == next_open(siesta, BOGOTA, datetime(2026, 11, 24, 22, tzinfo=UTC))[1]


def test_number_of_two_zones_sleeps_when_either_does() -> None:
    """A Spanish number may be on the Canary Islands: eight in Madrid is seven there."""
    spain = Place(("Atlantic/Canary", "Europe/Madrid"), "ES")
    opens, closes = next_open(NIGHT, spain, datetime(2026, 11, 24, 7, tzinfo=UTC))
    assert (datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 20, tzinfo=UTC)) == (opens, closes)


def test_holidays_are_those_of_the_recipients_country() -> None:
    """The eighth of December is a holiday in Colombia and a day like any other in Mexico."""
    rules = QuietRules(begins=time(21), ends=time(8), holidays=True)
    noon = datetime(2026, 12, 8, 18, tzinfo=UTC)
    assert datetime(2026, 12, 9, 13, tzinfo=UTC) == next_open(rules, BOGOTA, noon)[0]
    assert noon == next_open(rules, Place(("America/Mexico_City",), "MX"), noon)[0]


def test_country_without_a_table_has_no_holidays() -> None:
    """A country that nobody has a table of is no reason to fail."""
    noon = datetime(2026, 12, 25, 18, tzinfo=UTC)
    assert noon == next_open(QuietRules(holidays=True), Place(("America/Bogota",), "ZZ"), noon)[0]


def test_own_dates_and_days_of_the_week_are_quiet() -> None:
    """Sundays, a date of one year and a date of each year are passed over together."""
    rules = QuietRules(begins=time(21), ends=time(8), weekdays=frozenset({6}), dates=frozenset({"2026-12-26", "12-25"}))
    assert datetime(2026, 12, 28, 13, tzinfo=UTC) == next_open(rules, BOGOTA, datetime(2026, 12, 25, 15, tzinfo=UTC))[0]
    assert datetime(2027, 12, 25, 13, tzinfo=UTC) != next_open(rules, BOGOTA, datetime(2027, 12, 25, 12, tzinfo=UTC))[0]
    assert datetime(2027, 12, 27, 13, tzinfo=UTC) == next_open(rules, BOGOTA, datetime(2027, 12, 26, 12, tzinfo=UTC))[0]


def test_rules_that_leave_no_time_close_nothing() -> None:
    """Seven quiet days in a week hold nothing for ever: they are ignored."""
    noon = datetime(2026, 12, 25, 18, tzinfo=UTC)
    assert noon == next_open(QuietRules(weekdays=frozenset(range(7))), BOGOTA, noon)[0]
