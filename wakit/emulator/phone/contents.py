"""
Messages as protobufs: building them, and telling what an incoming one is.

The attributes that a stanza needs beside the ciphertext (type, media type,
edit) follow from the content exactly as in the official clients, because the
network and the receiving library look at them before anything is decrypted.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from typing import Any

from wakit.ids import JID
from wakit.model import MessageType
from wakit.proto import e2e_pb, load

common_pb = load("waCommon.WACommon_pb2")

#: Wrappers whose content is what people see.
_WRAPPERS = ("ephemeralMessage", "viewOnceMessage", "viewOnceMessageV2", "documentWithCaptionMessage", "editedMessage")
_PROTOCOL = e2e_pb.ProtocolMessage

_TYPES = {
    "conversation": MessageType.TEXT,
    "extendedTextMessage": MessageType.TEXT,
    "imageMessage": MessageType.IMAGE,
    "videoMessage": MessageType.VIDEO,
    "documentMessage": MessageType.DOCUMENT,
    "stickerMessage": MessageType.STICKER,
    "locationMessage": MessageType.LOCATION,
    "liveLocationMessage": MessageType.LOCATION,
    "contactMessage": MessageType.CONTACT,
    "contactsArrayMessage": MessageType.CONTACT,
    "pollCreationMessage": MessageType.POLL,
    "pollCreationMessageV3": MessageType.POLL,
    "pollUpdateMessage": MessageType.POLL_VOTE,
    "reactionMessage": MessageType.REACTION,
    "orderMessage": MessageType.ORDER,
    "productMessage": MessageType.PRODUCT,
}
_STANZA_MEDIA = {
    "imageMessage": "image",
    "videoMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "stickerMessage": "sticker",
    "contactMessage": "vcard",
    "contactsArrayMessage": "contact_array",
}


def key(chat: JID, message_id: str, *, from_me: bool, participant: JID | None = None) -> Any:
    """Return the key that names an earlier message from within a new one."""
    named = common_pb.MessageKey(remoteJID=str(chat), fromMe=from_me, ID=message_id)
    if participant is not None and chat.is_group:
        named.participant = str(participant.bare)
    return named


def text(body: str) -> Any:
    """Return a plain text message."""
    return e2e_pb.Message(conversation=body)


def reply(body: str, *, quoted_id: str, quoted_sender: JID, quoted: Any) -> Any:
    """Return a text that quotes an earlier message."""
    context = e2e_pb.ContextInfo(stanzaID=quoted_id, participant=str(quoted_sender.bare), quotedMessage=quoted)
    return e2e_pb.Message(extendedTextMessage=e2e_pb.ExtendedTextMessage(text=body, contextInfo=context))


def forwarded(message: Any) -> Any:
    """Return a copy of *message* that is marked as forwarded."""
    copy = e2e_pb.Message()
    copy.CopyFrom(message)
    if copy.HasField("conversation"):
        copy = e2e_pb.Message(extendedTextMessage=e2e_pb.ExtendedTextMessage(text=copy.conversation))
    name = content_field(copy)
    context = getattr(copy, name).contextInfo
    context.isForwarded, context.forwardingScore = True, context.forwardingScore + 1
    return copy


def reaction(target: Any, emoji: str) -> Any:
    """Return a reaction; an empty *emoji* takes an earlier one back."""
    return e2e_pb.Message(reactionMessage=e2e_pb.ReactionMessage(key=target, text=emoji, senderTimestampMS=now_ms()))


def edit(target: Any, replacement: Any) -> Any:
    """Return an edit of an earlier message of one's own."""
    protocol = _PROTOCOL(key=target, type=_PROTOCOL.MESSAGE_EDIT, editedMessage=replacement, timestampMS=now_ms())
    return e2e_pb.Message(editedMessage=e2e_pb.FutureProofMessage(message=e2e_pb.Message(protocolMessage=protocol)))


def revoke(target: Any) -> Any:
    """Return a deletion for everyone."""
    return e2e_pb.Message(protocolMessage=_PROTOCOL(key=target, type=_PROTOCOL.REVOKE))


def poll(question: str, options: Sequence[str], *, choices: int = 1) -> Any:
    """Return a poll; its votes are encrypted with the secret inside."""
    return e2e_pb.Message(
        pollCreationMessage=e2e_pb.PollCreationMessage(
            name=question,
            options=[e2e_pb.PollCreationMessage.Option(optionName=option) for option in options],
            selectableOptionsCount=choices,
        ),
        messageContextInfo=e2e_pb.MessageContextInfo(messageSecret=secrets.token_bytes(32)),
    )


def option_hashes(options: Sequence[str]) -> list[bytes]:
    """Return how a vote names its options."""
    return [hashlib.sha256(option.encode()).digest() for option in options]


