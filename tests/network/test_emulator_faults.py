"""Each way in which WhatsApp fails, produced by the emulator and seen by the real library."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from network.bare_client import BareClient, CallFailed, jid, link

from wakit.emulator import Fault, Network
from wakit.emulator.phone import Phone

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def leo(net: Network) -> Phone:
    return net.phone("+57 300 987 6543", name="Leo")


class Linked:
    """One account of its own for one test."""

    numbers = iter(range(573_001_230_000, 573_001_239_999))

    def __init__(self, net: Network, folder: Path) -> None:
        self.phone = net.phone(f"+{next(self.numbers)}", name="Ana")
        self.client = link(net, folder, self.phone)
        self.device = self.phone.devices[0]


@pytest.fixture
def linked(net: Network, tmp_path: Path) -> Iterator[Linked]:
    made = Linked(net, tmp_path)
    yield made
    net.faults.disarm()
    made.client.kill()


def again(net: Network, linked: Linked) -> BareClient:
    """Return the same session in a new process."""
    linked.client.kill()
    return BareClient(net, linked.client.session)


@pytest.mark.parametrize("reason", [401, 403, 406])
def test_login_refused_for_good_deletes_the_session(net: Network, linked: Linked, reason: int) -> None:
    """After these the library has logged out and forgets the device."""
    net.faults.arm(Fault.LOGIN_FAILURE, account=linked.phone.jid.user, reason=reason)
    with again(net, linked) as client:
        assert client.wait("LoggedOut")["OnConnect"] is True


def test_temporary_ban_says_code_and_end(net: Network, linked: Linked) -> None:
    """402 carries both, and the session stays."""
    net.faults.arm(Fault.LOGIN_FAILURE, account=linked.phone.jid.user, reason=402, code=101, expire=3600, times=1)
    with again(net, linked) as client:
        ban = client.wait("TemporaryBan")
        assert int(ban["Expire"]) in (3600, 3600 * 10**9)
    with again(net, linked) as client:
        client.wait("Connected")


def test_outdated_client_is_told_so(net: Network, linked: Linked) -> None:
    """405 is its own event."""
    net.faults.arm(Fault.LOGIN_FAILURE, account=linked.phone.jid.user, reason=405)
    with again(net, linked) as client:
        client.wait("ClientOutdated")


def test_unknown_reason_ends_the_librarys_event_pump(net: Network, linked: Linked) -> None:
    """A reason that the wrapper does not know makes connect() return with an error."""
    net.faults.arm(Fault.LOGIN_FAILURE, account=linked.phone.jid.user, reason=429)
    with again(net, linked) as client:
        assert "required field" in client.wait("ConnectReturned")


def test_server_trouble_at_login_is_retried(net: Network, linked: Linked) -> None:
    """503 twice, then in."""
    net.faults.arm(Fault.LOGIN_FAILURE, account=linked.phone.jid.user, reason=503, times=2)
    with again(net, linked) as client:
        client.wait("Connected", timeout=30)
        assert client.count("Disconnected") >= 1


@pytest.mark.parametrize("status", [429, 503])
def test_dial_refused_at_start_is_an_error_of_connect(net: Network, linked: Linked, status: int) -> None:
    """The library does not retry its first dial; the caller must."""
    net.faults.arm(Fault.DIAL_REFUSED, status=status)
    with again(net, linked) as client:
        assert str(status) in client.wait("ConnectReturned")


def test_dial_refused_while_reconnecting_is_retried(net: Network, linked: Linked) -> None:
    """Once it was connected, the library tries until it is let in."""
    net.faults.arm(Fault.DIAL_REFUSED, status=503, times=1)
    net.drop(linked.device)
    linked.client.wait("Connected", timeout=30, after=len(linked.client.events))


def test_dropped_connection_comes_back_with_what_was_missed(net: Network, linked: Linked, leo: Phone) -> None:
    """A TCP drop loses nothing."""
    net.drop(linked.device)
    leo.send(linked.phone, "durante el corte")
    linked.client.wait_text("durante el corte")


def test_outage_ends_by_itself(net: Network, linked: Linked, leo: Phone) -> None:
    """Sends fail at once meanwhile; afterwards the library is back and gets what waited."""
    net.outage(1.0)
    leo.send(linked.phone, "sin red")
    linked.client.wait("Disconnected")
    with pytest.raises(CallFailed, match=r"not connected|disconnected"):
        linked.client.call("send_message", jid(leo.jid), "x")
    linked.client.wait_text("sin red", timeout=40)


@pytest.mark.parametrize("code", [500, 503, 429, 401])
def test_stream_error_reconnects(net: Network, linked: Linked, code: int) -> None:
    """Without a conflict the library comes back by itself."""
    seen = len(linked.client.events)
    net.stream_error(linked.device, code)
    linked.client.wait("Connected", after=seen, timeout=30)


def test_stream_restart_reconnects_silently(net: Network, linked: Linked) -> None:
    """515 is a restart that nobody hears of but through Connected."""
    seen = len(linked.client.events)
    net.stream_error(linked.device, 515)
    linked.client.wait("Connected", after=seen, timeout=30)
    assert "StreamError" not in [event for event, _ in linked.client.events[seen:]]


def test_replaced_stream_stays_away(net: Network, linked: Linked) -> None:
    """The library does not fight for its place."""
    net.stream_error(linked.device, conflict="replaced")
    linked.client.wait("StreamReplaced")
    assert linked.client.count("LoggedOut") == 0


def test_refused_message_is_an_error_with_its_number(net: Network, linked: Linked, leo: Phone) -> None:
    """429 on a message reaches the caller, the customer gets nothing, the next message goes through."""
    net.faults.arm(Fault.MESSAGE_REFUSED, account=linked.phone.jid.user, status=429, times=1)
    with pytest.raises(CallFailed, match="429"):
        linked.client.call("send_message", jid(leo.jid), "demasiado")
    linked.client.call("send_message", jid(leo.jid), "con calma")
    leo.wait_for(text="con calma")
    assert "demasiado" not in [message.text for message in leo.inbox]


def test_unacknowledged_message_is_delivered_once(net: Network, linked: Linked, leo: Phone) -> None:
    """The send hangs without its ack; after a drop the library sends it again and the customer still has one."""
    net.faults.arm(Fault.MESSAGE_UNACKED, account=linked.phone.jid.user, times=1)
    answers: list[Any] = []
    call = threading.Thread(target=lambda: answers.append(linked.client.call("send_message", jid(leo.jid), "una vez")))
    call.start()
    leo.wait_for(text="una vez")
    assert not answers
    net.drop(linked.device)
    call.join(30)
    assert answers
    assert [message.text for message in leo.inbox].count("una vez") == 1


def test_refused_query_is_an_error_with_its_number(net: Network, linked: Linked) -> None:
    """429 on a look-up reaches the caller; other queries are answered."""
    net.faults.arm(Fault.IQ_REFUSED, account=linked.phone.jid.user, status=429, xmlns="usync")
    with pytest.raises(CallFailed, match="429"):
        linked.client.call("is_on_whatsapp", "+573009876543")
    linked.client.call("get_blocklist")


def test_ignored_receipts_bring_the_message_again(net: Network, linked: Linked, leo: Phone) -> None:
    """What the network forgot that it was confirmed is delivered again after a reconnect; the library drops it."""
    net.faults.arm(Fault.RECEIPTS_IGNORED, account=linked.phone.jid.user)
    number = leo.send(linked.phone, "dos veces")
    linked.client.wait_text("dos veces")
    net.drop(linked.device)
    seen = len(linked.client.events)
    linked.client.wait("Connected", after=seen, timeout=30)
    deadline = time.monotonic() + 10
    while len(net.trace.select("message", who=str(linked.device), id=number)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    again = net.trace.select("message", who=str(linked.device), id=number)
    assert [node.get("offline") for node in again] == ["", "1"]
    assert linked.client.count("Message", lambda data: data["Info"]["ID"] == number) == 1


def test_receipt_of_an_unknown_type_ends_the_event_pump(net: Network, linked: Linked, leo: Phone) -> None:
    """A receipt type that the wrapper lacks makes connect() return while the socket stays up."""
    net.send_receipt(linked.device, sender=leo.lid, ids=["ABC"], kind="server-error")
    assert "required field" in linked.client.wait("ConnectReturned")


def test_damaged_media_is_noticed(net: Network, linked: Linked, leo: Phone) -> None:
    """Other bytes than were uploaded are an error of the download."""
    number = leo.send_media(linked.phone, "document", b"%PDF-1.4 lista de precios")
    linked.client.wait("Message", lambda data: data["Info"]["ID"] == number)
    net.faults.arm(Fault.MEDIA_DAMAGED)
    with pytest.raises(CallFailed):
        linked.client.call("download", number)
