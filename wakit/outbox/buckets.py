"""
How fast one account may send: pure arithmetic on seconds, without a clock.

People who automate WhatsApp lose accounts to bursts (three messages a second
are answered with 429) and to volume (15 to 20 messages a day to people who
never wrote end in a ban), so there is a limit for each: a bucket of tokens that
fills steadily for every message, and for automated ones a pause of random
length, a longer one after each block, and budgets for an hour and a day. A
token of a budget comes back one period after it was taken: with a bucket that
only fills steadily, a full one would let two days' worth go on one day.

All instants here are seconds on the account's own timeline (``pacing``), which
no change of the calendar's clock moves.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

HOUR = 3600.0
DAY = 86400.0

#: Draws the length of a pause between two bounds; ``random.uniform`` for real ones.
Draw = Callable[[float, float], float]


class Why(StrEnum):
    """Why a message waits for its turn, or is never sent; sentences are in ``wakit.sentences``."""

    #: The account sent as much at once as it may.
    BURST = "burst"
    #: The pause between two automated messages.
    PAUSE = "pause"
    #: The longer pause between two blocks of automated messages.
    BLOCK = "block"
    #: The budget of an hour is spent.
    HOUR = "hour"
    #: The budget of a day is spent.
    DAY = "day"
    #: The smaller budget of an account that was linked lately is spent.
    WARMUP = "warmup"
    #: The budget for people who never wrote is spent.
    COLD_DAY = "cold_day"
    #: Nobody is written to who never wrote.
    COLD = "cold"
    #: It is night where the recipient is, or a day on which nothing is sent.
    QUIET = "quiet"
    #: Sending is stopped for the account.
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The numbers of one account's pace; budgets of 0 let nothing through."""

    #: Messages of any kind that may leave at once.
    burst: int
    #: Seconds after which another of them may.
    interval: float
    #: Shortest and longest pause between two automated messages, in seconds.
    pause: tuple[float, float]
    #: Automated messages in a block.
    block: int
    #: Shortest and longest pause between two blocks, in seconds.
    block_pause: tuple[float, float]
    #: Automated messages in any hour.
    per_hour: int
    #: Automated messages in any 24 hours.
    per_day: int
    #: Of these, to people who never wrote to the account.
    cold_per_day: int
    #: Days since the account was linked, up to which fewer may go in 24 hours: ``(days, budget)``, ascending.
    warmup: tuple[tuple[float, int], ...] = ()

    def day_budget(self, linked_days: float | None) -> tuple[int, float]:
        """Return the budget of a day for an account of this age (``None``: old), and for how many days it holds."""
        if linked_days is not None:
            for days, budget in self.warmup:
                if linked_days < days and budget < self.per_day:
                    return budget, days - linked_days
        return self.per_day, math.inf


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message may leave, and what it waits for until then."""

    at: float
    why: Why | None = None


@dataclass(slots=True, kw_only=True)
class Pace:
    """What one account sent lately: all that decides when its next message may leave."""

    #: Tokens of the bucket, and when there were that many.
    tokens: float
    counted_at: float
    #: When the pause after the last automated message ends, and whether it was that of a block.
    next_at: float = 0.0
    after_block: bool = False
    #: Automated messages in the block that has begun.
    in_block: int = 0
    #: When automated messages left, oldest first: of the last day at least.
    spent: list[float] = field(default_factory=list)
    #: Those of them that went to people who never wrote.
    spent_cold: list[float] = field(default_factory=list)

    @classmethod
    def fresh(cls, limits: Limits, at: float) -> Pace:
        """Return the pace of an account that has sent nothing yet."""
        return cls(tokens=float(limits.burst), counted_at=at)

    def copy(self) -> Pace:
        """Return one that can be played with."""
        return Pace(
            tokens=self.tokens,
            counted_at=self.counted_at,
            next_at=self.next_at,
            after_block=self.after_block,
            in_block=self.in_block,
            spent=[*self.spent],
            spent_cold=[*self.spent_cold],
        )

    def personal_turn(self, limits: Limits, now: float) -> Turn:
        """Return when a person's own message may leave: only the bucket holds it."""
        tokens = self._tokens(limits, now)
        if tokens >= 1:
            return Turn(now)
        return Turn(now + (1 - tokens) * limits.interval, Why.BURST)

    def turn(self, limits: Limits, now: float, linked_days: float | None = None) -> Turn:
        """Return when the next automated message of the account may leave, whoever gets it."""
        budget, holds = limits.day_budget(linked_days)
        day = min(_free_at(self.spent, budget, DAY, now), now + holds * DAY)
        first = self.personal_turn(limits, now)
        at, why = first.at, first.why
        # Plainly, because the plan of a campaign asks this for each of 100,000 messages.
        for free, reason in (
            (self.next_at, Why.BLOCK if self.after_block else Why.PAUSE),
            (_free_at(self.spent, limits.per_hour, HOUR, now), Why.HOUR),
            (day, Why.DAY if holds == math.inf else Why.WARMUP),
        ):
            if free > at:
                at, why = free, reason
        return Turn(at, why)

    def cold_turn(self, limits: Limits, now: float) -> Turn:
        """Return when the budget for people who never wrote has room again."""
        return _later(now, _free_at(self.spent_cold, limits.cold_per_day, DAY, now), Why.COLD_DAY)

    def spend_personal(self, limits: Limits, now: float) -> None:
        """Count a person's own message."""
        self.tokens, self.counted_at = self._tokens(limits, now) - 1, now

    def spend(self, limits: Limits, now: float, draw: Draw, *, cold: bool = False) -> None:
        """Count an automated message, and draw the pause after it."""
        self.spend_personal(limits, now)
        self.in_block += 1
        self.after_block = self.in_block >= limits.block
        if self.after_block:
            self.in_block = 0
        self.next_at = now + draw(*(limits.block_pause if self.after_block else limits.pause))
        _append(self.spent, now)
        if cold:
            _append(self.spent_cold, now)

    def left_in_hour(self, limits: Limits, now: float) -> int:
        """Return how many automated messages may still leave within the hour."""
        return max(0, limits.per_hour - _since(self.spent, now - HOUR))

    def left_in_day(self, limits: Limits, now: float, linked_days: float | None = None) -> int:
        """Return how many automated messages may still leave within the day."""
        return max(0, limits.day_budget(linked_days)[0] - _since(self.spent, now - DAY))

    def left_cold(self, limits: Limits, now: float) -> int:
        """Return how many may still go to people who never wrote within the day."""
        return max(0, limits.cold_per_day - _since(self.spent_cold, now - DAY))

    def _tokens(self, limits: Limits, now: float) -> float:
        return min(float(limits.burst), self.tokens + max(0.0, now - self.counted_at) / limits.interval)


def _later(now: float, at: float, why: Why) -> Turn:
    return Turn(at, why) if at > now else Turn(now)


def _free_at(times: list[float], budget: int, period: float, now: float) -> float:
    """Return when less than *budget* of *times* are within *period*."""
    if budget <= 0:
        return now + period
    return times[-budget] + period if len(times) >= budget else now


def _since(times: list[float], start: float) -> int:
    return len(times) - bisect_right(times, start)


def _append(times: list[float], now: float) -> None:
    """Add an instant, and now and then let go of those that no budget counts any more."""
    times.append(now)
    if len(times) % 1024 == 0:
        del times[: bisect_right(times, now - DAY)]
