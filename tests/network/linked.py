"""A business whose phone linked the real library, and two customers: what the phone tests stand on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qrcode
from network.bare_client import BareClient
from PIL import Image

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.ids import JID


@dataclass
class Linked:
    """One network with everybody on it."""

    network: Network
    #: The linked account.
    business: Phone
    #: The real library, linked to it.
    client: BareClient
    #: Its address.
    device: JID
    ana: Phone
    beto: Phone

    def arrived(self, message_id: str) -> Any:
        """Return the library's event for a message that a phone sent; the event with only its sender key comes before."""
        return self.client.wait(
            "Message",
            lambda data: data["Info"]["ID"] == message_id and list(data["Message"]) != ["senderKeyDistributionMessage"],
        )

    def library_sends(self, to: object, text: str) -> str:
        """Send a text with the library and return its id."""
        answer = self.client.call("send_message", {"jid": str(to)}, text)
        return str(answer["ID"])


@contextmanager
def linked(folder: Path, *, state: Path | None = None) -> Iterator[Linked]:
    """Bring a network up, link the library by the picture of its QR code, and wait until it is ready."""
    with Network(state) as network:
        business = network.phone("+57 300 123 4567", name="Café Andino")
        with BareClient(network, folder / "session.db") as client:
            device = business.scan(qr_png(client.wait("QR")))
            client.wait("Connected")
            business.wait_ready(device)
            ana, beto = network.phone("+57 310 765 4321", name="Ana"), network.phone("+57 311 222 3344", name="Beto")
            yield Linked(network, business, client, device, ana, beto)


def qr_png(text: str) -> bytes:
    """Draw a QR code as a login would show it."""
    return _saved(qrcode.make(text, box_size=6, border=4).get_image(), "PNG")


def jpeg(size: tuple[int, int] = (160, 120), color: str = "orange") -> bytes:
    """Return a small photo."""
    return _saved(Image.new("RGB", size, color), "JPEG")


def _saved(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()
