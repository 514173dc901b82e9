"""
Every definition against answers that were worked out by hand, in the tables below.

The conversations are in ``tests/worked.py``; the answers stand next to the
question, so that a reader can check them with a pencil.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from worked import NOW, ZONE, Line, Worked

from wakit.analytics.contacts import new_and_returning
from wakit.analytics.conversations import begun_and_ended, conversations, resolution_times
from wakit.analytics.facts import facts
from wakit.analytics.hours import BusinessHours
from wakit.analytics.periods import Period
from wakit.analytics.presets import Preset, preset
from wakit.analytics.responses import GAP, Response, attainment, response_times, survival, unanswered, waited
from wakit.analytics.scope import Scope
from wakit.analytics.tallies import tallies_of
from wakit.analytics.volume import busiest_hours, mix, voice_share, volume

DAYS = (date(2026, 10, 1), date(2026, 12, 1))
MINUTE, HOUR = 60, 3600
OFFICE = BusinessHours.parse("MON-FRI 09:00-18:00", timezone=ZONE, holidays=[date(2026, 11, 2)])


@pytest.fixture(scope="module")
def worked() -> Worked:
    return Worked()


def seconds(worked: Worked, how: Response) -> list[int]:
    """Return the answered waits that a definition speaks of, in order."""
    waits = waited(worked.waits(bots_answer=how.bots_answer), worked.turns, how, Scope(), now=NOW, days=DAYS)
    frame = worked.run(waits)
    return sorted(int(value) for value in frame[frame.is_answered].seconds)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # chats 10 twice, 20, 40; the shop began 30
        (Response(), [5 * MINUTE, 20 * MINUTE, 2 * HOUR, 13 * HOUR + 30 * MINUTE]),
        # the machine's greeting counts
        (Response(bots_answer=True), [5, 5 * MINUTE, 2 * HOUR, 13 * HOUR + 30 * MINUTE]),
        # from the last of two questions
        (Response(anchor="last"), [3 * MINUTE, 20 * MINUTE, 2 * HOUR, 13 * HOUR + 30 * MINUTE]),
        # chat 30 in which the shop began counts as no time
        (Response(ours="zero"), [0, 5 * MINUTE, 20 * MINUTE, 2 * HOUR, 13 * HOUR + 30 * MINUTE]),
        # every wait: the reply in chat 30 as well
        (Response(which="all"), [MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR, 13 * HOUR + 30 * MINUTE]),
        # open hours only: 16:30 to 18:00, and 09:00 to 09:30
        (Response(hours=OFFICE), [5 * MINUTE, 20 * MINUTE, 30 * MINUTE, 90 * MINUTE]),
    ],
)
def test_first_response_is_what_the_parameters_say(worked: Worked, how: Response, expected: list[int]) -> None:
    """Each difference between products is one parameter, and changes what it says and nothing else."""
    assert seconds(worked, how) == expected


@pytest.mark.parametrize(
    ("name", "n", "centre"),
    [
        (Preset.CHATWOOT, 5, (0 + 5 + 20 + 120 + 810) * MINUTE / 5),  # mean, with the shop's own conversation as no time
        (Preset.INTERCOM, 4, (20 + 120) / 2 * MINUTE),  # median, which the shop's own is not part of
        (Preset.PLAIN, 4, (20 + 120) / 2 * MINUTE),
    ],
)
def test_a_preset_gives_the_figure_of_its_product(worked: Worked, name: Preset, n: int, centre: float) -> None:
    """What three products would show for the same conversations."""
    how = preset(name, Response())
    waits = waited(worked.waits(), worked.turns, how, Scope(), now=NOW, days=DAYS)
    [row] = worked.run(response_times(waits, by=None, timezone=ZONE)).itertuples()
    assert row.n == n
    assert getattr(row, "mean" if name is Preset.CHATWOOT else "p50") == centre


def test_waits_without_an_answer_are_counted_and_named(worked: Worked) -> None:
    """Chat 50 wrote last at half past eleven and has waited since eleven: four hours at three o'clock."""
    waits = waited(worked.waits(), worked.turns, Response(which="all"), Scope(), now=NOW, days=DAYS)
    [row] = worked.run(unanswered(waits)).itertuples()
    assert (row.chat, row.seconds) == (50, 4 * HOUR)
    [total] = worked.run(response_times(waits, by=None, timezone=ZONE)).itertuples()
    assert (total.n, total.unanswered) == (5, 1)


