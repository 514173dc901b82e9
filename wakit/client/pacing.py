"""The verbs about pacing: how much an account may still send by itself, and what stops it."""

from __future__ import annotations

import getpass
from datetime import datetime

from wakit.client.ask import Ask, get, post, record
from wakit.client.verb import verb
from wakit.ids import DEFAULT_ACCOUNT
from wakit.pacing import Standing


class PacingVerbs:
    """The pace of accounts, for both clients."""

    @verb
    def pacing(self, account: str = DEFAULT_ACCOUNT) -> Ask[Standing]:
        """
        Return what *account* may still send by itself, when the next message may leave, and what stops it.

        Raises:
            UnknownAccount: It was never linked in this workspace.
        """
        return get("/api/pacing", record(Standing), account=account)

    @verb
    def pause_sending(self, account: str = DEFAULT_ACCOUNT, why: str = "", *, until: datetime | None = None) -> Ask[Standing]:
        """
        Stop *account*: nothing leaves any more, also no messages of people, and what is queued waits.

        Args:
            account: Which one.
            why: For those who find it stopped.
            until: When it goes on by itself; unset means when somebody resumes.
        """
        end = None if until is None else until.astimezone().isoformat()
        return post("/api/pacing/pause", record(Standing), {"account": account, "why": why, "until": end})

    @verb
    def resume_sending(self, account: str = DEFAULT_ACCOUNT, *, by: str | None = None) -> Ask[Standing]:
        """
        End every stop of *account*, whoever or whatever stopped it; find out why it stopped first.

        Args:
            account: Which one.
            by: Who says so; unset means whoever runs this.
        """
        return post("/api/pacing/resume", record(Standing), {"account": account, "by": by or getpass.getuser()})
