"""
The library's message and receipt events as records.

Chat and sender are non-device addresses. On a LID chat the phone number of the
other side is in ``SenderAlt`` (their messages) or ``RecipientAlt`` (ours); both
readings of one person must reach the store, so the first is in the message and
the second becomes a ``Contact``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from wakit.model import Message, MessageType, Receipt, ReceiptState, Record, Source, utc
from wakit.proto import neonize_pb
from wakit.session.addresses import contact
from wakit.session.contents import Content, content_of
from wakit.session.entries import Entry
from wakit.session.wire import address, instant, text

#: Messages carry milliseconds, receipts seconds.
_MESSAGE_UNITS, _RECEIPT_UNITS = 1000, 1

#: How far the clock of a sender may be from WhatsApp's to be believed in what is finer than a second.
_NEAR = timedelta(minutes=1)

_RECEIPTS = {
    "DELIVERED": ReceiptState.DELIVERED,
    "INACTIVE": ReceiptState.DELIVERED,
    "READ": ReceiptState.READ,
    "READ_SELF": ReceiptState.READ,
    "PLAYED": ReceiptState.PLAYED,
    "PLAYED_SELF": ReceiptState.PLAYED,
}


def messages(account: str, entry: Entry, me: str | None) -> list[Record]:
    """Return the message of a ``Message`` event, or nothing where it only carries keys."""
    event = neonize_pb.Message.FromString(entry.payload)
    content = content_of(event.Message) if event.HasField("Message") else Content(type=MessageType.OTHER)
    # The library takes the wrapper off and only says that it was there.
    if content and (event.IsViewOnce or event.IsViewOnceV2 or event.IsViewOnceV2Extension):
        content = content.with_details(view_once=True)
    return _records(account, entry, event.Info, content, me) if content else []


def undecryptable(account: str, entry: Entry, me: str | None) -> list[Record]:
    """Return the place of a message that could not be decrypted; a retry may still bring it."""
    event = neonize_pb.UndecryptableMessage.FromString(entry.payload)
    return _records(account, entry, event.Info, Content(type=MessageType.UNDECRYPTABLE), me)


def receipts(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001 - one signature for all
    """Return the receipt of a ``Receipt`` event."""
    event = neonize_pb.Receipt.FromString(entry.payload)
    kind = neonize_pb.Receipt.ReceiptType.Name(event.Type)
    ts, _ = instant(event.Timestamp, _RECEIPT_UNITS, entry.at)
    receipt = Receipt(
        account=account,
        chat=address(event.MessageSource.Chat),
        recipient=address(event.MessageSource.Sender),
        message_ids=tuple(text(name) or "" for name in event.MessageIDs),
        state=_RECEIPTS.get(kind, ReceiptState.OTHER),
        raw_type=kind,
        ts=ts,
    )
    return [receipt]


def _finer(ts: datetime, written_ms: int | None) -> datetime:
    """
    Return the time that the message itself has, where that is near the one WhatsApp stamped, in whole seconds.

    Two votes or reactions within a second: the later one counts.
    """
    try:
        written = utc(written_ms / 1000) if written_ms else ts
    except (OverflowError, ValueError, OSError):
        return ts
    return written if abs(written - ts) <= _NEAR else ts


def _records(account: str, entry: Entry, info: Any, content: Content, me: str | None) -> list[Record]:
    source = info.MessageSource
    ts, suspect = instant(info.Timestamp, _MESSAGE_UNITS, entry.at)
    ts = _finer(ts, content.written_ms)
    mine = source.IsFromMe
    message = Message.sure(
        account=account,
        chat=address(source.Chat),
        sender=(me if mine else None) or address(source.Sender),
        sender_alt=None if mine else address(source.SenderAlt) or None,
        message_id=text(info.ID) or "",
        ts=ts,
        from_me=mine,
        type=content.type,
        text=content.text,
        push_name=None if mine else text(info.Pushname),
        target_id=content.target_id,
        target_sender=content.target_sender,
        mentions=content.mentions,
        forwarded=content.forwarded,
        mimetype=content.mimetype,
        media=content.media,
        source=Source.LIVE,
        clock_suspect=suspect,
        details=content.details,
    )
    pair = contact(account, message.chat, address(source.RecipientAlt)) if mine and not source.IsGroup else None
    return [message, pair] if pair else [message]
