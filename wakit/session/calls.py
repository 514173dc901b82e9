"""
Calls as records: an offered call is a message of its chat, and everything that becomes of it is a ``Call``.

The library tells of calls only while they happen (and on reconnecting, of those
that were missed); the phone's history has a log of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wakit.details import Details
from wakit.model import Call, CallState, Message, MessageType, Raw, Record, Source
from wakit.proto import neonize_pb
from wakit.session.entries import Entry
from wakit.session.wire import address, address_of, instant, plain, text

#: Words with which a call ends, and what they mean; any other is a plain end.
_REASONS = {
    "timeout": CallState.MISSED,
    "accepted_elsewhere": CallState.ANSWERED,
    "rejected_elsewhere": CallState.REJECTED,
    "reject": CallState.REJECTED,
    "rejected": CallState.REJECTED,
    "decline": CallState.REJECTED,
    "busy": CallState.REJECTED,
}
#: Results of the phone's log.
_RESULTS = {
    "CONNECTED": CallState.ANSWERED,
    "ACCEPTEDELSEWHERE": CallState.ANSWERED,
    "ONGOING": CallState.ANSWERED,
    "REJECTED": CallState.REJECTED,
    "MISSED": CallState.MISSED,
    "CANCELLED": CallState.MISSED,
    "ABANDONED": CallState.MISSED,
    "UNAVAILABLE": CallState.FAILED,
    "FAILED": CallState.FAILED,
}
#: System lines about calls that nobody answered, and whether they were video calls.
MISSED_LINES = {
    "CALL_MISSED_VOICE": False,
    "CALL_MISSED_VIDEO": True,
    "CALL_MISSED_GROUP_VOICE": False,
    "CALL_MISSED_GROUP_VIDEO": True,
    "SILENCED_UNKNOWN_CALLER_AUDIO": False,
    "SILENCED_UNKNOWN_CALLER_VIDEO": True,
}
_VIDEO = "video"


def offered(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001 - one signature for all
    """Return what a ``CallOffer`` tells: a message of type ``call``."""
    return _offered(account, entry, neonize_pb.CallOffer.FromString(entry.payload))


def announced(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    """Return what a ``CallOfferNotice``, the offer of a group call, tells."""
    return _offered(account, entry, neonize_pb.CallOfferNotice.FromString(entry.payload))


def accepted(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    """Return what a ``CallAccept`` tells: somebody picked up."""
    return _followed(account, entry, neonize_pb.CallAccept.FromString(entry.payload), CallState.ANSWERED)


def ended(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    """Return what a ``CallTerminate`` tells: that a call is over, and sometimes why."""
    event = neonize_pb.CallTerminate.FromString(entry.payload)
    reason = text(event.reason)
    return _followed(account, entry, event, _REASONS.get(reason or "", CallState.ENDED), reason)


def logged(account: str, sync: Any, entry: Entry) -> Iterator[Call]:
    """Yield the calls of the log that the phone sends with its history."""
    for record in sync.callLogRecords:
        caller = address_of(record.callCreatorJID)
        chat, call_id = address_of(record.groupJID) or caller, text(record.callID)
        if not caller or not call_id:
            continue
        result = type(record).CallResult.Name(record.callResult)
        yield Call(
            account=account,
            chat=chat,
            caller=caller,
            call_id=call_id,
            state=_RESULTS.get(result, CallState.ENDED),
            reason=result.lower(),
            video=record.isVideo,
            seconds=record.duration or None,
            ts=instant(int(record.startTime), 1, entry.at)[0],
            source=Source.HISTORY,
        )


def _offered(account: str, entry: Entry, event: Any) -> list[Record]:
    meta = event.basicCallMeta
    ts, suspect = instant(meta.timestamp, 1, entry.at)
    caller = _caller(meta)
    video = event.media == _VIDEO if _has(event, "media") else any(node.Tag == _VIDEO for node in event.data.Nodes)
    call = Message(
        account=account,
        chat=caller,
        sender=caller,
        sender_alt=address(meta.callCreatorAlt) or None,
        message_id=text(meta.callID) or "",
        ts=ts,
        type=MessageType.CALL,
        clock_suspect=suspect,
        details=Details(call_outcome=CallState.OFFERED, call_video=video),
    )
    return [call, _raw(account, entry, event)]


def _followed(account: str, entry: Entry, event: Any, state: CallState, reason: str | None = None) -> list[Record]:
    meta = event.basicCallMeta
    ts, _ = instant(meta.timestamp, 1, entry.at)
    caller, call_id = _caller(meta), text(meta.callID) or ""
    call = Call(account=account, chat=caller, caller=caller, call_id=call_id, state=state, reason=reason, ts=ts)
    return [call, _raw(account, entry, event)]


def _caller(meta: Any) -> str:
    return address(meta.callCreator) or address(getattr(meta, "from"))


def _has(event: Any, name: str) -> bool:
    return name in event.DESCRIPTOR.fields_by_name


def _raw(account: str, entry: Entry, event: Any) -> Raw:
    return Raw(account=account, name=event.DESCRIPTOR.name, ts=entry.at, fields=plain(event))
