"""After a connection nothing automated leaves before what waited is in the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from wakit.model import Purpose
from wakit.outbox.gate import Candidate, Go, Verdict, Wait
from wakit.outbox.reconnection import LONGEST, LOOK, Reconnection

START = datetime(2026, 11, 24, 15, tzinfo=UTC)


def heard(*names: str) -> Reconnection:
    """Return the gate after what the library told at the start."""
    gate = Reconnection()
    for name in names:
        gate.hear("default", name, START)
    return gate


def verdict(gate: Reconnection, after: timedelta, **changes: Any) -> Verdict:
    """Return what the gate says of a message some time after the start."""
    about = {"account": "default", "purpose": Purpose.MARKETING} | changes
    candidate = Candidate(
        id="s", to="573001234567@s.whatsapp.net", priority=0, campaign=None, created_at=START, not_after=None, **about
    )
    return gate.check(None, candidate, START + after)  # type: ignore[arg-type]


def test_what_is_planned_waits_for_what_people_wrote_meanwhile() -> None:
    """The whole account waits, a moment at a time; what a person writes, and other accounts, do not."""
    gate, soon = heard("OfflineSyncCompleted", "Connected", "Message"), timedelta(seconds=2)
    waits = verdict(gate, soon)
    assert isinstance(waits, Wait)
    assert (waits.until, waits.account) == (START + soon + LOOK, True)
    assert verdict(gate, soon, purpose=None) == Go()
    assert verdict(gate, soon, account="otra") == Go()


def test_it_leaves_once_all_of_it_came() -> None:
    """The end of what waited opens the gate, until the next connection."""
    assert verdict(heard("Connected", "Message", "OfflineSyncCompleted"), LOOK) == Go()
    assert isinstance(verdict(heard("Connected", "OfflineSyncCompleted", "Connected"), LOOK), Wait)


def test_nobody_is_waited_for_for_ever() -> None:
    """Where WhatsApp never says that this was all, and where the clock was set back, it goes on."""
    gate = heard("Connected")
    assert verdict(gate, LONGEST - LOOK / 2) == Wait(START + LONGEST, waits_for(gate), account=True)
    assert verdict(gate, LONGEST) == Go()
    assert verdict(gate, -LOOK) == Go()


def waits_for(gate: Reconnection) -> str:
    """Return the reason that is given for waiting."""
    waits = verdict(gate, LOOK)
    assert isinstance(waits, Wait)
    return waits.reason
