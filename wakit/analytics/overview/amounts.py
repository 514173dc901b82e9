"""Amounts as people read them: counts, shares, durations, days, and what changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal, format_percent

from wakit.languages import Language, speak

#: Amount and unit stay on one line.
_GAP = "\u00a0"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min"), (_MINUTE, "min", 1, "s"))


def count(value: float, lang: Language) -> str:
    """Return a count with its thousands apart."""
    return str(format_decimal(round(value), locale=lang))


def share(value: float, lang: Language) -> str:
    """Return a share as whole percents."""
    return str(format_percent(value, format=f"#,##0{_GAP}%" if lang == "es" else "#,##0%", locale=lang))


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, which are called the same in all languages here: ``2 h 5 min``."""
    whole = round(seconds)
    for size, unit, part, small in _UNITS:
        if whole >= size:
            rest = whole % size // part
            parts = (whole // size, unit, rest, small) if rest else (whole // size, unit)
            return _GAP.join(map(str, parts))
    return f"{whole}{_GAP}s"


def day(at: datetime, lang: Language) -> str:
    """Return a day, such as ``24 nov 2026``."""
    return str(format_date(at, "d MMM y", locale=lang))


def short_day(at: datetime, lang: Language) -> str:
    """Return a day without its year."""
    return str(format_date(at, "d MMM", locale=lang))


def weekday(number: int, lang: Language) -> str:
    """Return what a day of the week is called; 0 is Monday."""
    return str(get_day_names("wide", "stand-alone", locale=lang)[number])


def days(since: datetime, until: datetime, lang: Language) -> str:
    """Return the days of a time, the last one included."""
    return f"{day(since, lang)} – {day(last_of(until), lang)}"


def last_of(until: datetime) -> datetime:
    """Return the last instant of a time that ends at *until*."""
    return until - timedelta(microseconds=1)


def change(now: float, before: float, lang: Language, *, of_share: bool = False) -> str:
    """Return how much more or less than before: a sign, and percents or, of shares, points."""
    if not of_share and not before:
        return ""
    difference = now - before if of_share else now / before - 1
    points = round(100 * difference)
    arrow = "↑" if points > 0 else "↓" if points < 0 else "="
    if not points:
        return speak(lang, "= as before")
    amount = speak(lang, "{points} points", points=abs(points)) if of_share else share(abs(difference), lang)
    return f"{arrow} {amount}"
