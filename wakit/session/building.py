"""
Outgoing content as WhatsApp's ``Message``, built as the official clients build it.

The library would build messages too, but looks into files with programs that need not be
there, and into texts for things that look like mentions. Built here, a message
holds exactly what the record says.
"""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from typing import Any, Protocol, Self

from wakit.ids import GROUP_SERVER, JID, USER_SERVER
from wakit.model import Message
from wakit.outgoing import Card, Deletion, Edit, File, Place, Poll, Reaction, Said, Text
from wakit.proto import e2e_pb, load

common_pb = load("waCommon.WACommon_pb2")

#: Kind of a file → the field of the message that carries it.
_FILES = {
    "image": "imageMessage",
    "video": "videoMessage",
    "audio": "audioMessage",
    "voice": "audioMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
}


class OwnAddress(Protocol):
    """Tells the account's own address."""

    def __call__(self, *, lid: bool) -> str:
        """Return it as a LID, or as a phone number."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a new message must know of the earlier one that it answers or changes."""

    chat: JID
    sender: str
    message_id: str
    from_me: bool
    text: str | None

    @classmethod
    def of(cls, message: Message) -> Self:
        """Return it of a stored message."""
        chat = JID.parse(message.chat)
        return cls(chat=chat, sender=message.sender, message_id=message.message_id, from_me=message.from_me, text=message.text)

    @classmethod
    def read(cls, form: dict[str, Any] | None) -> Self | None:
        """Read what ``to_json`` wrote."""
        return cls(**{**form, "chat": JID.parse(form["chat"])}) if form else None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**vars(self), "chat": str(self.chat)}


def message_of(
    content: Said,
    about: About | None,
    *,
    own_address: OwnAddress,
    upload: Any | None = None,
    preview: dict[str, Any] | None = None,
) -> Any:
    """
    Return the ``waE2E.Message`` that says *content*.

    Args:
        content: What to say.
        about: The earlier message; never ``None`` for what is about one.
        own_address: Asked where one of our own messages is quoted.
        upload: What the library said of the upload of a file; never ``None`` for a file.
        preview: Width, height and a small JPEG (base64) of a picture.
    """
    quoted = about and _quoted(about, own_address)
    match content:
        case Text():
            return _text(content.text, content.mentions, quoted)
        case File():
            return _file(content, upload, preview or {}, quoted)
        case Reaction():
            now = time.time_ns() // 1_000_000
            return _message(reactionMessage=e2e_pb.ReactionMessage(key=_key(about), text=content.emoji, senderTimestampMS=now))
        case Edit():
            return _edit(_key(about), _text(content.text, content.mentions, None))
        case Deletion():
            protocol = e2e_pb.ProtocolMessage(key=_key(about), type=e2e_pb.ProtocolMessage.REVOKE)
            return _message(protocolMessage=protocol)
        case Place():
            place = e2e_pb.LocationMessage(
                degreesLatitude=content.latitude, degreesLongitude=content.longitude, name=content.name, address=content.address
            )
            return _message(locationMessage=_answering(place, quoted))
        case Card():
            card = e2e_pb.ContactMessage(displayName=content.name, vcard=_vcard(content.name, content.phone))
            return _message(contactMessage=_answering(card, quoted))
        case Poll():
            return _poll(content)


def _message(**content: Any) -> Any:
    return e2e_pb.Message(**content)


def _text(text: str, mentions: tuple[str, ...], quoted: Any | None) -> Any:
    if not mentions and quoted is None:
        return _message(conversation=text)
    context = quoted or e2e_pb.ContextInfo()
    context.mentionedJID.extend(mentions)
    return _message(extendedTextMessage=e2e_pb.ExtendedTextMessage(text=text, contextInfo=context))


def _file(content: File, upload: Any, preview: dict[str, Any], quoted: Any | None) -> Any:
    """Return the message of an uploaded file; fields that its kind does not have are left out."""
    name = _FILES[content.kind]
    message = _message()
    part = getattr(message, name)
    values = {
        "URL": upload.url,
        "directPath": upload.DirectPath,
        "mediaKey": upload.MediaKey,
        "fileEncSHA256": upload.FileEncSHA256,
        "fileSHA256": upload.FileSHA256,
        "fileLength": upload.FileLength,
        "mediaKeyTimestamp": int(time.time()),
        "mimetype": content.mimetype,
        "caption": content.caption,
        "seconds": content.seconds,
        "fileName": content.name,
        "title": content.name,
        "PTT": content.kind == "voice",
        "width": preview.get("width"),
        "height": preview.get("height"),
        "JPEGThumbnail": base64.b64decode(preview.get("preview", "")),
    }
    for field, value in values.items():
        if value and field in part.DESCRIPTOR.fields_by_name:
            setattr(part, field, value)
    if content.mentions:
        quoted = quoted or e2e_pb.ContextInfo()
        quoted.mentionedJID.extend(content.mentions)
    _answering(part, quoted)
    return message


def _answering(part: Any, quoted: Any | None) -> Any:
    if quoted is not None:
        part.contextInfo.CopyFrom(quoted)
    return part


def _vcard(name: str, phone: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")
    number = f"TEL;type=CELL;type=VOICE;waid={phone.lstrip('+')}:{phone}"
    return f"BEGIN:VCARD\nVERSION:3.0\nN:;{escaped};;;\nFN:{escaped}\n{number}\nEND:VCARD"


def _poll(poll: Poll) -> Any:
    """Return a poll; votes will be encrypted with the secret beside it."""
    options = [e2e_pb.PollCreationMessage.Option(optionName=option) for option in poll.options]
    return _message(
        pollCreationMessage=e2e_pb.PollCreationMessage(name=poll.question, options=options, selectableOptionsCount=poll.choices),
        messageContextInfo=e2e_pb.MessageContextInfo(messageSecret=secrets.token_bytes(32)),
    )


def _quoted(about: About, own_address: OwnAddress) -> Any:
    """Return the context of an answer: recipients show the quote that comes with it, whether they have the message or not."""
    sender = own_address(lid=about.chat.server != USER_SERVER) if about.from_me else about.sender
    quote = _message(conversation=about.text or "")
    return e2e_pb.ContextInfo(stanzaID=about.message_id, participant=sender, quotedMessage=quote)


def _edit(key: Any, replacement: Any) -> Any:
    now = time.time_ns() // 1_000_000
    edit = e2e_pb.ProtocolMessage(key=key, type=e2e_pb.ProtocolMessage.MESSAGE_EDIT, editedMessage=replacement, timestampMS=now)
    return _message(editedMessage=e2e_pb.FutureProofMessage(message=_message(protocolMessage=edit)))


def _key(about: About | None) -> Any:
    assert about is not None, "the host looked the message up"
    key = common_pb.MessageKey(remoteJID=str(about.chat), fromMe=about.from_me, ID=about.message_id)
    if about.chat.server == GROUP_SERVER and not about.from_me:
        key.participant = about.sender
    return key
