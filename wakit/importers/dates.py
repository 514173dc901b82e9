"""
In which order day, month and year stand in one file, decided by all of its dates.

A date such as 3/4/24 says nothing; the thousand others around it nearly always
do. An order is out if it makes dates that do not exist, that lie in the future
or before WhatsApp did, and it loses if it makes a chat jump back and forth
through the years: exports run forward, give or take a day. What is left after
that is reported, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

#: A clock may be wrong and a line may be somebody's paste: one in a hundred is no evidence.
TOLERANCE = 0.01
#: Messages that were late stand a day out of order at most.
_LATE = timedelta(days=1)
#: Steps back that rule an order out when another has none, and for each that the other has.
_JUMPS, _JUMPS_EACH = 2, 4
_FIRST_YEAR = 2009
_NUMBER = re.compile(r"([A-Z]?)(\d+)")
#: Japanese eras in Apple's spelling, the Buddhist and the Chinese republic's calendar.
_ERAS = {"R": 2018, "H": 1988}
_BUDDHIST, _BUDDHIST_YEARS = 543, range(2400, 2700)


class DateOrder(StrEnum):
    """Order of the parts of a date."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the dates of a file are if they stand in one order."""

    order: DateOrder
    first: date
    last: date
    #: Lines whose date does not exist in this order.
    impossible: int

    def __str__(self) -> str:
        return f"{self.order} ({self.first:%d %b %Y} to {self.last:%d %b %Y})"


@lru_cache(maxsize=65_536)
def parse_date(text: str, order: DateOrder) -> date | None:
    """Return the date that *text* names in an order; ``None`` if there is no such day."""
    parts = _parts(text)
    if len(parts) != 3:
        return None
    places = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}[order]
    (era, year), (_, month), (_, day) = (parts[place] for place in places)
    if any(parts[place][0] for place in places[1:]) or len(day) > 2 or len(month) > 2:
        return None
    try:
        return date(_full_year(era, year), int(month), int(day))
    except ValueError:
        return None


@lru_cache(maxsize=16_384)
def _parts(text: str) -> list[tuple[str, str]]:
    return _NUMBER.findall(text)


def possible_orders(texts: Mapping[str, int]) -> tuple[DateOrder, ...]:
    """Return the orders that the number of digits leaves open, for dates and how often they occur."""
    total = sum(texts.values())
    year_first = sum(count for text, count in texts.items() if len((_NUMBER.search(text) or ["", "", ""])[2]) == 4)
    if year_first > total / 2:
        return (DateOrder.YMD,)
    long_last = sum(count for text, count in texts.items() if re.search(r"\d{4}$", text))
    return (DateOrder.DMY, DateOrder.MDY) if long_last > total / 2 else (DateOrder.DMY, DateOrder.MDY, DateOrder.YMD)


def readings(texts: Mapping[str, int], sequence: Sequence[str], today: date) -> list[Reading]:
    """
    Return the orders in which the dates of a file can be read; one is certainty.

    Args:
        texts: Each date as it is written, and in how many lines.
        sequence: The same in the order of the file, repetitions in a row left out.
        today: Messages after tomorrow were not written yet.
    """
    orders = possible_orders(texts)
    found = _fitting(texts, orders, lambda day: _plausible(day, today)) or _fitting(texts, orders, lambda _: True)
    # Two digits for the year may stand first, but where the other orders fit as well nobody writes so.
    if len(found) > 1:
        found.pop(DateOrder.YMD, None)
    fewest = min((reading.impossible for reading, _ in found.values()), default=0)
    best = {order: days for order, (reading, days) in found.items() if reading.impossible == fewest}
    jumps = {order: _steps_back(days, sequence) for order, days in best.items()}
    calmest = min(jumps.values(), default=0)
    return [found[order][0] for order in best if jumps[order] < _JUMPS + _JUMPS_EACH * calmest or jumps[order] == calmest]


def reading_in(texts: Mapping[str, int], order: DateOrder) -> Reading | None:
    """Return the reading in an order that somebody else knows; ``None`` if more than a few dates do not exist in it."""
    fitting = _fitting(texts, (order,), lambda _: True).get(order)
    return fitting[0] if fitting else None


def _fitting(
    texts: Mapping[str, int], orders: Sequence[DateOrder], is_plausible: Callable[[date], bool]
) -> dict[DateOrder, tuple[Reading, dict[str, date]]]:
    total = sum(texts.values())
    found = {}
    for order in orders:
        days = {text: day for text in texts if (day := parse_date(text, order)) and is_plausible(day)}
        impossible = total - sum(texts[text] for text in days)
        if days and impossible <= total * TOLERANCE:
            reading = Reading(order=order, first=min(days.values()), last=max(days.values()), impossible=impossible)
            found[order] = (reading, days)
    return found


def _steps_back(days: Mapping[str, date], sequence: Sequence[str]) -> int:
    """Count where a file goes back by more than a late message explains."""
    known = [days[text] for text in sequence if text in days]
    return sum(after < before - _LATE for before, after in pairwise(known))


def _plausible(day: date, today: date) -> bool:
    return day.year >= _FIRST_YEAR and day <= today + _LATE


def _full_year(era: str, digits: str) -> int:
    year = int(digits)
    if era:
        return year + _ERAS.get(era, -year)
    if len(digits) == 4:
        return year - _BUDDHIST if year in _BUDDHIST_YEARS else year
    return 2000 + year
