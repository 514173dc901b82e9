"""
What a message says: its type, its text, and which other message it is about.

WhatsApp's ``Message`` has about a hundred variants of which one is set. Each
known one is a row in the tables below; any other, also one that is newer than
the library's schema, is ``OTHER``, so it is kept and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from google.protobuf.unknown_fields import UnknownFieldSet

from wakit.details import Details
from wakit.model import Media, MessageType
from wakit.session.details import details_of
from wakit.session.wire import address_of, text

#: Variants that only carry keys or settings for the library itself.
_SILENT = {"senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage", "messageContextInfo"}
#: Protocol messages that people see something of; the others are the library's own business.
_REVOKE, _TIMER, _EDIT = "REVOKE", "EPHEMERAL_SETTING", "MESSAGE_EDIT"
#: What a part of a message that carries a file has; others have a key for their preview only.
_FILE = {"mediaKey", "fileSHA256", "fileLength"}
#: Wrappers of what may be opened once.
_ONCE = "viewOnce"
#: How deep wrappers (ephemeral in view-once in …) are followed.
_DEPTH = 8


@dataclass(kw_only=True, slots=True)
class Content:
    """What one message says; not frozen, because one is made for every message and that takes three times as long."""

    type: MessageType
    text: str | None = None
    target_id: str | None = None
    target_sender: str | None = None
    mentions: tuple[str, ...] = ()
    forwarded: bool = False
    mimetype: str | None = None
    media: Media | None = None
    details: Details | None = None
    #: When it was written, in milliseconds, where the message itself says it.
    written_ms: int | None = None

    def with_details(self, **facts: Any) -> Content:
        """Return this with more details."""
        return replace(self, details=replace(self.details or Details(), **facts))


def content_of(message: Any) -> Content | None:
    """Return what a ``waE2E.Message`` says, or ``None`` where it says nothing to people."""
    return _content(message, _DEPTH)


def _content(message: Any, depth: int) -> Content | None:
    if message.HasField("conversation"):
        # Most messages are: no need to ask for everything that is set.
        return Content(type=MessageType.TEXT, text=text(message.conversation))
    said = [(field, value) for field, value in message.ListFields() if field.name not in _SILENT]
    if not said:
        return Content(type=MessageType.OTHER) if len(UnknownFieldSet(message)) else None
    field, value = said[0]
    reader = _READERS.get(field.name)
    if reader is not None:
        return reader(value)
    inner = _inner(field, value)
    if inner is not None and depth:
        wrapped = _content(inner, depth - 1)
        return wrapped.with_details(view_once=True) if wrapped and field.name.startswith(_ONCE) else wrapped
    kind, spoken = _PLAIN.get(field.name, (MessageType.OTHER, None))
    found = Content(
        type=kind,
        text=spoken(value) if spoken else None,
        mimetype=_string(value, "mimetype"),
        media=media_of(value),
        details=details_of(field.name, value),
    )
    return _with_context(found, value)


def part_of(message: Any) -> tuple[str, Any] | None:
    """Return name and value of what a ``waE2E.Message`` carries, out of its wrappers."""
    for _ in range(_DEPTH + 1):
        said = [(field, value) for field, value in message.ListFields() if field.name not in _SILENT]
        if not said:
            return None
        field, value = said[0]
        inner = _inner(field, value)
        if inner is None:
            return field.name, value
        message = inner
    return None


def _inner(field: Any, value: Any) -> Any | None:
    """Return the message inside a wrapper."""
    if field.message_type is None or field.message_type.name not in {"FutureProofMessage", "DeviceSentMessage"}:
        return None
    return value.message if value.HasField("message") else None


def _with_context(found: Content, value: Any) -> Content:
    """Add what the context says: the quoted message, mentions, whether it was forwarded."""
    if (
        isinstance(value, str | bytes)
        or "contextInfo" not in value.DESCRIPTOR.fields_by_name
        or not value.HasField("contextInfo")
    ):
        return found
    context = value.contextInfo
    found = replace(
        found,
        target_id=text(context.stanzaID),
        target_sender=address_of(context.participant) or None,
        mentions=tuple(address_of(jid) for jid in context.mentionedJID),
        forwarded=context.isForwarded,
    )
    if context.expiration:
        found = found.with_details(expires_after=context.expiration)
    quoted = content_of(context.quotedMessage) if context.HasField("quotedMessage") else None
    return found.with_details(quoted_text=quoted.text) if quoted and quoted.text else found


def media_of(value: Any) -> Media | None:
    """Return what one part of a message says of its file, or nothing where it carries none."""
    if isinstance(value, str | bytes) or not _carries_file(value.DESCRIPTOR):
        return None
    return Media(
        size=_number(value, "fileLength"),
        sha256=value.fileSHA256.hex() or None,
        file_name=_string(value, "fileName"),
        seconds=_number(value, "seconds"),
        width=_number(value, "width"),
        height=_number(value, "height"),
    )


@cache
def _carries_file(descriptor: Any) -> bool:
    return set(descriptor.fields_by_name.keys()) >= _FILE


def _number(value: Any, name: str) -> int | None:
    if name not in value.DESCRIPTOR.fields_by_name:
        return None
    # Nobody's file is larger than what fits into the column.
    return min(int(getattr(value, name)), 2**63 - 1) or None


def _string(value: Any, name: str) -> str | None:
    if name not in value.DESCRIPTOR.fields_by_name:
        return None
    return text(getattr(value, name))


def _field(*names: str) -> Callable[[Any], str | None]:
    """Return a reader of the first of these fields that is set; dots go into messages."""

    def read(value: Any) -> str | None:
        for name in names:
            found: Any = value
            for part in name.split("."):
                found = getattr(found, part)
            if found:
                return text(found)
        return None

    return read


def _lines(*texts: str | None) -> str | None:
    return "\n".join(line for line in texts if line) or None


def _place(value: Any) -> str | None:
    where = f"{value.degreesLatitude:.6f},{value.degreesLongitude:.6f}"
    label = [_string(value, name) for name in ("name", "address", "comment", "caption")]
    return _lines(*label, where)


def _poll(value: Any) -> str | None:
    return _lines(text(value.name), *(f"• {text(option.optionName) or ''}" for option in value.options))


def _audio(value: Any) -> Content:
    kind = MessageType.VOICE if value.PTT else MessageType.AUDIO
    found = Content(type=kind, mimetype=text(value.mimetype), media=media_of(value), details=details_of("audioMessage", value))
    return _with_context(found, value)


def _about(kind: MessageType, key: Any, spoken: str | None = None, *, written_ms: int = 0) -> Content:
    """Return content that is about another message."""
    target = text(key.ID), address_of(key.participant) or None
    return Content(type=kind, text=spoken, target_id=target[0], target_sender=target[1], written_ms=written_ms or None)


def _protocol(value: Any) -> Content | None:
    kind = type(value).Type.Name(value.type)
    if kind == _REVOKE:
        return _about(MessageType.REVOKE, value.key)
    if kind == _EDIT:
        edited = content_of(value.editedMessage)
        about = _about(MessageType.EDIT, value.key, edited.text if edited else None, written_ms=value.timestampMS)
        return replace(about, mentions=edited.mentions) if edited else about
    if kind == _TIMER:
        return Content(type=MessageType.SYSTEM, text=f"disappearing messages: {value.ephemeralExpiration} s")
    return None


def _secret(value: Any) -> Content:
    """Read an encrypted edit; its text stays unknown, because the library cannot decrypt it."""
    kind = type(value).SecretEncType.Name(value.secretEncType)
    return _about(MessageType.EDIT if kind == _EDIT else MessageType.OTHER, value.targetMessageKey)


_READERS: dict[str, Callable[[Any], Content | None]] = {
    "audioMessage": _audio,
    "protocolMessage": _protocol,
    "secretEncryptedMessage": _secret,
    "reactionMessage": lambda value: _about(
        MessageType.REACTION, value.key, text(value.text) or "", written_ms=value.senderTimestampMS
    ),
    "encReactionMessage": lambda value: _about(MessageType.REACTION, value.targetMessageKey),
    "pollUpdateMessage": lambda value: _about(
        MessageType.POLL_VOTE, value.pollCreationMessageKey, written_ms=value.senderTimestampMS
    ),
    "encCommentMessage": lambda value: _about(MessageType.OTHER, value.targetMessageKey),
    "pinInChatMessage": lambda value: _about(MessageType.SYSTEM, value.key, "pinned" if value.type == 1 else "unpinned"),
    "keepInChatMessage": lambda value: _about(MessageType.SYSTEM, value.key, "kept" if value.keepType == 1 else "not kept"),
}

_PLAIN: dict[str, tuple[MessageType, Callable[[Any], str | None] | None]] = {
    "extendedTextMessage": (MessageType.TEXT, _field("text")),
    "imageMessage": (MessageType.IMAGE, _field("caption")),
    "videoMessage": (MessageType.VIDEO, _field("caption")),
    "ptvMessage": (MessageType.VIDEO, _field("caption")),
    "documentMessage": (MessageType.DOCUMENT, _field("caption", "fileName", "title")),
    "stickerMessage": (MessageType.STICKER, None),
    "stickerPackMessage": (MessageType.STICKER, _field("name")),
    "locationMessage": (MessageType.LOCATION, _place),
    "liveLocationMessage": (MessageType.LOCATION, _place),
    "contactMessage": (MessageType.CONTACT, _field("displayName")),
    "contactsArrayMessage": (MessageType.CONTACT, lambda value: _lines(*(text(one.displayName) for one in value.contacts))),
    "pollCreationMessage": (MessageType.POLL, _poll),
    "pollCreationMessageV2": (MessageType.POLL, _poll),
    "pollCreationMessageV3": (MessageType.POLL, _poll),
    "pollCreationMessageV5": (MessageType.POLL, _poll),
    "pollCreationMessageV6": (MessageType.POLL, _poll),
    "orderMessage": (MessageType.ORDER, lambda value: _lines(text(value.orderTitle), text(value.message))),
    "productMessage": (MessageType.PRODUCT, lambda value: _lines(text(value.product.title), text(value.body))),
    "call": (MessageType.CALL, None),
    "callLogMesssage": (MessageType.CALL, lambda value: type(value).CallOutcome.Name(value.callOutcome).lower()),
    "bcallMessage": (MessageType.CALL, _field("caption")),
    "scheduledCallCreationMessage": (MessageType.CALL, _field("title")),
    "buttonsMessage": (MessageType.TEXT, _field("contentText", "text")),
    "listMessage": (MessageType.TEXT, _field("description", "title")),
    "templateMessage": (MessageType.TEXT, _field("hydratedTemplate.hydratedContentText")),
    "interactiveMessage": (MessageType.TEXT, _field("body.text")),
    "buttonsResponseMessage": (MessageType.TEXT, _field("selectedDisplayText")),
    "listResponseMessage": (MessageType.TEXT, _field("title")),
    "templateButtonReplyMessage": (MessageType.TEXT, _field("selectedDisplayText")),
    "interactiveResponseMessage": (MessageType.TEXT, _field("body.text")),
    "groupInviteMessage": (MessageType.SYSTEM, _field("groupName")),
    "eventMessage": (MessageType.OTHER, _field("name")),
    "albumMessage": (MessageType.OTHER, None),
}
