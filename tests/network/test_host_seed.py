"""The main job over the seed's four endpoints, with exactly its JSON, on the real library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from hosts import until
from network.hosted import BUSINESS, CUSTOMER, Hosted, Listener, hosted, picture

from wakit.client import connect
from wakit.emulator import Network
from wakit.model import SessionState
from wakit.paths import Workspace

pytestmark = pytest.mark.network


@pytest.fixture
def shop(workspace: Workspace, whatsapp_network: Network) -> Iterator[Hosted]:
    with hosted(workspace, whatsapp_network) as found:
        yield found


def test_scan_send_receive_and_disconnect_over_rest(shop: Hosted) -> None:
    """QR as a picture → the phone scans it → connected → message in → message out → receipts → unlinked."""
    phone, customer = shop.network.phone(BUSINESS, name="Café Andino"), shop.network.phone(CUSTOMER, name="Ana")
    nobody = {"success": True, "status": "STOPPED", "isConnected": False, "qrCode": None, "connection": None}
    assert shop.rest("GET", "/api/whatsapp/status") == (200, nobody)

    status, shown = shop.rest("POST", "/api/whatsapp/connect", {"network": str(shop.network.descriptor)})
    assert (status, set(shown), shown["success"]) == (200, {"success", "qr", "message"}, True)
    assert shown["message"] == "QR generado. Escanea con WhatsApp."
    assert shop.rest("GET", "/api/whatsapp/status")[1]["status"] == "QR"

    with connect(shop.workspace) as other:
        listener = Listener(other)
        phone.wait_ready(phone.scan(picture(shown["qr"])))
        until(lambda: shop.rest("GET", "/api/whatsapp/status")[1]["isConnected"])
        told = shop.rest("GET", "/api/whatsapp/status")[1]
        assert set(told) == {"success", "status", "isConnected", "qrCode", "connection"}
        assert (told["success"], told["status"], told["qrCode"]) == (True, "CONNECTED", None)
        assert told["connection"]["phoneNumber"] == "+573001234567"
        assert datetime.fromisoformat(told["connection"]["lastConnectedAt"]).tzinfo is not None

        customer.send(BUSINESS, "¿Precio del café molido?")
        event = listener.wait(lambda event: event.kind == "message")
        assert (event.data["text"], event.account) == ("¿Precio del café molido?", "default")
        until(lambda: [row["text"] for row in shop.rest("GET", "/api/messages")[1]] == ["¿Precio del café molido?"])

        said = {"to": "+573009876543@s.whatsapp.net", "content": "Hola desde el bot!"}
        assert shop.rest("POST", "/api/whatsapp/send", said) == (200, {"success": True, "message": "Message sent successfully"})
        got = customer.wait_for(text="Hola desde el bot!")
        customer.mark_read(got)
        listener.wait(lambda event: event.kind == "send" and event.data["state"] == "read")
        until(lambda: len(shop.rest("GET", "/api/messages")[1]) == 2)

    assert shop.rest("POST", "/api/whatsapp/disconnect", {}) == (200, {"success": True, "message": "Disconnected successfully"})
    assert phone.devices == []
    assert not shop.workspace.account_dir("default").exists()
    assert shop.rest("GET", "/api/whatsapp/status") == (200, nobody)
    assert len(shop.rest("GET", "/api/messages")[1]) == 2


def test_refusals_have_a_code_a_sentence_and_the_seeds_form(shop: Hosted) -> None:
    """What cannot be done is a problem document with success false; nothing is created."""
    bad_network = {"account": "ana", "network": "/nowhere/network.json"}
    for path, body, status, code in (
        ("/api/whatsapp/send", {"to": "+573009876543", "content": "x"}, 404, "unknown-account"),
        ("/api/whatsapp/disconnect", {"account": "ana"}, 404, "unknown-account"),
        ("/api/whatsapp/connect", bad_network, 400, "network-descriptor-error"),
        ("/api/whatsapp/connect", {"account": "../ana"}, 400, "invalid-account-id"),
        ("/api/whatsapp/connect", {"account": "ana", "phone": "12"}, 400, "invalid-phone-number"),
    ):
        answered, told = shop.rest("POST", path, body)
        assert (answered, told["code"], told["success"]) == (status, code, False)
        assert told["message"] == told["detail"]
    assert shop.rest("GET", "/api/sessions") == (200, [])
    assert not list(shop.workspace.sessions.glob("*/"))


def test_linking_by_a_code_typed_on_the_phone(shop: Hosted) -> None:
    """With a phone number the answer has a code instead of a picture, and typing it connects."""
    phone = shop.network.phone(BUSINESS, name="Café Andino")
    status, shown = shop.rest(
        "POST", "/api/whatsapp/connect", {"account": "ana", "network": str(shop.network.descriptor), "phone": BUSINESS}
    )
    assert (status, shown["qr"]) == (200, None)
    phone.type_code(shown["pairingCode"])
    assert shop.reach("ana", SessionState.CONNECTED).phone == "+573001234567"
