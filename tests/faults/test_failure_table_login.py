"""The failure table, login: WhatsApp refuses, and the session says so and does the one right thing about it (F17)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from driven_session import Driven, poll, says

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.paths import Workspace

pytestmark = [pytest.mark.network, pytest.mark.faults]

BUSINESS = "+57 300 123 4567"


def stays(ana: Driven, state: str) -> None:
    """Check that the worker is ended and none is started again by itself."""
    poll(lambda: ana.session.pid is None)
    restarts = ana.status.restarts
    time.sleep(0.3)  # longer than the pause of any restart in these tests
    assert (ana.status.state, ana.status.restarts, ana.session.pid) == (state, restarts, None)


@pytest.mark.parametrize(("reason", "said"), [(401, "logged_out"), (403, "main_device_gone"), (406, "unknown_logout")])
def test_F17_refused_as_logged_out(ana: Driven, net: Network, phone: Phone, customer: Phone, reason: int, said: str) -> None:
    """401, 403, 406 at login: logged_out with the cause, the session file kept aside, linking again works, nothing lost."""
    customer.send(BUSINESS, "antes")
    ana.await_texts(["antes"])
    net.faults.arm("login-failure", reason=reason, times=1)
    net.drop(ana.device)
    ended = ana.until("logged_out")
    assert ended.reason == said
    says(ended, es="El teléfono cerró esta sesión", en="The phone ended this session")
    stays(ana, "logged_out")
    assert (ana.workspace.account_dir("ana") / "ended-session.db").exists()
    assert ana.texts() == ["antes"]
    ana.link(phone)


def test_F17_restricted_until_a_known_time(ana: Driven, net: Network, customer: Phone) -> None:
    """402: banned until then, no restart; once it is over a person resumes it and what was sent meanwhile arrives."""
    net.faults.arm("login-failure", reason=402, code=101, expire=3600, times=1)
    net.drop(ana.device)
    banned = ana.until("banned")
    assert banned.banned_until is not None
    assert abs(banned.banned_until - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=10)
    assert banned.reason == "send_to_too_many_people"
    says(banned, es=f"restringió la cuenta hasta {banned.banned_until.astimezone():%Y-%m-%d}", en="All sends are paused")
    stays(ana, "banned")
    customer.send(BUSINESS, "¿me oyen?")
    ana.do(ana.session.resume())
    assert ana.status.state == "banned"
    ana.do(ana.session.retry_now())
    ana.until("connected")
    ana.await_texts(["¿me oyen?"])


def test_F17_restricted_with_a_code_that_the_library_does_not_know(ana: Driven, net: Network) -> None:
    """402 with another code kills the library's event pump; the session still says banned and does not fight."""
    net.faults.arm("login-failure", reason=402, code=777, expire=60, times=1)
    net.drop(ana.device)
    banned = ana.until("banned")
    assert (banned.banned_until, banned.reason) == (None, "unknown code")
    says(banned, es="restringió la cuenta", en="restricted the account")
    stays(ana, "banned")
    assert ana.ends()[-1]["code"] == 20


def test_F17_outdated(ana: Driven, net: Network, customer: Phone) -> None:
    """405: outdated, no restart, the session is kept and works again after the update."""
    net.faults.arm("login-failure", reason=405, times=1)
    net.drop(ana.device)
    says(ana.until("outdated"), es="ya no acepta esta versión", en="no longer accepts this version")
    stays(ana, "outdated")
    customer.send(BUSINESS, "hola")
    ana.do(ana.session.retry_now())
    ana.until("connected")
    ana.await_texts(["hola"])


@pytest.mark.parametrize("reason", [400, 409, 413, 414, 415, 418, 429])
def test_F15_refused_for_a_reason_of_no_other_row(ana: Driven, net: Network, customer: Phone, reason: int) -> None:
    """Reasons that the library cannot say end its pump or its process: a fresh worker tries again until it works."""
    net.faults.arm("login-failure", reason=reason, times=2)
    net.drop(ana.device)
    waiting = ana.until("reconnecting", where=lambda status: status.retry_at and status.restarts)
    says(waiting, es="Sin conexión desde hace", en="Sends wait in the queue")
    customer.send(BUSINESS, f"hola {reason}")
    ana.until("connected")
    ana.await_texts([f"hola {reason}"])
    assert len(ana.gaps()) == 1


@pytest.mark.parametrize("reason", [500, 503])
def test_refused_for_now(ana: Driven, net: Network, customer: Phone, reason: int) -> None:
    """500 and 503: the library tries again by itself and connects."""
    net.faults.arm("login-failure", reason=reason, times=1)
    net.drop(ana.device)
    says(ana.until("reconnecting"), es="reintento en", en="retrying in")
    customer.send(BUSINESS, f"hola {reason}")
    ana.until("connected")
    ana.await_texts([f"hola {reason}"])
    assert [gap.cause for gap in ana.gaps()] == ["offline"]


@pytest.mark.parametrize("status", [429, 503])
def test_the_first_dial_is_refused(ana: Driven, net: Network, customer: Phone, status: int) -> None:
    """HTTP 429 and 503 at start: the worker ends as unreachable and the next ones try with growing pauses."""
    ana.stop()
    ana.forget()
    net.faults.arm("dial-refused", status=status, times=4)
    customer.send(BUSINESS, f"hola {status}")
    ana.start()
    refused = ana.until("reconnecting", where=lambda now: now.reason)
    assert f"got {status}" in str(refused.reason)
    ana.until("connected")
    ana.await_texts([f"hola {status}"])
    assert {end["cause"] for end in ana.ends()} == {"unreachable"}


def test_the_first_dial_is_refused_while_linking(workspace: Workspace, net: Network) -> None:
    """An account that is being linked shows its QR as soon as WhatsApp can be reached."""
    with Driven(workspace, "leo", network=net) as leo:
        net.faults.arm("dial-refused", status=503, times=2)
        leo.start()
        assert "got 503" in str(leo.until("starting", where=lambda now: now.reason).reason)
        leo.until("qr")
