"""
Journal entries as records: the only place that knows the library's events.

``decode`` never raises: what cannot be read becomes a ``Raw`` record with the
name ``quarantine`` and the reason, so that one bad event stops nobody. Because
entries are kept as they came, a better decoder reaches old data when the store
is rebuilt.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError

from wakit.consent import Consent
from wakit.model import (
    Call,
    Campaign,
    Chat,
    Contact,
    EventKind,
    Gap,
    GroupChange,
    MediaState,
    Message,
    MessageType,
    PollVote,
    Raw,
    Receipt,
    Record,
    Run,
    Send,
    SessionStatus,
    utc,
)
from wakit.proto import e2e_pb, neonize_pb
from wakit.session import calls, groups
from wakit.session import history as history_sync
from wakit.session.addresses import contact
from wakit.session.contents import Content, content_of
from wakit.session.entries import Entry, EventCode
from wakit.session.messages import messages, receipts, undecryptable
from wakit.session.votes import read_vote
from wakit.session.wire import plain

QUARANTINE = "quarantine"

#: The library's event codes and the message of ``Neonize.proto`` that each carries.
LIBRARY_EVENTS = {
    0: "Device",
    1: "QR",
    2: "PairStatus",
    3: "Connected",
    4: "KeepAliveTimeout",
    5: "KeepAliveRestored",
    6: "LoggedOut",
    7: "StreamReplaced",
    8: "TemporaryBan",
    9: "ConnectFailure",
    10: "ClientOutdated",
    11: "StreamError",
    12: "Disconnected",
    13: "HistorySync",
    16: "NewsLetterMessageMeta",
    17: "Message",
    18: "Receipt",
    19: "ChatPresence",
    20: "Presence",
    21: "JoinedGroup",
    22: "GroupInfoEvent",
    23: "Picture",
    24: "IdentityChange",
    25: "privacySettingsEvent",
    26: "OfflineSyncPreview",
    27: "OfflineSyncCompleted",
    30: "BlocklistEvent",
    31: "BlocklistChange",
    32: "NewsletterJoin",
    33: "NewsletterLeave",
    34: "NewsletterMuteChange",
    35: "NewsletterLiveUpdate",
    36: "CallOffer",
    37: "CallAccept",
    38: "CallPreAccept",
    39: "CallTransport",
    40: "CallOfferNotice",
    41: "CallRelayLatency",
    42: "CallTerminate",
    43: "UnknownCallEvent",
    44: "UndecryptableMessage",
    45: "RotateADVSecret",
}

_KINDS = {
    "HistorySync": EventKind.HISTORY,
    "ChatPresence": EventKind.TYPING,
    "Presence": EventKind.PRESENCE,
    "JoinedGroup": EventKind.GROUP,
    "GroupInfoEvent": EventKind.GROUP,
    "Picture": EventKind.CONTACT,
    **{name: EventKind.CALL for name in LIBRARY_EVENTS.values() if "Call" in name},
}

_RECORD_KINDS: dict[type[Record], EventKind] = {
    Message: EventKind.MESSAGE,
    PollVote: EventKind.MESSAGE,
    Send: EventKind.SEND,
    Run: EventKind.RUN,
    Campaign: EventKind.CAMPAIGN,
    Receipt: EventKind.RECEIPT,
    MediaState: EventKind.MEDIA,
    Consent: EventKind.CONSENT,
    SessionStatus: EventKind.STATE,
    Gap: EventKind.GAP,
    Contact: EventKind.CONTACT,
    Chat: EventKind.GROUP,
    GroupChange: EventKind.GROUP,
}


def decode(account: str, entry: Entry, *, me: str | None = None) -> list[Record]:
    """
    Return what an entry means.

    With *me*, our own address, the sender of all our messages is that one, however their chat is addressed.
    """
    try:
        return _decoder(entry.code)(account, entry, me)
    except (ArithmeticError, AttributeError, DecodeError, LookupError, TypeError, ValueError, RecursionError) as exc:
        return [quarantined(account, entry, type(exc).__name__)]


def history(account: str, entry: Entry, *, me: str | None = None) -> Iterator[Record]:
    """Yield what a history sync holds; it stops at what cannot be read, and says so in a last record."""
    yield from _guarded(account, entry, history_sync.history(account, entry, me=me))


def _guarded(account: str, entry: Entry, records: Iterator[Record]) -> Iterator[Record]:
    """Yield what can be read, and say in a last record where that was not all."""
    try:
        yield from records
    except (ArithmeticError, AttributeError, DecodeError, LookupError, TypeError, ValueError, RecursionError) as exc:
        yield quarantined(account, entry, type(exc).__name__)


def meaning(account: str, entry: Entry) -> Iterable[Record]:
    """
    Return everything that an entry means, as the store has it; a history sync comes one by one.

    What is tens of thousands of records in one entry, a history or the lists of all groups, is no news for a stream:
    ``decode`` only counts it.
    """
    records: Iterable[Record] = decode(account, entry)
    if LIBRARY_EVENTS.get(entry.code) == "HistorySync":
        return itertools.chain(records, history(account, entry))
    if entry.code == EventCode.GROUPS:
        return itertools.chain(records, _guarded(account, entry, groups.listed(account, entry)))
    return records


def kind_of(record: Record) -> EventKind:
    """Return under which kind the event stream tells a record."""
    match record:
        case Message(type=MessageType.CALL) | Call():
            return EventKind.CALL
        case Raw():
            return _KINDS.get(record.name, EventKind.RAW)
        case _:
            return _RECORD_KINDS.get(type(record), EventKind.RAW)


def quarantined(account: str, entry: Entry, reason: str) -> Raw:
    """Return the record of an entry that cannot be read; its bytes stay in the journal under its number."""
    facts = {"reason": reason, "seq": entry.seq, "code": entry.code, "bytes": len(entry.payload)}
    return Raw(account=account, name=QUARANTINE, ts=entry.at, fields=facts)


def _decoder(code: int) -> Callable[[str, Entry, str | None], list[Record]]:
    return _DECODERS.get(code, _raw if code in LIBRARY_EVENTS else _unknown)


def _unknown(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001 - one signature for all
    return [quarantined(account, entry, f"unknown code {entry.code}")]


def _raw(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    name = LIBRARY_EVENTS[entry.code]
    return [Raw(account=account, name=name, ts=entry.at, fields=plain(_parsed(entry)))]


def _parsed(entry: Entry) -> Any:
    return getattr(neonize_pb, LIBRARY_EVENTS[entry.code]).FromString(entry.payload)


def _history(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    data = _parsed(entry).Data
    facts = {
        "type": type(data).HistorySyncType.Name(data.syncType),
        "progress": data.progress,
        "chunk": data.chunkOrder,
        "conversations": len(data.conversations),
        "messages": sum(len(conversation.messages) for conversation in data.conversations),
    }
    return [Raw(account=account, name="HistorySync", ts=entry.at, fields=facts)]


def _json(kind: type[Record]) -> Callable[[str, Entry, str | None], list[Record]]:
    def read(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
        return [kind.from_json(json.loads(entry.payload))]

    return read


def _worker(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    return [Raw(account=account, name="worker", ts=entry.at, fields=json.loads(entry.payload))]


def _damaged(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    return [Raw(account=account, name=QUARANTINE, ts=entry.at, fields={"seq": entry.seq, **json.loads(entry.payload)})]


def _sent(account: str, entry: Entry, me: str | None) -> list[Record]:
    facts = json.loads(entry.payload)
    content = _said(facts)
    if content is None:
        return []
    message = Message(
        account=account,
        chat=facts["chat"],
        sender=me or facts["sender"],
        message_id=facts["message_id"],
        ts=utc(facts["ts"]),
        from_me=True,
        type=content.type,
        text=content.text,
        target_id=content.target_id,
        target_sender=content.target_sender,
        mentions=content.mentions,
        mimetype=content.mimetype,
        details=content.details,
        media=content.media,
    )
    # WhatsApp answers a message to a number with the private alias of that number: both are one person.
    pair = contact(account, message.chat, facts.get("to", ""))
    return [message, pair] if pair else [message]


def _said(facts: dict[str, Any]) -> Content | None:
    """Return what a message of ours says; journals from before there were other kinds hold the text itself."""
    if "message" not in facts:
        return Content(type=MessageType.TEXT, text=facts["text"])
    return content_of(e2e_pb.Message.FromString(base64.b64decode(facts["message"])))


_DECODERS: dict[int, Callable[[str, Entry, str | None], list[Record]]] = {
    13: _history,
    17: messages,
    18: receipts,
    21: groups.joined,
    22: groups.changed,
    36: calls.offered,
    37: calls.accepted,
    40: calls.announced,
    42: calls.ended,
    44: undecryptable,
    EventCode.STATE: _json(SessionStatus),
    EventCode.GAP: _json(Gap),
    EventCode.GROUPS: groups.lists,
    EventCode.SEND: _json(Send),
    EventCode.RUN: _json(Run),
    EventCode.CAMPAIGN: _json(Campaign),
    EventCode.MEDIA: _json(MediaState),
    EventCode.CONSENT: _json(Consent),
    EventCode.WORKER: _worker,
    EventCode.SENT: _sent,
    EventCode.DAMAGED: _damaged,
    EventCode.VOTE: read_vote,
}
