"""Pacing in the outbox: a thousand queued messages, restarts, stops, nights, cold contacts and clocks that are set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.model import Purpose, SendState, Terms
from wakit.outbox import Outbox
from wakit.outbox.buckets import HOUR
from wakit.outbox.pacing import Pacing
from wakit.outgoing import Text
from wakit.pacing import Stop, StopReason

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

#: A Tuesday, 08:00 in Bogota.
MORNING = datetime(2026, 11, 24, 13, tzinfo=UTC)
AUTOMATED = Terms(purpose=Purpose.TRANSACTIONAL)
PLAIN = {"quiet_hours": "", "quiet_weekdays": "", "quiet_holidays": "off", "stop_delivered": 0.0}


class Station:
    """An outbox with its pacing, on a clock of its own; it can be started anew."""

    def __init__(self, folder: Path, wrote: Callable[[str, str], bool] = lambda *_: True, **settings: object) -> None:
        self.clock = ManualClock(MORNING)
        self._folder, self._wrote, self._settings = folder, wrote, Settings(**(PLAIN | settings))  # type: ignore[arg-type]
        self.left: list[float] = []
        self.start()

    def start(self) -> None:
        """Open the outbox, as a host does."""
        self.outbox = Outbox(self._folder / "outbox.db", self.clock)
        self.pacing = Pacing(self.outbox, self._settings, self.clock, wrote=self._wrote, draw=lambda low, high: (low + high) / 2)
        self.outbox.guard(self.pacing)

    def restart(self, seconds: float = 0.0) -> None:
        """End the host, and start it again after a while."""
        self.outbox.close()
        self.clock.advance(seconds)
        self.start()

    def queue(self, count: int, terms: Terms = AUTOMATED, to: str = "573001234567@s.whatsapp.net") -> list[str]:
        """Queue messages, and return their ids."""
        with self.outbox.writing():
            return [self.outbox.add("shop", to, Text(text=f"{no}"), terms=terms).id for no in range(count)]

    def run(self, seconds: float, state: SendState = SendState.SENT) -> int:
        """Send what may leave for a while, looking when the queue says so, and return how many did."""
        before, end = len(self.left), self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            turn = self.outbox.claim("shop")
            if turn.task is not None:
                self.outbox.settle(turn.task.send.id, state, turn.task.send.id)
                self.left.append(self.clock.monotonic())
                continue
            wait = 900.0 if turn.again_at is None else (turn.again_at - self.clock.now()).total_seconds() + 1e-3
            self.clock.advance(min(max(wait, 1e-3), 900.0, end - self.clock.monotonic() + 1e-3))
        return len(self.left) - before

    def most_within(self, period: float) -> int:
        """Return how many left in the busiest *period*."""
        return max(sum(start <= time < start + period for time in self.left) for start in self.left)


def set_clock(clock: ManualClock, seconds: float) -> None:
    """Set the calendar's clock alone."""
    clock._now += timedelta(seconds=seconds)


def test_thousand_queued_leave_at_the_rate(tmp_path: Path) -> None:
    """A thousand queued messages leave within a day and each hour as the budgets say."""
    station = Station(tmp_path)
    station.queue(1000)
    station.run(86400)
    assert 300 == len(station.left)
    assert station.most_within(HOUR) <= 60


