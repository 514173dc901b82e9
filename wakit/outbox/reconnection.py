"""
Nothing automated leaves while what people wrote in the meantime is still coming in.

WhatsApp hands a device that was offline all that waited for it, and then says that this was all.
Who wrote BAJA in that time is among it: what was due would race with their word, and win.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from wakit.languages import mark
from wakit.outbox.gate import Candidate, Go, Verdict, Wait

#: Nobody is waited for longer: a connection on which WhatsApp never says that this was all is no reason to send nothing.
LONGEST = timedelta(minutes=1)
#: How soon it is looked at again.
LOOK = timedelta(seconds=0.5)
_REASON = mark("The account has just connected: what people wrote meanwhile is read first.")


class Reconnection:
    """Holds back what has a purpose from a connection until everything that waited is in the journal."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def hear(self, account: str, event: str | None, at: datetime) -> None:
        """Note what an event of the library says of the connection of *account*; they come in the order of the journal."""
        if event == "Connected":
            self._since[account] = at
        elif event == "OfflineSyncCompleted":
            self._since.pop(account, None)

    def check(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:  # noqa: ARG002 - a gate
        """Let go what a person writes, and everything else once nothing waits any more."""
        since = self._since.get(candidate.account)
        if candidate.purpose is None or since is None or not since <= now < since + LONGEST:
            return Go()
        return Wait(min(now + LOOK, since + LONGEST), _REASON, account=True)

    def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Nothing is used up."""

    def refund(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Nothing was used up."""
