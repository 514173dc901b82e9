"""
When the messages of a plan would leave, given how much an account sent lately and what waits in its queue already.

A plan is asked for with nothing of it queued, and may begin next week: the account's pace is
taken as it is and left alone until then. What is queued before it leaves before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wakit.outbox.buckets import Pace
from wakit.outbox.forecast import Addressee, Slot
from wakit.outbox.quiet import next_open
from wakit.outbox.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What decides when an account sends automated messages from some instant on."""

    rules: Rules
    #: The first instant at which one can leave.
    start: datetime
    #: What was sent lately, and the instant ``start`` on its timeline.
    pace: Pace
    elapsed: float
    #: For how long the account is linked then, where that is not long ago.
    linked_days: float | None
    #: The recipients of what is queued before, in the order of the queue.
    ahead: Sequence[str] = ()

    def slots(self, recipients: Sequence[str], cold: Collection[str]) -> list[Slot]:
        """Return when a message to each of *recipients*, in this order, would leave; *cold* are those who never wrote."""
        whole = [self.addressee(one, cold) for one in (*self.ahead, *recipients)]
        slots = self.rules.forecast(whole, self.start, pace=self.pace, elapsed=self.elapsed, linked_days=self.linked_days)
        return slots[len(self.ahead) :]

    def addressee(self, recipient: str, cold: Collection[str]) -> Addressee:
        """Return what decides when a message to *recipient* may leave."""
        return self.rules.addressee(recipient, cold=recipient in cold)

    def opens(self, recipient: str) -> datetime:
        """Return when it is first neither night nor a day off where *recipient* is."""
        return next_open(self.rules.quiet, self.rules.addressee(recipient).place, self.start)[0]

    def until(self, start: datetime) -> Outlook:
        """Return what holds when nothing leaves before *start*."""
        if start <= self.start:
            return self
        later = start - self.start
        age = None if self.linked_days is None else self.linked_days + later / timedelta(days=1)
        return Outlook(
            rules=self.rules,
            start=start,
            pace=self.pace,
            elapsed=self.elapsed + later.total_seconds(),
            linked_days=age,
            ahead=self.ahead,
        )
