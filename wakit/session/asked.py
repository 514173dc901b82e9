"""The library's answers about groups and people as plain JSON, in the form of ``wakit.directory``."""

from __future__ import annotations

from typing import Any

from wakit.directory import MemberRole
from wakit.ids import USER_SERVER
from wakit.session.wire import address, text

#: Why a member was not added or changed, by WhatsApp's number.
_PROBLEMS = {
    401: "this person has blocked the account",
    403: "this person's privacy settings want an invite link",
    404: "this number has no WhatsApp account, or is no member",
    408: "this person left the group not long ago",
    409: "this person is a member already",
}


def group(info: Any) -> dict[str, Any]:
    """Return a ``GroupInfo``."""
    return {
        "jid": address(info.JID),
        "subject": text(info.GroupName.Name) or "",
        "description": text(info.GroupTopic.Topic) or "",
        "owner": address(info.OwnerPN) or address(info.OwnerJID) or None,
        "created_at": info.GroupCreated or None,
        "members": [member(one) for one in info.Participants],
        "announce_only": info.GroupAnnounce.IsAnnounce,
        "locked": info.GroupLocked.isLocked,
    }


def listed(info: Any) -> dict[str, Any]:
    """Return who is in a ``GroupInfo``: address, LID and number address of each, and whether they are an administrator."""
    people = [
        [address(one.JID), address(one.LID), address(one.PhoneNumber), bool(one.IsAdmin or one.IsSuperAdmin)]
        for one in info.Participants
    ]
    return {"jid": address(info.JID), "subject": text(info.GroupName.Name), "members": sorted(people)}


def member(one: Any) -> dict[str, Any]:
    """Return a ``GroupParticipant``."""
    role = MemberRole.OWNER if one.IsSuperAdmin else MemberRole.ADMIN if one.IsAdmin else MemberRole.MEMBER
    jid = address(one.JID)
    problem = _PROBLEMS.get(one.Error, f"WhatsApp refused ({one.Error})") if one.Error else None
    return {"jid": jid, "phone": phone(address(one.PhoneNumber)) or phone(jid), "role": role, "problem": problem}


def phone(jid: str) -> str | None:
    """Return the number of an address that is one."""
    digits, _, server = jid.partition("@")
    return f"+{digits}" if digits and server == USER_SERVER else None
