"""One of the ten figures: its amount, what it was before, on how much it stands, and a few points to draw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wakit.analytics.definitions import Definition


class Kind(StrEnum):
    """How the points of a figure are drawn."""

    #: Amounts that add up.
    BARS = "bars"
    #: Medians of seconds, which do not, and of which one may be a thousand times another.
    TIMES = "times"
    SHARES = "shares"
    #: Weekdays and hours.
    HEAT = "heat"


@dataclass(frozen=True)
class Point:
    """One mark of a small plot; without an amount it is a gap."""

    x: float
    amount: float | None
    y: float = 0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """
    One figure of an overview.

    Attributes:
        name: Its method of ``wa.report``.
        meaning: Its definition.
        title: What it is called here, with the parameter that matters.
        amount: The figure, in seconds, as a share or as a count; empty where there is nothing to count.
        before: The same of the time before.
        n: How many observations it stands on.
        value: The amount as people read it.
        change: What changed, as people read it; empty where that cannot be said.
        note: What belongs to it: the other quantile, the parts of a sum.
        points: What the small plot shows.
    """

    name: str
    meaning: Definition
    title: str
    amount: float | None
    before: float | None = None
    n: int
    value: str
    change: str = ""
    note: str = ""
    kind: Kind = Kind.BARS
    points: tuple[Point, ...] = ()
