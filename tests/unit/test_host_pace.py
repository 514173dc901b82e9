"""What stops an account by itself, who ends that, and what the host tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.errors import RateLimited
from wakit.host.pace import PaceOffice, Wrote, linked_at
from wakit.model import SessionState, SessionStatus
from wakit.outbox import Outbox
from wakit.outbox.pacing import Pacing
from wakit.pacing import StopReason
from wakit.paths import Workspace
from wakit.session.account_file import AccountFile

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)


class Desk:
    """An office over an empty outbox, and the accounts that it woke."""

    def __init__(self, folder: Path) -> None:
        clock = ManualClock(NOW)
        self.outbox = Outbox(folder / "outbox.db", clock)
        self.woken: list[str] = []
        self.office = PaceOffice(Pacing(self.outbox, Settings(), clock, wrote=lambda *_: False), self.woken.append)

    def reason(self) -> StopReason | None:
        """Return why the account is stopped."""
        stop = self.office.standing("shop").stop
        return None if stop is None else stop.reason

    def change(self, *states: SessionState) -> None:
        """Let the session go through states."""
        for state in states:
            self.office.status_changed(SessionStatus(account="shop", state=state, since=NOW))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a desk whose account may send."""
    found = Desk(tmp_path)
    yield found
    found.outbox.close()


@pytest.mark.parametrize(("number", "reason"), [(463, StopReason.RESTRICTED), (429, StopReason.RATE_LIMITED)])
def test_warning_of_whatsapp_stops_the_account(desk: Desk, number: int, reason: StopReason) -> None:
    """Each of both errors stops it for its own reason, in the words of WhatsApp, and only for a while."""
    asyncio.run(desk.office.limited("shop", RateLimited("slow down", number=number)))
    stop = desk.office.standing("shop").stop
    assert stop is not None
    assert (stop.reason, stop.detail, stop.until is None) == (reason, "slow down", False)


@pytest.mark.parametrize(
    ("state", "reason"), [(SessionState.BANNED, StopReason.BANNED), (SessionState.LOGGED_OUT, StopReason.LOGGED_OUT)]
)
def test_lost_session_stops_the_account_once(desk: Desk, state: SessionState, reason: StopReason) -> None:
    """It stops when it happens; a host that starts afterwards stops nothing again that a person resumed."""
    desk.change(SessionState.CONNECTED, state)
    assert desk.reason() is reason
    asyncio.run(desk.office.resume("shop", "Ana"))
    desk.change(state)
    assert (desk.reason(), desk.woken) == (None, ["shop"])


def test_session_that_somebody_here_ends_stops_nothing(desk: Desk) -> None:
    """To log out is no alarm; a ban is one whatever else happens."""
    desk.change(SessionState.CONNECTED)
    for state, reason in ((SessionState.LOGGED_OUT, None), (SessionState.BANNED, StopReason.BANNED)):
        desk.office.status_changed(SessionStatus(account="shop", state=state, since=NOW), is_wanted=True)
        assert desk.reason() is reason


def test_start_with_a_lost_session_says_nothing_new(desk: Desk) -> None:
    """The first state that a host hears of an account is no change."""
    desk.change(SessionState.LOGGED_OUT)
    assert desk.reason() is None


def test_person_pauses_and_resumes(desk: Desk) -> None:
    """A pause has no end of its own; to resume wakes the queue."""
    paused = asyncio.run(desk.office.pause("shop", "holidays"))
    assert paused.stop is not None
    assert (paused.stop.reason, paused.stop.detail, paused.stop.until) == (StopReason.PAUSED, "holidays", None)
    assert asyncio.run(desk.office.resume("shop", "Ana")).stop is None
    assert desk.woken == ["shop"]


def test_who_wrote_is_looked_up_until_it_is_known() -> None:
    """Somebody who did not write is asked about again, somebody who did is not."""
    asked: list[str] = []
    answers = iter([False, True])

    def ask(_: str, address: str) -> bool:
        asked.append(address)
        return next(answers)

    wrote = Wrote(ask, lambda _: [])
    assert [wrote("shop", "ana") for _ in range(3)] == [False, True, True]
    assert len(asked) == 2


def test_age_of_an_account_is_that_of_its_link(workspace: Workspace) -> None:
    """It counts from linking; what is not linked, or cannot be read, has none."""
    assert linked_at(workspace, "shop") is None
    AccountFile(account="shop").linked("573001234567:1@s.whatsapp.net", "+573001234567", NOW).save(workspace)
    assert linked_at(workspace, "shop") == NOW
    workspace.account_file("shop").write_text("{")
    assert linked_at(workspace, "shop") is None
