"""Files of messages on a real host: what a customer sends lies on disk byte for byte, or the view says why not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hosts import until
from network.hosted import BUSINESS, CUSTOMER, Hosted, Listener, hosted

from wakit import autostart
from wakit.client import AsyncClient
from wakit.emulator import Fault, Network
from wakit.emulator.phone import Phone
from wakit.emulator.phone.media import File
from wakit.errors import InvalidInput, MediaFailed, NotConnected, UnknownMedia
from wakit.model import SessionState
from wakit.paths import Workspace
from wakit.session.lanes import MOST_HANGING

pytestmark = pytest.mark.network

PDF = b"%PDF-1.7 " + bytes(range(256)) * 400
FILES = [
    ("image", b"\xff\xd8\xff\xe0" + os.urandom(70_000), "image/jpeg"),
    ("voice", b"OggS" + os.urandom(9_000), "audio/ogg"),
    ("document", PDF, "application/pdf"),
    ("sticker", b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24), "image/webp"),
    ("video", b"\x00\x00\x00\x18ftypmp42" + bytes(50_000), "video/mp4"),
]


@contextmanager
def shop(workspace: Workspace, network: Network, monkeypatch: pytest.MonkeyPatch, **settings: object) -> Iterator[Hosted]:
    """Yield a linked business whose host has these settings."""
    for name, value in settings.items():
        monkeypatch.setenv(f"WAKIT_{name.upper()}", str(value))
    with hosted(workspace, network) as found:
        found.link(network.phone(BUSINESS, name="Café Andino"))
        yield found


def shown(found: Hosted, message_id: str) -> dict[str, Any]:
    """Return the row of a message in the view media, or nothing."""
    rows = found.client.sql("SELECT * FROM media WHERE message_id = ?", [message_id])
    return {} if rows.empty else rows.astype(object).where(rows.notna(), None).iloc[0].to_dict()


def raw(found: Hosted, path: str) -> httpx.Response:
    """Ask over plain HTTP, as a program without wakit does."""
    way = httpx.HTTPTransport(uds=found.client.host_info.socket)
    with httpx.Client(transport=way, base_url="http://localhost", timeout=60) as http:
        return http.get(path)


def test_what_customers_send_is_on_disk_as_it_was_sent(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are fetched as they arrive, told on the stream, and returned by every door, byte for byte."""
    with shop(workspace, whatsapp_network, monkeypatch, media="on") as found:
        listener = Listener(found.client)
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        sent = {ana.send_media(BUSINESS, one[0], one[1], file_name="../../factura.pdf"): one for one in FILES}
        for message_id, (kind, data, mime) in sent.items():
            event = listener.wait(lambda one, wanted=message_id: one.kind == "media" and one.data["message_id"] == wanted)
            assert "stored" == event.data["status"]
            file = found.client.media(event)
            assert (kind, len(data), data) == (file.type, file.size, file.read())
            until(lambda wanted=message_id: shown(found, wanted).get("status") == "stored")
            row = shown(found, message_id)
            assert (workspace.data / row["path"]).read_bytes() == data
            assert 0o600 == (workspace.data / row["path"]).stat().st_mode & 0o777
            answer = raw(found, f"/api/media/default/{message_id}")
            assert (data, mime, "nosniff") == (
                answer.content, answer.headers["content-type"].partition(";")[0], answer.headers["x-content-type-options"]
            )  # fmt: skip


