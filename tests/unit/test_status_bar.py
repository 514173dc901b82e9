"""The status bar's words and figures, and what it does while the host comes and goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from scripted_client import PHONE, PUSH_NAME, connected, status

from wakit.model import Send, SendState, SessionState
from wakit.pacing import Stop, StopReason
from wakit.widgets.bar import Queue, Seen, Today, bar, line

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
BOGOTA = ZoneInfo("America/Bogota")
MIDNIGHT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def send(state: SendState) -> Send:
    """Return a send in this state."""
    return Send(id="1", account="default", to="573009876543@s.whatsapp.net", state=state, created_at=NOW, updated_at=NOW)


def test_bar_says_all_of_an_account() -> None:
    """State, number, name, network, queue and coverage stand in one message."""
    seen = Seen(account="ventas", status=connected(), queue=Queue(), today=Today(complete=0.972, partial=0.01))
    told = bar(seen, NOW, "es")
    assert (told["icon"], told["word"], told["account"]) == ("●", "Conectado", "ventas")
    assert (told["phone"], told["name"]) == ("+57 300 1234567", PUSH_NAME)
    assert (told["queue"], told["today"]) == ("Cola vacía", "Cobertura hoy 97 %")
    assert told["emulated"] == "Red emulada: nada sale de este equipo."


def test_bar_says_what_is_run_next() -> None:
    """The schedule that is due first stands in the bar: its time today, or else its day as well."""
    soon = Seen(account="default", status=connected(), coming=("notify", NOW + timedelta(hours=1)))
    assert bar(soon, NOW, "en")["coming"] == "Next run: notify, 13:00"
    later = Seen(account="default", status=connected(), coming=("notify", NOW + timedelta(days=1)))
    assert bar(later, NOW, "en")["coming"] == "Next run: notify, 2026-11-25 12:00"
    assert bar(Seen(account="default", status=connected()), NOW, "en")["coming"] is None


def test_private_bar_names_nobody() -> None:
    """Neither name nor number is in anything that the browser gets."""
    told = str(bar(Seen(account="default", status=connected(), private=True), NOW, "es"))
    assert "C. A." in told
    assert "······67" in told
    assert not any(secret in told for secret in (PUSH_NAME, PHONE, "1234567", "300"))


def test_undecided_sends_are_told_apart() -> None:
    """What may have gone out is not merely waiting."""
    states = [SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN]
    queue = Queue.of([send(state) for state in states])
    assert queue == Queue(waiting=2, undecided=1)
    told = bar(Seen(account="default", queue=queue), NOW, "en")
    assert (told["queue"], told["undecided"]) == ("2 sends wait, 1 send undecided", True)
    assert bar(Seen(account="default", queue=Queue(undecided=1)), NOW, "en")["queue"] == "1 send undecided"


def test_today_begins_at_midnight_of_its_zone() -> None:
    """Only what lies between midnight and now counts, an open interval to now."""
    intervals = [
        (MIDNIGHT - timedelta(hours=5), MIDNIGHT + timedelta(hours=3), "complete"),
        (MIDNIGHT + timedelta(hours=3), MIDNIGHT + timedelta(hours=6), "partial"),
        (MIDNIGHT + timedelta(hours=6), MIDNIGHT + timedelta(hours=9), "blind"),
        (MIDNIGHT + timedelta(hours=9), None, "complete"),
    ]
    assert Today.of(intervals, NOW, BOGOTA) == Today(complete=0.5, partial=0.25)
    assert Today.of([], NOW, BOGOTA) == Today(complete=0.0, partial=0.0)


@pytest.mark.parametrize(("share", "percent"), [(1.0, "100 %"), (0.9999, "99 %"), (0.0, "0 %")])
def test_only_all_of_it_is_a_hundred(share: float, percent: str) -> None:
    """A minute that was missed is not rounded away."""
    assert percent in str(bar(Seen(account="default", today=Today(complete=share, partial=0)), NOW, "es")["today"])


def test_lost_host_is_said_and_figures_are_not() -> None:
    """Without a host nothing is known of the queue."""
    seen = Seen(account="default", status=connected(), queue=Queue(), today=Today(complete=1, partial=0), attached=False)
    told = bar(seen, NOW, "en")
    assert (told["state"], told["word"], told["queue"], told["today"]) == ("no_host", "No service", None, None)


def test_kept_line_has_no_name_and_no_number() -> None:
    """An output notebook keeps the state, not the person."""
    seen = Seen(account="ventas", status=connected(), queue=Queue(waiting=1), today=Today(complete=1, partial=0))
    assert line(seen, "en") == "● Connected · ventas · Emulated network · 1 send waits · Coverage today 100 %"
    stopped = Seen(account="ventas", status=status(SessionState.STOPPED))
    assert PUSH_NAME not in line(stopped, "es")


def test_bar_says_that_nothing_is_sent() -> None:
    """A stopped account says why and what to do; a bar without a host says nothing of it."""
    stop = Stop(account="ventas", reason=StopReason.PAUSED, detail="", since=NOW, until=None)
    seen = Seen(account="ventas", status=connected(), stop=stop)
    assert bar(seen, NOW, "en")["stopped"] == (
        "⏸ Nothing is sent: somebody paused the account. → To go on run: wakit pacing resume ventas"
    )
    assert "alguien pausó la cuenta" in line(seen, "es")
    assert bar(replace(seen, attached=False), NOW, "en")["stopped"] is None
