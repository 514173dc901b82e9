"""
Instants as people give them: with a time zone, or as a day.

A time without a zone may be any of 26 hours, so it is refused rather than guessed.
A day, a month or a year begins where the settings' time zone says, in which the
store counts days as well.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from wakit.errors import InvalidInput

#: How an instant can be given.
Moment = datetime | date | str

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?\Z", re.ASCII)


def require_aware(value: datetime, name: str) -> datetime:
    """
    Return an instant that has a time zone.

    Raises:
        InvalidInput: It has none, so nobody knows which instant it is.
    """
    if value.tzinfo is None:
        msg = (
            f"{name} is {value.isoformat()}, without a time zone, which may be any of 26 hours. "
            f'Add one, as in {name}.replace(tzinfo=ZoneInfo("America/Bogota")) or pd.Timestamp(…, tz="UTC").'
        )
        raise InvalidInput(msg, name=name)
    return value


def time_zone(name: str) -> ZoneInfo:
    """
    Return a time zone by its IANA name.

    Raises:
        InvalidInput: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as exc:
        msg = f"{name[:64]!r} is no time zone. Write it as in America/Bogota or Europe/Madrid."
        raise InvalidInput(msg, timezone=name[:64]) from exc


def instant(value: Moment, name: str, zone: str) -> datetime:
    """
    Return the instant that somebody means.

    Args:
        value: An aware datetime, a date, or a text: ``2026``, ``2026-10``,
            ``2026-10-24``, or an instant with its zone as ISO 8601 writes it.
        name: What it is for; an error names it.
        zone: Time zone in which a day begins.

    Raises:
        InvalidInput: It is none of these, or has no zone.
    """
    if isinstance(value, datetime):
        return require_aware(value, name)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(zone))
    try:
        day = _DAY.match(value)
        if day is None:
            return require_aware(datetime.fromisoformat(value), name)
        return datetime(*(int(part or 1) for part in day.groups()), tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]
    except (TypeError, ValueError) as exc:
        given = str(value)[:64]
        msg = f"{name} is {given!r}, which is no time. Give an aware datetime, a date, or a text such as 2026-10-24 or 2026-10."
        raise InvalidInput(msg, name=name) from exc


def instant_or_today(value: Moment, name: str, zone: str, now: datetime) -> datetime:
    """
    Return the instant that somebody means, who may also say a time of today, as in ``18:00``.

    Args:
        value: As in ``instant``, or hours and minutes of the day that it is in *zone*.
        name: What it is for; an error names it.
        zone: Time zone of the day, and of the hours.
        now: Tells which day it is.

    Raises:
        InvalidInput: It is none of these, or has no zone.
    """
    clock = _TIME.match(value) if isinstance(value, str) else None
    if clock is None:
        return instant(value, name, zone)
    hour, minute = map(int, clock.groups())
    return now.astimezone(ZoneInfo(zone)).replace(hour=hour, minute=minute, second=0, microsecond=0)