def location(latitude: float, longitude: float, *, name: str = "", address: str = "") -> Any:
    """Return a place on the map."""
    place = e2e_pb.LocationMessage(degreesLatitude=latitude, degreesLongitude=longitude, name=name, address=address)
    return e2e_pb.Message(locationMessage=place)


def contact_card(name: str, phone: str) -> Any:
    """Return a contact with one number (digits)."""
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;type=CELL;waid={phone}:+{phone}\nEND:VCARD"
    return e2e_pb.Message(contactMessage=e2e_pb.ContactMessage(displayName=name, vcard=card))


def device_sent(chat: JID, message: Any) -> Any:
    """Wrap the copy that goes to one's own other devices."""
    wrapped = e2e_pb.Message(deviceSentMessage=e2e_pb.DeviceSentMessage(destinationJID=str(chat), message=message))
    if message.HasField("messageContextInfo"):
        wrapped.messageContextInfo.CopyFrom(message.messageContextInfo)
    return wrapped


def unwrapped(message: Any) -> Any:
    """Return what is inside disappearing, view-once, caption and edit wrappers."""
    for name in _WRAPPERS:
        if message.HasField(name):
            return unwrapped(getattr(message, name).message)
    return message


def content_field(message: Any) -> str:
    """Return the name of the field that holds the content, or an empty text."""
    skip = {"messageContextInfo", "senderKeyDistributionMessage"}
    return next((field.name for field, _ in message.ListFields() if field.name not in skip), "")


def type_of(message: Any) -> MessageType:
    """Tell what a decrypted message is."""
    message = unwrapped(message)
    if message.HasField("audioMessage"):
        return MessageType.VOICE if message.audioMessage.PTT else MessageType.AUDIO
    if message.HasField("protocolMessage"):
        kinds = {_PROTOCOL.REVOKE: MessageType.REVOKE, _PROTOCOL.MESSAGE_EDIT: MessageType.EDIT}
        return kinds.get(message.protocolMessage.type, MessageType.SYSTEM)
    return _TYPES.get(content_field(message), MessageType.OTHER)


def text_of(message: Any) -> str:
    """Return the words of a message: body, caption, emoji, question or name."""
    message = unwrapped(message)
    name = content_field(message)
    if name == "conversation":
        return str(message.conversation)
    if name == "protocolMessage":
        return text_of(message.protocolMessage.editedMessage) if message.protocolMessage.HasField("editedMessage") else ""
    part = getattr(message, name, None) if name else None
    words = next((getattr(part, field) for field in ("text", "caption", "name", "displayName") if getattr(part, field, "")), "")
    return str(words)


def target_of(message: Any) -> str | None:
    """Return the id of the message that this one is about or quotes."""
    message = unwrapped(message)
    name = content_field(message)
    part = getattr(message, name, None) if name and name != "conversation" else None
    if part is None:
        return None
    if name == "pollUpdateMessage":
        return str(part.pollCreationMessageKey.ID)
    if name in ("reactionMessage", "protocolMessage"):
        return str(part.key.ID) or None
    return (str(part.contextInfo.stanzaID) or None) if hasattr(part, "contextInfo") else None


def stanza_attributes(message: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return the attributes of the message stanza and those of each ``enc`` in it."""
    outer, inner = {"type": "text"}, {}
    inside = unwrapped(message)
    media = _media_type(inside)
    if media:
        outer["type"], inner["mediatype"] = "media", media
    if inside.HasField("reactionMessage"):
        outer["type"] = "reaction"
    if inside.HasField("pollCreationMessage") or inside.HasField("pollUpdateMessage"):
        outer["type"] = "poll"
    edit_code = _edit_code(inside)
    if edit_code:
        outer["edit"] = edit_code
    if edit_code or inside.HasField("reactionMessage") or inside.HasField("pollUpdateMessage"):
        inner["decrypt-fail"] = "hide"
    return outer, inner


def _media_type(message: Any) -> str:
    if message.HasField("audioMessage") and message.audioMessage.PTT:
        return "ptt"
    return _STANZA_MEDIA.get(content_field(message), "")


def _edit_code(message: Any) -> str:
    if message.HasField("reactionMessage") and not message.reactionMessage.text:
        return "7"
    if not message.HasField("protocolMessage"):
        return ""
    protocol = message.protocolMessage
    if protocol.type == _PROTOCOL.REVOKE and protocol.HasField("key"):
        return "7" if protocol.key.fromMe else "8"
    return "1" if protocol.type == _PROTOCOL.MESSAGE_EDIT else ""


def now_ms() -> int:
    """Return the time in the milliseconds that messages hold."""
    return int(time.time() * 1000)
