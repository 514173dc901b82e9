from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from network.bare_client import BareClient
from network.linked import linked, qr_png

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import LinkingFailed

pytestmark = pytest.mark.network

NUMBER = "+57 300 123 4567"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """Return a network for the whole file."""
    with Network() as running:
        yield running


@pytest.fixture
def client(network: Network, tmp_path: Path) -> Iterator[BareClient]:
    """Return the real library, which shows a QR code."""
    with BareClient(network, tmp_path / "session.db") as running:
        yield running


@pytest.fixture
def phone(network: Network) -> Phone:
    """Return the phone of the business."""
    return network.phone(NUMBER, name="Café Andino")


def test_phone_scans_the_picture_and_unlinks(phone: Phone, client: BareClient) -> None:
    """A phone that scans the picture links the library, lists it, and can remove it again."""
    device = phone.scan(qr_png(client.wait("QR")))
    client.wait("Connected")
    phone.wait_ready(device)
    assert [device] == phone.devices
    phone.unlink(device)
    assert False is client.wait("LoggedOut")["OnConnect"]
    assert [] == phone.devices


def test_phone_types_the_pairing_code(phone: Phone, client: BareClient) -> None:
    """A phone that types the code that the library shows links it."""
    client.wait("QR")
    code = client.call("PairPhone", phone.number.digits, True)
    device = phone.type_code(code)
    client.wait("Connected")
    phone.wait_ready(device)
    assert device in phone.devices
    phone.unlink(device)


def test_phone_mistyped_code_links_nothing(phone: Phone, client: BareClient) -> None:
    """A wrong pairing code is noticed by the phone, and the right one still works afterwards."""
    client.wait("QR")
    code = client.call("PairPhone", phone.number.digits, True)
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    with pytest.raises(LinkingFailed, match="type them again"):
        phone.type_code(wrong)
    assert [] == phone.devices


def test_phone_scanning_a_stale_code_says_what_to_do(network: Network, phone: Phone, tmp_path: Path) -> None:
    """A code whose companion is gone links nothing, and the message asks for a new one."""
    with BareClient(network, tmp_path / "session.db") as client:
        picture = qr_png(client.wait("QR"))
    with pytest.raises(LinkingFailed, match="new code"):
        phone.scan(picture)


def test_phone_links_two_companions(tmp_path: Path) -> None:
    """Two companions of one account both get what customers write, and each other's messages as their own."""
    with linked(tmp_path) as first, BareClient(first.network, tmp_path / "second.db") as second:
        first.arrived(first.ana.send(first.business, "para el primero"))
        device = first.business.scan(qr_png(second.wait("QR")))
        second.wait("Connected")
        first.business.wait_ready(device)
        first.ana.send(first.business, "para los dos")
        first.client.wait_text("para los dos")
        second.wait_text("para los dos")
        first.library_sends(first.ana.jid, "del primero")
        assert second.wait_text("del primero")["Info"]["MessageSource"]["IsFromMe"]
        assert [first.device, device] == first.business.devices
