"""
When nothing automated is sent: at night, on days off and on holidays where the recipient is.

The recipient's time zone and country come from the phone number. A number that
may be in two zones (parts of Nevada keep Idaho's) is asleep when either
is; one that belongs to a whole continent, a group and a private alias (LID) say
nothing, so the account's own zone counts. All hours are the clock's on the wall
there: the switch to summer time moves them with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_zones
from phonenumbers.tzdata import TIMEZONE_LONGEST_PREFIX

from wakit.ids import USER_SERVER, number_key

#: Zones further apart than this say that the number belongs to no place.
_ONE_PLACE = timedelta(hours=6)
#: Days in a row without an open hour after which nobody is asleep: the rules leave no time at all.
_NEVER = 400


@dataclass(frozen=True, kw_only=True)
class QuietRules:
    """When nothing automated is sent, wherever that is."""

    #: When quiet begins and ends; equal means never.
    begins: time = time(0)
    ends: time = time(0)
    #: Days of the week on which nothing is sent; 0 is Monday.
    weekdays: frozenset[int] = frozenset()
    #: Whether public holidays of the recipient's country are quiet.
    holidays: bool = False
    #: Own dates: ``2026-12-24``, or ``12-24`` for each year.
    dates: frozenset[str] = frozenset()

    def spans(self) -> list[tuple[time, time | None]]:
        """Return the open hours of a day; ``None`` is its end."""
        if self.begins == self.ends:
            return [(time(0), None)]
        if self.begins > self.ends:
            return [(self.ends, self.begins)]
        before = [(time(0), self.begins)] if self.begins > time(0) else []
        return [*before, (self.ends, None)]

    def closed(self, day: date, country: str | None) -> bool:
        """Return whether nothing is sent on *day* at all."""
        if day.weekday() in self.weekdays or {f"{day}", f"{day:%m-%d}"} & self.dates:
            return True
        return self.holidays and country is not None and day in _holidays(country, day.year)


@dataclass(frozen=True)
class Place:
    """Where a recipient is, as far as the number tells: names of time zones, and the country."""

    zones: tuple[str, ...]
    country: str | None


def place_of(address: str, zone: str, country: str | None) -> Place:
    """
    Return where a recipient is.

    Args:
        address: A JID.
        zone: The account's own time zone, for those that tell nothing.
        country: The account's own country, likewise.
    """
    user, _, server = address.partition("@")
    if server != USER_SERVER:
        return Place((zone,), country)
    # The old spelling of Mexican mobile numbers is in no table any more.
    digits = number_key(user) if user.startswith("521") else user
    code = _code(digits)
    if code and len(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]) == 1:
        digits = digits[:TIMEZONE_LONGEST_PREFIX]  # nothing behind it changes where that is
    return _place(digits, code, zone, country)


@lru_cache(maxsize=16384)
def _place(digits: str, code: int, zone: str, country: str | None) -> Place:
    if not code:
        return Place((zone,), country)
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int(digits[len(str(code)) :] or 0))
    zones = _extremes(tuple(phone_zones.time_zones_for_geographical_number(number)), zone)
    return Place(zones or (zone,), _country(number) or country)


def _code(digits: str) -> int:
    """Return the country's code that digits begin with, or 0; a whole parser for each of 100,000 recipients takes too long."""
    if digits.isdecimal():
        for length in (1, 2, 3):
            if (code := int(digits[:length])) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
                return code
    return 0


def _country(number: phonenumbers.PhoneNumber) -> str | None:
    """Return the country of a number; only where several share a code does it take a closer look."""
    countries = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())
    return countries[0] if len(countries) == 1 else phonenumbers.region_code_for_number(number)


@lru_cache(maxsize=1024)
def _extremes(zones: tuple[str, ...], home: str) -> tuple[str, ...]:
    """Return the eastern and the western of *zones*: asleep in one of those between is asleep in one of them."""
    if home in zones:
        return (home,)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    offsets = sorted((at.astimezone(ZoneInfo(name)).utcoffset() or timedelta(), name) for name in zones if name != "Etc/Unknown")
    if not offsets or offsets[-1][0] - offsets[0][0] > _ONE_PLACE:
        return ()
    return tuple(dict.fromkeys((offsets[0][1], offsets[-1][1])))


def next_open(rules: QuietRules, place: Place, now: datetime) -> tuple[datetime, datetime]:
    """
    Return from when until when something can be sent: from *now* on where it is not quiet.

    Rules that leave no time at all in more than a year close nothing.
    """
    start = now
    for _ in range(_NEVER):
        spans = [_next_span(rules, zone, place.country, start) for zone in place.zones]
        latest = max(begin for begin, _ in spans)
        if latest <= start:
            return start, min(end for _, end in spans)
        start = latest
    return now, now + timedelta(days=1)


def _next_span(rules: QuietRules, zone: str, country: str | None, now: datetime) -> tuple[datetime, datetime]:
    where = ZoneInfo(zone)
    today = now.astimezone(where).date()
    for days in range(_NEVER):
        for begin, end in _spans(rules, where, country, today + timedelta(days=days)):
            if end > now:
                return max(begin, now), end
    return now, now + timedelta(days=1)


@lru_cache(maxsize=4096)
def _spans(rules: QuietRules, where: ZoneInfo, country: str | None, day: date) -> tuple[tuple[datetime, datetime], ...]:
    if rules.closed(day, country):
        return ()
    tomorrow = day + timedelta(days=1)
    return tuple(
        (
            datetime.combine(day, begin, where).astimezone(UTC),
            datetime.combine(day if end else tomorrow, end or time(0), where).astimezone(UTC),
        )
        for begin, end in rules.spans()
    )


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    # Here, because the tables take a quarter of a second to load, and most hosts never send by themselves.
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:  # no table of this country: its own dates can still be set
        return frozenset()
