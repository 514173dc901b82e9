"""What a phone saw: messages, receipts and presence, as a test wants to assert on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wakit.ids import JID
from wakit.model import MessageType


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A message that this phone decrypted: from somebody else, or a copy from one of its own companions."""

    id: str
    #: The person (phone-number address) or group that it belongs to.
    chat: JID
    #: Who wrote it, as a phone-number address with the device it came from.
    sender: JID
    #: When the network took it.
    sent_at: datetime
    type: MessageType
    #: Body, caption, emoji, new text of an edit; empty where there is none.
    text: str
    #: Written on a companion of this very account.
    from_me: bool
    #: The message that a reaction, edit or revoke is about, or that a reply quotes.
    target_id: str | None = None
    #: The decrypted protobuf message.
    message: Any = None

    def __repr__(self) -> str:
        return f"<Received {self.type} {self.id} {'from me' if self.from_me else 'from them'}>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of messages that this phone sent."""

    ids: tuple[str, ...]
    #: ``delivered``, ``inactive``, ``read``, ``played``, ``retry``, ``sender``, ``peer_msg``, ``hist_sync`` …
    type: str
    #: The person or group that the messages went to.
    chat: JID
    #: The device that says so.
    sender: JID
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """Somebody is online, away, typing, recording or paused."""

    who: JID
    chat: JID
    #: ``available``, ``unavailable``, ``composing``, ``recording`` or ``paused``.
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group as this phone knows it."""

    jid: JID
    subject: str
    #: Phone-number addresses, in the order of the network.
    members: tuple[JID, ...]
    admins: tuple[JID, ...] = ()
    owner: JID | None = None
    description: str = ""

    def __str__(self) -> str:
        return str(self.jid)
