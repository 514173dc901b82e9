"""The arithmetic of pacing: buckets, budgets, pauses, and the forecast that plays them through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from pydantic import ValidationError

from wakit.config import Settings
from wakit.outbox.buckets import DAY, HOUR, Limits, Pace, Why
from wakit.outbox.forecast import Slot, middle
from wakit.outbox.rules import Rules

#: A Tuesday, 08:00 in Bogota.
MORNING = datetime(2026, 11, 24, 13, tzinfo=UTC)
BOGOTA = "573001234567@s.whatsapp.net"
MADRID = "34612345678@s.whatsapp.net"


def limits(**changes: object) -> Limits:
    """Return limits so wide that only the changed ones hold anything."""
    wide = {
        "burst": 10**6,
        "interval": 1e-6,
        "pause": (0.0, 0.0),
        "block": 10**6,
        "block_pause": (0.0, 0.0),
        "per_hour": 10**6,
        "per_day": 10**6,
        "cold_per_day": 10**6,
    }
    return Limits(**(wide | changes))  # type: ignore[arg-type]


def rules(**changes: object) -> Rules:
    """Return the rules of settings without quiet times, unless they are among the changes."""
    plain = {"quiet_hours": "", "quiet_weekdays": "", "quiet_holidays": "off", "pacing_warmup": ""}
    return Rules.of(Settings(**(plain | changes)))  # type: ignore[arg-type]


def played(
    limits: Limits, seconds: float, step: float = 1.0, linked: Callable[[float], float | None] = lambda _: None
) -> list[float]:
    """Return when messages leave if one is tried every *step* seconds."""
    pace, now, left = Pace.fresh(limits, 0.0), 0.0, []
    while now < seconds:
        if pace.turn(limits, now, linked(now)).at <= now:
            pace.spend(limits, now, middle)
            left.append(now)
        else:
            now += step
    return left


def most_within(times: list[float], period: float) -> int:
    """Return the largest number of *times* in any *period*."""
    return max(sum(start <= time < start + period for time in times) for start in times)


def test_bucket_lets_burst_go_and_then_one_per_interval() -> None:
    """A full bucket lets as many go as it holds, then one each interval."""
    assert [0, 0, 0, 10, 20, 30] == played(limits(burst=3, interval=10.0), 35)


@pytest.mark.parametrize(("name", "period"), [("per_hour", HOUR), ("per_day", DAY)])
def test_budget_holds_in_any_window(name: str, period: float) -> None:
    """No window of an hour or a day has more than its budget, wherever it begins."""
    times = played(limits(**{name: 20}, pause=(10.0, 20.0)), 2.5 * period, step=period / 1440)
    assert (20, 60) == (most_within(times, period), len(times))


def test_pause_follows_each_message_and_a_longer_one_each_block() -> None:
    """Between two messages lies the pause, between two blocks the longer one."""
    assert [0, 45, 90, 190, 235, 280] == played(limits(pause=(30, 60), block=3, block_pause=(50, 150)), 300)


def test_pauses_are_drawn_between_their_bounds() -> None:
    """Pauses differ from each other and stay within what is set."""
    some, pace, now, draw = limits(pause=(30, 60)), None, 0.0, Random(7).uniform
    pace, pauses = Pace.fresh(some, 0.0), []
    for _ in range(100):
        pace.spend(some, now, draw)
        pauses.append(pace.turn(some, now).at - now)
        now += pauses[-1]
    assert min(pauses) >= 30
    assert max(pauses) <= 60
    assert len({round(pause) for pause in pauses}) > 20


def test_new_account_gets_smaller_budgets_that_grow() -> None:
    """The day's budget of a new account follows its age, and is the full one afterwards."""
    some = limits(per_day=50, warmup=((1, 5), (2, 10)))
    times = played(some, 4 * DAY, step=600, linked=lambda now: now / DAY)
    assert [5, 10, 50, 50] == [sum(day * DAY <= time < (day + 1) * DAY for time in times) for day in range(4)]


