"""What can be asked of WhatsApp about groups and people, over one connected session."""

from __future__ import annotations

import base64
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from wakit.directory import Blocked, Group, Member, MemberAction, Number, Profile
from wakit.ids import JID, Phone

Call = Callable[..., Coroutine[Any, Any, Any]]


class Directory:
    """
    Asks in the name of one account; every method raises ``NotConnected`` where nobody can be asked now.

    Args:
        account: Whose.
        call: Makes one call in the worker.
    """

    def __init__(self, account: str, call: Call) -> None:
        self._account = account
        self._call = call

    async def numbers(self, phones: Sequence[Phone]) -> list[Number]:
        """Return for each number whether it has WhatsApp."""
        answer = await self._call("is_on_whatsapp", numbers=[phone.e164 for phone in phones])
        found = {item["number"].lstrip("+"): item["jid"] for item in answer}
        jids = [(phone.e164, found.get(phone.digits)) for phone in phones]
        return [Number(number=number, jid=jid, on_whatsapp=jid is not None) for number, jid in jids]

    # Groups

    async def groups(self) -> list[Group]:
        """Return the groups that the account is in."""
        return [self._group(form) for form in await self._call("groups")]

    async def group(self, group: JID) -> Group:
        """Return one group."""
        return self._group(await self._call("group", group=str(group)))

    async def create_group(self, subject: str, members: Sequence[JID]) -> Group:
        """Make a group of these people, with the account as its owner."""
        return self._group(await self._call("create_group", subject=subject, members=[str(member) for member in members]))

    async def change_members(self, group: JID, action: MemberAction, members: Sequence[JID]) -> list[Member]:
        """Change members of a group; each one's ``problem`` says why it did not happen."""
        changed = await self._call("change_members", group=str(group), action=action, members=[str(one) for one in members])
        return [Member.from_json(form) for form in changed]

    async def rename_group(self, group: JID, subject: str) -> None:
        """Give a group another subject."""
        await self._call("rename_group", group=str(group), subject=subject)

    async def leave_group(self, group: JID) -> None:
        """Leave a group; only its members can bring the account back."""
        await self._call("leave_group", group=str(group))

    async def group_link(self, group: JID, *, renew: bool) -> str:
        """Return a group's invite link; a renewed one makes the old one void."""
        return str(await self._call("group_link", group=str(group), renew=renew))

    # People

    async def profile(self, who: JID | None) -> Profile:
        """Return what somebody, or the account itself, shows of themselves."""
        form = await self._call("profile", who=who and str(who))
        return Profile.from_json({**form, "account": self._account})

    async def set_profile(self, name: str | None, about: str | None) -> None:
        """Change the account's own name or about text."""
        await self._call("set_profile", name=name, about=about)

    async def picture(self, who: JID | None) -> bytes | None:
        """Return the picture of somebody, of a group or of the account itself as a JPEG, or ``None`` where we see none."""
        found = await self._call("picture", who=who and str(who))
        return base64.b64decode(found) if found else None

    async def blocked(self) -> list[Blocked]:
        """Return whom the account has blocked."""
        return [Blocked.from_json(form) for form in await self._call("blocked")]

    async def block(self, who: JID, *, on: bool) -> list[Blocked]:
        """Block or unblock somebody; return whom the account has blocked then."""
        return [Blocked.from_json(form) for form in await self._call("block", who=str(who), on=on)]

    def _group(self, form: dict[str, Any]) -> Group:
        return Group.from_json({**form, "account": self._account})
