"""
Who is in which group: what the library, the phone's history and its system lines say of it, as records.

A list of members (of a group that was joined, or in the history) says who was
there at that time; a change says who came and went, and when. Both are kept as
they are told, in any order; the store makes memberships of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from wakit.ids import GROUP_SERVER, LID_SERVER, USER_SERVER
from wakit.model import Chat, GroupChange, GroupChangeKind, Raw, Record, Source
from wakit.proto import neonize_pb
from wakit.session.addresses import contact
from wakit.session.entries import Entry
from wakit.session.wire import address, address_of, instant, plain, text

#: Fields of a group event that list members, and what became of them.
_MOVES = {
    "Join": GroupChangeKind.JOIN,
    "Leave": GroupChangeKind.LEAVE,
    "Promote": GroupChangeKind.PROMOTE,
    "Demote": GroupChangeKind.DEMOTE,
}
#: System lines of a group, and what became of the members that they name.
_LINES = {
    "GROUP_PARTICIPANT_ADD": GroupChangeKind.JOIN,
    "GROUP_PARTICIPANT_INVITE": GroupChangeKind.JOIN,
    "GROUP_PARTICIPANT_ACCEPT": GroupChangeKind.JOIN,
    "GROUP_PARTICIPANT_LINKED_GROUP_JOIN": GroupChangeKind.JOIN,
    "GROUP_PARTICIPANT_REMOVE": GroupChangeKind.LEAVE,
    "GROUP_PARTICIPANT_LEAVE": GroupChangeKind.LEAVE,
    "GROUP_PARTICIPANT_PROMOTE": GroupChangeKind.PROMOTE,
    "GROUP_PARTICIPANT_DEMOTE": GroupChangeKind.DEMOTE,
}
_RENAMED = "GROUP_CHANGE_SUBJECT"


def joined(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001 - one signature for all
    """Return what a ``JoinedGroup`` event tells: the group, and who is in it."""
    event = neonize_pb.JoinedGroup.FromString(entry.payload)
    info = event.GroupInfo
    chat = address(info.JID)
    group = Chat(account=account, chat=chat, name=text(info.GroupName.Name), is_group=True)
    records: list[Record] = [Raw(account=account, name="JoinedGroup", ts=entry.at, fields=plain(event)), group]
    for member in info.Participants:
        addresses = address(member.JID), address(member.LID), address(member.PhoneNumber)
        records += _member(account, chat, *addresses, bool(member.IsAdmin or member.IsSuperAdmin), entry.at)
    return records


def lists(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    """Return that the groups of the account were listed; ``listed`` has who is in them."""
    found = json.loads(entry.payload)
    counts = {"groups": len(found), "members": sum(len(group["members"]) for group in found)}
    return [Raw(account=account, name="GroupLists", ts=entry.at, fields=counts)]


def listed(account: str, entry: Entry) -> Iterator[Record]:
    """Yield the groups that a worker listed, and who is in them."""
    for group in json.loads(entry.payload):
        chat = group["jid"]
        yield Chat(account=account, chat=chat, name=group["subject"], is_group=True)
        for who, lid, phone, is_admin in group["members"]:
            yield from _member(account, chat, who, lid, phone, is_admin, entry.at)


def changed(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001
    """Return what a ``GroupInfoEvent`` tells: who came, went or got another role, and a new subject."""
    event = neonize_pb.GroupInfoEvent.FromString(entry.payload)
    chat, author = address(event.JID), address(event.Sender) or None
    ts, _ = instant(event.Timestamp, 1, entry.at)
    records: list[Record] = [Raw(account=account, name="GroupInfoEvent", ts=entry.at, fields=plain(event))]

    def change(kind: GroupChangeKind, member: str | None = None, said: str | None = None) -> GroupChange:
        return GroupChange(account=account, chat=chat, kind=kind, member=member, author=author, text=said, ts=ts)

    if event.HasField("Name"):
        subject = text(event.Name.Name)
        records += [Chat(account=account, chat=chat, name=subject, is_group=True), change(GroupChangeKind.SUBJECT, said=subject)]
    if event.HasField("Topic"):
        records.append(change(GroupChangeKind.TOPIC, said=text(event.Topic.Topic)))
    for field, kind in _MOVES.items():
        records += [change(kind, who) for who in map(address, getattr(event, field)) if who]
    return records


def members(account: str, conversation: Any, chat: str, at: datetime) -> Iterator[GroupChange]:
    """Yield the members that the history lists for a group, as of *at*."""
    for one in conversation.participant:
        kind = GroupChangeKind.ADMIN if one.rank else GroupChangeKind.MEMBER
        who = address_of(one.userJID)
        if _is_person(who):
            yield GroupChange(account=account, chat=chat, kind=kind, member=who, ts=_second(at), source=Source.HISTORY)


def former_members(account: str, sync: Any, at: datetime) -> Iterator[GroupChange]:
    """Yield who left the groups of a history, and when."""
    for group in sync.pastParticipants:
        chat = address_of(group.groupJID)
        for one in group.pastParticipants:
            who, ts = address_of(one.userJID), instant(int(one.leaveTS), 1, at)[0]
            if _is_person(who) and chat.endswith(f"@{GROUP_SERVER}"):
                kind = GroupChangeKind.LEAVE
                yield GroupChange(account=account, chat=chat, kind=kind, member=who, ts=ts, source=Source.HISTORY)


def said_by_line(account: str, line: Any, chat: str, author: str | None, ts: datetime) -> Iterator[GroupChange]:
    """Yield the changes that a system line of the history tells."""
    name = type(line).StubType.Name(line.messageStubType)
    who_did = author if author and _is_person(author) else None
    facts: dict[str, Any] = {"account": account, "chat": chat, "author": who_did, "ts": ts, "source": Source.HISTORY}
    if name == _RENAMED and line.messageStubParameters:
        yield GroupChange(kind=GroupChangeKind.SUBJECT, text=text(line.messageStubParameters[0]), **facts)
    for member in line.messageStubParameters if name in _LINES else ():
        who = address_of(member)
        if _is_person(who):
            yield GroupChange(kind=_LINES[name], member=who, **facts)


def _member(account: str, chat: str, who: str, lid: str, phone: str, is_admin: bool, at: datetime) -> list[Record]:
    """Return what a list says of one member: their addresses, and that they are there."""
    pair = contact(account, lid, phone)
    kind = GroupChangeKind.ADMIN if is_admin else GroupChangeKind.MEMBER
    records: list[Record] = [pair] if pair else []
    return [*records, GroupChange(account=account, chat=chat, kind=kind, member=who, ts=_second(at))] if who else records


def _second(at: datetime) -> datetime:
    """Return when a list came in the seconds that changes are told in; a change of the same second comes behind it."""
    return at.replace(microsecond=0)


def _is_person(jid: str) -> bool:
    return jid.endswith((f"@{LID_SERVER}", f"@{USER_SERVER}"))