def test_personal_message_ignores_pauses_and_budgets() -> None:
    """What a person writes waits for the bucket alone."""
    some = limits(burst=2, interval=10.0, pause=(30, 60), per_day=1)
    pace = Pace.fresh(some, 0.0)
    pace.spend(some, 0.0, middle)
    assert 0.0 == pace.personal_turn(some, 0.0).at
    assert (DAY, Why.DAY) == (pace.turn(some, 0.0).at, pace.turn(some, 0.0).why)
    pace.spend_personal(some, 0.0)
    assert (10.0, Why.BURST) == (pace.personal_turn(some, 0.0).at, pace.personal_turn(some, 0.0).why)


def test_forecast_is_what_the_arithmetic_does() -> None:
    """The forecast and trying second by second agree on every message."""
    some = rules(pacing_per_hour=30, pacing_per_day=90)
    slots = some.forecast([some.addressee(BOGOTA)] * 200, MORNING)
    times = [slot.at.timestamp() - MORNING.timestamp() for slot in slots if slot.at]
    assert times == pytest.approx(played(some.limits, times[-1] + 1), abs=1.0)


def test_forecast_goes_on_next_day_where_night_comes_between() -> None:
    """Nothing is planned into the quiet hours; what is left goes on in the morning."""
    some = rules(quiet_hours="21:00-08:00", pacing_per_hour=10)
    slots = some.forecast([some.addressee(BOGOTA)] * 200, MORNING)
    hours = {(slot.at - timedelta(hours=5)).hour for slot in slots if slot.at}
    assert set(range(8, 21)) == hours
    assert any(slot.why is Why.QUIET for slot in slots)


def test_forecast_passes_over_who_sleeps() -> None:
    """Who is in a zone where it is night is passed over and comes as soon as it is day there."""
    some = rules(quiet_hours="21:00-08:00")
    evening = datetime(2026, 11, 24, 21, tzinfo=UTC)  # 22:00 in Madrid, 16:00 in Bogota
    asleep, awake = some.forecast([some.addressee(MADRID), some.addressee(BOGOTA)], evening)
    assert Slot(evening) == awake
    assert asleep.at is not None
    assert timedelta(hours=10) <= asleep.at - evening <= timedelta(hours=10, seconds=1)  # 08:00 in Madrid
    assert Why.QUIET is asleep.why


def test_forecast_keeps_cold_contacts_to_their_own_budget() -> None:
    """People who never wrote get nothing by default, and else no more than their budget in a day."""
    none, few = rules(), rules(pacing_cold=2)
    cold = none.addressee(BOGOTA, cold=True)
    assert [Slot(None, Why.COLD)] * 3 == none.forecast([cold] * 3, MORNING)
    slots = few.forecast([cold, few.addressee(MADRID), cold, cold], MORNING)
    third = slots[3].at
    assert third is not None
    assert third - MORNING >= timedelta(days=1)
    assert all(slot.at and slot.at - MORNING < timedelta(hours=1) for slot in slots[:3])


def test_forecast_of_100_000_is_quick_and_in_order() -> None:
    """A hundred thousand messages are planned in one pass, in the order of the queue."""
    some = rules(pacing_per_hour=10**6, pacing_per_day=10**6, pacing_block=10**6, pacing_pause_min=0, pacing_pause_max=1)
    times = [slot.at for slot in some.forecast([some.addressee(BOGOTA)] * 100_000, MORNING)]
    assert times == sorted(time for time in times if time)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quiet_hours", "9-18"),
        ("quiet_hours", "25:00-08:00"),
        ("quiet_weekdays", "DOM"),
        ("quiet_dates", "24/12/2026"),
        ("pacing_warmup", "3=20"),
        ("pacing_warmup", "3:0"),
        ("pacing_per_day", 0),
    ],
)
def test_settings_refuse_what_means_nothing(name: str, value: object) -> None:
    """A setting that cannot be read is refused when the process starts, by name."""
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]
