"""
When messages will leave that are not even queued: the plan of a campaign, and its rehearsal.

The same arithmetic as the real thing (``buckets``, ``quiet``), played through
from now on with nothing else in the queue. Pauses are the middle of what they
are drawn from, unless somebody draws them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from wakit.outbox.buckets import DAY, Draw, Limits, Pace, Why
from wakit.outbox.quiet import Place, QuietRules, next_open


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom a planned message goes to."""

    place: Place
    #: Never wrote to the account.
    cold: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """When a planned message leaves, and what it waits for until then; without a time it never does."""

    at: datetime | None
    why: Why | None = None


def middle(shortest: float, longest: float) -> float:
    """Draw the middle: what pauses are on average."""
    return (shortest + longest) / 2


def forecast(
    addressees: Sequence[Addressee],
    limits: Limits,
    rules: QuietRules,
    start: datetime,
    *,
    pace: Pace | None = None,
    elapsed: float = 0.0,
    linked_days: float | None = None,
    draw: Draw = middle,
) -> list[Slot]:
    """
    Return when each message leaves, in the order of *addressees*.

    As in the queue, who sleeps is passed over and keeps the place: the first
    whom the hour allows is next.

    Args:
        addressees: In the order of the queue.
        limits: The numbers of the account's pace.
        rules: When it is quiet.
        start: The first instant at which one can leave.
        pace: What the account sent lately; nothing unless given.
        elapsed: The instant *start* on the timeline of *pace*.
        linked_days: For how long the account is linked, for its warm-up.
        draw: Draws the length of pauses.
    """
    play = _Play(limits, rules, start, pace.copy() if pace else Pace.fresh(limits, elapsed), elapsed, linked_days, draw)
    return play.run(addressees)


@dataclass(slots=True)
class _Lane:
    """Those who are at the same place and equally known: they wait for the same things, one after the other."""

    no: int
    place: Place
    cold: bool
    waiting: deque[int]
    #: Until when it is awake, once it is.
    closes: datetime


class _Play:
    """The queue of one account, played through."""

    def __init__(
        self,
        limits: Limits,
        rules: QuietRules,
        start: datetime,
        pace: Pace,
        elapsed: float,
        linked_days: float | None,
        draw: Draw,
    ) -> None:
        self._limits, self._rules, self._pace, self._draw = limits, rules, pace, draw
        self._start, self._elapsed, self._linked_days = start, elapsed, linked_days
        self._now = elapsed
        self._why: Why | None = None
        self._lanes: list[_Lane] = []
        #: Lanes that wait for an instant, and those that are awake by the place of their first in the queue.
        self._asleep: list[tuple[datetime, int, Why | None]] = []
        self._awake: list[tuple[int, int]] = []

    def run(self, addressees: Sequence[Addressee]) -> list[Slot]:
        slots = [Slot(None, Why.COLD)] * len(addressees)
        self._line_up(addressees)
        while self._awake or self._asleep:
            turn = self._pace.turn(self._limits, self._now, self._age())
            if turn.at > self._now:
                self._now, self._why = turn.at, turn.why
                if self._linked_days is not None:  # it may be old enough then to send more
                    continue
            instant = self._start + timedelta(seconds=self._now - self._elapsed)
            lane = self._next(instant)
            if lane is not None:
                slots[lane.waiting.popleft()] = Slot(instant, self._why)
                self._pace.spend(self._limits, self._now, self._draw, cold=lane.cold)
                self._why = None
                self._back(lane)
        return slots

    def _line_up(self, addressees: Sequence[Addressee]) -> None:
        numbers: dict[Addressee, deque[int]] = {}
        for number, addressee in enumerate(addressees):
            if not addressee.cold or self._limits.cold_per_day > 0:
                numbers.setdefault(addressee, deque()).append(number)
        for no, (kind, waiting) in enumerate(numbers.items()):
            self._lanes.append(_Lane(no, kind.place, kind.cold, waiting, self._start))
            heappush(self._asleep, (self._start, no, None))

    def _next(self, instant: datetime) -> _Lane | None:
        """Take the lane that is awake and whose first is the first of all; without one, go on to when one wakes."""
        while self._asleep and self._asleep[0][0] <= instant:
            no = heappop(self._asleep)[1]
            heappush(self._awake, (self._lanes[no].waiting[0], no))
        while self._awake:
            no = heappop(self._awake)[1]
            lane = self._lanes[no]
            until, why = self._held(lane, instant)
            if until <= instant:
                return lane
            heappush(self._asleep, (until, no, why))
        until, _, self._why = self._asleep[0]
        # A microsecond on, so that rounding seconds never leaves it just before the hour.
        self._now = self._elapsed + (until - self._start).total_seconds() + 1e-6
        return None

    def _held(self, lane: _Lane, instant: datetime) -> tuple[datetime, Why]:
        if lane.closes <= instant:
            opens, closes = next_open(self._rules, lane.place, instant)
            if opens > instant:
                return opens, Why.QUIET
            lane.closes = closes
        if lane.cold:
            free = self._pace.cold_turn(self._limits, self._now).at
            return self._start + timedelta(seconds=free - self._elapsed), Why.COLD_DAY
        return instant, Why.QUIET

    def _back(self, lane: _Lane) -> None:
        if lane.waiting:
            heappush(self._awake, (lane.waiting[0], lane.no))

    def _age(self) -> float | None:
        return None if self._linked_days is None else self._linked_days + (self._now - self._elapsed) / DAY
