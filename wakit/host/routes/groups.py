"""Groups: which there are, who is in them, and how others come in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from wakit.directory import MemberAction
from wakit.errors import InvalidJID
from wakit.host.routes.bodies import AccountBody, Country
from wakit.host.routes.dependencies import AccountQuery, Host
from wakit.ids import JID, recipient

router = APIRouter(prefix="/api/groups", tags=["groups"])

#: WhatsApp's own limit.
SUBJECT_LIMIT = 100
Subject = Annotated[str, Field(min_length=1, max_length=SUBJECT_LIMIT, pattern=r"\S")]
People = Annotated[list[str], Field(min_length=1, max_length=256, description="Phone numbers in any spelling, or JIDs.")]


class GroupBody(AccountBody):
    """A new group."""

    subject: Subject
    members: People
    country: Country = None


class MembersBody(AccountBody):
    """What to do with whom."""

    action: MemberAction
    people: People
    country: Country = None


class SubjectBody(AccountBody):
    """A new subject."""

    subject: Subject


@router.get("")
async def groups(host: Host, account: AccountQuery) -> list[dict[str, Any]]:
    """Return the groups that the account is in, as WhatsApp knows them now."""
    return [found.to_json() for found in await host.directory(account).groups()]


@router.post("", status_code=201)
async def create(host: Host, body: GroupBody) -> dict[str, Any]:
    """Make a group of these people."""
    members = [recipient(one, country=body.country or host.settings.country) for one in body.members]
    return (await host.directory(body.account).create_group(body.subject, members)).to_json()


@router.get("/{group}")
async def group(host: Host, group: str, account: AccountQuery) -> dict[str, Any]:
    """Return one group."""
    return (await host.directory(account).group(_group(group))).to_json()


@router.post("/{group}/members")
async def members(host: Host, group: str, body: MembersBody) -> list[dict[str, Any]]:
    """Add, remove, promote or demote people; each one's ``problem`` says why it did not happen."""
    people = [recipient(one, country=body.country or host.settings.country) for one in body.people]
    changed = await host.directory(body.account).change_members(_group(group), body.action, people)
    return [one.to_json() for one in changed]


@router.post("/{group}/subject")
async def rename(host: Host, group: str, body: SubjectBody) -> dict[str, Any]:
    """Give a group another subject."""
    await host.directory(body.account).rename_group(_group(group), body.subject)
    return {"subject": body.subject}


@router.post("/{group}/leave")
async def leave(host: Host, group: str, body: AccountBody) -> dict[str, Any]:
    """Leave a group; only its members can bring the account back."""
    await host.directory(body.account).leave_group(_group(group))
    return {"left": group}


@router.get("/{group}/link")
async def link(host: Host, group: str, account: AccountQuery) -> dict[str, Any]:
    """Return a group's invite link."""
    return {"link": await host.directory(account).group_link(_group(group), renew=False)}


@router.post("/{group}/link")
async def new_link(host: Host, group: str, body: AccountBody) -> dict[str, Any]:
    """Make a new invite link; the old one leads nowhere then."""
    return {"link": await host.directory(body.account).group_link(_group(group), renew=True)}


def _group(text: str) -> JID:
    jid = JID.parse(text)
    if not jid.is_group:
        msg = f"{text[:64]!r} is no group. A group's address ends in @g.us: see wa.groups()."
        raise InvalidJID(msg, jid=text[:64])
    return jid
