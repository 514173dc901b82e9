"""
What stops an account by itself, and who lets it go on.

A stop is written down before the next message of the account is looked at. Losing the
session counts in the moment in which it happens: a host that starts and finds an account
logged out says nothing new, so that what a person resumed stays resumed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from wakit.errors import CorruptFile, RateLimited
from wakit.ids import LID_SERVER, USER_SERVER
from wakit.model import Message, MessageType, SessionState, SessionStatus
from wakit.outbox.pacing import Pacing
from wakit.outbox.planning import key_of
from wakit.pacing import Standing, StopReason
from wakit.paths import Workspace
from wakit.session.account_file import AccountFile

#: What WhatsApp answers to too many first messages; any other limit is one of the rate.
_RESTRICTED = 463


class PaceOffice:
    """
    Keeps the stops of all accounts.

    Args:
        pacing: The gate and its ledger.
        wake: Called with an account that goes on.
    """

    def __init__(self, pacing: Pacing, wake: Callable[[str], None]) -> None:
        self._pacing, self._wake = pacing, wake
        self._states: dict[str, SessionState] = {}

    def standing(self, account: str) -> Standing:
        """Return what an account may still send, and when."""
        return self._pacing.standing(account)

    async def pause(self, account: str, why: str, until: datetime | None = None) -> Standing:
        """Stop an account because a person says so."""
        await asyncio.to_thread(self._pacing.stop, account, StopReason.PAUSED, why, until)
        return await asyncio.to_thread(self._pacing.standing, account)

    async def resume(self, account: str, who: str) -> Standing:
        """End every stop of an account, and look at its queue."""
        await asyncio.to_thread(self._pacing.resume, account, who)
        self._wake(account)
        return await asyncio.to_thread(self._pacing.standing, account)

    async def limited(self, account: str, error: RateLimited) -> None:
        """Stop an account that WhatsApp warned."""
        reason = StopReason.RESTRICTED if error.data.get("number") == _RESTRICTED else StopReason.RATE_LIMITED
        await asyncio.to_thread(self._pacing.stop, account, reason, error.message)

    def status_changed(self, status: SessionStatus, *, is_wanted: bool = False) -> None:
        """Stop an account that was banned, or whose session ended unless somebody here wanted that."""
        before = self._states.get(status.account)
        self._states[status.account] = status.state
        if before is None or before is status.state:
            return
        if status.state is SessionState.BANNED:
            self._pacing.stop(status.account, StopReason.BANNED, status.reason or "", status.banned_until)
        elif status.state is SessionState.LOGGED_OUT and not is_wanted:
            self._pacing.stop(status.account, StopReason.LOGGED_OUT, status.reason or "")


class Wrote:
    """
    Remembers who wrote to an account: nobody ever has not written again.

    Args:
        asked: Looks it up where it is not known yet.
        writers: Looks up all of an account at once.
    """

    def __init__(self, asked: Callable[[str, str], bool], writers: Callable[[str], Collection[str]]) -> None:
        self._asked, self._writers = asked, writers
        self._known: set[tuple[str, str]] = set()

    def hear(self, message: Message) -> None:
        """Remember who wrote a message that is in the journal: the store may not have it yet when it is answered."""
        is_own_chat = message.chat.endswith((f"@{USER_SERVER}", f"@{LID_SERVER}"))
        if message.from_me or not is_own_chat or message.type is MessageType.SYSTEM:
            return
        addresses = (message.chat, message.sender, message.sender_alt)
        self._known.update((message.account, key_of(one)) for one in addresses if one)

    def cold(self, account: str, addresses: Iterable[str]) -> set[str]:
        """Return those of *addresses* from which nobody ever wrote to the account; asked once for a whole audience."""
        warm = {key_of(one) for one in self._writers(account)}
        return {one for one in addresses if (key := key_of(one)) not in warm and (account, key) not in self._known}

    def __call__(self, account: str, address: str) -> bool:
        """Return whether somebody ever wrote to the account."""
        who = (account, key_of(address))
        if who not in self._known and self._asked(account, address):
            self._known.add(who)
        return who in self._known


def linked_at(workspace: Workspace, account: str) -> datetime | None:
    """Return since when an account is linked; ``None`` where it is not, or nobody can read when."""
    try:
        file = AccountFile.load(workspace, account)
    except CorruptFile:
        return None
    return None if file is None or file.linked_at is None else datetime.fromisoformat(file.linked_at)
