from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from network.bare_client import raw
from network.linked import Linked, jpeg, linked

from wakit.model import MessageType

pytestmark = pytest.mark.network

OPUS = b"OggS" + bytes(range(256)) * 12
FILES = [
    ("image", jpeg(), "imageMessage", MessageType.IMAGE),
    ("video", b"\x00\x00\x00\x18ftypmp42" + bytes(50_000), "videoMessage", MessageType.VIDEO),
    ("audio", b"ID3" + bytes(2_000), "audioMessage", MessageType.AUDIO),
    ("voice", OPUS, "audioMessage", MessageType.VOICE),
    ("document", b"%PDF-1.7 factura", "documentMessage", MessageType.DOCUMENT),
    ("sticker", b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24), "stickerMessage", MessageType.STICKER),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Return a linked business for the whole file."""
    with linked(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.mark.parametrize(("kind", "data", "field", "type_"), FILES, ids=[case[0] for case in FILES])
def test_file_from_a_phone_is_downloaded_whole(shop: Linked, kind: str, data: bytes, field: str, type_: MessageType) -> None:
    """A file of every kind that a customer sends is downloaded by the library byte for byte, and by the own phone."""
    message_id = shop.ana.send_media(shop.business, kind, data, caption="mira", seconds=3, file_name="factura.pdf")
    assert field in shop.arrived(message_id)["Message"]
    assert data == base64.b64decode(shop.client.call("download", message_id))
    received = shop.business.wait_for(lambda one: one.id == message_id)
    assert (type_, data) == (received.type, shop.business.download(received))


def test_picture_from_the_library_is_opened_by_phones(shop: Linked) -> None:
    """A picture that the library sends is opened by the customer and, as a copy, by the own phone."""
    picture = jpeg(color="teal")
    shop.client.call("send_image", {"jid": str(shop.ana.jid)}, raw(picture), caption="el menú")
    received = shop.ana.wait_for(type=MessageType.IMAGE, text="el menú")
    assert picture == shop.ana.download(received)
    assert picture == shop.business.download(shop.business.wait_for(lambda one: one.id == received.id))


def test_document_from_the_library_is_opened_by_phones(shop: Linked) -> None:
    """A document that the library sends arrives with its name."""
    shop.client.call("send_document", {"jid": str(shop.ana.jid)}, raw(b"%PDF-1.7 hola"), filename="menu.pdf")
    received = shop.ana.wait_for(type=MessageType.DOCUMENT)
    assert b"%PDF-1.7 hola" == shop.ana.download(received)
