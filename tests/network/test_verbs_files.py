"""Files: each kind arrives byte for byte, described as what it is; what is no such file never leaves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hosts import until
from network.linked import jpeg
from network.shop import ANA, Shop, open_shop
from PIL import Image

from wakit.emulator.faults import Fault
from wakit.errors import FileTooLarge, InvalidInput, UnknownFile
from wakit.model import MessageType, SendState

pytestmark = pytest.mark.network

VOICE = b"OggS" + bytes(24) + b"OpusHead" + bytes(600)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(3000)
MP3 = b"ID3\x04" + bytes(900)


def webp() -> bytes:
    """Return a small sticker."""
    buffer = io.BytesIO()
    Image.new("RGBA", (512, 512), "orange").save(buffer, "WEBP")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("verbs")) as found:
        yield found


def test_image_arrives_with_caption_size_and_preview(shop: Shop, tmp_path: Path) -> None:
    """The customer fetches the very bytes, and sees a small picture before that; the file itself is not needed any more."""
    photo = tmp_path / "menú.jpg"
    photo.write_bytes(jpeg((640, 480)))
    sent = shop.client.send_file(ANA, photo, caption="El menú de hoy")
    data = photo.read_bytes()
    photo.unlink()
    got = shop.ana.wait_for(type="image", text="El menú de hoy")
    part = got.message.imageMessage
    assert (sent.type, got.id, shop.ana.download(got)) == (MessageType.IMAGE, sent.message_id, data)
    assert (part.width, part.height, part.mimetype, part.fileLength) == (640, 480, "image/jpeg", len(data))
    with Image.open(io.BytesIO(part.JPEGThumbnail)) as preview:
        assert max(preview.size) == 96
    assert sent.wait("delivered").state in {SendState.DELIVERED, SendState.READ}


@pytest.mark.parametrize(
    ("data", "kind", "arrives", "mimetype"),
    [
        (MP4, None, "video", "video/mp4"),
        (MP3, None, "audio", "audio/mpeg"),
        (VOICE, None, "audio", "audio/ogg; codecs=opus"),
        (VOICE, "voice", "voice", "audio/ogg; codecs=opus"),
        (webp(), None, "sticker", "image/webp"),
        (b"PK\x03\x04" + bytes(90), None, "document", "application/octet-stream"),
        (jpeg(), "document", "document", "image/jpeg"),
    ],
)
def test_each_kind_arrives_byte_for_byte(shop: Shop, data: bytes, kind: str | None, arrives: str, mimetype: str) -> None:
    """The first bytes decide what a file is; the kind may say what it is meant as."""
    sent = shop.client.send_file(ANA, data, kind=kind, seconds=7)
    got = shop.ana.wait_for(lambda one: one.id == sent.message_id)
    _, part = next((field, value) for field, value in got.message.ListFields() if field.name.endswith("Message"))
    assert (got.type, part.mimetype, shop.ana.download(got)) == (arrives, mimetype, data)
    assert part.DESCRIPTOR.fields_by_name.get("seconds") is None or part.seconds == 7


def test_document_keeps_its_name_and_can_be_an_answer(shop: Shop, tmp_path: Path) -> None:
    """Name, type by name, caption and quote."""
    message_id = shop.asked("¿Me manda la lista?")
    (tmp_path / "lista.pdf").write_bytes(b"%PDF-1.7 precios")
    sent = shop.client.send_file(ANA, tmp_path / "lista.pdf", caption="Precios", reply_to=message_id)
    part = shop.ana.wait_for(lambda one: one.id == sent.message_id).message.documentMessage
    assert (part.fileName, part.mimetype, part.caption) == ("lista.pdf", "application/pdf", "Precios")
    assert part.contextInfo.stanzaID == message_id


def test_sent_file_can_be_had_back(shop: Shop) -> None:
    """Our own message is stored with its file, as those that came in."""
    data = jpeg((32, 32), "red")
    sent = shop.client.send_file(str(shop.group), data, caption="para todos")
    assert sent.message_id is not None
    assert shop.client.media(sent.message_id).read() == data
    until(lambda: sent.message_id in set(shop.client.messages()["message_id"]))


def test_file_for_many_is_uploaded_once(shop: Shop) -> None:
    """The second recipient gets the upload of the first."""
    data = jpeg((64, 64), "green")
    first, second = (shop.client.send_file(to, data) for to in (ANA, str(shop.group)))
    ana, beto = (
        person.wait_for(lambda one, sent=sent: one.id == sent.message_id).message.imageMessage
        for person, sent in ((shop.ana, first), (shop.beto, second))
    )
    assert ana.directPath == beto.directPath
    assert shop.beto.download(shop.beto.wait_for(lambda one: one.id == second.message_id)) == data


@pytest.mark.parametrize(
    ("file", "kind", "why"),
    [
        ("nada/aquí.jpg", None, "cannot be read"),
        (b"", None, "empty"),
        (b"no picture", "image", "cannot be sent as image"),
        (MP3, "voice", "cannot be sent as voice: it is audio/mpeg"),
        (jpeg(), "sticker", "WhatsApp takes image/webp"),
        (jpeg(), "hologram", "no kind of file"),
    ],
)
def test_what_is_no_such_file_is_refused(shop: Shop, file: str | bytes, kind: str | None, why: str) -> None:
    """Missing, empty, of another type, of no kind: a sentence, and nothing is queued."""
    with pytest.raises(InvalidInput, match=why):
        shop.client.send_file(ANA, file, kind=kind)
    assert shop.client.pending() == []


def test_file_that_is_too_large_is_refused_on_both_sides(shop: Shop) -> None:
    """The client does not send it; over REST the host stops reading."""
    large = bytes(33 * 2**20)
    with pytest.raises(FileTooLarge, match="WAKIT_MEDIA_LIMIT"):
        shop.client.send_file(ANA, large)
    way = httpx.HTTPTransport(uds=shop.client.host_info.socket)
    with httpx.Client(transport=way, base_url="http://localhost", timeout=60) as http:
        answer = http.post("/api/files", content=large, headers={"content-type": "application/octet-stream"})
        assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")
        wrong = http.post("/api/files", content=b"x", headers={"content-type": "text/plain"})
        assert wrong.status_code == 415
    assert not list(shop.hosted.workspace.media.glob(".part-*"))


def test_file_that_was_not_handed_over_is_refused(shop: Shop) -> None:
    """A hash alone is no file."""
    content = {"kind": "image", "sha256": "0" * 64}
    status, told = shop.hosted.rest("POST", "/api/sends", {"to": ANA, "content": content})
    assert (status, told["code"]) == (404, "unknown-file")
    assert UnknownFile.status == 404


def test_media_host_that_refuses_fails_the_send_and_nothing_is_sent(shop: Shop) -> None:
    """The reason is in the record; sent again later, it arrives."""
    shop.hosted.network.faults.arm(Fault.MEDIA_REFUSED, times=20)
    try:
        sent = shop.client.send_file(ANA, jpeg((20, 20), "blue"), caption="azul", wait=30)
    finally:
        shop.hosted.network.faults.disarm()
    assert (sent.state, "507" in (sent.error or "")) == (SendState.FAILED, True)
    assert shop.client.send_again(sent.id).wait("sent", timeout=20).state.is_settled(SendState.SENT)
    shop.ana.wait_for(type="image", text="azul")
