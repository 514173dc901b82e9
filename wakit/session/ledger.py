"""
The host's side of a journal: states and gaps, written before anybody is told, and never lost to a full disk.

Gaps are data. Messages of a time without listening usually still come, because
WhatsApp keeps them, but a worker that was killed may have taken some with it
that WhatsApp counts as delivered. So every such interval is written once, when
it ends, and metrics can say what they cover.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from wakit.errors import StorageFull
from wakit.model import Gap, SessionState, SessionStatus
from wakit.session.entries import EventCode
from wakit.session.journal import Journal

log = logging.getLogger(__name__)

#: Facts of a status that are worth a row when they change.
_WORTH_A_ROW = ("state", "reason", "phone", "device", "push_name", "banned_until")
_SECRETS: dict[str, None] = {"qr": None, "pairing_code": None, "code_expires_at": None}
_CAUSES = {SessionState.CONNECTED: "killed", SessionState.RECONNECTING: "offline", SessionState.STARTING: "offline"}


class Ledger:
    """
    Writes what a session goes through to its journal.

    It opens with the books of the last run: if that ended while connected,
    nobody was there to write how, so the interval starts at the newest row.
    """

    def __init__(self, account: str, journal: Journal, on_journal: Callable[[str, int], None]) -> None:
        self._account = account
        self._journal = journal
        self._on_journal = on_journal
        self._unwritten: list[tuple[int, bytes]] = []
        self._lost_at: datetime | None = None
        self._cause = ""
        self._reopen()

    def state(self, before: SessionStatus, status: SessionStatus) -> None:
        """Write a status if it differs from the former one in more than passing facts; codes are left out."""
        if any(getattr(status, name) != getattr(before, name) for name in _WORTH_A_ROW):
            self.write(EventCode.STATE, status.with_(**_SECRETS).to_json())

    def lost(self, at: datetime, cause: str) -> None:
        """Begin an interval without listening; one that has begun goes on with its first cause."""
        if self._lost_at is None:
            self._lost_at, self._cause = at, cause

    def found(self, now: datetime) -> None:
        """End the interval, if there was one, and write it."""
        if self._lost_at is not None:
            gap = Gap(account=self._account, since=min(self._lost_at, now), until=now, cause=self._cause)
            self._lost_at = None
            self.write(EventCode.GAP, gap.to_json())

    def write(self, code: EventCode, facts: dict[str, Any]) -> None:
        """Write a row and wake readers; what a full disk refuses is written before the next row."""
        self._unwritten.append((code, json.dumps(facts).encode()))
        try:
            while self._unwritten:
                seq = self._journal.append(*self._unwritten[0])
                del self._unwritten[0]
                self._on_journal(self._account, seq)
        except StorageFull:
            log.warning("%s: the disk is full; %d rows wait", self._account, len(self._unwritten))

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _reopen(self) -> None:
        status = last_status(self._journal)
        if status is None or status.last_connected_at is None:
            return
        newest = self._journal.newest() if status.state is SessionState.CONNECTED else None
        self.lost(newest.at if newest else status.last_connected_at, _CAUSES.get(status.state, status.state.value))


def last_status(journal: Journal) -> SessionStatus | None:
    """Return the newest session status of a journal, or nothing where there is none that can be read."""
    entry = journal.newest([EventCode.STATE])
    if entry is None:
        return None
    try:
        return SessionStatus.from_json(json.loads(entry.payload))
    except ValueError:
        return None