def test_restarts_in_the_middle_change_nothing(tmp_path: Path) -> None:
    """Over a day with five restarts as many leave as over one without, to one message."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, cut = (Station(tmp_path / name, pacing_per_day=150) for name in "ab")
    for station in (whole, cut):
        station.queue(400)
    whole.run(86400)
    for _ in range(6):
        cut.run(86400 / 6)
        cut.restart()
    assert abs(len(whole.left) - len(cut.left)) <= 1
    assert cut.most_within(HOUR) <= 60


@pytest.mark.parametrize("jump", [-3600, 86400])
def test_clock_that_is_set_brings_no_burst_and_no_freeze(tmp_path: Path, jump: int) -> None:
    """An hour back or a day on: the same number leaves as if nobody had touched the clock."""
    station = Station(tmp_path)
    station.queue(1000)
    first = station.run(2 * HOUR)
    set_clock(station.clock, jump)
    assert abs(station.run(2 * HOUR) - first) <= 1
    assert station.most_within(HOUR) <= 60


def test_restricted_account_stops_in_the_middle_until_its_end(tmp_path: Path) -> None:
    """After 463 nothing automated leaves for a day, over a restart too; a second time it waits for a person."""
    station = Station(tmp_path)
    station.queue(1000)
    station.run(HOUR)
    stop = station.pacing.stop("shop", StopReason.RESTRICTED, "463")
    assert station.clock.now() + timedelta(days=1) == stop.until
    assert 0 == station.run(12 * HOUR)
    station.restart()
    assert 0 == station.run(11 * HOUR)
    assert station.run(3 * HOUR) > 0
    assert station.pacing.stop("shop", StopReason.RESTRICTED, "463").until is None
    assert 0 == station.run(48 * HOUR)


def test_restricted_account_still_answers(tmp_path: Path) -> None:
    """What a person writes goes out past a thousand automated messages that wait."""
    station = Station(tmp_path)
    station.queue(1000)
    station.pacing.stop("shop", StopReason.RESTRICTED, "463")
    station.queue(3, Terms())
    assert 3 == station.run(60)


@pytest.mark.parametrize("reason", [StopReason.BANNED, StopReason.RATE_LIMITED, StopReason.PAUSED])
def test_banned_account_sends_nothing_until_a_person_resumes(tmp_path: Path, reason: StopReason) -> None:
    """A ban holds what people write as well; resuming lets all go on at once."""
    station = Station(tmp_path)
    station.pacing.stop("shop", reason, "why")
    station.queue(1)
    station.queue(2, Terms())
    assert 0 == station.run(600)
    assert reason is station.pacing.standing("shop").stop.reason  # type: ignore[union-attr]
    station.pacing.resume("shop", "Ana")
    assert station.pacing.standing("shop").stop is None
    assert 3 == station.run(60)


def test_night_holds_automated_messages_alone(tmp_path: Path) -> None:
    """At night what a person writes leaves; the rest follows in the morning."""
    station = Station(tmp_path, quiet_hours="21:00-08:00")
    station.clock.advance(14 * HOUR)  # 22:00
    automated = station.queue(1)[0]
    station.queue(1, Terms())
    assert 1 == station.run(9 * HOUR)
    assert station.outbox.get(automated).not_before == MORNING + timedelta(days=1)
    assert 1 == station.run(2 * HOUR)


def test_cold_contacts_get_nothing_by_default(tmp_path: Path) -> None:
    """Who never wrote gets nothing automated, and the row says why; a person may still write."""
    station = Station(tmp_path, wrote=lambda *_: False)
    automated = station.queue(1)[0]
    station.queue(1, Terms())
    assert 1 == station.run(60)
    send = station.outbox.get(automated)
    assert (SendState.CANCELLED, True) == (send.state, "never wrote" in (send.error or ""))


def test_cold_budget_is_kept_beside_the_others(tmp_path: Path) -> None:
    """New contacts only: no more than their own budget in a day, and no one else waits for them."""
    station = Station(tmp_path, wrote=lambda _, to: to.startswith("34"), pacing_cold=15)
    station.queue(100)
    station.queue(20, to="34612345678@s.whatsapp.net")
    assert 35 == station.run(12 * HOUR)
    station.restart()
    assert 0 == station.run(6 * HOUR)
    assert 0 == station.pacing.standing("shop").left_cold


def test_falling_delivery_rate_stops_the_account(tmp_path: Path) -> None:
    """Messages that are sent and never delivered stop the account, once there are enough to tell."""
    station = Station(tmp_path, stop_delivered=0.5, stop_delivered_of=10, stop_delivered_after=600.0)
    station.queue(100)
    station.run(6 * HOUR)
    stop = station.pacing.standing("shop").stop
    assert isinstance(stop, Stop)
    assert (StopReason.UNDELIVERED, "0/10", None) == (stop.reason, stop.detail, stop.until)
    assert len(station.left) < 30
    station.pacing.resume("shop", "Ana")
    assert station.run(300) > 1


def test_delivered_messages_stop_nothing(tmp_path: Path) -> None:
    """Messages that arrive are no reason to stop."""
    station = Station(tmp_path, stop_delivered=0.5, stop_delivered_of=10, stop_delivered_after=600.0)
    station.queue(50)
    assert 50 == station.run(6 * HOUR, state=SendState.DELIVERED)


def test_message_given_back_costs_nothing(tmp_path: Path) -> None:
    """What was not handed over is not counted."""
    station = Station(tmp_path)
    station.queue(1)
    before = station.pacing.standing("shop")
    task = station.outbox.claim("shop").task
    assert task is not None
    assert before.left_in_day - 1 == station.pacing.standing("shop").left_in_day
    station.outbox.settle(task.send.id, SendState.QUEUED)
    assert before.left_in_day == station.pacing.standing("shop").left_in_day
