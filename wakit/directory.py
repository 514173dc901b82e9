"""
What WhatsApp says of numbers, people and groups when it is asked.

These are answers of the moment, not stored rows: what was seen over time is in the
tables ``contacts`` and ``conversations``. Addresses are WhatsApp's; where a person is only known by a
private alias (a LID), there is no phone number, and none is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from wakit.model import Record


def _shown(**kwargs: Any) -> Any:
    return field(metadata={"shown": True}, **kwargs)


class MemberAction(StrEnum):
    """What can be done with members of a group."""

    ADD = "add"
    REMOVE = "remove"
    #: Make them admins.
    PROMOTE = "promote"
    #: Take the admin role away.
    DEMOTE = "demote"


class MemberRole(StrEnum):
    """What a member may do."""

    MEMBER = "member"
    ADMIN = "admin"
    #: Whoever made the group.
    OWNER = "owner"


@dataclass(frozen=True, kw_only=True, repr=False)
class Number(Record):
    """Whether a phone number has WhatsApp."""

    #: E.164.
    number: str
    #: Its address, or ``None`` where it has no WhatsApp.
    jid: str | None = None
    on_whatsapp: bool = _shown(default=False)


@dataclass(frozen=True, kw_only=True, repr=False)
class Member(Record):
    """One member of a group."""

    jid: str
    #: E.164, where it is known.
    phone: str | None = None
    role: MemberRole = _shown(default=MemberRole.MEMBER)
    #: Why a change did not happen for this person.
    problem: str | None = _shown(default=None)


@dataclass(frozen=True, kw_only=True, repr=False)
class Group(Record):
    """A group as it is now."""

    account: str = _shown()
    jid: str = _shown()
    subject: str
    description: str = ""
    owner: str | None = None
    created_at: datetime | None = None
    members: tuple[Member, ...] = ()
    #: Whether only admins may write.
    announce_only: bool = False
    #: Whether only admins may change subject, picture and description.
    locked: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class Profile(Record):
    """What an account or somebody else shows of themselves to us."""

    account: str = _shown()
    jid: str
    phone: str | None = None
    name: str | None = None
    #: The text below the name.
    about: str | None = None
    #: Changes with the picture; ``None`` where there is none or we may not see it.
    picture_id: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Blocked(Record):
    """Somebody whom the account has blocked."""

    jid: str
    phone: str | None = None