def test_the_promised_time_fails_for_who_still_waits(worked: Worked) -> None:
    """Within half an hour: one minute, five, twenty; not two hours, not a night, and not chat 50."""
    waits = waited(worked.waits(), worked.turns, Response(which="all"), Scope(), now=NOW, days=DAYS)
    [row] = worked.run(attainment(waits, within=30 * MINUTE, by=None, timezone=ZONE)).itertuples()
    assert (row.n, row.met, row.share) == (6, 3, 0.5)


def test_the_waiting_curve_counts_open_waits_for_as_long_as_they_lasted(worked: Worked) -> None:
    """
    Kaplan-Meier by hand: six wait; 5/6, 4/6, 3/6, 2/6 are left after 1, 5, 20 and 120
    minutes; chat 50 leaves at 240 without an answer; one of one is answered at 810.
    """
    waits = waited(worked.waits(), worked.turns, Response(which="all"), Scope(), now=NOW, days=DAYS)
    curve = worked.run(survival(waits))
    assert list(curve.seconds // MINUTE) == [1, 5, 20, 120, 240, 810]
    assert list(curve.waiting) == [6, 5, 4, 3, 2, 1]
    assert list(curve.share) == pytest.approx([5 / 6, 4 / 6, 3 / 6, 2 / 6, 2 / 6, 0])


def test_conversations_end_after_a_day_of_silence(worked: Worked) -> None:
    """Six: chat 10 twice. The shop began one, and wrote last in all but chat 50."""
    [row] = worked.run(begun_and_ended(conversations(worked.turns, GAP), by=Period.MONTH, timezone=ZONE)).itertuples()
    assert (row.conversations, row.began, row.ended) == (6, 1, 5)


def test_resolution_is_from_the_first_question_to_the_last_answer(worked: Worked) -> None:
    """Of those that customers began and the shop ended: 5 minutes, 2 hours, 20 minutes, 13 and a half hours."""
    [row] = worked.run(resolution_times(conversations(worked.turns, GAP), by=Period.MONTH, timezone=ZONE)).itertuples()
    assert (row.n, row.mean) == (4, (5 + 120 + 20 + 810) / 4 * MINUTE)


def test_a_late_answer_belongs_to_what_it_answers() -> None:
    """An answer after three days begins no conversation, and the customer waited three days."""
    late = Worked([Line(10, "customer", "2026-11-03 10:00:00"), Line(10, "shop", "2026-11-06 10:00:00")])
    assert len(late.run(conversations(late.turns, GAP))) == 1
    assert seconds(late, Response()) == [72 * HOUR]


def test_messages_are_counted_by_the_clock_of_the_shop(worked: Worked) -> None:
    """Of 15 messages 8 were received; the one of eight in the evening is of Tuesday, though UTC has Wednesday by then."""
    days = worked.run(volume(tallies_of(facts()), by=Period.DAY, timezone=ZONE))
    assert (int(days.received.sum()), int(days.sent.sum())) == (8, 7)
    assert list(days.received + days.sent) == [7, 4, 2, 2]
    hours = worked.run(busiest_hours(tallies_of(facts()), timezone=ZONE)).set_index(["weekday", "hour"])
    assert hours.received[1, 20] == 1


def test_kinds_and_voice_notes(worked: Worked) -> None:
    """One voice note and thirteen texts; the picture carries no words of its own."""
    kinds = worked.run(mix(facts())).set_index("type")
    assert dict(kinds.messages) == {"text": 13, "image": 1, "voice": 1}
    assert worked.run(voice_share(facts(), by=Period.MONTH, timezone=ZONE)).share[0] == pytest.approx(1 / 14)


def test_a_customer_is_new_once() -> None:
    """Two in the first week, of whom one comes again in the second, with one new one, also where only that week is asked for."""
    weeks = [Line(1, "customer", "2026-11-03 10:00:00"), Line(2, "customer", "2026-11-04 10:00:00")]
    weeks += [Line(1, "customer", "2026-11-10 10:00:00"), Line(3, "customer", "2026-11-11 10:00:00")]
    counted = Worked(weeks)
    rows = counted.run(new_and_returning(tallies_of(facts()), None, by=Period.WEEK, timezone=ZONE))
    assert list(rows.new) == [2, 1]
    assert list(rows.returning) == [0, 1]
    monday = int(datetime(2026, 11, 9, tzinfo=ZoneInfo(ZONE)).timestamp())
    table = tallies_of(facts())
    second, first = table.filter(table.hour >= monday), table.filter(table.hour < monday)
    [row] = counted.run(new_and_returning(second, first, by=None, timezone=ZONE)).itertuples(index=False)
    assert (row.new, row.returning) == (1, 1)
