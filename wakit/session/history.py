"""
A history sync as records: what the phone tells a new companion about the time before it was linked.

One event may hold 40,000 messages, so this is an iterator. Who "I" am is not in
the messages: the conversation's ``accountLid`` says it on newer phones,
otherwise the caller does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wakit.details import Details
from wakit.ids import GROUP_SERVER, LID_SERVER, USER_SERVER
from wakit.model import CallState, Chat, Contact, HistoryRange, Message, MessageType, Record, Source
from wakit.proto import neonize_pb
from wakit.session import calls, groups, votes
from wakit.session.addresses import contact
from wakit.session.contents import Content, content_of
from wakit.session.entries import Entry
from wakit.session.wire import address_of, instant, text

_NO_STUB = "UNKNOWN"
#: Kept with the message that they are about: they are of another time than the messages around it.
_ABOUT_OTHERS = frozenset({MessageType.REACTION, MessageType.POLL_VOTE})


def history(account: str, entry: Entry, *, me: str | None = None) -> Iterator[Record]:
    """Yield the chats, contacts and messages of a ``HistorySync`` event."""
    sync = neonize_pb.HistorySync.FromString(entry.payload).Data
    for mapping in sync.phoneNumberToLidMappings:
        pair = contact(account, address_of(mapping.pnJID), address_of(mapping.lidJID))
        if pair:
            yield pair
    for named in sync.pushnames:
        yield _named(account, address_of(named.ID), text(named.pushname))
    yield from groups.former_members(account, sync, entry.at)
    yield from calls.logged(account, sync, entry)
    for conversation in sync.conversations:
        yield from _conversation(account, entry, conversation, me)
    for message in sync.statusV3Messages:
        yield from _message(account, entry, "status@broadcast", message, me)


def _named(account: str, jid: str, name: str | None) -> Contact:
    user, _, server = jid.rpartition("@")
    phone, lid = (f"+{user}" if server == USER_SERVER else None), (jid if server == LID_SERVER else None)
    return Contact(account=account, jid=jid, name=name, phone=phone, lid=lid)


def _conversation(account: str, entry: Entry, conversation: Any, me: str | None) -> Iterator[Record]:
    jid = address_of(conversation.ID)
    name = text(conversation.name) or text(conversation.displayName)
    last = instant(int(conversation.conversationTimestamp), 1, entry.at)[0] if conversation.conversationTimestamp else None
    yield Chat(account=account, chat=jid, name=name, is_group=jid.endswith(f"@{GROUP_SERVER}"), last_ts=last)
    pair = contact(account, jid, address_of(conversation.pnJID) or address_of(conversation.lidJID), name)
    if pair:
        yield pair
    yield from groups.members(account, conversation, jid, entry.at)
    own = me or address_of(conversation.accountLid) or None
    oldest, told = entry.at, 0
    for item in conversation.messages:
        for record in _message(account, entry, jid, item.message, own):
            yield record
            if isinstance(record, Message) and record.type not in _ABOUT_OTHERS and not record.clock_suspect:
                oldest, told = min(oldest, record.ts), told + 1
    if told:
        yield HistoryRange(account=account, chat=jid, since=oldest, until=entry.at, messages=told)


def _message(account: str, entry: Entry, chat: str, found: Any, me: str | None) -> Iterator[Record]:
    content = content_of(found.message) if found.HasField("message") else _stub(found)
    if content is None:
        return
    ts, suspect = instant(int(found.messageTimestamp), 1, entry.at)
    mine = found.key.fromMe
    message = Message.sure(
        account=account,
        chat=chat,
        sender=_sender(found, chat, me),
        sender_alt=None,
        message_id=text(found.key.ID) or "",
        ts=ts,
        from_me=mine,
        type=content.type,
        text=content.text,
        push_name=None if mine else text(found.pushName),
        target_id=content.target_id,
        target_sender=content.target_sender,
        mentions=content.mentions,
        forwarded=content.forwarded,
        mimetype=content.mimetype,
        media=content.media,
        source=Source.HISTORY,
        clock_suspect=suspect,
        details=content.details,
    )
    yield message
    if content.type is MessageType.SYSTEM:
        yield from groups.said_by_line(account, found, chat, message.sender or None, ts)
    for reaction in found.reactions:
        yield _reaction(message, reaction, entry, me)
    yield from votes.of_history(message, found.pollUpdates, entry, me)


def _sender(found: Any, chat: str, me: str | None) -> str:
    if found.key.fromMe:
        return me or ""
    return address_of(found.participant) or address_of(found.key.participant) or chat


def _stub(found: Any) -> Content | None:
    """Read a system line such as "Ana joined"; a body that is simply missing is nothing."""
    kind = type(found).StubType.Name(found.messageStubType)
    if kind == _NO_STUB:
        return None
    said = " ".join([kind.lower().replace("_", " "), *(address_of(item) for item in found.messageStubParameters)])
    if kind in calls.MISSED_LINES:
        details = Details(call_outcome=CallState.MISSED, call_video=calls.MISSED_LINES[kind])
        return Content(type=MessageType.CALL, text=said, details=details)
    return Content(type=MessageType.SYSTEM, text=said)


def _reaction(about: Message, reaction: Any, entry: Entry, me: str | None) -> Message:
    ts, suspect = instant(int(reaction.senderTimestampMS), 1000, entry.at)
    return Message(
        account=about.account,
        chat=about.chat,
        sender=_sender_of_key(reaction.key, about.chat, me),
        message_id=text(reaction.key.ID) or "",
        ts=ts,
        from_me=reaction.key.fromMe,
        type=MessageType.REACTION,
        text=text(reaction.text) or "",
        target_id=about.message_id,
        target_sender=about.sender or None,
        source=Source.HISTORY,
        clock_suspect=suspect,
    )


def _sender_of_key(key: Any, chat: str, me: str | None) -> str:
    return (me or "") if key.fromMe else address_of(key.participant) or chat
