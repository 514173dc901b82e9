"""
What the library needs to fetch the file of a message, read from the journal when it is needed.

Whoever has a file's key can read it on WhatsApp's servers, so keys stay where
they came in, in the journal, and go nowhere else. The ``URL`` of a message is
left out: its sender chooses it, and the library would prefer it to the path
on WhatsApp's own host, so that a message could make this machine call any
address.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from wakit.proto import e2e_pb, neonize_pb
from wakit.session.contents import media_of, part_of
from wakit.session.entries import Entry, EventCode
from wakit.session.wire import text

_KEPT = ("directPath", "mediaKey", "fileSHA256", "fileEncSHA256", "fileLength", "mimetype")
#: The library knows a round video as a video only.
_LIKE = {"ptvMessage": "videoMessage"}
#: Kinds of files that the library can fetch.
_FETCHED = {"imageMessage", "videoMessage", "audioMessage", "documentMessage", "stickerMessage"}
_NOTHING: tuple[str, Any] = ("", None)
_HISTORY, _MESSAGE = 13, 17


class File(NamedTuple):
    """Which file of an entry is meant: the message's id, and its hash as far as it is known."""

    message_id: str
    sha256: str | None


def references(entry: Entry) -> dict[File, bytes]:
    """
    Return by file a serialized ``waE2E.Message`` with only what a download needs.

    All files at once, because a history sync is one entry with thousands of them.
    Files that cannot be fetched are not in it.
    """
    found: dict[File, bytes] = {}
    with contextlib.suppress(DecodeError):
        for message_id, message in _messages(entry):
            name, part = part_of(message) or _NOTHING
            about = media_of(part) if _LIKE.get(name, name) in _FETCHED else None
            if about is not None and part.mediaKey and part.directPath.startswith("/"):
                found[File(message_id, about.sha256)] = _reference(_LIKE.get(name, name), part)
    return found


def _messages(entry: Entry) -> Iterator[tuple[str, Any]]:
    if entry.code == _MESSAGE:
        event = neonize_pb.Message.FromString(entry.payload)
        yield text(event.Info.ID) or "", event.Message
    elif entry.code == _HISTORY:
        sync = neonize_pb.HistorySync.FromString(entry.payload).Data
        told = (item.message for conversation in sync.conversations for item in conversation.messages)
        for one in itertools.chain(told, sync.statusV3Messages):
            yield text(one.key.ID) or "", one.message
    elif entry.code == EventCode.SENT:
        facts = json.loads(entry.payload)
        yield facts["message_id"], e2e_pb.Message.FromString(base64.b64decode(facts.get("message", "")))


def _reference(name: str, part: Any) -> bytes:
    made = e2e_pb.Message()
    into = getattr(made, name)
    for field in _KEPT:
        setattr(into, field, getattr(part, field))
    return bytes(made.SerializeToString())
