"""An independent client on the same network: what wakit says, Baileys understands, and the other way round."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from network.baileys import Baileys, missing

import wakit
from wakit import autostart
from wakit.client import Client
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.model import EventKind, SendState, SessionState
from wakit.paths import Workspace

pytestmark = [
    pytest.mark.network,
    pytest.mark.baileys,
    pytest.mark.skipif(missing() is not None, reason=f"Baileys: {missing()}"),
]

#: The status that Baileys gives a message whose read receipt came.
READ = 4
SHOP, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"


@pytest.fixture
def shop(whatsapp_network: Network, workspace: Workspace) -> Iterator[Client]:
    """Return a client whose default account is linked to the shop's phone."""
    phone = whatsapp_network.phone(SHOP, name="Café Andino")
    with wakit.connect(workspace.root) as client:
        client.connect_account(network=whatsapp_network.descriptor)
        for status in client.watch():
            if status.state is SessionState.QR and status.qr and not phone.devices:
                phone.scan_text(status.qr)
            if status.state is SessionState.CONNECTED:
                break
        yield client
    autostart.stop(workspace)


@pytest.fixture
def customer(whatsapp_network: Network, tmp_path: Path) -> Phone:
    """Return the phone of a customer who uses Baileys beside it."""
    return whatsapp_network.phone(CUSTOMER, name="María")


@pytest.fixture
def baileys(whatsapp_network: Network, customer: Phone, tmp_path: Path) -> Iterator[Baileys]:
    """Return Baileys, linked to the customer's phone."""
    with Baileys(whatsapp_network, tmp_path / "baileys") as client:
        customer.scan_text(client.wait(event="qr")["qr"])
        client.wait(event="open")
        yield client


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something, within bounds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def arrived(client: Client, text: str) -> dict[str, str]:
    """Return the message with this text from the shop's event stream."""
    for event in client.events(after="0", kinds=[EventKind.MESSAGE]):
        if event.data["text"] == text:
            return event.data
    raise AssertionError


def test_wakit_and_baileys_understand_each_other(shop: Client, baileys: Baileys) -> None:
    """Texts go both ways, also in a group, and reading is told to the sender on both sides."""
    sent = shop.send(CUSTOMER, "¡Hola! Su pedido está listo.")
    heard = baileys.wait(event="message", text="¡Hola! Su pedido está listo.")
    assert sent.message_id == heard["key"]["id"]
    baileys.call("read", key=heard["key"])
    until(lambda: shop.sent(sent.id).state is SendState.READ)

    said = baileys.call("send", to=heard["key"]["remoteJid"], text="¡Gracias! Ya paso.")
    message = arrived(shop, "¡Gracias! Ya paso.")
    assert said["key"]["id"] == message["message_id"]
    assert message["from_me"] is False
    shop.mark_read(message["chat"], message["sender"], [message["message_id"]])
    assert baileys.wait(event="update", message=said["key"]["id"], status=READ)

    group = baileys.call("create_group", subject="Catación del sábado", members=["573001234567@s.whatsapp.net"])["id"]
    baileys.call("send", to=group, text="¿A qué hora es?")
    asked = arrived(shop, "¿A qué hora es?")
    assert group == asked["chat"]
    shop.send(group, "A las 10 en la barra.")
    answered = baileys.wait(event="message", text="A las 10 en la barra.")
    assert group == answered["key"]["remoteJid"]
