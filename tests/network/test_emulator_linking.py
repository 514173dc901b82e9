"""The real library is linked by QR and by code, and sent away again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from network.bare_client import BareClient, CallFailed, jid, link
from network.linked import qr_png

from wakit.emulator import Fault, Network
from wakit.emulator.link import StanzaError
from wakit.errors import LinkingFailed
from wakit.ids import JID

pytestmark = pytest.mark.network


@pytest.fixture
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


def test_phone_scans_the_picture_and_the_client_logs_in(net: Network, tmp_path: Path) -> None:
    """A phone reads the QR from a picture, the client reconnects as the new device, the phone lists it."""
    phone = net.phone("+57 300 123 4567", name="Ana")
    with BareClient(net, tmp_path / "a.db") as client:
        device = phone.scan(qr_png(client.wait("QR")))
        client.wait("Connected")
        assert device == JID("573001234567", "s.whatsapp.net", 1)
        assert net.devices("+573001234567") == [device]
        assert client.wait("PairStatus")["ID"]["User"] == "573001234567"


def test_phone_types_the_pairing_code(net: Network, tmp_path: Path) -> None:
    """Linking by code ends in the same session as by QR."""
    phone = net.phone("+57 300 123 4567")
    with BareClient(net, tmp_path / "a.db") as client:
        client.wait("QR")
        code = client.call("PairPhone", "573001234567", True)
        device = phone.type_code(code)
        client.wait("Connected")
        assert net.devices("+573001234567") == [device]


def test_code_for_a_number_that_is_not_on_the_network_is_refused(net: Network, tmp_path: Path) -> None:
    """The companion gets an error at once."""
    with BareClient(net, tmp_path / "a.db") as client:
        client.wait("QR")
        with pytest.raises(CallFailed, match="404"):
            client.call("PairPhone", "573001234567", True)


def test_a_second_scan_of_a_used_code_is_refused(net: Network, tmp_path: Path) -> None:
    """A ref links one companion; scanning it again says that nobody waits behind it."""
    phone = net.phone("+57 300 123 4567")
    with BareClient(net, tmp_path / "a.db") as client:
        code = client.wait("QR")
        phone.scan_text(code)
        client.wait("Connected")
        with pytest.raises(LinkingFailed):
            phone.scan_text(code)


def test_several_companions_of_one_account_all_get_a_message(net: Network, tmp_path: Path) -> None:
    """Two companions and the phone each decrypt the message; what one writes the others see as own."""
    ana, leo = net.phone("+57 300 123 4567", name="Ana"), net.phone("+57 300 987 6543", name="Leo")
    with link(net, tmp_path, ana, "one") as one, link(net, tmp_path, ana, "two") as two:
        leo.send(ana, "para todos")
        one.wait_text("para todos")
        two.wait_text("para todos")
        assert ana.wait_for(text="para todos").from_me is False
        one.call("send_message", jid(leo.jid), "desde uno")
        assert two.wait_text("desde uno")["Info"]["MessageSource"]["IsFromMe"] is True
        assert ana.wait_for(text="desde uno").from_me is True
        assert leo.wait_for(text="desde uno").sender.device == 1


def test_phone_unlinks_the_companion(net: Network, tmp_path: Path) -> None:
    """The client is told that it was removed, and its key opens nothing any more."""
    phone = net.phone("+57 300 123 4567")
    with link(net, tmp_path, phone) as client:
        phone.unlink(phone.devices[0])
        assert client.wait("LoggedOut")["OnConnect"] is False
        assert net.devices("+573001234567") == []


def test_client_that_logs_out_is_forgotten(net: Network, tmp_path: Path) -> None:
    """Logging out on the client removes the device from the phone's list, without an error on the way."""
    phone = net.phone("+57 300 123 4567")
    with link(net, tmp_path, phone) as client:
        client.call("logout")
        assert net.devices("+573001234567") == []
        assert client.count("LoggedOut") == 0


def test_long_app_state_arrives_as_a_snapshot(net: Network, tmp_path: Path) -> None:
    """After many changes a new companion gets the state they lead to: one record with the last name."""
    phone, _ = net.phone("+57 300 123 4567", name="Ana"), net.phone("+57 300 987 6543")
    for number in range(40):
        phone.set_contacts({"+57 300 987 6543": f"Leo {number}"})
    with link(net, tmp_path, phone) as client:
        deadline = time.monotonic() + 10
        while not (names := contact_names(client)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert names == ["Leo 39"]
        answers = net.trace.select("iq", who=str(phone.devices[0]), type="result")
        assert any(node.find("sync", "collection", "snapshot") for node in answers)


def contact_names(client: BareClient) -> list[str]:
    """Return the contact names in the library's own database; it has no event for them."""
    with closing(sqlite3.connect(f"file:{client.session}?mode=ro", uri=True)) as database:
        return [name for (name,) in database.execute("SELECT full_name FROM whatsmeow_contacts WHERE full_name <> ''")]


def test_second_login_replaces_the_first(net: Network, tmp_path: Path) -> None:
    """The same session in a second process ends the first one's stream for good."""
    phone = net.phone("+57 300 123 4567", name="Ana")
    with link(net, tmp_path, phone) as first, BareClient(net, first.session) as second:
        second.wait("Connected")
        first.wait("StreamReplaced")
        phone.send(phone, "a mí")
        second.wait_text("a mí")
        assert first.count("Connected") == 1


@pytest.mark.parametrize(("fault", "status"), [(Fault.PAIRING_STALLED, None), (Fault.PAIRING_PASSKEY, "passkey-request")])
def test_pairing_that_stalls_leaves_both_sides_unlinked(net: Network, tmp_path: Path, fault: Fault, status: str | None) -> None:
    """The phone is told that it timed out; the client hears nothing, or that a passkey is wanted."""
    phone = net.phone("+57 300 123 4567")
    net.faults.arm(fault)
    with BareClient(net, tmp_path / "a.db") as client:
        with pytest.raises((LinkingFailed, StanzaError)):
            phone.scan_text(client.wait("QR"))
        if status:
            client.wait("LoginStatus", lambda data: data == status)
        assert net.devices("+573001234567") == []
        assert client.count("PairStatus") == 0


def test_connection_closed_during_qr_ends_the_offer(net: Network, tmp_path: Path) -> None:
    """A code whose companion is gone links nobody."""
    phone = net.phone("+57 300 123 4567")
    net.faults.arm(Fault.QR_CLOSED)
    with BareClient(net, tmp_path / "a.db") as client:
        code = client.wait("QR")
        client.wait("LoginStatus", lambda data: data != "success")
        with pytest.raises(LinkingFailed):
            phone.scan_text(code)
        assert client.count("Connected") == 0
