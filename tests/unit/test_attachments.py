"""What a download is given: only WhatsApp's own path and key, out of whatever the message was wrapped in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wakit.proto import e2e_pb, load, neonize_pb
from wakit.session.attachments import File, references
from wakit.session.entries import Entry

sync_pb = load("waHistorySync.WAWebProtobufsHistorySync_pb2")
MESSAGE, HISTORY, RECEIPT = 17, 13, 18
HASH = bytes(range(32))
FILE = {
    "URL": "https://evil.example/x",
    "directPath": "/v/t62.7118-24/abc?oe=1",
    "mediaKey": b"k" * 32,
    "fileSHA256": HASH,
    "fileEncSHA256": b"e" * 32,
    "fileLength": 77,
    "mimetype": "image/jpeg",
}


def entry(code: int, payload: bytes) -> Entry:
    return Entry(seq=1, code=code, at=datetime(2026, 11, 24, tzinfo=UTC), payload=payload)


def heard(message: Any, message_id: str = "M1") -> Entry:
    event = neonize_pb.Message()
    event.Info.ID = message_id
    event.Message.CopyFrom(message)
    return entry(MESSAGE, event.SerializePartialToString())


def picture(**changes: Any) -> Any:
    return e2e_pb.Message(imageMessage=e2e_pb.ImageMessage(caption="secreto", **FILE | changes))


def test_a_reference_has_neither_the_senders_address_nor_the_text() -> None:
    """A message cannot make this machine call any host; what a download does not need stays in the journal."""
    ((meant, made),) = references(heard(picture())).items()
    assert File("M1", HASH.hex()) == meant
    found = e2e_pb.Message.FromString(made).imageMessage
    assert ("", "", FILE["directPath"], FILE["mediaKey"]) == (found.URL, found.caption, found.directPath, found.mediaKey)
    assert b"evil" not in made


@pytest.mark.parametrize("wrapper", ["ephemeralMessage", "viewOnceMessageV2", "documentWithCaptionMessage"])
def test_wrapped_files_are_found(wrapper: str) -> None:
    """Disappearing and view-once messages and documents with a caption are files as well."""
    outer = e2e_pb.Message()
    getattr(outer, wrapper).message.CopyFrom(picture())
    assert [File("M1", HASH.hex())] == list(references(heard(outer)))


def test_a_history_gives_all_its_files_at_once() -> None:
    """One entry has thousands of messages and is read once."""
    sync = sync_pb.HistorySync(syncType=0)
    for number in range(3):
        told = sync.conversations.add(ID="573001234567@s.whatsapp.net").messages.add().message
        told.key.ID = f"H{number}"
        told.message.CopyFrom(picture(fileSHA256=bytes([number]) * 32) if number else e2e_pb.Message(conversation="hola"))
    payload = neonize_pb.HistorySync(Data=sync).SerializePartialToString()
    assert {File("H1", "01" * 32), File("H2", "02" * 32)} == set(references(entry(HISTORY, payload)))


def test_a_round_video_is_fetched_as_a_video() -> None:
    """The library knows no round ones."""
    (made,) = references(heard(e2e_pb.Message(ptvMessage=e2e_pb.VideoMessage(**FILE)))).values()
    assert e2e_pb.Message.FromString(made).HasField("videoMessage")


@pytest.mark.parametrize(
    "found",
    [
        heard(picture(mediaKey=b"")),
        heard(picture(directPath="")),
        heard(picture(directPath="evil.example/x")),
        heard(e2e_pb.Message(conversation="hola")),
        heard(e2e_pb.Message(extendedTextMessage=e2e_pb.ExtendedTextMessage(text="x", mediaKey=b"k"))),
        entry(MESSAGE, b"\xff\xff\xff"),
        entry(RECEIPT, b""),
    ],
)
def test_what_cannot_be_fetched_has_no_reference(found: Entry) -> None:
    """No key, no path, no file, no message."""
    assert {} == references(found)
