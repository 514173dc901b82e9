"""
What every noun of the server works with.

Nouns (keys, groups, messages, …) do not know each other; they share the
records, the directory, the post office and the switchboard through this.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from wakit.emulator.faults import Faults
from wakit.emulator.link import StanzaError
from wakit.emulator.mediahost import MediaHost
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.directory import Directory
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.post import PostOffice
from wakit.emulator.server.state import Account, State
from wakit.emulator.trace import Trace
from wakit.ids import JID


@dataclass(frozen=True, kw_only=True)
class Hub:
    """The shared parts of one server."""

    state: State
    directory: Directory
    post: PostOffice
    media: MediaHost
    faults: Faults
    trace: Trace

    def require(self, jid: JID | None) -> Account:
        """
        Return whose address this is.

        Raises:
            StanzaError: 404, nobody's.
        """
        account = self.directory.find(jid)
        if account is None:
            raise StanzaError(404, "item-not-found")
        return account

    def notify(
        self, accounts: Iterable[Account], kind: str, attrs: Attrs, content: list[Node], *, sparing: Endpoint | None = None
    ) -> None:
        """Send a notification to every device of some accounts, except to the one that caused it."""
        stamp: Attrs = {"type": kind, "id": new_id(), "t": now()}
        for account in accounts:
            for device in account.reachable():
                if sparing is None or device is not sparing.device:
                    self.post.send(account, device, Node("notification", {**attrs, **stamp}, content))

    def later(self, work: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        """Do something once the stanza that is being answered has its answer on the wire."""
        asyncio.get_running_loop().call_soon(partial(work, *args, **kwargs))


def now() -> int:
    """Return the time as stanzas write it."""
    return int(time.time())


def new_id() -> str:
    """Return an id for a stanza that the server starts."""
    return secrets.token_hex(5).upper()
