"""What can be asked of WhatsApp about groups and people, and changed there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from wakit.client.ask import Ask, get, nothing, patient, post, record, records
from wakit.client.verb import verb
from wakit.config import settings
from wakit.directory import Blocked, Group, Member, MemberAction, Number, Profile
from wakit.ids import DEFAULT_ACCOUNT, account_id

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class PeopleVerbs:
    """The verbs of groups, numbers and profiles: answers of the moment, of a connected account."""

    @verb
    def groups(self, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Group]]:
        """Return the groups that the account is in, as WhatsApp knows them now."""
        return _asked("/api/groups", records(Group), account)

    @verb
    def group(self, group: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[Group]:
        """
        Return one group and its members.

        Raises:
            UnknownGroup: There is none, or the account is not in it.
        """
        return _asked(_group(group), record(Group), account)

    @verb
    def create_group(self, subject: str, members: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[Group]:
        """Make a group of these people (numbers or JIDs); each member's ``problem`` says why somebody is not in it."""
        body = {**_from(account), "subject": subject, "members": list(members)}
        return post("/api/groups", record(Group), body, timeout=patient())

    @verb
    def add_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Add people to a group; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.ADD, people, account)

    @verb
    def remove_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Remove people from a group; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.REMOVE, people, account)

    @verb
    def promote_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Make members admins of a group; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.PROMOTE, people, account)

    @verb
    def demote_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Take the admin role of members away; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.DEMOTE, people, account)

    @verb
    def rename_group(self, group: str, subject: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Give a group another subject."""
        return post(f"{_group(group)}/subject", nothing, {**_account(account), "subject": subject}, timeout=patient())

    @verb
    def leave_group(self, group: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Leave a group; only its members can bring the account back, and what was said there stays stored."""
        return post(f"{_group(group)}/leave", nothing, _account(account), timeout=patient())

    @verb
    def group_link(self, group: str, *, renew: bool = False, account: str = DEFAULT_ACCOUNT) -> Ask[str]:
        """
        Return a group's invite link.

        Args:
            group: Its JID.
            renew: Make a new one; the old one leads nowhere then.
            account: Who asks; an admin of the group.

        Raises:
            NotAllowed: Only admins may.
        """
        if renew:
            return post(f"{_group(group)}/link", _link, _account(account), timeout=patient())
        return _asked(f"{_group(group)}/link", _link, account)

    @verb
    def check_numbers(self, numbers: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Number]]:
        """
        Say for each phone number whether it has WhatsApp, in the order given.

        Raises:
            InvalidPhoneNumber: One of them is none.
        """
        return post("/api/numbers", records(Number), {**_from(account), "numbers": list(numbers)}, timeout=patient())

    @verb
    def profile(self, who: str | None = None, *, account: str = DEFAULT_ACCOUNT) -> Ask[Profile]:
        """Return what somebody shows of themselves to us, or the account itself where *who* is left out."""
        return _asked("/api/profile", record(Profile), account, who=who)

    @verb
    def set_profile(self, *, name: str | None = None, about: str | None = None, account: str = DEFAULT_ACCOUNT) -> Ask[Profile]:
        """Change the account's own name or about text, for everybody who sees it."""
        body = {**_account(account), "name": name, "about": about}
        return post("/api/profile", record(Profile), body, timeout=patient())

    @verb
    def picture(self, who: str | None = None, *, account: str = DEFAULT_ACCOUNT) -> Ask[bytes | None]:
        """Return a person's or group's picture as a JPEG, or ``None`` where there is none or we may not see it."""
        return _asked("/api/profile/picture", _picture, account, who=who)

    @verb
    def blocked(self, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Blocked]]:
        """Return whom the account has blocked."""
        return _asked("/api/blocked", records(Blocked), account)

    @verb
    def block(self, who: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Blocked]]:
        """Block somebody: they can no longer write or call. Returns whom the account has blocked then."""
        return post("/api/blocked", records(Blocked), {**_from(account), "who": who, "blocked": True}, timeout=patient())

    @verb
    def unblock(self, who: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Blocked]]:
        """Unblock somebody; returns whom the account still has blocked."""
        return post("/api/blocked", records(Blocked), {**_from(account), "who": who, "blocked": False}, timeout=patient())


def _account(account: str) -> dict[str, Any]:
    return {"account": account_id(account)}


def _from(account: str) -> dict[str, Any]:
    """Return the fields of a body with numbers in it."""
    return {**_account(account), "country": settings().country}


def _asked(path: str, reads: Callable[[httpx.Response], T], account: str, **params: Any) -> Ask[T]:
    """Return a question that the host asks WhatsApp."""
    return replace(get(path, reads, account=account_id(account), **params), timeout=patient())


def _group(group: str) -> str:
    return f"/api/groups/{quote(group, safe='@')}"


def _members(group: str, action: MemberAction, people: Sequence[str], account: str) -> Ask[list[Member]]:
    body = {**_from(account), "action": str(action), "people": list(people)}
    return post(f"{_group(group)}/members", records(Member), body, timeout=patient())


def _link(response: httpx.Response) -> str:
    return str(response.json()["link"])


def _picture(response: httpx.Response) -> bytes | None:
    return response.content or None
