"""The rules of pacing as the settings say them, and what campaigns ask of them before anything is queued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from wakit.config import Settings
from wakit.outbox.buckets import Draw, Limits, Pace
from wakit.outbox.forecast import Addressee, Slot, forecast, middle
from wakit.outbox.quiet import QuietRules, place_of

_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How fast automated messages leave, and when none does."""

    limits: Limits
    quiet: QuietRules
    #: Time zone and country of those whose address tells nothing.
    zone: str
    country: str | None

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """Return what *settings* say."""
        return cls(limits=_limits(settings), quiet=_quiet(settings), zone=settings.timezone, country=settings.country)

    def addressee(self, address: str, *, cold: bool = False) -> Addressee:
        """Return what decides when a message to the JID *address* may leave; *cold* says that nobody wrote from there."""
        return Addressee(place=place_of(address, self.zone, self.country), cold=cold)

    def forecast(
        self,
        addressees: Sequence[Addressee],
        start: datetime,
        *,
        pace: Pace | None = None,
        elapsed: float = 0.0,
        linked_days: float | None = None,
        draw: Draw = middle,
    ) -> list[Slot]:
        """Return when messages to *addressees*, in this order, leave from *start* on; see ``forecast.forecast``."""
        return forecast(
            addressees, self.limits, self.quiet, start, pace=pace, elapsed=elapsed, linked_days=linked_days, draw=draw
        )


def _limits(settings: Settings) -> Limits:
    stages = sorted(tuple(map(int, stage.split(":"))) for stage in settings.pacing_warmup.split(",") if stage)
    return Limits(
        burst=settings.pacing_burst,
        interval=settings.pacing_interval,
        pause=(settings.pacing_pause_min, settings.pacing_pause_max),
        block=settings.pacing_block,
        block_pause=(settings.pacing_block_pause_min, settings.pacing_block_pause_max),
        per_hour=settings.pacing_per_hour,
        per_day=settings.pacing_per_day,
        cold_per_day=settings.pacing_cold,
        warmup=tuple((float(days), budget) for days, budget in stages),
    )


def _quiet(settings: Settings) -> QuietRules:
    begins, _, ends = (settings.quiet_hours or "00:00-00:00").partition("-")
    return QuietRules(
        begins=time.fromisoformat(begins),
        ends=time.fromisoformat(ends),
        weekdays=frozenset(_WEEKDAYS.index(name) for name in settings.quiet_weekdays.split(",") if name),
        holidays=settings.quiet_holidays == "on",
        dates=frozenset(day for day in (settings.quiet_dates or "").split(",") if day),
    )
