"""
Who is in the groups that the account was in already: asked once by each worker, journaled where it is new.

The library tells of a group when it is joined and of changes, and the phone's
history does not list the members of every group. So the worker asks WhatsApp
once it is connected. All lists are one entry, and it is written only where it
differs from the last one or the library told of groups since: a restart adds nothing.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from wakit.errors import WakitError
from wakit.session.entries import Entry, EventCode
from wakit.session.journal import Journal

#: The library's code for being connected, and its codes for what happens in groups.
CONNECTED, _OF_GROUPS = 3, (21, 22)
#: Times that WhatsApp is asked where something happened in a group meanwhile.
_TRIES = 3


class GroupLists:
    """
    The lists of members of all groups, in a worker.

    Args:
        ask: Returns the groups in the form of ``asked.listed``.
        told: Told the number of the entry that was journaled.
    """

    def __init__(self, journal: Journal, ask: Callable[[], list[dict[str, Any]]], told: Callable[[int], None]) -> None:
        self._journal = journal
        self._ask = ask
        self._told = told
        self._asking = threading.Lock()
        self._done = False

    def note(self) -> None:
        """Ask for the lists, unless this worker has them; trouble is left to the next connection."""
        with self._asking:
            if self._done:
                return
            try:
                self._done = self._noted()
            except WakitError as exc:
                logging.getLogger(__name__).warning("the members of groups are not known: %s", exc.message)

    def _noted(self) -> bool:
        for _ in range(_TRIES):
            before = self._journal.last_seq
            lists = json.dumps(sorted(self._ask(), key=lambda one: str(one["jid"]))).encode()
            if self._happened(before):
                continue  # the entry would stand behind a change that the lists do not have
            last = self._last()
            known = last.payload if last else b"[]"
            if lists != known or (last is not None and self._happened(last.seq)):
                self._told(self._journal.append(EventCode.GROUPS, lists))
            return True
        return False

    def _last(self) -> Entry | None:
        # Not ``newest``: that would hold up the events which come in now.
        return next(reversed(self._journal.holding(EventCode.GROUPS, b"[", 0)), None)

    def _happened(self, after: int) -> bool:
        return any(self._journal.holding(code, b"", after) for code in _OF_GROUPS)