def test_files_wait_until_somebody_asks(workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default nothing is fetched; asking fetches it, once, from any door, in code that waits and code that does not."""
    with shop(workspace, whatsapp_network, monkeypatch) as found:
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        message_id = ana.send_media(BUSINESS, "image", b"\xff\xd8 torta", caption="mire")
        text_id = ana.send(BUSINESS, "hola")
        until(lambda: len(found.client.messages()) == 2)
        row = found.client.messages().iloc[0]
        assert ("mire", "pending", None) == (row["text"], shown(found, message_id)["status"], shown(found, message_id)["path"])
        assert not list(workspace.media.glob("*/*"))
        assert [message_id] == [one["message_id"] for one in raw(found, "/api/media?status=pending").json()]

        async def ask() -> bytes:
            async with await AsyncClient.connect(workspace.root) as client:
                return (await client.media(row)).read()

        assert b"\xff\xd8 torta" == asyncio.run(ask())
        whatsapp_network.faults.arm(Fault.MEDIA_REFUSED, status=500, times=9)
        assert b"\xff\xd8 torta" == found.client.media(message_id).read()
        until(lambda: raw(found, "/api/media?status=pending").json() == [])
        for meant in (text_id, "NADIE"):
            with pytest.raises(UnknownMedia):
                found.client.media(meant)
        with pytest.raises(InvalidInput, match="message_id"):
            found.client.media({"text": "hola"})


def test_a_file_that_whatsapp_no_longer_has_is_expired(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """404 and 410 are an end with a reason, in the view, on the stream and for whoever asks; another file still comes."""
    with shop(workspace, whatsapp_network, monkeypatch, media="on") as found:
        listener = Listener(found.client)
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        whatsapp_network.faults.arm(Fault.MEDIA_REFUSED, status=410, times=1)
        gone = ana.send_media(BUSINESS, "document", PDF)
        event = listener.wait(lambda one: one.kind == "media" and one.data["message_id"] == gone)
        assert ("expired", "status 410") == (event.data["status"], event.data["reason"])
        until(lambda: shown(found, gone).get("status") == "expired")
        assert PDF == found.client.media(ana.send_media(BUSINESS, "document", PDF)).read()


def test_too_large_damaged_and_unwanted_files_are_not_kept(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Size and type limits hold whatever a sender says, a file that changed is refused, and messages go on."""
    settings = {"media": "on", "media_limit": 5000, "media_types": "image,document"}
    with shop(workspace, whatsapp_network, monkeypatch, **settings) as found:
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        large = ana.send_media(BUSINESS, "image", os.urandom(6000))
        until(lambda: shown(found, large).get("status") == "too_large")
        liar = sent_with(ana, size=10, data=os.urandom(6000))
        until(lambda: shown(found, liar).get("status") == "too_large")
        with pytest.raises(MediaFailed, match="WAKIT_MEDIA_LIMIT") as caught:
            found.client.media(liar)
        assert "too_large" == caught.value.data["status"]
        voice = ana.send_media(BUSINESS, "voice", b"OggS" + bytes(100))
        whatsapp_network.faults.arm(Fault.MEDIA_DAMAGED, times=20)
        damaged = ana.send_media(BUSINESS, "image", os.urandom(1000))
        until(lambda: shown(found, damaged).get("status") == "refused")
        until(lambda: shown(found, voice).get("status") == "pending")
        assert not [path for path in workspace.media.rglob("*") if path.is_file()]


def test_files_that_could_not_be_fetched_are_fetched_when_it_works_again(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passing trouble costs pauses and no file; offline is told as such; the next host goes on where this one was."""
    with shop(workspace, whatsapp_network, monkeypatch, media="on", retry_first="0.2") as found:
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        whatsapp_network.faults.arm(Fault.MEDIA_REFUSED, status=503, times=2)
        first = ana.send_media(BUSINESS, "image", b"\xff\xd8 uno")
        until(lambda: shown(found, first).get("status") == "stored")
        assert 2 == shown(found, first)["tries"]
        monkeypatch.setenv("WAKIT_MEDIA", "off")
        autostart.restart(workspace)
        found.reach("default", SessionState.CONNECTED)
        second = ana.send_media(BUSINESS, "image", b"\xff\xd8 dos")
        until(lambda: shown(found, second).get("status") == "pending")
        found.client.stop_account()
        with pytest.raises(NotConnected):
            found.client.media(second)
        assert b"\xff\xd8 uno" == found.client.media(first).read()
        monkeypatch.setenv("WAKIT_MEDIA", "on")
        autostart.restart(workspace)
        found.client.connect_account()
        until(lambda: shown(found, second).get("status") == "stored")


def test_a_download_that_hangs_is_given_up_and_holds_up_no_other(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks gets another file meanwhile; behind its time the next ones come, and then it is tried again."""
    with shop(workspace, whatsapp_network, monkeypatch, media="on", media_timeout=10, retry_first="0.2") as found:
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        whatsapp_network.faults.arm(Fault.MEDIA_HELD, times=1)
        hangs = ana.send_media(BUSINESS, "document", PDF)
        until(lambda: not whatsapp_network.faults.armed())
        other = ana.send_media(BUSINESS, "image", b"\xff\xd8 torta")
        assert b"\xff\xd8 torta" == found.client.media(other).read()
        assert "pending" == shown(found, hangs)["status"]
        until(lambda: shown(found, hangs).get("status") == "stored")
        assert 1 == shown(found, hangs)["tries"]


def test_many_downloads_that_hang_renew_the_worker_and_stop_no_other_file(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can end them: behind four of them comes a fresh worker, and all files that were announced."""
    with shop(workspace, whatsapp_network, monkeypatch, media="on", media_timeout=2, retry_first="0.2") as found:
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        whatsapp_network.faults.arm(Fault.MEDIA_HELD, times=MOST_HANGING)
        sent = [ana.send_media(BUSINESS, "document", PDF + bytes([number])) for number in range(MOST_HANGING + 1)]
        until(lambda: all(shown(found, one).get("status") == "stored" for one in sent))
        ends = found.client.sql("SELECT cause FROM gaps WHERE cause = 'downloads_hang'")
        assert 1 == len(ends)


def sent_with(phone: Phone, *, size: int, data: bytes) -> str:
    """Send a picture whose message announces another size than it has."""
    message = phone.handset.media.message(File(kind="image", data=data))
    message.imageMessage.fileLength = size
    return phone.send_message(BUSINESS, message)
